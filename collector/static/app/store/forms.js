/** Versions of forms that something on this phone was made with: kept here, since the hub hands out the newest. */

import { get, result, startingWith, transact } from "./db.js";

/** @typedef {import("../logic/form.js").FormJson} FormJson */

/** How long a version that is not on this phone is waited for, ms. */
const PATIENCE = 4000;

/**
 * Keeps a form with what is made of it, and lets go of versions that nothing here was made with. Part of a
 * transaction over `documents`, `drafts`, `records` and `hub_records`.
 * @param {(name: import("./db.js").StoreName) => IDBObjectStore} store @param {FormJson} json
 */
export async function keepForm(store, json) {
  const documents = store("documents");
  if ((await result(documents.count(["form", json.id]))) > 0) return;
  const [drafts, own, hub, held] = await Promise.all([
    result(store("drafts").getAll()), result(store("records").getAll()), result(store("hub_records").getAll()),
    result(documents.getAllKeys(startingWith("form"))),
  ]);
  const used = new Set([...drafts.map((draft) => draft.version), ...[...own, ...hub].map((record) => record.form)]);
  for (const key of held) if (!used.has(/** @type {string[]} */ (key)[1])) documents.delete(key);
  documents.put({ kind: "form", name: json.id, data: json });
}

/**
 * Keeps the form of a draft that is on the disk. What is not kept when the phone goes dark is kept when the draft is
 * opened again; a newer version that came first finds its predecessor at the hub. @param {FormJson} json
 */
export function keep(json) {
  return transact(["documents", "drafts", "records", "hub_records"], "readwrite", (store) => keepForm(store, json));
}

/** A version of a form, from this phone or else from the hub. @param {string} version @returns {Promise<FormJson | null>} null where neither has it now */
export async function formOf(version) {
  const held = await get("documents", ["form", version]);
  if (held) return held.data;
  const address = `/forms/${version}.json`;
  const kept = await globalThis.caches?.match(address);
  if (kept) return kept.json();
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(PATIENCE) });
    return response.ok ? await response.json() : null;
  } catch (error) {
    // No network, or a hub that says nothing or no JSON: paths alone decide then, and nothing is lost by it.
    if (error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException) return null;
    throw error;
  }
}
