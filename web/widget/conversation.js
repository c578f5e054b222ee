// One conversation: what was said, what waits for a reply, and what the visitor can do about it.

/** @typedef {import("./types").Call} Call */
/** @typedef {import("./types").Form} Form */
/** @typedef {import("./types").HelpCard} HelpCard */
/** @typedef {import("./types").Message} Message */
/** @typedef {import("./types").Reply} Reply */
/** @typedef {import("./types").State} State */

import { download, end, newKey, post } from "./api.js";
import { contactForm } from "./contact_form.js";
import { byId, element } from "./dom.js";
import { helpList, learn } from "./help.js";
import { label, speak } from "./labels.js";
import * as memory from "./memory.js";
import { draw } from "./messages.js";

const { kompas } = globalThis;
const { setup } = kompas;
const READ_FOR = 15_000;

export class Conversation {
  #list = byId("conversation");
  #status = byId("status");
  #trouble = byId("trouble");
  #aloud = byId("aloud");
  /** @type {State} */
  #state = memory.load() || empty(setup.lang);
  /** @type {(() => void) | null} */
  #again = null;
  /** @type {string | null} a language chosen while a reply was under way */
  #next = null;
  busy = false;

  /** Go on where this tab was, or begin. */
  async open() {
    const { token, items, pending, lang } = this.#state;
    if (!token) {
      this.begin();
      return;
    }
    speak(lang);
    learn(lang);
    this.#setBusy(true);
    for (let at = 0; at < items.length; at++) {
      this.#list.append(draw(items[at], this.#desk));
      // a long conversation must not hold up an old phone
      if (at % 4 === 3) await new Promise((next) => setTimeout(next));
    }
    this.#setBusy(false);
    this.#list.lastElementChild?.scrollIntoView({ block: "start" });
    memory.save(this.#state);
    if (pending) this.#send(pending);
  }

  /** @param {string | null} [lang] the language asked for */
  async begin(lang = setup.asked ? setup.lang : null) {
    if (this.busy) return;
    const state = this.#state;
    /** @type {Record<string, string>} */
    const body = {};
    if (lang) body.lang = lang;
    if (setup.topic) body.topic = setup.topic;
    if (setup.site) body.embed = setup.site;
    const answer = await this.#post("/api/chat/start", body, newKey());
    if (kompas.left || state !== this.#state) return;
    if (answer.status === 201) {
      state.token = answer.reply.token || null;
      this.#take(answer.reply);
    } else {
      this.#inTrouble(answer, () => this.begin(lang));
    }
  }

  /**
   * @param {Record<string, unknown>} body
   * @param {string} shown
   */
  say(body, shown) {
    if (!this.canSpeak) return;
    /** @type {Message} */
    const message = { kind: "visitor", lang: this.#state.lang, text: shown };
    const box = draw(message, this.#desk);
    this.#state.items.push(message);
    this.#list.append(box);
    box.scrollIntoView({ block: "end" });
    this.#send({ path: "/api/chat/message", body, key: newKey() });
  }

  get canSpeak() {
    // what failed is sent first: the order of a conversation is part of it
    return !this.busy && Boolean(this.#state.token) && !this.#state.pending;
  }

  /** Send once more what waits, if something does. */
  retry() {
    if (!this.busy) this.#again?.();
  }

  /**
   * The page changes at once; the conversation when the server says so.
   * @param {string} lang
   */
  switchTo(lang) {
    if (this.busy) {
      this.#next = lang;
      return;
    }
    learn(lang);
    if (!this.#state.items.some((item) => item.kind === "visitor")) {
      this.forget();
      speak(lang);
      this.begin(lang);
    } else if (this.canSpeak) {
      this.#send({ path: "/api/chat/message", body: { lang }, key: newKey() });
    } else {
      // while the server is away, at least the page follows
      speak(lang);
    }
  }

  /** Erase it here and on the server. */
  forget() {
    for (const form of document.forms) form.reset();
    if (this.#state.token) end(this.#state.token);
    this.#state = empty(document.documentElement.lang);
    kompas.tokens.clear();
    memory.clear();
    this.#list.replaceChildren();
    this.#aloud.replaceChildren();
    this.#setBusy(false);
    this.#clearTrouble();
  }

  restart() {
    this.forget();
    this.begin(this.#state.lang);
  }

  /** What the visitor does with a message. */
  #desk = {
    say: (/** @type {Record<string, unknown>} */ body, /** @type {string} */ shown) => this.say(body, shown),
    sendSecret: (/** @type {string} */ path, /** @type {Record<string, unknown>} */ body) => {
      if (!this.canSpeak) return false;
      this.#send({ path, body, key: newKey(), secret: true });
      return true;
    },
    fetchFile: async (/** @type {string} */ url) => {
      try {
        await download(url, this.#state.token);
        this.#clearTrouble();
      } catch {
        this.#show(label(navigator.onLine ? "unavailable" : "offline"), () => this.#desk.fetchFile(url));
      }
    },
    contactForm: (/** @type {Form} */ form, /** @type {string} */ lang) => contactForm(form, lang, this.#sender),
  };

  /** What the contact form needs of a conversation. */
  #sender = {
    isOpen: () => Boolean(this.#state.token) && !this.busy,
    post: async (/** @type {string} */ url, /** @type {Record<string, unknown>} */ body) => {
      const state = this.#state;
      const answer = await this.#post(url, body);
      return kompas.left || state !== this.#state ? null : answer;
    },
    finish: (/** @type {Reply} */ reply) => this.#finishContact(reply),
    gone: () => {
      this.#state.token = null;
      memory.save(this.#state);
    },
    restart: () => this.restart(),
  };

  /**
   * Sent: every contact form of the conversation has had its day, those of earlier turns too.
   * @param {Reply} reply
   */
  #finishContact(reply) {
    for (const item of this.#state.items) {
      if (item.form?.kind === "contact" && !("sent" in item.form)) {
        item.form = { kind: "contact", sent: item.form.words.sent };
        // "without my details" and the like: there is no choice left
        item.buttons = [];
      }
    }
    for (const form of this.#list.querySelectorAll("form")) {
      if (!form.classList.contains("contact")) continue;
      form.reset();
      form.parentElement?.querySelector(".buttons")?.remove();
      form.replaceWith(element("p", { class: "sent" }, form.dataset.sent || ""));
    }
    const before = this.#list.lastElementChild;
    this.#take(reply);
    const first = /** @type {HTMLElement | null | undefined} */ (before?.nextElementSibling);
    if (first) {
      // the button that was pressed is gone: go on with what it brought
      first.tabIndex = -1;
      first.focus({ preventScroll: true });
    }
  }

  /**
   * What is not answered yet is not forgotten, and is known as the same when it is sent again.
   * @param {Call} call
   */
  async #send(call) {
    const state = this.#state;
    state.pending = call;
    memory.save(state);
    const answer = await this.#post(call.path, call.body, call.key);
    // left or ended meanwhile: the reply belongs to nobody
    if (kompas.left || state !== this.#state) return;
    const { status, reply } = answer;
    if (status === 200) {
      state.pending = null;
      this.#take(reply);
    } else if (status === 401) {
      state.pending = null;
      state.token = null;
      memory.save(state);
      this.#show(reply.message || "", () => this.restart(), label("new_conversation"));
    } else if ([400, 404, 413, 415].includes(status)) {
      // the same again would be refused again
      state.pending = null;
      memory.save(state);
      this.#show(reply.message || "");
    } else {
      this.#inTrouble(answer, () => this.#send(call));
    }
  }

  /**
   * @param {string} path
   * @param {Record<string, unknown>} body
   * @param {string} [key]
   * @returns {Promise<{status: number, reply: Reply}>} status 0 when no reply came
   */
  async #post(path, body, key) {
    const state = this.#state;
    this.#clearTrouble();
    this.#setBusy(true);
    try {
      return await post(path, body, { token: state.token, lang: state.lang, key });
    } catch {
      return { status: 0, reply: {} };
    } finally {
      if (state === this.#state) this.#setBusy(false);
    }
  }

  /**
   * @param {{status: number, reply: Reply}} answer
   * @param {() => void} again
   */
  #inTrouble({ status, reply }, again) {
    const text = reply.message || label(status || navigator.onLine ? "unavailable" : "offline");
    this.#show(text, again);
    if (status !== 429) this.#trouble.replaceChildren(helpList(reply.help));
  }

  /**
   * @param {string} text
   * @param {() => void} [again]
   * @param {string} [title]
   */
  #show(text, again, title = label("retry")) {
    this.#again = again || null;
    if (!again) {
      this.#status.replaceChildren(text);
      return;
    }
    const button = element("button", { type: "button" }, title);
    button.addEventListener("click", again);
    this.#status.replaceChildren(text, " ", button);
  }

  #clearTrouble() {
    this.#again = null;
    this.#status.replaceChildren();
    this.#trouble.replaceChildren();
  }

  /** @param {boolean} value */
  #setBusy(value) {
    this.busy = value;
    const button = byId("send");
    if (value) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
    this.#status.classList.toggle("busy", value);
    this.#status.replaceChildren(value ? label("typing") : "");
    if (value || !this.#next) return;
    const lang = this.#next;
    this.#next = null;
    // after the reply that was waited for is shown
    setTimeout(() => this.switchTo(lang));
  }

  /** @param {Reply} reply */
  #take(reply) {
    const before = this.#state.items.length;
    if (reply.lang) {
      this.#state.lang = reply.lang;
      speak(reply.lang);
      learn(reply.lang);
    }
    const messages = reply.messages || [];
    // a turn that failed brings the numbers along
    const last = messages[messages.length - 1];
    if (last && reply.help) last.help = reply.help;
    const boxes = messages.map((message) => draw(message, this.#desk));
    this.#state.items.push(...messages);
    this.#list.append(...boxes);
    // the welcome stays below the note on safety, which is to be read before anything is typed; of
    // several messages the first is to be in sight: it holds what cannot wait
    if (before) boxes[0]?.scrollIntoView({ block: "start" });
    this.#read(messages);
    memory.save(this.#state);
  }

  /**
   * For who listens: each new message once, without its buttons, and gone again before anybody
   * who walks through the page meets it a second time.
   * @param {Message[]} messages
   */
  #read(messages) {
    const said = messages.map(({ text, lang }) =>
      element("p", { lang }, text.replaceAll("**", "")));
    this.#aloud.append(...said);
    setTimeout(() => said.forEach((each) => each.remove()), READ_FOR);
  }
}

/**
 * @param {string} lang
 * @returns {State}
 */
function empty(lang) {
  return { token: null, lang, items: [], pending: null };
}
