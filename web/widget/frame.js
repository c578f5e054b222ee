// Comes before anything is shown, and leans on nothing else: the quick exit, and the word with the
// tag on the page around (loader.js).
(() => {
  "use strict";
  const setup = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("setup")).textContent || "");
  const { host } = setup;
  /** @type {Set<string>} */
  const tokens = new Set();
  const kompas = { setup, tokens, left: false, started: false, forget, leave };
  globalThis.kompas = kompas;

  // Until here the page is what it is without a script: numbers, and nothing to type into. It is so
  // again when the conversation does not come: a browser too old for it, a connection that broke.
  const { classList } = document.documentElement;
  classList.add("scripted");
  addEventListener("load", () => classList.toggle("scripted", kompas.started));

  // Ends what this browser tab has of conversations, here and on the server.
  function forget() {
    for (const form of document.forms) form.reset();
    try {
      for (const key of Object.keys(sessionStorage)) {
        if (!key.startsWith("kompas")) continue;
        const { token } = JSON.parse(sessionStorage.getItem(key) || "{}");
        if (token) tokens.add(token);
        sessionStorage.removeItem(key);
      }
    } catch {
      // a browser that keeps nothing, or something that is not ours
    }
    for (const token of tokens) {
      fetch("/api/chat/end", {
        method: "POST",
        keepalive: true,
        headers: { Authorization: `Bearer ${token}` },
      }).catch(() => {});
    }
    tokens.clear();
  }

  function leave() {
    if (kompas.left) return;
    // from here on nothing is kept, whatever reply still arrives
    kompas.left = true;
    document.documentElement.hidden = true;
    document.title = "";
    forget();
    document.body?.replaceChildren();
    if (host) parent.postMessage({ kompas: "exit" }, host);
    // with a tag around, that page goes; without one, or if it hangs, we go
    setTimeout(go, host ? 500 : 0);
  }

  function go() {
    try {
      (top || window).location.replace(setup.exit);
    } catch {
      location.replace(setup.exit);
    }
  }

  addEventListener("click", (event) => {
    if (!(event.target instanceof Element) || !event.target.closest("#exit")) return;
    event.preventDefault();
    leave();
  }, true);

  /** @type {number[]} */
  let pressed = [];
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") pressed = [];
    else if (!event.repeat) pressed.push(event.timeStamp);
    pressed = pressed.filter((at) => event.timeStamp - at < 3000);
    if (pressed.length > 2) leave();
  }, true);

  // Where the browser keeps nothing for a frame of ours, a page that goes cannot be gone on with:
  // the server need not keep it either.
  addEventListener("pagehide", () => {
    if (!keeps()) forget();
  });

  function keeps() {
    try {
      return sessionStorage.length >= 0;
    } catch {
      return false;
    }
  }

  // The page cache must not bring a conversation back.
  addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  if (host && parent !== window) {
    addEventListener("message", ({ origin, source, data }) => {
      if (origin === host && source === parent && data?.kompas === "exit") leave();
    });
    parent.postMessage({ kompas: "ready", faults: setup.faults }, host);
  }
})();
