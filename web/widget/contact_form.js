// The contact form: how a visitor can be reached safely. What is typed here stays in its fields:
// the page neither shows nor keeps it, and it goes past the conversation to the form's address.

/** @typedef {import("./types").Form} Form */
/** @typedef {import("./types").FormField} FormField */
/** @typedef {import("./types").HelpCard} HelpCard */
/** @typedef {import("./types").Reply} Reply */

/**
 * @typedef {object} Sender
 * @property {() => boolean} isOpen whether a conversation is there to belong to
 * @property {(url: string, body: Record<string, unknown>) => Promise<{status: number, reply: Reply} | null>} post
 *   null when the conversation ended meanwhile; status 0 when no reply came
 * @property {(reply: Reply) => void} finish
 * @property {() => void} gone the server no longer knows the conversation
 * @property {() => void} restart
 */

import { element } from "./dom.js";
import { makeField } from "./fields.js";
import { helpList, learn } from "./help.js";
import { label } from "./labels.js";

let forms = 0;

/**
 * Its words come with it: it speaks the language of the conversation.
 * @param {Form} given
 * @param {string} lang
 * @param {Sender} sender
 * @returns {HTMLElement}
 */
export function contactForm(given, lang, sender) {
  const inner = element("form", { class: "contact", autocomplete: "off", novalidate: "" });
  const { words } = given;
  const outcome = element("div", { class: "outcome", role: "status" });
  const submit = element("button", { type: "submit" }, given.send);
  const numbers = element("div", { class: "numbers" });
  const number = ++forms;
  const fields = given.fields.map((field) => ({
    ...field,
    ...makeField(field, `contact-${number}-${field.name}`, words),
  }));
  inner.dataset.sent = words.sent;
  inner.append(...fields.map((field) => field.box), outcome, submit, numbers);
  inner.addEventListener("change", () => fit(fields));
  let sending = false;
  inner.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || !sender.isOpen()) return;
    const shown = fields.filter((field) => !field.box.hidden);
    for (const field of fields) field.mark(null);
    const faults = shown.flatMap((field) => {
      const fault = field.lacking();
      return fault ? [{ field, fault }] : [];
    });
    if (faults.length) {
      point(faults, outcome, words.check);
      return;
    }
    sending = true;
    submit.setAttribute("aria-disabled", "true");
    outcome.replaceChildren(words.sending);
    const help = await send(given, shown, outcome, sender);
    sending = false;
    submit.removeAttribute("aria-disabled");
    submit.textContent = help ? words.retry : given.send;
    numbers.replaceChildren(...(help ? [help] : []));
  });
  fit(fields);
  learn(lang);
  return inner;
}

/** @typedef {Omit<FormField, "value"> & import("./fields.js").Field} Shown */

/**
 * What the chosen channel does not need is out of the way; what it needs is marked.
 * @param {Shown[]} fields
 */
function fit(fields) {
  const channel = String(fields.find((field) => field.name === "channel")?.value() || "");
  for (const field of fields) {
    const meant = !field.channels || field.channels.includes(channel);
    field.box.hidden = Boolean(channel) && !meant;
    field.need(Boolean(field.required) && meant);
  }
}

/**
 * Whom to call instead, if it failed.
 * @param {Form} given
 * @param {Shown[]} shown
 * @param {HTMLElement} outcome
 * @param {Sender} sender
 */
async function send(given, shown, outcome, sender) {
  const values = shown.map((field) => [field.name, field.value()]).filter(([, value]) => value !== undefined);
  const answer = await sender.post(given.url, Object.fromEntries(values));
  // ended meanwhile: nothing of it belongs on the page any more
  if (!answer) return null;
  const { status, reply } = answer;
  if (status === 200 && reply.contact_ref) {
    sender.finish(reply);
  } else if (status === 400) {
    const named = (reply.fields || []).map((path) => path.split("."));
    const faults = shown.flatMap((field) => {
      const paths = named.filter(([name]) => name === field.name);
      const text = given.words[field.name] || given.words.other;
      return paths.length ? [{ field, fault: { text, paths } }] : [];
    });
    point(faults, outcome, reply.message || "");
  } else if (status === 401) {
    sender.gone();
    const again = element("button", { type: "button" }, label("new_conversation"));
    again.addEventListener("click", () => sender.restart());
    outcome.replaceChildren(element("p", {}, reply.message || ""), again);
  } else {
    const said = [reply.message || "", given.words.failed || ""].filter(Boolean);
    outcome.replaceChildren(...said.map((text) => element("p", {}, text)));
    return helpList(reply.help);
  }
  return null;
}

/**
 * @param {{field: Shown, fault: import("./fields.js").Fault}[]} faults
 * @param {HTMLElement} outcome
 * @param {string} text
 */
function point(faults, outcome, text) {
  outcome.replaceChildren(text);
  for (const { field, fault } of faults) field.mark(fault);
  faults[0]?.field.focus();
}
