// What this tab remembers, until the visitor leaves.

/** @typedef {import("./types").State} State */

const { kompas } = globalThis;
const KEY = `kompas${place()}`;

// Several frames of ours on one page share the tab's memory: each has a drawer of its own.
function place() {
  if (window === parent) return "";
  if (location.hash) return `:${location.hash.slice(1)}`;
  for (let at = 0; at < parent.length; at++) if (parent[at] === window) return `:frame${at}`;
  return ":frame";
}

/** @returns {State | null} */
export function load() {
  try {
    const state = JSON.parse(sessionStorage.getItem(KEY) || "null");
    return state && Array.isArray(state.items) ? state : null;
  } catch {
    return null;
  }
}

/** @param {State} state */
export function save(state) {
  kompas.tokens.clear();
  if (kompas.left) return;
  if (state.token) kompas.tokens.add(state.token);
  const pending = state.pending?.secret ? null : state.pending;
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ ...state, pending }));
  } catch {
    // a browser that keeps nothing still holds the conversation until the page closes
  }
}

export function clear() {
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // nothing was kept
  }
}
