// The kinds of fields of the contact form. Each has its `box`, its `value()`, what it is
// `lacking()`, and can be marked with a fault, told whether it is needed, and given the focus.

/** @typedef {import("./types").FormField} FormField */

/** @typedef {Record<string, string>} Words */
/** @typedef {{text: string, paths?: string[][]}} Fault */
/**
 * @typedef {object} Field
 * @property {HTMLElement} box
 * @property {() => unknown} value
 * @property {() => Fault | null} lacking
 * @property {(fault: Fault | null) => void} mark
 * @property {(needed: boolean) => void} need
 * @property {() => void} focus
 */

import { element } from "./dom.js";

const MOST_TIMES = 5;
// A shared phone must neither offer this to the next person nor send it to a spelling service.
const PRIVATE = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };

/**
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 * @returns {Field}
 */
export function makeField(field, id, words) {
  if (field.type === "choice") return choiceField(field, id, words);
  if (field.type === "check") return checkField(field, id, words);
  if (field.type === "times") return timesField(field, id, words);
  return textField(field, id, words);
}

/**
 * @param {HTMLElement} box
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function frame(box, field, id, words) {
  const mark = element("span", { class: "required" }, ` ${words.required}`);
  const help = element("p", { class: "help", id: `${id}-help` }, field.help || "");
  const fault = element("p", { class: "fault", id: `${id}-fault` });
  mark.hidden = true;
  help.hidden = !field.help;
  fault.hidden = true;
  return { box, mark, help, fault, lack: "", described: `${field.help ? `${id}-help ` : ""}${id}-fault` };
}

/**
 * What the fields with one thing to be invalid have in common.
 * @param {ReturnType<typeof frame>} parts
 * @param {HTMLElement} control
 * @param {() => HTMLElement | null} first
 * @param {() => boolean} empty
 */
function single(parts, control, first, empty) {
  return {
    box: parts.box,
    lacking: () => (control.getAttribute("aria-required") === "true" && empty() ? { text: parts.lack } : null),
    mark(/** @type {Fault | null} */ fault) {
      parts.fault.textContent = fault ? fault.text : "";
      parts.fault.hidden = !fault;
      parts.box.classList.toggle("wrong", Boolean(fault));
      if (fault) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
    need(/** @type {boolean} */ needed) {
      parts.mark.hidden = !needed;
      control.setAttribute("aria-required", String(needed));
    },
    focus: () => first()?.focus(),
  };
}

/**
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function textField(field, id, words) {
  const parts = frame(element("div", { class: "field" }), field, id, words);
  const attributes = { id, type: field.type, inputmode: field.type, "aria-describedby": parts.described };
  const input = element("input", { ...attributes, ...PRIVATE });
  if (field.max) input.maxLength = field.max;
  parts.box.append(element("label", { for: id }, field.label, parts.mark), parts.help, parts.fault, input);
  parts.lack = words.missing;
  const value = () => input.value.trim() || undefined;
  return { ...single(parts, input, () => input, () => value() === undefined), value };
}

/**
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function checkField(field, id, words) {
  const parts = frame(element("div", { class: "field" }), field, id, words);
  const input = element("input", { id, type: "checkbox", autocomplete: "off", "aria-describedby": parts.described });
  const label = element("label", { class: "tick" }, input, element("span", {}, field.label, parts.mark));
  parts.box.append(parts.fault, label, parts.help);
  parts.lack = words[field.name] || words.missing;
  return { ...single(parts, input, () => input, () => !input.checked), value: () => input.checked };
}

/**
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function choiceField(field, id, words) {
  const attributes = { class: "field", role: "radiogroup", "aria-labelledby": `${id}-label` };
  const parts = frame(element("fieldset", attributes), field, id, words);
  parts.box.setAttribute("aria-describedby", parts.described);
  parts.box.append(element("legend", { id: `${id}-label` }, field.label, parts.mark), parts.help, parts.fault);
  const radios = (field.options || []).map((option) => {
    const radio = element("input", { type: "radio", name: id, value: option.value, autocomplete: "off" });
    if (option.value === field.value) radio.setAttribute("checked", "");
    parts.box.append(element("label", { class: "tick" }, radio, element("span", {}, option.title)));
    return radio;
  });
  parts.lack = words.choose;
  const chosen = () => radios.find((radio) => radio.checked);
  const value = () => chosen()?.value;
  return { ...single(parts, parts.box, () => chosen() || radios[0], () => value() === undefined), value };
}

/**
 * Days and hours: as many rows as wanted. A row left empty is no row.
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function timesField(field, id, words) {
  const box = element("fieldset", { class: "field times", "aria-describedby": `${id}-help` });
  const parts = frame(box, field, id, words);
  const add = element("button", { type: "button" }, words.add_time);
  /** @type {ReturnType<typeof timeRow>[]} */
  let rows = [];
  let made = 0;
  const renumber = () => {
    rows.forEach((row, index) => row.number(index + 1, rows.length > 1));
    add.hidden = rows.length >= MOST_TIMES;
  };
  const append = () => {
    const row = timeRow(field, `${id}-${++made}`, words);
    row.remove.addEventListener("click", () => {
      rows = rows.filter((each) => each !== row);
      row.box.remove();
      renumber();
      add.focus();
    });
    rows.push(row);
    add.before(row.box);
    renumber();
    return row;
  };
  box.append(element("legend", {}, field.label, parts.mark), parts.help, add);
  append();
  add.addEventListener("click", () => append().days[0].focus());
  const filled = () => rows.filter((row) => !row.isEmpty());
  return {
    box,
    value: () => (filled().length ? filled().map((row) => row.value()) : undefined),
    lacking: () => (rows.some((row) => row.missing().length) ? { text: words.safe_times } : null),
    mark(/** @type {Fault | null} */ fault) {
      const named = fault?.paths?.map(([, index]) => filled()[Number(index)]);
      for (const row of rows) {
        // by the desk's answer the rows it names, all if it names none; else those that miss something
        const wrong = fault && (named ? named.includes(row) || !named.some(Boolean) : row.missing().length > 0);
        row.mark(wrong ? fault.text : null);
      }
    },
    need() {},
    focus: () => /** @type {HTMLElement | null} */ (box.querySelector("[aria-invalid]"))?.focus(),
  };
}

