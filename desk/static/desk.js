// What makes the console a little easier; every page works without it.
"use strict";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

// How long someone has been waiting, in the words of the browser's own Dutch.
function inWords(seconds) {
  const [unit, size] =
    seconds >= 1.5 * DAY ? ["day", DAY] : seconds >= 1.5 * HOUR ? ["hour", HOUR] : ["minute", MINUTE];
  const number = Math.max(1, Math.round(seconds / size));
  return new Intl.NumberFormat("nl", { style: "unit", unit, unitDisplay: "long" }).format(number);
}

// Only the clock moves: asking the server would keep a session alive that nobody uses.
function refreshWaiting() {
  for (const place of document.querySelectorAll("[data-since]")) {
    const seconds = (Date.now() - Date.parse(place.dataset.since)) / 1000;
    if (seconds >= MINUTE) place.textContent = inWords(seconds);
  }
}
if (document.querySelector("[data-since]")) setInterval(refreshWaiting, 30_000);

// A button with data-copy="id" copies what the field of that id holds.
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const field = document.getElementById(button.dataset.copy);
    const told = document.getElementById(button.dataset.told);
    try {
      await navigator.clipboard.writeText(field.value);
      if (told) told.textContent = button.dataset.done;
    } catch {
      field.focus();
      field.select();
    }
  });
}

// A form is sent once, however often it is pressed; after a download one is still on the page.
for (const form of document.querySelectorAll('form[method="post"]:not(.download)')) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "yes";
  });
}
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Printed, everything that is folded is open.
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("main .talk, main .talk *")) {
    const fold = part.closest("details");
    if (fold) fold.open = true;
  }
});
// After a form that was not taken in, begin at the first field that is wrong.
document.querySelector('[aria-invalid="true"]')?.focus();
