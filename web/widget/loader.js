// The tag on other sites: a button that opens Kompas in a frame of our own origin. The page around
// can neither read that frame nor style it. "SETUP" is filled in by web/widget_files.py.
// Pages bring along what they like, arrays with methods of their own among it: nothing here leans on
// a method of arrays, on JSON or on fetch.
(() => {
  "use strict";
  const setup = /** @type {any} */ ("SETUP");
  const script = /** @type {HTMLScriptElement} */ (
    document.currentScript || document.querySelector('script[src*="/kompas.js"]')
  );
  const home = new URL(script.src).origin;
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

  const known = (/** @type {string} */ name) => name === "lang" || name === "topic" || name === "embed";

  function read(/** @type {Element} */ tag) {
    /** @type {Record<string, string>} */
    const given = {};
    for (let at = 0; at < tag.attributes.length; at++) {
      const { name, value } = tag.attributes[at];
      const ours = name.startsWith("data-") ? name.slice(5) : "";
      if (known(ours)) given[ours] = value;
      else if (ours) warn(`${name} is none of data-lang, data-topic, data-embed`);
      else if (known(name) && name !== "lang") warn(`write data-${name} for ${name}`);
    }
    if (given.lang && !setup.words[given.lang]) {
      warn(`data-lang="${given.lang}" is none of ${setup.languages}`);
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
    /** @type {ShadowRoot} */
    let root;
    try {
      root = host.attachShadow({ mode: "closed" });
    } catch {
      // it has its root: from here or from another tag of ours
      return;
    }
    // a conversation belongs to its place on the page, in whatever order they are opened
    const all = document.querySelectorAll(TAG);
    let at = 0;
    while (at < all.length && all[at] !== host) at++;
    const place = `${places++}.${at}`;
    const given = read(host);
    const page = document.documentElement.lang.slice(0, 2);
    const lang = given.lang || (setup.words[page] ? page : setup.first);
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
    const number = (/** @type {string} */ name) => {
      const link = /** @type {HTMLAnchorElement} */ (make("a", { ...touch, color: "#a11616" }, words[name]));
      link.href = setup.numbers[name];
      return link;
    };
    const emergency = number("emergency");
    const advice = number("advice");
    bar.append(emergency, advice, close);
    panel.append(bar);
    style(host, {
      all: "initial", display: "block", position: "fixed", "z-index": "2147483647",
      bottom: "0", "inset-inline-end": "0", "color-scheme": "light",
    });
    root.append(button, panel);

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
        style(emergency, { display: "none" });
        style(advice, { display: "none" });
        for (let at = 0; at < data.faults.length; at++) {
          warn(`data-${data.faults[at]}="${given[data.faults[at]] || ""}" is not known here`);
        }
      }
    });
  }

  const TAG = "kompas-widget";
  let places = 0;
  // when Esc was pressed the last two times
  let before = 0;
  let last = 0;
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") before = last = 0;
    else if (!event.repeat) {
      if (before && event.timeStamp - before < 3000 && frames.size) leave();
      before = last;
      last = event.timeStamp;
    }
  }, true);

  try {
    if (!customElements.get(TAG)) {
      customElements.define(TAG, class extends HTMLElement {
        connectedCallback() {
          mount(this);
        }
      });
    }
  } catch {
    // a page that keeps the registry for itself: below it is done by hand
  }
  // the tag alone is enough; beside an element of ours it only brings the code
  let element;
  for (let at = 0; at < script.attributes.length; at++) {
    const { name, value } = script.attributes[at];
    if (!name.startsWith("data-") && !known(name)) continue;
    element = element || document.createElement(TAG);
    element.setAttribute(name, value);
  }
  if (!element && !document.querySelector(TAG)) element = document.createElement(TAG);
  if (element) (document.body || document.documentElement).append(element);
  const all = document.querySelectorAll(TAG);
  for (let at = 0; at < all.length; at++) mount(/** @type {HTMLElement} */ (all[at]));
})();
