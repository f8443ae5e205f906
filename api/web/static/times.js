// Shows times in the reader's own zone.
const told = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const local = () => {
  for (const time of document.querySelectorAll("time[data-local]:not([data-told])")) {
    time.dataset.told = "1";
    time.textContent = told.format(new Date(time.dateTime));
  }
};
local();
document.addEventListener("swapped", local);
document.addEventListener("shown", local);
