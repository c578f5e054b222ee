// The words of the page itself, in the language of the conversation.

const { setup } = globalThis.kompas;
let labels = setup.labels;
let spoken = setup.lang;
let wanted = setup.lang;

/**
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function label(key, values = {}) {
  return Object.entries(values).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, String(value)),
    labels[key] || "",
  );
}

/** @param {string} lang */
export function direction(lang) {
  return setup.languages[lang] || "ltr";
}

/**
 * Change the page to `lang`. Where its words cannot be had, the page keeps those that it has.
 * @param {string} lang
 */
export async function speak(lang) {
  wanted = lang;
  if (lang === spoken || !setup.languages[lang]) return;
  try {
    const response = await fetch(new URL(`labels/${lang}.json`, import.meta.url));
    if (!response.ok) throw new Error(String(response.status));
    const found = await response.json();
    // another language may have been chosen meanwhile
    if (wanted !== lang) return;
    labels = found;
  } catch {
    return;
  }
  spoken = lang;
  document.documentElement.lang = lang;
  document.documentElement.dir = direction(lang);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.textContent = label(node.getAttribute("data-label") || "");
  }
  for (const name of ["aria-label", "placeholder"]) {
    for (const node of document.querySelectorAll(`[data-${name}]`)) {
      node.setAttribute(name, label(node.getAttribute(`data-${name}`) || ""));
    }
  }
  for (const link of document.querySelectorAll("[data-language]")) {
    if (link.getAttribute("data-language") === lang) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}
