// The contact form: how a visitor can be reached safely. What is typed here stays in its fields: the
// page neither shows nor keeps it, and it goes past the conversation to the address of the form.
"use strict";

const MOST_TIMES = 5;
const DRAWN = { choice: choiceField, check: checkField, times: timesField };
let forms = 0;
// At hand before it is needed: when it is, the site may be out of reach.
let helpCard = null;

// Its words come with it: it speaks the language of the conversation, the page may have another.
function contactForm(given, lang) {
  if (given.sent) return element("p", { class: "sent" }, given.sent);
  // a log says aloud whatever is added; a form is gone through at one's own pace
  const inner = element("form", { class: "contact", autocomplete: "off", novalidate: "", "aria-live": "off" });
  const { words } = given;
  const outcome = element("div", { class: "outcome", role: "status" });
  const submit = element("button", { type: "submit" }, given.send);
  const numbers = element("div", { class: "numbers" });
  const number = ++forms;
  const fields = given.fields.map((field) => {
    const id = `contact-${number}-${field.name}`;
    return { ...field, ...(DRAWN[field.type] || textField)(field, id, words) };
  });
  inner.dataset.sent = words.sent;
  inner.append(...fields.map((field) => field.box), outcome, submit, numbers);
  inner.addEventListener("change", () => fit(fields));
  let sending = false;
  inner.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending || !state.token) return;
    const shown = fields.filter((field) => !field.box.hidden);
    for (const field of fields) field.mark(null);
    const faults = shown.map((field) => [field, field.lacking()]).filter(([, fault]) => fault);
    if (faults.length) {
      point(faults, outcome, words.check);
      return;
    }
    sending = true;
    submit.setAttribute("aria-disabled", "true");
    outcome.replaceChildren(words.sending);
    const help = await sendContact(given, shown, outcome);
    sending = false;
    submit.removeAttribute("aria-disabled");
    submit.textContent = help ? words.retry : given.send;
    numbers.replaceChildren(...(help ? [help] : []));
  });
  fit(fields);
  learnHelp(lang);
  return inner;
}

// What the chosen channel does not need is out of the way; what it needs is marked.
function fit(fields) {
  const channel = fields.find((field) => field.name === "channel")?.value();
  for (const field of fields) {
    const meant = !field.channels || field.channels.includes(channel);
    field.box.hidden = Boolean(channel) && !meant;
    field.need(Boolean(field.required) && meant);
  }
}

// Whom to call instead, if it failed.
async function sendContact(given, shown, outcome) {
  const { token } = state;
  const values = shown.map((field) => [field.name, field.value()]).filter(([, value]) => value !== undefined);
  let answer;
  setBusy(true);
  try {
    answer = await call(given.url, Object.fromEntries(values));
  } catch {
    answer = { status: 0, reply: {} };
  }
  setBusy(false);
  // ended meanwhile: nothing of it belongs on the page any more
  if (state.token !== token) return null;
  const { status: code, reply } = answer;
  if (code === 200 && reply.contact_ref) {
    finish(reply);
  } else if (code === 400) {
    const named = (reply.fields || []).map((path) => path.split("."));
    const faults = shown
      .map((field) => [field, named.filter(([name]) => name === field.name)])
      .filter(([, paths]) => paths.length)
      .map(([field, paths]) => [field, { text: given.words[field.name] || given.words.other, paths }]);
    point(faults, outcome, reply.message);
  } else if (code === 401) {
    state.token = null;
    save();
    const again = element("button", { type: "button" }, texts.new_conversation);
    again.addEventListener("click", restart);
    outcome.replaceChildren(element("p", {}, reply.message), again);
  } else {
    const said = [reply.message, given.words.failed].filter(Boolean);
    outcome.replaceChildren(...said.map((text) => element("p", {}, text)));
    return whomToCall(reply.help || helpCard);
  }
  return null;
}

// Sent: every contact form of the conversation has had its day, those of earlier turns too.
function finish(reply) {
  for (const item of state.items) {
    if (item.form?.kind === "contact" && !item.form.sent) {
      item.form = { kind: "contact", sent: item.form.words.sent };
      // "without my details" and the like: there is no choice left
      item.buttons = [];
    }
  }
  for (const inner of conversation.querySelectorAll("form.contact")) {
    inner.reset();
    inner.parentNode.querySelector(".buttons")?.remove();
    inner.replaceWith(element("p", { class: "sent" }, inner.dataset.sent));
  }
  const before = conversation.lastElementChild;
  take(reply);
  const first = before.nextElementSibling;
  if (first) {
    // the button that was pressed is gone: go on with what it brought
    first.tabIndex = -1;
    first.focus({ preventScroll: true });
  }
}

function point(faults, outcome, text) {
  outcome.replaceChildren(text);
  for (const [field, fault] of faults) field.mark(fault);
  if (faults.length) faults[0][0].focus();
}

async function learnHelp(lang) {
  try {
    helpCard = await (await fetch(`/api/help.json?lang=${lang}`)).json();
  } catch {
    // the page's own sentence has the emergency number
  }
}

function whomToCall(card) {
  if (!card) return element("p", {}, texts.offline);
  const list = element("ul", { class: "contacts", lang: card.lang });
  for (const contact of card.contacts) {
    list.append(element("li", { class: contact.emergency ? "card urgent" : "card" },
      element("strong", {}, contact.name),
      element("a", { class: "number", href: contact.url }, contact.phone),
      element("span", {}, contact.hours)));
  }
  return list;
}

// --- the kinds of fields: each has its `box`, its `value()`, what it is `lacking()`, and can be
// marked with a fault, told whether it is needed, and given the focus

