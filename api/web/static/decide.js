// Keys of the inbox and of one approval: never while somebody types. `a` and `r` lead to the
// button and the reason; publishing cannot be undone, so only Enter there decides.
const typing = (event) =>
  event.target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
const items = () => [...document.querySelectorAll("[data-item]")];
const present = () => document.activeElement?.closest("[data-item]");

document.addEventListener("keydown", (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  const act = { j: () => move(1), k: () => move(-1), x: choose, a: approve, r: reject, e: edit, " ": play }[event.key];
  if (act && act(event.target) !== false) event.preventDefault();
});

function move(by) {
  const all = items();
  if (!all.length) return false;
  const at = all.indexOf(present());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)];
  next.querySelector("a").focus();
  next.scrollIntoView({ block: "nearest" });
}

function choose() {
  const box = present()?.querySelector("input[type=checkbox]");
  if (!box) return false;
  box.checked = !box.checked;
}

function chosen() {
  const box = present()?.querySelector("input[type=checkbox]");
  if (box && !document.querySelector("[name=chosen]:checked")) box.checked = true;
}

function approve() {
  chosen();
  const button = document.querySelector("[data-approve], [name=verdict][value=approve]");
  if (!button) return false;
  button.focus();
}

function reject() {
  chosen();
  open("reject");
  const field = document.querySelector("#reason, #bulk-reason");
  if (!field) return false;
  field.focus();
}

function edit() {
  const details = document.querySelector("details.reword");
  if (!details) return false;
  details.open = true;
  details.querySelector("textarea").focus();
}

function play(target) {
  if (target.closest("button, a, summary, input")) {
    if (!target.closest("[data-item] a")) return false;
  }
  const button = (present() || document).querySelector("[data-toggle]");
  if (!button) return false;
  button.click();
}

function open(id) {
  const details = document.getElementById(id);
  if (details) details.open = true;
}
