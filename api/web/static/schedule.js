// The rhythm page: days and clocks in the reader's own zone, and a preview while typing.
const TYPING_MS = 350;
const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const both = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });

const agenda = () => {
  for (const list of document.querySelectorAll(".agenda:not([data-told])")) {
    list.dataset.told = "1";
    let before = null;
    for (const slot of list.querySelectorAll(".agenda-slot")) {
      const time = slot.querySelector("[data-clock]");
      const at = new Date(time.dateTime);
      const named = day.format(at);
      if (named !== before) {
        const line = document.createElement("li");
        line.className = "agenda-day";
        line.textContent = named;
        slot.before(line);
      }
      before = named;
      time.textContent = clock.format(at);
    }
  }
};
agenda();
document.addEventListener("swapped", agenda);

const form = document.getElementById("form");
if (form) {
  const { rhythm, artist, tz } = form.elements;
  if (!tz.value) tz.value = here;
  let due = null;
  let asked = 0;
  const theirs = () => {
    if (tz.value === here) return;
    for (const time of form.querySelectorAll("time[data-theirs]")) {
      const mine = document.createElement("span");
      mine.className = "quiet";
      mine.textContent = ` ${both.format(new Date(time.dateTime))} here`;
      time.after(mine);
    }
  };
  const preview = async () => {
    if (!rhythm.value.trim() || !artist.value) return;
    const mine = ++asked;
    const answer = await fetch(form.dataset.preview, { method: "POST", body: new FormData(form) }).catch(() => null);
    if (!answer || mine !== asked) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("preview");
    if (!fresh || mine !== asked) return;
    document.getElementById("preview").replaceWith(document.importNode(fresh, true));
    for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    theirs();
  };
  const soon = () => {
    clearTimeout(due);
    due = setTimeout(preview, TYPING_MS);
  };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  for (const button of form.querySelectorAll("button.example"))
    button.addEventListener("click", (event) => {
      event.preventDefault();
      rhythm.value = button.value;
      rhythm.focus();
      soon();
    });
  theirs();
  if (!document.getElementById("preview").textContent.trim()) preview();
}
