// Whom to call: kept from the first load, so that it is there when nothing else is.

/** @typedef {import("./types").Contact} Contact */
/** @typedef {import("./types").HelpCard} HelpCard */

import { element } from "./dom.js";

let card = globalThis.kompas.setup.help;

/** @param {string} lang */
export async function learn(lang) {
  if (card.lang === lang) return;
  try {
    const site = globalThis.kompas.setup.site;
    const query = new URLSearchParams(site ? { lang, embed: site } : { lang });
    const response = await fetch(`/api/help.json?${query}`);
    if (!response.ok) return;
    const found = await response.json();
    // the organisation's own number is ours to keep: the call may not know of it
    const own = card.contacts.filter((each) => each.id === "site");
    if (found.contacts.some((/** @type {Contact} */ each) => each.id === "site")) own.length = 0;
    card = { ...found, contacts: [...found.contacts, ...own] };
  } catch {
    // the numbers are the same in every language
  }
}

/** @param {HelpCard} [given] */
export function helpList(given = card) {
  const list = element("ul", { class: "contacts", lang: given.lang });
  for (const each of given.contacts) {
    const row = element("li", { class: each.emergency ? "card urgent" : "card" }, element("strong", {}, each.name));
    if (each.url && each.phone) row.append(element("a", { class: "number", href: each.url }, each.phone));
    if (each.id === "site") {
      if (each.email) row.append(element("a", { href: `mailto:${each.email}` }, each.email));
      if (each.web) {
        row.append(element("a", { href: each.web, rel: "noreferrer", target: "_blank" }, new URL(each.web).host));
      }
    }
    if (each.hours) row.append(element("span", {}, each.hours));
    list.append(row);
  }
  return list;
}
