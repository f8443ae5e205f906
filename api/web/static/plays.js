// Tells the artist what was heard: once per listen, when it ends or the page is left.
const ENOUGH_S = 5;
const body = document.body;

for (const root of document.querySelectorAll("[data-player][data-release]")) watch(root);

function watch(root) {
  const audio = root.audio;
  if (!audio) {
    root.addEventListener("player", () => watch(root), { once: true });
    return;
  }
  let heard = 0;
  let last = 0;
  audio.addEventListener("timeupdate", () => {
    const step = audio.currentTime - last;
    if (!audio.seeking && step > 0 && step < 2) heard += step;
    last = audio.currentTime;
  });
  audio.addEventListener("seeking", () => (last = audio.currentTime));
  const tell = (ended) => {
    if (heard >= ENOUGH_S || (ended && heard > 0)) {
      const words = new URLSearchParams({
        release_id: root.dataset.release,
        seconds: heard.toFixed(1),
        exposure_id: body.dataset.exposure,
      });
      navigator.sendBeacon(`/@${body.dataset.handle}/plays`, words);
      heard = 0;
    }
  };
  audio.addEventListener("ended", () => tell(true));
  window.addEventListener("pagehide", () => tell(false));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && audio.paused) tell(false);
  });
}