/**
 * @param {FormField} field
 * @param {string} id
 * @param {Words} words
 */
function timeRow(field, id, words) {
  const legend = element("legend");
  const fault = element("p", { class: "fault", id: `${id}-fault` });
  fault.hidden = true;
  const remove = element("button", { type: "button" });
  const described = { "aria-describedby": `${id}-fault`, autocomplete: "off" };
  const days = field.days.map((day) => element("input", { type: "checkbox", value: day.value, ...described }));
  const [from, to] = ["from", "to"].map((name) => element("input", { type: "time", id: `${id}-${name}`, ...described }));
  const ticks = days.map((day, at) =>
    element("label", { class: "tick" }, day, element("span", {}, field.days[at].title)));
  const box = element("fieldset", { class: "time" }, legend, fault,
    element("div", { class: "days", role: "group", "aria-label": field.labels.days }, ...ticks),
    element("div", { class: "hours" },
      element("label", {}, field.labels.from, from),
      element("label", {}, field.labels.to, to)),
    remove);
  const ticked = () => days.filter((day) => day.checked);
  const isEmpty = () => !ticked().length && [from, to].every((time) => !time.value && !time.validity.badInput);
  const missing = () => {
    if (isEmpty()) return [];
    return [...(ticked().length ? [] : [days[0]]), ...[from, to].filter((time) => !time.value)];
  };
  return {
    box,
    days,
    remove,
    isEmpty,
    missing,
    value: () => ({ days: ticked().map((day) => day.value), from: from.value, to: to.value }),
    number(/** @type {number} */ number, /** @type {boolean} */ several) {
      legend.textContent = words.time.replace("{number}", String(number));
      remove.textContent = words.remove_time.replace("{number}", String(number));
      remove.hidden = !several;
    },
    mark(/** @type {string | null} */ text) {
      const wrong = text ? missing() : [];
      const invalid = text && !wrong.length ? [from, to] : wrong;
      for (const input of [...days, from, to]) {
        if (invalid.includes(input)) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
      fault.textContent = text || "";
      fault.hidden = !text;
      box.classList.toggle("wrong", Boolean(text));
    },
  };
}
