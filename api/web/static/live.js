// Follows the event log: when something happens, fetches the live part again and swaps what changed.
const QUIET_MS = 250;

for (const root of document.querySelectorAll("[data-live]")) follow(root);

function follow(root) {
  const address = new URL(root.dataset.events, location.href);
  address.searchParams.set("after", root.dataset.after);
  const shown = new Map();
  let due = null;
  let busy = false;
  let again = false;
  let lost = false;

  const refresh = async () => {
    due = null;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    const answer = await fetch(root.dataset.live).catch(() => null);
    if (answer && answer.ok) swap(root, shown, await answer.text());
    busy = false;
    if (again) {
      again = false;
      soon();
    }
  };
  const soon = () => (due ??= setTimeout(refresh, QUIET_MS));
  const source = new EventSource(address);
  const tell = (state) => document.dispatchEvent(new CustomEvent("news", { detail: state }));
  source.addEventListener("open", () => {
    tell("live");
    // What happened while nobody listened is looked at now.
    if (lost) soon();
    lost = false;
  });
  source.addEventListener("error", () => {
    lost = true;
    tell(source.readyState === EventSource.CLOSED ? "closed" : "lost");
  });
  for (const kind of ["artist.created", "artist.changed", "profile.adopted", "run.changed",
    "run.progress", "step.started", "step.finished", "work.changed", "release.changed",
    "post.changed", "approval.opened", "approval.closed", "audience.event",
    "generation.changed", "provider.changed", "worker.changed", "hold.changed",
    "schedule.changed", "schedule.fired", "schedule.skipped", "alert.opened", "alert.closed",
    "channel.changed", "webhook.changed", "talk.changed", "directive.changed", "steering.changed",
    "memory.changed", "adaptation.changed", "experiment.changed"])
    source.addEventListener(kind, soon);
  // What has no event, such as a worker's pulse or an age, is looked at by the clock.
  const every = Number(root.dataset.every);
  if (every) setInterval(() => document.hidden || soon(), every * 1000);
  window.addEventListener("pagehide", () => source.close());
}

function swap(root, shown, html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of page.querySelectorAll("[data-part]")) {
    const name = part.dataset.part;
    const before = root.querySelector(`[data-part="${name}"]`);
    if (!before || shown.get(name) === part.outerHTML) continue;
    shown.set(name, part.outerHTML);
    const held = before.contains(document.activeElement) && document.activeElement.id;
    const typed = [...before.querySelectorAll("input[id], textarea[id], select[id]")];
    const fresh = document.importNode(part, true);
    for (const old of before.querySelectorAll("details[open][id]")) keep(old, fresh.querySelector(`#${CSS.escape(old.id)}`));
    before.replaceWith(fresh);
    window.htmx?.process(fresh);
    for (const old of typed) {
      const field = document.getElementById(old.id);
      if (!field) continue;
      if (field.type !== "checkbox") field.value = old.value;
      else if (field.value === old.value) field.checked = old.checked;
    }
    if (held) document.getElementById(held)?.focus();
  }
  document.dispatchEvent(new Event("swapped"));
}

// What somebody opened stays open; what was fetched into it is not fetched again.
function keep(old, now) {
  if (!now) return;
  now.open = true;
  const got = old.querySelector("[data-keep][data-loaded]");
  if (!got) return;
  now.querySelector("[data-keep]").replaceWith(got);
  now.removeAttribute("hx-get");
}
