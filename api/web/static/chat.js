// Chat: sends without leaving the page, lets the answer grow, and never pulls the page away from
// somebody who has scrolled up to read.
const turns = document.querySelector("[data-turns]");
const composer = document.querySelector("[data-composer]");
const field = composer?.querySelector("textarea");
const stop = document.querySelector("[data-stop]");
const said = document.querySelector("[data-said]");
const NEAR_PX = 120;
const UNSENT = "It could not be sent. What you wrote is still here; send it again.";
const CUT = "The connection is cut. The answer goes on, and comes as soon as the network is back.";
let source = null;

const root = document.scrollingElement;
const nearEnd = () => root.scrollHeight - root.scrollTop - root.clientHeight < NEAR_PX;
const toEnd = () => root.scrollTo({ top: root.scrollHeight, behavior: "instant" });
const keeping = (change) => {
  const follow = nearEnd();
  change();
  if (follow) toEnd();
};
const place = composer?.querySelector("[data-problem]");
const problem = (text) => {
  if (place) place.textContent = text;
};
const connected = () => {
  if (place?.textContent === CUT) problem("");
};
const busy = (is) => {
  if (stop) stop.hidden = !is;
  const send = composer?.querySelector(".composer-send");
  if (send) send.disabled = is;
};

if (field) {
  // Enter sends, but not while a word is being composed, as in Japanese.
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    if (matchMedia("(pointer: coarse)").matches && innerWidth < 700) return;
    event.preventDefault();
    if (field.value.trim() && !source) composer.requestSubmit();
  });
  const fit = () => {
    if (CSS.supports("field-sizing", "content")) return;
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
  };
  field.addEventListener("input", () => {
    problem("");
    fit();
  });
}

if (turns) {
  toEnd();
  composer?.addEventListener("submit", (event) => {
    event.preventDefault();
    say();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form === stop) {
      event.preventDefault();
      post(form);
    } else if (form.matches("[data-turn-form]")) {
      event.preventDefault();
      for (const button of form.closest("[data-turn]").querySelectorAll("[data-turn-form] button"))
        button.disabled = true;
      post(form);
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && source && stop && !stop.hidden && !document.querySelector("dialog[open]"))
      stop.requestSubmit();
  });
  if (turns.dataset.answering) follow(turns.dataset.answering);
}

async function say() {
  const text = field.value;
  if (!text.trim() || source) return;
  busy(true);
  problem("");
  const answer = await send(composer);
  if (!answer || answer.problem || !answer.html) {
    busy(false);
    problem(answer?.problem ?? refused(answer) ?? UNSENT);
    return;
  }
  field.value = "";
  field.dispatchEvent(new Event("input"));
  const key = composer.querySelector("[name=key]");
  if (key) key.value = `said_${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
  const holder = document.createElement("template");
  holder.innerHTML = answer.html;
  for (const turn of [...holder.content.children])
    if (document.getElementById(turn.id)) put(turn.id, turn.outerHTML);
    else turns.append(turn);
  document.dispatchEvent(new Event("shown"));
  toEnd();
  follow(answer.turn);
}

async function post(form) {
  const answer = await send(form);
  if (!answer) {
    // Nothing is known of it, so it can be pressed once more; twice does it once.
    for (const button of form.closest("[data-turn]")?.querySelectorAll("[data-turn-form] button") ?? [])
      button.disabled = false;
    return problem("The connection is cut. Try once more when the network is back.");
  }
  // Whatever was refused is told by the page itself.
  if (!answer.html) return location.reload();
  problem("");
  put(answer.turn, answer.html);
  if (answer.status === "answering") follow(answer.turn);
}

async function send(form) {
  try {
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    return answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  } catch {
    return null;
  }
}

// A problem as every route tells it; whoever is signed out is told that nothing is lost.
function refused(answer) {
  if (answer?.status === 401) return "You were signed out. Sign in in another window and send it again; what you wrote stays here.";
  return answer?.detail && [answer.detail.replace(/\.?$/, "."), answer.remedy].filter(Boolean).join(" ");
}

function follow(id) {
  source?.close();
  busy(true);
  const address = `${turns.dataset.base}/turns/${encodeURIComponent(id)}/events`;
  const own = (source = new EventSource(address));
  own.addEventListener("text", (event) => keeping(() => grow(id, JSON.parse(event.data).text)));
  own.addEventListener("turn", (event) => {
    const told = JSON.parse(event.data);
    keeping(() => put(id, told.html));
    if (told.status === "answering") return;
    own.close();
    if (source === own) source = null;
    busy(false);
    tell(id);
  });
  own.addEventListener("open", connected);
  // While the connection is cut the browser tries again by itself and then gets the whole turn.
  own.addEventListener("error", () => {
    if (own.readyState !== EventSource.CLOSED) return problem(CUT);
    if (source === own) source = null;
    busy(false);
    problem("The connection is gone. The answer goes on; open the page again to see it.");
  });
}

function grow(id, text) {
  const turn = document.getElementById(id);
  if (!turn) return;
  turn.querySelector(".turn-wait")?.remove();
  let last = turn.lastElementChild;
  if (!last?.matches(".turn-text")) {
    last = document.createElement("p");
    last.className = "turn-text";
    turn.append(last);
  }
  last.append(text);
}

function put(id, html) {
  const before = document.getElementById(id);
  if (!before) return;
  const focused = before.contains(document.activeElement);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const after = holder.content.firstElementChild;
  // What sounds goes on sounding: a player that is there already keeps its place.
  for (const player of after.querySelectorAll("[data-player]")) {
    const playing = before.querySelector(`[data-player][data-src="${CSS.escape(player.dataset.src)}"]`);
    if (playing) player.replaceWith(playing);
  }
  before.replaceWith(after);
  document.dispatchEvent(new Event("shown"));
  if (focused) (after.querySelector("button") ?? field)?.focus();
}

// Read out once and whole, not word by word.
function tell(id) {
  const turn = document.getElementById(id);
  if (turn && said) said.textContent = [...turn.querySelectorAll(".turn-text")].map((p) => p.textContent).join(" ");
}
