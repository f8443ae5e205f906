// One player at the foot of the catalogue: it goes on while the list is filtered and paged.
const dock = document.getElementById("dock");
const part = (name) => dock.querySelector(name);
const seek = part(".player-seek");
const canvas = part("canvas");
const button = part("[data-toggle]");
const audio = new Audio();
audio.preload = "none";
let bars = null;
let playing = null;

const clock = (value) => {
  const whole = Math.floor(value || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
};
const lasts = () => (isFinite(audio.duration) && audio.duration ? audio.duration : Number(playing?.dataset.seconds || 0));
const songs = () => [...document.querySelectorAll("[data-play]")];

document.addEventListener("click", (event) => {
  const song = event.target.closest("[data-play]");
  if (song) start(song);
});
button.addEventListener("click", toggle);
seek.addEventListener("input", () => {
  audio.currentTime = Number(seek.value);
  paint();
});
for (const kind of ["play", "pause", "ended"]) audio.addEventListener(kind, show);
audio.addEventListener("timeupdate", paint);
audio.addEventListener("loadedmetadata", () => {
  seek.max = lasts();
  paint();
});
audio.addEventListener("ended", () => step(1));
audio.addEventListener("error", () => trouble("The sound could not be loaded. Play it again to try once more."));
document.addEventListener("shown", show);
new ResizeObserver(paint).observe(canvas);

document.addEventListener("keydown", (event) => {
  if (event.target.closest("input:not(.player-seek), textarea, select, [contenteditable]")) return;
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "j") step(1);
  else if (event.key === "k") step(-1);
  else if (!playing) return;
  else if (event.key === " " && !event.target.closest("button, a, summary")) toggle();
  else if (event.key === "ArrowRight" && event.target !== seek) audio.currentTime = Math.min(lasts(), audio.currentTime + 5);
  else if (event.key === "ArrowLeft" && event.target !== seek) audio.currentTime = Math.max(0, audio.currentTime - 5);
  else return;
  event.preventDefault();
});

function start(song) {
  if (playing && playing.dataset.play === song.dataset.play) {
    toggle();
    return;
  }
  playing = song;
  bars = null;
  dock.hidden = false;
  part("[data-trouble]").hidden = true;
  part("[data-title]").textContent = song.dataset.title;
  part("[data-title]").href = song.dataset.url;
  part("[data-who]").textContent = song.dataset.who;
  seek.setAttribute("aria-label", `Position in ${song.dataset.title}`);
  seek.max = song.dataset.seconds;
  audio.src = song.dataset.play;
  play();
  measure(song);
}

function toggle() {
  if (audio.paused) play();
  else audio.pause();
}

function play() {
  audio.play().catch((problem) => {
    if (problem.name !== "AbortError") trouble("The sound could not be played.");
  });
}

function step(by) {
  const all = songs();
  const at = all.findIndex((song) => playing && song.dataset.play === playing.dataset.play);
  const next = all[at < 0 ? 0 : at + by];
  if (next) start(next);
}

async function measure(song) {
  const answer = await fetch(song.dataset.wave).catch(() => null);
  if (!answer || !answer.ok || song !== playing) return;
  bars = await answer.json();
  paint();
}

function trouble(text) {
  const place = part("[data-trouble]");
  place.textContent = text;
  place.hidden = false;
}

function show() {
  const sounds = playing && !audio.paused;
  dock.classList.toggle("playing", Boolean(sounds));
  if (playing) button.setAttribute("aria-label", `${sounds ? "Pause" : "Play"} ${playing.dataset.title}`);
  for (const song of songs()) {
    const mine = playing && song.dataset.play === playing.dataset.play;
    song.classList.toggle("shelf-on", Boolean(mine));
    song.classList.toggle("playing", Boolean(mine && sounds));
    song.setAttribute("aria-label", `${mine && sounds ? "Pause" : "Play"} ${song.dataset.title}`);
  }
  paint();
}

function paint() {
  const all = lasts();
  part("[data-now]").textContent = clock(audio.currentTime);
  part("[data-end]").textContent = clock(all);
  seek.value = audio.currentTime;
  seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(all)}`);
  draw(all ? audio.currentTime / all : 0);
}

function draw(share) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth * ratio;
  const height = canvas.clientHeight * ratio;
  if (!width) return;
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const style = getComputedStyle(canvas);
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const many = Math.max(1, Math.min(bars ? bars.length : 1, Math.floor(width / (4 * ratio))));
  const wide = width / many;
  for (let i = 0; i < many; i++) {
    const tall = bars ? Math.max(2 * ratio, (bars[Math.floor((i * bars.length) / many)] / 100) * height * 0.94) : 3 * ratio;
    const played = i / many < share;
    pen.globalAlpha = played ? 1 : 0.45;
    pen.fillStyle = style.getPropertyValue(played ? "--accent" : "--muted");
    pen.fillRect(i * wide, (height - tall) / 2, bars ? Math.max(1, wide * 0.56) : width, tall);
  }
  pen.globalAlpha = 1;
}
