// Calls of the visitor API.

/** @typedef {import("./types").Reply} Reply */

const PATIENCE = 45_000;

/**
 * @param {string} path
 * @param {Record<string, unknown>} body
 * @param {{token: string | null, lang: string, key?: string}} from `key` lets the server see a repeat
 * @returns {Promise<{status: number, reply: Reply}>} Rejects when no reply came.
 */
export async function post(path, body, { token, lang, key }) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json", "Accept-Language": lang };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = key;
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), PATIENCE);
  try {
    const response = await fetch(path, {
      method: "POST",
      headers,
      body: JSON.stringify(body),
      signal: cut.signal,
    });
    return { status: response.status, reply: response.status === 204 ? {} : await response.json() };
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string} token */
export function end(token) {
  fetch("/api/chat/end", {
    method: "POST",
    keepalive: true,
    headers: { Authorization: `Bearer ${token}` },
  }).catch(() => {});
}

/** A name for one call, the same when it is sent again. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * The address needs the token, so the page fetches the file and hands it over.
 * @param {string} url
 * @param {string | null} token
 */
export async function download(url, token) {
  const response = await fetch(url, { headers: { Authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(String(response.status));
  const name = /filename="?([^";]+)/.exec(response.headers.get("Content-Disposition") || "");
  const link = document.createElement("a");
  link.href = URL.createObjectURL(await response.blob());
  link.download = name ? name[1] : "kompas";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
