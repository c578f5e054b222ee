// The chat page: talks to the visitor API and shows what comes back, always as text, never as HTML.
"use strict";

const texts = JSON.parse(document.getElementById("texts").textContent);
const conversation = document.getElementById("conversation");
const form = document.getElementById("form");
const input = document.getElementById("text");
const status = document.getElementById("status");
const main = document.querySelector("main");
const STORE = "kompas";

// Only this tab's memory: gone when the tab closes, wiped on exit.
let state = load() || { token: null, lang: document.documentElement.lang, items: [] };
let busy = false;

function load() {
  try {
    return JSON.parse(sessionStorage.getItem(STORE));
  } catch {
    return null;
  }
}

function save() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify(state));
  } catch {
    // a browser that keeps nothing still holds the conversation until the page closes
  }
}

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// **bold** is the only markup inside a line.
function inline(text) {
  return text.split(/\*\*(.+?)\*\*/g).map((part, index) =>
    index % 2 ? element("strong", {}, part) : part
  );
}

// Paragraphs are parted by blank lines; lines that begin with "- " or "1. " are list items.
function markup(text) {
  const blocks = [];
  for (const line of text.split("\n")) {
    const item = line.match(/^(?:(-)|(\d+)\.) (.*)$/);
    const last = blocks[blocks.length - 1];
    if (item) {
      const name = item[1] ? "UL" : "OL";
      let list = last;
      if (!list || list.tagName !== name) {
        list = element(name);
        if (item[2] && item[2] !== "1") list.start = Number(item[2]);
        blocks.push(list);
      }
      list.append(element("li", {}, ...inline(item[3])));
    } else if (!line.trim()) {
      if (last && last.tagName === "P") blocks.push(null);
    } else if (last && last.tagName === "P") {
      last.append(element("br"), ...inline(line));
    } else {
      blocks.push(element("p", {}, ...inline(line)));
    }
  }
  return blocks.filter(Boolean);
}

function show(message, live) {
  const box = element("div", { class: `message ${message.kind || "text"}`, lang: message.lang });
  if (message.kind === "visitor") {
    box.append(message.text);
  } else {
    if (message.progress) box.append(progress(message));
    box.append(...markup(message.text));
    if (message.choices) box.append(choices(message.choices));
    if (message.form) {
      const draw = message.form.kind === "contact" ? contactForm : codeForm;
      box.append(draw(message.form, message.lang));
    }
    if (message.downloads) box.append(downloads(message.downloads));
    if (message.links && message.links.length) {
      const list = element("ul", { class: "links" });
      for (const link of message.links) {
        const dial = link.url.startsWith("tel:");
        const attributes = dial ? { href: link.url } : { href: link.url, rel: "noreferrer", target: "_blank" };
        list.append(element("li", {}, element("a", attributes, link.title)));
      }
      box.append(list);
    }
    if (message.reviewed) {
      const day = new Date(message.reviewed + "T12:00:00").toLocaleDateString(message.lang, { dateStyle: "long" });
      box.append(element("p", { class: "reviewed" }, texts.reviewed.replace("{date}", day)));
    }
    if (message.buttons && message.buttons.length) {
      const row = element("div", { class: "buttons" });
      // what can be ticked above needs no button of its own
      const ticks = new Set((message.choices ? message.choices.options : []).map((option) =>
        message.choices.prefix + option.id + message.choices.suffix));
      for (const choice of message.buttons.filter((button) => !ticks.has(button.payload))) {
        const button = element("button", { type: "button" }, choice.title);
        button.addEventListener("click", () => say({ payload: choice.payload }, choice.title));
        row.append(button);
      }
      box.append(row);
    }
  }
  conversation.append(box);
  // the first stays below the note on names, which is to be read before anything is typed
  if (live && box.previousElementSibling) box.scrollIntoView({ block: message.kind === "visitor" ? "end" : "start" });
  return box;
}

// How far one is in the list: words for everybody, a bar beside them for who can see it.
function progress(message) {
  const { step, of } = message.progress;
  const words = texts.progress.replace("{step}", step).replace("{of}", of);
  const bar = element("span", { class: "bar-of-steps", "aria-hidden": "true" }, element("span"));
  bar.firstChild.style.setProperty("--part", step / of);
  return element("p", { class: "progress" }, words, bar);
}

// An answer may have several parts: tick and send.
function choices(given) {
  const field = element("fieldset", { class: "choices" });
  for (const option of given.options) {
    field.append(element("label", {}, element("input", { type: "checkbox", value: option.id }), option.title));
  }
  const send = element("button", { type: "button", class: "send" }, given.send);
  send.addEventListener("click", () => {
    const ticked = [...field.querySelectorAll("input:checked")];
    if (!ticked.length) {
      field.querySelector("input").focus();
      return;
    }
    const payload = given.prefix + ticked.map((input) => input.value).join("+") + given.suffix;
    say({ payload }, ticked.map((input) => input.parentNode.textContent).join("; "));
  });
  field.append(send);
  return field;
}

