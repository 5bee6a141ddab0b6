/** The forms that a team brought, offered on the pages of villages; and a word on those that this phone cannot open alone yet. */

import { ownForms, ownStart } from "../logic/own.js";
import { formAddress, startAddress } from "./addresses.js";
import { h, icon, t } from "./dom.js";

/** A worker of before this page knows no such question: then nothing is said. */
const PATIENCE = 1000;

/**
 * A section with a button for each form; "" when there is none.
 * @param {import("../store/field.js").Head} field
 * @param {import("../store/field.js").Village | null} village where they are begun, null for nowhere in particular
 */
export async function ownSection(field, village) {
  const forms = ownForms(field.forms);
  if (forms.length === 0) return "";
  const paths = forms.map(([id]) => formAddress(id));
  const missing = await notKept(paths);
  const later = forms.filter((_, place) => missing.includes(/** @type {string} */ (paths[place])));
  return h("section.section", { "aria-labelledby": "own" },
    h("h2", { id: "own" }, t(village ? "visit.own" : "villages.own")),
    village === null && h("p.muted.small", null, t("villages.own.lead")),
    later.length > 0 && h("p.note.warn", { id: "own-later" }, t("phone.own_later", { names: later.map(([, form]) => form.title).join(", ") })),
    h("div.starts.own", null, forms.map(([id, form]) => {
      const address = village ? startAddress(ownStart(id, form, village), village.village) : formAddress(id);
      return h("a.button", { href: address, "data-start": id }, icon("plus"), form.title || id);
    })));
}

/**
 * Which pages the service worker could not answer by itself. Without a worker every page needs the server, and nobody is told so here.
 * @param {string[]} paths @returns {Promise<string[]>}
 */
async function notKept(paths) {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return [];
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve([]), PATIENCE);
    port1.onmessage = ({ data }) => {
      clearTimeout(timer);
      resolve(data);
    };
    worker.postMessage({ missing: paths }, [port2]);
  });
}
