// Comfort on the page for organisations: copy buttons, and choices that show at once. Without it
// the page does the same with its button "show".
(() => {
  "use strict";
  const words = document.getElementById("words").dataset;
  const form = document.getElementById("choices");
  const status = document.getElementById("status");

  for (const line of document.querySelectorAll(".copying")) line.hidden = false;

  document.addEventListener("click", async ({ target }) => {
    const button = target instanceof Element && target.closest("[data-copy]");
    if (!button) return;
    const field = document.getElementById(button.dataset.copy);
    const said = button.parentElement.querySelector(".said");
    // emptied first: copied a second time, it is said a second time
    said.textContent = "";
    let copied = true;
    try {
      await navigator.clipboard.writeText(field.value);
    } catch {
      // a page without https, or a browser that asks and is refused
      field.focus();
      field.select();
      copied = false;
    }
    setTimeout(() => (said.textContent = copied ? words.copied : words.failed), 50);
  });

  for (const picker of document.querySelectorAll("[data-picks]")) {
    const field = document.getElementById(picker.dataset.picks);
    picker.hidden = false;
    picker.addEventListener("change", () => {
      field.value = picker.value;
      update();
    });
  }

  let asked = 0;
  async function update() {
    const turn = ++asked;
    const address = `/kit?${new URLSearchParams(new FormData(form))}`;
    status.textContent = "";
    try {
      const response = await fetch(address);
      if (!response.ok) throw new Error(String(response.status));
      const next = new DOMParser().parseFromString(await response.text(), "text/html");
      if (turn !== asked) return;
      for (const part of document.querySelectorAll("[data-live]")) {
        const other = next.getElementById(part.id);
        if (!part.isEqualNode(other)) part.replaceWith(document.importNode(other, true));
      }
      for (const picker of document.querySelectorAll("[data-picks]")) {
        picker.value = next.querySelector(`[data-picks=${picker.dataset.picks}]`).value;
      }
      // the address shows the choices: it can be kept, and "back" leads off the page
      history.replaceState(null, "", address);
      status.textContent = form.dataset.done;
    } catch {
      if (turn === asked) status.textContent = form.dataset.failed;
    }
  }

  form.addEventListener("change", ({ target }) => {
    if (target.name) update();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    update();
  });
})();
