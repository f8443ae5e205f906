// The dashboard's frame: toasts, dialogs, keys, and whether the page still hears of news.
const TOAST_MS = 6000;
const DOORS = { o: "/operator", a: "/operator/approvals", r: "/operator/runs" };
const WORDS = { live: "Live", lost: "Reconnecting…", closed: "Not live: reload the page" };

export function toast(text) {
  const place = document.getElementById("toasts");
  const told = document.createElement("p");
  told.className = "toast";
  told.textContent = text;
  place.append(told);
  setTimeout(() => told.remove(), TOAST_MS);
}

export const typing = (event) =>
  event.target.closest("input, textarea, select, [contenteditable]") !== null;

let leading = -Infinity;
document.addEventListener("keydown", (event) => {
  if (typing(event) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") show("keys");
  else if (event.key === "/" && document.getElementById("search")) {
    document.getElementById("search").focus();
    event.preventDefault();
  } else if (event.key === "g") {
    leading = event.timeStamp;
    return;
  } else if (event.timeStamp - leading < 900 && DOORS[event.key]) {
    event.stopImmediatePropagation();
    location.assign(DOORS[event.key]);
  }
  leading = -Infinity;
}, true);

function show(id) {
  const dialog = document.getElementById(id);
  if (dialog && !dialog.open) dialog.showModal();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-keys], [data-opens]");
  if (!button) return;
  document.getElementById("side")?.hidePopover?.();
  show(button.dataset.opens || "keys");
});

// A row of tabs that is wider than the window begins at the one that is open.
for (const here of document.querySelectorAll(".tabs [aria-current]")) {
  const row = here.closest(".tabs");
  row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

// A form is sent once: a second click while the first is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 4000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

document.addEventListener("news", (event) => {
  const pulse = document.getElementById("pulse");
  if (!pulse) return;
  pulse.hidden = false;
  pulse.dataset.state = event.detail;
  pulse.querySelector("[data-pulse-words]").textContent = WORDS[event.detail];
});

document.addEventListener("toast", (event) => toast(event.detail.value || event.detail));
document.addEventListener("htmx:sendError", () => toast("The server did not answer. What you typed is still here; try again."));
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) toast("You were signed out. Sign in in another tab and try again: what you typed is still here.");
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.hasAttribute("data-keep")) event.detail.target.dataset.loaded = "1";
  document.dispatchEvent(new Event("shown"));
});
// A bad answer to a form shows in its place, as the page would without script.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422 || event.detail.xhr.status === 409) event.detail.shouldSwap = true;
});