// What is typed here goes past the conversation: it is neither shown nor kept on this page.
function codeForm(given) {
  const inner = element("form", { class: "code", autocomplete: "off" });
  for (const field of given.fields) {
    const kind = field.name === "number" ? { inputmode: "numeric", pattern: "[0-9]{4,12}" } : {};
    const box = element("input", { name: field.name, required: "", autocomplete: "off", ...kind });
    inner.append(element("label", {}, field.label, box));
  }
  inner.append(element("button", { type: "submit" }, given.send));
  inner.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy || !state.token) return;
    const body = Object.fromEntries(new FormData(inner));
    inner.reset();
    send(body, given.kind === "open" ? "/api/checklist/open" : "/api/checklist/code");
  });
  return inner;
}

function downloads(listed) {
  const list = element("ul", { class: "links" });
  for (const file of listed) {
    const button = element("button", { type: "button" }, file.title);
    button.addEventListener("click", () => download(file, button));
    list.append(element("li", {}, button));
  }
  return list;
}

// The address needs the token, so the page fetches the file and hands it over.
async function download(file, button) {
  button.disabled = true;
  try {
    const response = await fetch(file.url, { headers: { Authorization: `Bearer ${state.token}` } });
    if (!response.ok) throw new Error(response.status);
    const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") || "");
    const address = URL.createObjectURL(await response.blob());
    const link = element("a", { href: address, download: name ? name[1] : "kompas" });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 60000);
    status.textContent = "";
  } catch {
    trouble(texts.offline, () => download(file, button));
  }
  button.disabled = false;
}

function keep(message) {
  state.items.push(message);
  save();
  return show(message, true);
}

async function call(path, body) {
  const headers = { "Content-Type": "application/json", "Accept-Language": state.lang };
  if (state.token) headers.Authorization = `Bearer ${state.token}`;
  const response = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
  const reply = response.status === 204 ? {} : await response.json();
  return { status: response.status, reply };
}

function setBusy(value) {
  busy = value;
  form.querySelector("button").disabled = value;
  status.textContent = value ? texts.typing : "";
}

function trouble(text, again) {
  const button = element("button", { type: "button" }, texts.retry);
  button.addEventListener("click", again);
  status.replaceChildren(text, " ", button);
}

function take(reply) {
  if (reply.lang) state.lang = reply.lang;
  for (const message of reply.messages || []) keep(message);
}

async function begin() {
  if (busy) return;
  setBusy(true);
  try {
    const query = new URLSearchParams(location.search);
    const body = {};
    if (main.dataset.asked === "yes") body.lang = document.documentElement.lang;
    if (query.get("topic")) body.topic = query.get("topic");
    const { status: code, reply } = await call("/api/chat/start", body);
    setBusy(false);
    if (code === 201) {
      state.token = reply.token;
      take(reply);
    } else {
      trouble(reply.message, begin);
    }
  } catch {
    setBusy(false);
    trouble(texts.offline, begin);
  }
}

// What is not answered yet is not forgotten: the button sends it again.
async function send(body, path = "/api/chat/message") {
  setBusy(true);
  try {
    const { status: code, reply } = await call(path, body);
    setBusy(false);
    if (code === 200) {
      take(reply);
    } else if (code === 401) {
      state.token = null;
      save();
      trouble(reply.message, restart);
    } else {
      trouble(reply.message, () => send(body, path));
    }
  } catch {
    setBusy(false);
    trouble(texts.offline, () => send(body, path));
  }
}

function say(body, shown) {
  if (busy || !state.token) return;
  keep({ kind: "visitor", lang: state.lang, text: shown });
  send(body);
}

function restart() {
  state = { token: null, lang: state.lang, items: [] };
  save();
  conversation.replaceChildren();
  begin();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || busy || !state.token) return;
  if ([...text].length > 2000) {
    status.textContent = texts.too_long;
    return;
  }
  input.value = "";
  say({ text }, text);
});

input.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

// A language button changes the conversation that runs; without one the page itself.
for (const link of document.querySelectorAll("[data-language]")) {
  link.addEventListener("click", (event) => {
    if (!state.token || !state.items.some((item) => item.kind === "visitor")) {
      forget();
      return;
    }
    event.preventDefault();
    if (!busy) send({ lang: link.dataset.language });
  });
}

function forget() {
  // a browser that brings the page back brings back what its fields held
  for (const each of document.forms) each.reset();
  const token = state.token;
  state = { token: null, lang: state.lang, items: [] };
  try {
    sessionStorage.removeItem(STORE);
  } catch {
    // nothing was kept
  }
  if (!token) return;
  fetch("/api/chat/end", {
    method: "POST",
    keepalive: true,
    headers: { Authorization: `Bearer ${token}` },
  }).catch(() => {});
}

document.getElementById("exit").addEventListener("click", (event) => {
  event.preventDefault();
  document.body.hidden = true;
  document.title = "";
  forget();
  location.replace(event.currentTarget.href);
});

document.getElementById("end").addEventListener("click", () => {
  forget();
  conversation.replaceChildren();
  const again = element("button", { type: "button" }, texts.new_conversation);
  again.addEventListener("click", () => {
    status.replaceChildren();
    restart();
  });
  status.replaceChildren(texts.ended, " ", again);
});

// The page cache must not bring a conversation back after the exit.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

if (state.token) {
  for (const message of state.items) show(message, false);
  conversation.lastElementChild?.scrollIntoView({ block: "start" });
} else {
  begin();
}
