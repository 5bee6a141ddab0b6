/** What the steps of the enrolling page are made of. */

import { h, t } from "./dom.js";

export const place = /** @type {HTMLElement} */ (document.getElementById("enrol"));

/** @param {...(Node | string | false)} nodes */
export function show(...nodes) {
  place.replaceChildren(...nodes.filter((node) => node !== false));
}

/** @param {string} key @param {string} name @param {string} [extra] */
export const button = (key, name, extra = "") => h(`a.button.wide${extra}`, { href: place.dataset[name] ?? "" }, t(key));

/** @param {{code: string, message: string, remedy: string}} found */
export function problem({ code, message, remedy }) {
  return h("div.note.bad", { role: "alert" }, h("p", null, h("b", null, message)), h("p", null, remedy), h("p.small.muted", null, code));
}
