// Players: one sounds at a time; the wave is drawn from the sound itself.
const BARS = 96;
let sounding = null;

for (const root of document.querySelectorAll("[data-player]")) setUp(root);
new MutationObserver((changes) => {
  for (const change of changes)
    for (const node of change.addedNodes)
      if (node.querySelectorAll) node.querySelectorAll("[data-player]").forEach(setUp);
}).observe(document.body, { childList: true, subtree: true });

function setUp(root) {
  if (root.dataset.ready) return;
  root.dataset.ready = "1";
  const audio = new Audio();
  audio.preload = "none";
  audio.src = root.dataset.src;
  const part = (name) => root.querySelector(name);
  const player = {
    root, audio, bars: null,
    button: part("[data-toggle]"), seek: part(".player-seek"), canvas: part("canvas"),
    now: part("[data-now]"), end: part("[data-end]"), trouble: part("[data-trouble]"),
  };
  player.title = player.button.getAttribute("aria-label").replace(/^Play /, "");
  const lasts = () => (isFinite(audio.duration) ? audio.duration : Number(root.dataset.seconds));
  const paint = () => {
    const share = lasts() ? audio.currentTime / lasts() : 0;
    player.now.textContent = clock(audio.currentTime);
    player.seek.value = audio.currentTime;
    player.seek.setAttribute("aria-valuetext", `${clock(audio.currentTime)} of ${clock(lasts())}`);
    draw(player, share);
  };
  player.button.addEventListener("click", () => {
    if (audio.paused) audio.play().catch(() => fail(player));
    else audio.pause();
  });
  player.seek.addEventListener("input", () => {
    audio.currentTime = Number(player.seek.value);
    paint();
  });
  audio.addEventListener("loadedmetadata", () => {
    player.seek.max = lasts();
    player.end.textContent = clock(lasts());
    paint();
  });
  audio.addEventListener("play", () => {
    if (sounding && sounding !== audio) sounding.pause();
    sounding = audio;
    show(player, true);
    if (!player.bars) measure(player).then(paint);
  });
  audio.addEventListener("pause", () => show(player, false));
  audio.addEventListener("ended", () => show(player, false));
  audio.addEventListener("timeupdate", paint);
  audio.addEventListener("error", () => fail(player));
  new ResizeObserver(paint).observe(player.canvas);
  root.audio = audio;
  root.dispatchEvent(new Event("player"));
  const saving = navigator.connection && navigator.connection.saveData;
  if (root.hasAttribute("data-eager") && !saving) {
    const idle = window.requestIdleCallback || ((act) => setTimeout(act, 200));
    idle(() => measure(player).then(paint));
  }
  paint();
}

function show(player, playing) {
  player.root.classList.toggle("playing", playing);
  player.button.setAttribute("aria-label", `${playing ? "Pause" : "Play"} ${player.title}`);
}

function fail(player) {
  player.trouble.hidden = false;
  player.trouble.textContent = "The sound could not be loaded. Reload the page to try again.";
}

// Loudness of BARS equal parts, root mean square, scaled to the loudest.
async function measure(player) {
  try {
    if (player.root.dataset.peaks) {
      const measured = await fetch(player.root.dataset.peaks);
      if (measured.ok) player.bars = (await measured.json()).map((bar) => bar / 100);
      return;
    }
    const answer = await fetch(player.root.dataset.src);
    if (!answer.ok) return;
    const context = new OfflineAudioContext(1, 1, 22050);
    const sound = (await context.decodeAudioData(await answer.arrayBuffer())).getChannelData(0);
    const size = Math.max(1, Math.floor(sound.length / BARS));
    const bars = Array.from({ length: BARS }, (_, bar) => {
      let sum = 0;
      for (let i = bar * size; i < (bar + 1) * size; i += 4) sum += sound[i] ** 2;
      return Math.sqrt((4 * sum) / size);
    });
    const top = Math.max(...bars) || 1;
    player.bars = bars.map((bar) => bar / top);
  } catch (problem) {
    // A wave is an ornament; the player works without it.
    console.info("no wave for", player.root.dataset.src, problem.name);
  }
}

function draw(player, share) {
  const canvas = player.canvas;
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.clientWidth * ratio;
  const height = canvas.clientHeight * ratio;
  if (!width) return;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const style = getComputedStyle(canvas);
  const played = style.getPropertyValue("--accent");
  const ahead = style.getPropertyValue("--muted");
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, width, height);
  const bars = player.bars;
  if (!bars) {
    const thick = 3 * ratio;
    pen.globalAlpha = 0.5;
    pen.fillStyle = ahead;
    pen.fillRect(0, (height - thick) / 2, width, thick);
    pen.globalAlpha = 1;
    pen.fillStyle = played;
    pen.fillRect(0, (height - thick) / 2, width * share, thick);
    return;
  }
  const many = Math.min(bars.length, Math.floor(width / (4 * ratio)));
  const step = width / many;
  for (let i = 0; i < many; i++) {
    const bar = bars[Math.floor((i * bars.length) / many)];
    const tall = Math.max(2 * ratio, bar * height * 0.94);
    pen.globalAlpha = i / many < share ? 1 : 0.55;
    pen.fillStyle = i / many < share ? played : ahead;
    pen.fillRect(i * step, (height - tall) / 2, Math.max(1, step * 0.56), tall);
  }
  pen.globalAlpha = 1;
}

function clock(value) {
  const whole = Math.floor(value || 0);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
