// Likes without leaving the page; without this script the form goes there and back.
for (const form of document.querySelectorAll("[data-like]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    const words = new URLSearchParams(new FormData(form));
    words.set("on", button.value);
    const answer = await fetch(form.action, {
      method: "POST",
      body: words,
      headers: { Accept: "application/json" },
    });
    if (!answer.ok) return;
    const state = await answer.json();
    button.value = String(!state.liked);
    button.setAttribute("aria-pressed", String(state.liked));
    form.querySelector("[data-likes]").textContent = state.likes;
  });
}
