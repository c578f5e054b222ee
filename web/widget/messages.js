// How a message looks. What the visitor does with it goes to the `desk` that is handed in.

/** @typedef {import("./types").Choices} Choices */
/** @typedef {import("./types").Download} Download */
/** @typedef {import("./types").Form} Form */
/** @typedef {import("./types").Message} Message */

/**
 * @typedef {object} Desk
 * @property {(body: Record<string, unknown>, shown: string) => void} say
 * @property {(path: string, body: Record<string, unknown>) => boolean} sendSecret whether it was taken
 * @property {(url: string) => Promise<void>} fetchFile
 * @property {(form: Form, lang: string) => HTMLElement} contactForm
 */

import { element, markup } from "./dom.js";
import { helpList } from "./help.js";
import { direction, label } from "./labels.js";

const FOLD_AT = 900;
const BEFORE_THE_FOLD = 500;

/**
 * @param {Message} message
 * @param {Desk} desk
 */
export function draw(message, desk) {
  const { lang, kind } = message;
  const box = element("div", { class: `message ${kind || "text"}`, lang });
  if (kind === "visitor") {
    // whatever is typed decides for itself which way it runs; where the bubble stands, the page does
    box.append(element("div", { dir: "auto" }, ...foldedWords(message.text)));
    return box;
  }
  box.dir = direction(lang);
  if (message.progress) box.append(progress(message.progress));
  box.append(...(kind === "emergency" ? markup(message.text) : folded(markup(message.text))));
  if (message.choices) box.append(choices(message.choices, desk));
  if (message.form) {
    if ("sent" in message.form && message.form.sent) {
      box.append(element("p", { class: "sent" }, message.form.sent));
    } else {
      const form = /** @type {Form} */ (message.form);
      box.append(form.kind === "contact" ? desk.contactForm(form, lang) : codeForm(form, desk));
    }
  }
  if (message.downloads?.length) box.append(downloads(message.downloads, desk));
  if (message.links?.length) box.append(links(message.links));
  if (message.help) box.append(helpList(message.help));
  if (message.reviewed) {
    box.append(element("p", { class: "reviewed" }, label("reviewed", { date: date(message.reviewed) })));
  }
  box.append(...buttons(message, desk));
  return box;
}

/**
 * Written out. The browser could do it as well, but an old phone takes long to load its calendars.
 * @param {string} iso
 */
function date(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  return label("date", { d: day, MMMM: label("months").split("|")[month - 1], y: year });
}

/** @param {HTMLElement[]} blocks */
function folded(blocks) {
  let length = 0;
  const fits = blocks.findIndex((block) => (length += (block.textContent || "").length) > BEFORE_THE_FOLD) + 1;
  const total = blocks.reduce((sum, block) => sum + (block.textContent || "").length, 0);
  // the last block is often the one that says what to do next: it is not worth a fold alone
  if (total <= FOLD_AT || !fits || fits >= blocks.length - 1) return blocks;
  return [...blocks.slice(0, fits), more(blocks.slice(fits))];
}

/** @param {string} text */
function foldedWords(text) {
  if (text.length <= FOLD_AT) return [text];
  const space = text.lastIndexOf(" ", BEFORE_THE_FOLD);
  const at = space > 0 ? space : BEFORE_THE_FOLD;
  return [text.slice(0, at), more([element("span", {}, text.slice(at))])];
}

/** @param {HTMLElement[]} rest */
function more(rest) {
  return element("details", {}, element("summary", { "data-label": "more" }, label("more")), ...rest);
}

/**
 * How far one is in the list: words for everybody, a bar beside them for who can see it.
 * @param {{step: number, of: number}} at
 */
function progress(at) {
  const bar = element("span", { class: "bar-of-steps", "aria-hidden": "true" });
  const done = element("span");
  done.style.setProperty("--part", String(at.step / at.of));
  bar.append(done);
  return element("p", { class: "progress" }, label("progress", at), bar);
}

/**
 * @param {Message} message
 * @param {Desk} desk
 */
function buttons({ buttons: given, choices: ticked }, desk) {
  // what can be ticked above needs no button of its own
  const ticks = new Set((ticked?.options || []).map((each) => ticked?.prefix + each.id + ticked?.suffix));
  const left = (given || []).filter((each) => !ticks.has(each.payload));
  if (!left.length) return [];
  const row = element("div", { class: "buttons" });
  for (const { title, payload } of left) {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", () => desk.say({ payload }, title));
    row.append(button);
  }
  return [row];
}

/**
 * An answer may have several parts: tick and send.
 * @param {Choices} given
 * @param {Desk} desk
 */
function choices(given, desk) {
  const field = element("fieldset", { class: "choices" });
  const ticks = given.options.map(({ id, title }) => {
    const input = element("input", { type: "checkbox", value: id, autocomplete: "off" });
    field.append(element("label", {}, input, title));
    return { input, title };
  });
  const send = element("button", { type: "button", class: "send" }, given.send);
  send.addEventListener("click", () => {
    const ticked = ticks.filter(({ input }) => input.checked);
    if (!ticked.length) {
      ticks[0]?.input.focus();
      return;
    }
    const payload = given.prefix + ticked.map(({ input }) => input.value).join("+") + given.suffix;
    desk.say({ payload }, ticked.map(({ title }) => title).join("; "));
  });
  field.append(send);
  return field;
}

/**
 * What is typed here goes past the conversation: it is neither shown nor kept on this page.
 * @param {Form} given
 * @param {Desk} desk
 */
function codeForm(given, desk) {
  const inner = element("form", { class: "code", autocomplete: "off" });
  for (const { name, label: title } of given.fields) {
    /** @type {Record<string, string>} */
    const kind = name === "number" ? { inputmode: "numeric", pattern: "[0-9]{4,12}" } : {};
    const input = element("input", { name, required: "", autocomplete: "off", spellcheck: "false", ...kind });
    inner.append(element("label", {}, title, input));
  }
  inner.append(element("button", { type: "submit" }, given.send));
  inner.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = Object.fromEntries(new FormData(inner));
    if (desk.sendSecret(given.kind === "open" ? "/api/checklist/open" : "/api/checklist/code", body)) inner.reset();
  });
  return inner;
}

/**
 * @param {Download[]} listed
 * @param {Desk} desk
 */
function downloads(listed, desk) {
  const list = element("ul", { class: "links" });
  for (const { title, url } of listed) {
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-disabled") === "true") return;
      button.setAttribute("aria-disabled", "true");
      await desk.fetchFile(url);
      button.removeAttribute("aria-disabled");
    });
    list.append(element("li", {}, button));
  }
  return list;
}

/** @param {{title: string, url: string}[]} listed */
function links(listed) {
  const list = element("ul", { class: "links" });
  for (const { title, url } of listed) {
    // only what a link of ours can be: a number, or a page elsewhere
    if (!/^(tel:|https?:\/\/)/.test(url)) continue;
    /** @type {Record<string, string>} */
    const elsewhere = url.startsWith("tel:") ? {} : { rel: "noreferrer", target: "_blank" };
    list.append(element("li", {}, element("a", { href: url, ...elsewhere }, title)));
  }
  return list;
}
