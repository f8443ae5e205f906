// The calendar: in the reader's own zone, slots dragged to another day or moved by the keyboard.
const DAY_MS = 86400000;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const address = new URL(location.href);
if (address.pathname === "/operator/calendar" && !address.searchParams.has("tz") && here && here !== "UTC") {
  address.searchParams.set("tz", here);
  location.replace(address);
}

const form = document.getElementById("cal-move");
const days = document.querySelectorAll("[data-day]");
let dragged = null;

function move(slot, day) {
  if (slot.closest("[data-day]").dataset.day === day) return;
  for (const name of ["artist", "schedule", "slot"]) form.elements[name].value = slot.dataset[name];
  form.elements.to.value = `${day}T${slot.dataset.clock}`;
  form.requestSubmit();
}

for (const slot of document.querySelectorAll("[data-slot]")) {
  slot.addEventListener("dragstart", (event) => {
    dragged = slot;
    slot.classList.add("cal-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", slot.textContent.trim());
  });
  slot.addEventListener("dragend", () => {
    dragged = null;
    slot.classList.remove("cal-dragged");
    for (const day of days) day.classList.remove("cal-over");
  });
  slot.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (!event.altKey || !by) return;
    event.preventDefault();
    const from = new Date(`${slot.closest("[data-day]").dataset.day}T12:00:00Z`);
    move(slot, new Date(from.getTime() + by * DAY_MS).toISOString().slice(0, 10));
  });
}

for (const day of days) {
  day.addEventListener("dragover", (event) => {
    if (!dragged) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    day.classList.add("cal-over");
  });
  day.addEventListener("dragleave", (event) => {
    if (!day.contains(event.relatedTarget)) day.classList.remove("cal-over");
  });
  day.addEventListener("drop", (event) => {
    event.preventDefault();
    if (dragged) move(dragged, day.dataset.day);
  });
}
