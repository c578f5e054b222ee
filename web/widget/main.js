// The conversation page: its form, its language links, its buttons.

import { Conversation } from "./conversation.js";
import { byId, element } from "./dom.js";
import { helpList } from "./help.js";
import { label } from "./labels.js";

const MOST_CHARACTERS = 2000;
const { setup } = globalThis.kompas;
const conversation = new Conversation();
const form = /** @type {HTMLFormElement} */ (byId("form"));
const input = /** @type {HTMLTextAreaElement} */ (byId("text"));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || !conversation.canSpeak) return;
  if ([...text].length > MOST_CHARACTERS) {
    byId("status").textContent = label("too_long");
    return;
  }
  input.value = "";
  conversation.say({ text }, text);
});

input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    conversation.switchTo(link.getAttribute("data-language") || setup.lang);
  });
}

// The numbers open here, from what the page has: a page of the server could be out of reach.
byId("help").addEventListener("click", (event) => {
  event.preventDefault();
  const place = byId("numbers");
  const open = place.childElementCount > 0;
  place.replaceChildren(...(open ? [] : [helpList()]));
  byId("help").setAttribute("aria-expanded", String(!open));
});

byId("end").addEventListener("click", () => {
  conversation.forget();
  const again = element("button", { type: "button" }, label("new_conversation"));
  again.addEventListener("click", () => conversation.restart());
  byId("status").replaceChildren(label("ended"), " ", again);
});

// Large letters or a phone on its side: what stands still must leave room for what is said, and
// what is scrolled to begins below the strip, which is as high as its words and languages make it.
const header = /** @type {HTMLElement} */ (document.querySelector("header"));
function fit() {
  const { classList, style } = document.documentElement;
  classList.remove("tight");
  classList.toggle("tight", header.offsetHeight + form.offsetHeight > innerHeight * 0.45);
  style.setProperty("--strip", `${header.offsetHeight}px`);
}
addEventListener("resize", fit);
// with a frame, which measures anyway: an old phone feels a measurement of its own
new ResizeObserver(() => requestAnimationFrame(fit)).observe(header);

addEventListener("online", () => conversation.retry());

// What the visitor came with is read: neither the address bar nor the history shows a topic.
if (setup.topic && window === parent) history.replaceState(null, "", `/?lang=${setup.lang}`);

globalThis.kompas.started = true;
conversation.open();
