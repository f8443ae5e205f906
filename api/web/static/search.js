// The search page: arrow keys go from the words to what was found, and back.
document.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
  const box = document.getElementById("q");
  const hits = [...document.querySelectorAll("#found .found a")];
  const at = hits.indexOf(document.activeElement);
  if (!hits.length || (at < 0 && document.activeElement !== box && document.activeElement !== document.body)) return;
  event.preventDefault();
  if (at + by < 0) box.focus();
  else hits[Math.min(hits.length - 1, at + by)].focus();
});
