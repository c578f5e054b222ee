// Building blocks of the page. Text always enters as text, never as HTML.

/**
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, string>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/**
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * **bold** is the only markup inside a line.
 * @param {string} text
 */
function inline(text) {
  return text
    .split(/\*\*(.+?)\*\*/g)
    .flatMap((part, index) => (index % 2 ? [element("strong", {}, ...whole(part))] : whole(part)));
}

/**
 * A number to call, or a date, in one piece: torn in two it is read wrong.
 * @param {string} text
 */
function whole(text) {
  return text
    .split(/(\+?\d[\d -]{1,20}\d)/g)
    .map((part, index) => (index % 2 ? element("span", { class: "whole" }, part) : part));
}

/**
 * Paragraphs are parted by blank lines; lines that begin with "- " or "1. " are list items.
 * @param {string} text
 * @returns {HTMLElement[]}
 */
export function markup(text) {
  /** @type {(HTMLElement | null)[]} */
  const blocks = [];
  for (const line of text.split("\n")) {
    const item = line.match(/^(?:(-)|(\d+)\.) (.*)$/);
    const last = blocks[blocks.length - 1];
    if (item) {
      let list = last;
      if (!list || list.tagName !== (item[1] ? "UL" : "OL")) {
        list = element(item[1] ? "ul" : "ol");
        if (item[2] && item[2] !== "1") list.setAttribute("start", item[2]);
        blocks.push(list);
      }
      list.append(element("li", {}, ...inline(item[3])));
    } else if (!line.trim()) {
      if (last && last.tagName === "P") blocks.push(null);
    } else if (last && last.tagName === "P") {
      last.append(element("br"), ...inline(line));
    } else {
      blocks.push(element("p", {}, ...inline(line)));
    }
  }
  return /** @type {HTMLElement[]} */ (blocks.filter(Boolean));
}
