// The tag on other sites: a button that opens Kompas in a frame of our own origin. The page around
// can neither read that frame nor style it. "SETUP" is filled in by web/widget_pages.py.
(() => {
  "use strict";
  const setup = /** @type {any} */ ("SETUP");
  const script = /** @type {HTMLScriptElement} */ (
    document.currentScript || document.querySelector('script[src*="/kompas.js"]')
  );
  const home = new URL(script.src).origin;
  const KNOWN = ["lang", "topic", "embed"];
  /** @type {Set<HTMLIFrameElement>} */
  const frames = new Set();
  const warn = (/** @type {string} */ text) => console.warn(`Kompas: ${text}`);

  // No rule of the page is stronger than this, and no policy of the page forbids it.
  const style = (/** @type {HTMLElement} */ node, /** @type {Record<string, string>} */ rules) => {
    for (const name in rules) node.style.setProperty(name, rules[name], "important");
  };

  const make = (/** @type {string} */ name, /** @type {Record<string, string>} */ rules, text = "") => {
    const node = document.createElement(name);
    style(node, rules);
    node.textContent = text;
    return node;
  };

  function read(/** @type {Element} */ tag) {
    /** @type {Record<string, string>} */
    const given = {};
    for (const { name, value } of tag.attributes) {
      const known = KNOWN.includes(name.replace("data-", ""));
      if (known && name.startsWith("data-")) given[name.slice(5)] = value;
      else if (known && name !== "lang") warn(`write data-${name} for ${name}`);
      else if (name.startsWith("data-")) warn(`${name} is none of data-${KNOWN.join(", data-")}`);
    }
    if (given.lang && !setup.words[given.lang]) {
      warn(`data-lang="${given.lang}" is none of ${Object.keys(setup.words).join(", ")}`);
      delete given.lang;
    }
    return given;
  }

  function blank() {
    style(document.documentElement, { display: "none" });
    document.title = "";
  }

  function leave() {
    blank();
    for (const frame of frames) frame.contentWindow?.postMessage({ kompas: "exit" }, home);
    // each frame ends its conversation and says so; one that hangs is not waited for
    setTimeout(go, 200);
  }

  function go() {
    try {
      // takes what listens to the page with it: no "do you want to leave?" may stand in the way
      document.open();
    } catch {
      // a page that is no HTML
    }
    try {
      (top || window).location.replace(setup.exit);
    } catch {
      location.replace(setup.exit);
    }
  }

  function mount(/** @type {HTMLElement} */ host) {
    if (mounted.has(host)) return;
    mounted.add(host);
    // a conversation belongs to its place on the page, in whatever order they are opened
    const place = places++;
    const given = read(host);
    const page = document.documentElement.lang.slice(0, 2);
    const lang = given.lang || (setup.words[page] ? page : Object.keys(setup.words)[0]);
    const words = setup.words[lang];
    const touch = { "min-height": "48px", padding: "8px 16px", font: "600 16px/1.4 system-ui, sans-serif" };
    const accent = {
      ...touch, color: setup.colours[1], background: setup.colours[0], border: "2px solid", cursor: "pointer",
    };
    const button = make("button", { ...accent, "border-radius": "24px" }, words.open);
    const close = make("button", { ...accent, "margin-inline-start": "auto" }, words.close);
    const bar = make("p", { display: "flex", "flex-wrap": "wrap", margin: "0", background: "#fff" });
    const panel = make("section", {
      display: "none", "flex-direction": "column", width: "min(420px, 100vw)", height: "min(720px, 100vh)",
      background: "#fff", outline: "1px solid #6b7683",
    });
    // without what a phone's own bars cover, where the browser knows that measure
    style(panel, { height: "min(720px, 100dvh)" });
    panel.setAttribute("aria-label", words.title);
    panel.lang = button.lang = lang;
    // there while the frame is not, and when our server is away
    const numbers = ["emergency", "advice"].map((name) => {
      const link = /** @type {HTMLAnchorElement} */ (make("a", { ...touch, color: "#a11616" }, words[name]));
      link.href = setup.numbers[name];
      return link;
    });
    bar.append(...numbers, close);
    panel.append(bar);
    style(host, {
      all: "initial", display: "block", position: "fixed", "z-index": "2147483647",
      bottom: "0", "inset-inline-end": "0", "color-scheme": "light",
    });
    host.attachShadow({ mode: "closed" }).append(button, panel);

    const show = (/** @type {boolean} */ open) => {
      style(button, { display: open ? "none" : "block" });
      style(panel, { display: open ? "flex" : "none" });
      host.dispatchEvent(new CustomEvent(open ? "kompas-open" : "kompas-close", { bubbles: true }));
    };
    let ready = false;
    /** @type {HTMLIFrameElement | undefined} */
    let frame;
    const address = (/** @type {Record<string, string>} */ more) =>
      `${home}/embed?${new URLSearchParams({ ...given, host: location.origin, ...more })}#${place}`;
    button.onclick = () => {
      show(true);
      if (!frame) {
        frame = /** @type {HTMLIFrameElement} */ (make("iframe", { flex: "1", border: "0", width: "100%" }));
        frame.title = words.title;
        frame.src = address({});
        frames.add(frame);
        frame.onload = () => setTimeout(() => {
          if (ready || !frame) return;
          // a browser that refused it shows a page of its own there
          frame.onload = null;
          frame.src = address({ card: "1" });
          warn(`${location.origin} may not open data-embed="${given.embed}", or ${home} is out of reach`);
        }, 2000);
        panel.append(frame);
      }
      frame.focus();
    };
    close.onclick = () => {
      show(false);
      button.focus();
    };
    addEventListener("message", ({ origin, source, data }) => {
      if (!frame || origin !== home || source !== frame.contentWindow) return;
      if (data.kompas === "exit") {
        blank();
        frames.delete(frame);
        if (frames.size) leave();
        else go();
      } else if (data.kompas === "ready" && !ready) {
        ready = true;
        for (const link of numbers) style(link, { display: "none" });
        for (const name of data.faults) warn(`data-${name}="${given[name] || ""}" is not known here`);
      }
    });
  }

  const mounted = new WeakSet();
  let places = 0;
  let pressed = /** @type {number[]} */ ([]);
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") pressed = [];
    else if (!event.repeat) pressed.push(event.timeStamp);
    pressed = pressed.filter((at) => event.timeStamp - at < 3000);
    if (pressed.length > 2 && frames.size) leave();
  }, true);

  const TAG = "kompas-widget";
  let byHand = false;
  try {
    if (!customElements.get(TAG)) {
      customElements.define(TAG, class extends HTMLElement {
        connectedCallback() {
          mount(this);
        }
      });
    }
  } catch {
    // a page that keeps the registry for itself
    byHand = true;
  }
  // the tag alone is enough; beside an element of ours it only brings the code
  if (Object.keys(script.dataset).length || !document.querySelector(TAG)) {
    const element = document.createElement(TAG);
    for (const { name, value } of script.attributes) {
      if (name.startsWith("data-") || KNOWN.includes(name)) element.setAttribute(name, value);
    }
    (document.body || document.documentElement).append(element);
  }
  if (byHand) document.querySelectorAll(TAG).forEach((each) => mount(/** @type {HTMLElement} */ (each)));
})();