function frame(name, attributes, field, id, words) {
  const box = element(name, attributes);
  const mark = element("span", { class: "required" }, ` ${words.required}`);
  const help = element("p", { class: "help", id: `${id}-help` }, field.help || "");
  const fault = element("p", { class: "fault", id: `${id}-fault` });
  mark.hidden = true;
  help.hidden = !field.help;
  fault.hidden = true;
  return { box, mark, help, fault, described: `${field.help ? `${id}-help ` : ""}${id}-fault` };
}

// What the fields with one thing to be invalid have in common.
function single(parts, control, first, empty) {
  return {
    box: parts.box,
    lacking: () => (control.getAttribute("aria-required") === "true" && empty() ? { text: parts.lack } : null),
    mark(fault) {
      parts.fault.textContent = fault ? fault.text : "";
      parts.fault.hidden = !fault;
      parts.box.classList.toggle("wrong", Boolean(fault));
      if (fault) control.setAttribute("aria-invalid", "true");
      else control.removeAttribute("aria-invalid");
    },
    need(needed) {
      parts.mark.hidden = !needed;
      control.setAttribute("aria-required", String(needed));
    },
    focus: () => first().focus(),
  };
}

function textField(field, id, words) {
  const parts = frame("div", { class: "field" }, field, id, words);
  const input = element("input", {
    id,
    type: field.type,
    inputmode: field.type,
    // a shared phone must neither offer this to the next person nor send it to a spelling service
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    "aria-describedby": parts.described,
  });
  if (field.max) input.maxLength = field.max;
  const label = element("label", { for: id }, field.label, parts.mark);
  parts.box.append(label, parts.help, parts.fault, input);
  parts.lack = words.missing;
  const value = () => input.value.trim() || undefined;
  return { ...single(parts, input, () => input, () => value() === undefined), value };
}

function checkField(field, id, words) {
  const parts = frame("div", { class: "field" }, field, id, words);
  const input = element("input", { id, type: "checkbox", autocomplete: "off", "aria-describedby": parts.described });
  const label = element("label", { class: "tick" }, input, element("span", {}, field.label, parts.mark));
  parts.box.append(parts.fault, label, parts.help);
  parts.lack = words[field.name] || words.missing;
  return { ...single(parts, input, () => input, () => !input.checked), value: () => input.checked };
}

function choiceField(field, id, words) {
  const attributes = { class: "field", role: "radiogroup", "aria-labelledby": `${id}-label` };
  const parts = frame("fieldset", attributes, field, id, words);
  parts.box.setAttribute("aria-describedby", parts.described);
  parts.box.append(element("legend", { id: `${id}-label` }, field.label, parts.mark), parts.help, parts.fault);
  for (const option of field.options) {
    const radio = element("input", { type: "radio", name: id, value: option.value, autocomplete: "off" });
    if (option.value === field.value) radio.setAttribute("checked", "");
    parts.box.append(element("label", { class: "tick" }, radio, element("span", {}, option.title)));
  }
  parts.lack = words.choose;
  const value = () => parts.box.querySelector("input:checked")?.value;
  const first = () => parts.box.querySelector("input:checked") || parts.box.querySelector("input");
  return { ...single(parts, parts.box, first, () => value() === undefined), value };
}

// Days and hours: as many rows as wanted. A row left empty is no row.
function timesField(field, id, words) {
  const parts = frame("fieldset", { class: "field times", "aria-describedby": `${id}-help` }, field, id, words);
  const add = element("button", { type: "button" }, words.add_time);
  let rows = [];
  const renumber = () => {
    rows.forEach((row, index) => row.number(index + 1, rows.length > 1));
    add.hidden = rows.length >= MOST_TIMES;
  };
  let made = 0;
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
  parts.box.append(element("legend", {}, field.label, parts.mark), parts.help, add);
  append();
  add.addEventListener("click", () => append().days[0].focus());
  const filled = () => rows.filter((row) => !row.isEmpty());
  return {
    box: parts.box,
    value: () => (filled().length ? filled().map((row) => row.value()) : undefined),
    lacking: () => (rows.some((row) => row.missing().length) ? { text: words.safe_times } : null),
    mark(fault) {
      const named = fault?.paths?.map(([, index]) => filled()[Number(index)]);
      for (const row of rows) {
        // by the desk's answer the rows it names, all if it names none; else those that miss something
        const wrong = fault && (named ? named.includes(row) || !named.some(Boolean) : row.missing().length > 0);
        row.mark(wrong ? fault.text : null);
      }
    },
    need() {},
    focus: () => parts.box.querySelector("[aria-invalid]")?.focus(),
  };
}

function timeRow(field, id, words) {
  const legend = element("legend");
  const fault = element("p", { class: "fault", id: `${id}-fault` });
  fault.hidden = true;
  const remove = element("button", { type: "button" });
  const described = { "aria-describedby": `${id}-fault`, autocomplete: "off" };
  const days = field.days.map((day) => element("input", { type: "checkbox", value: day.value, ...described }));
  const [from, to] = ["from", "to"].map((name) => element("input", { type: "time", id: `${id}-${name}`, ...described }));
  const box = element("fieldset", { class: "time" }, legend, fault,
    element("div", { class: "days", role: "group", "aria-label": field.labels.days },
      ...days.map((day, index) => element("label", { class: "tick" }, day, element("span", {}, field.days[index].title)))),
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
    number(number, several) {
      legend.textContent = words.time.replace("{number}", number);
      remove.textContent = words.remove_time.replace("{number}", number);
      remove.hidden = !several;
    },
    mark(text) {
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
