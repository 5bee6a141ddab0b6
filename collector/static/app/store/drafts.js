/**
 * Drafts: records not yet finalised. Every answer is a row of its own, so that saving one keystroke costs
 * one row however long the form is.
 */

import { all, get, result, startingWith, transact } from "./db.js";

/**
 * @typedef {object} Draft
 * @property {string} id
 * @property {string} form      form id, such as "business"
 * @property {string} version   form-version id that it is filled in with
 * @property {import("./versions.js").Moved} [moved]  it was begun with another version, and something of that is to be seen
 * @property {string} village   code of the village it was begun in, "" if unknown
 * @property {string} record    the record that it edits, "" for a new one
 * @property {string[]} parents heads of that record that the person saw
 * @property {Record<string, string>} base       answers of the record as it was seen, {} for a new one
 * @property {Record<string, string>} baseReasons
 * @property {string} created   ISO
 * @property {string} updated   ISO
 *
 * @typedef {object} DraftContent
 * @property {Draft} draft
 * @property {Record<string, string>} answers
 * @property {Record<string, string>} reasons
 *
 * @typedef {Record<string, {value?: string, reason?: string}>} DraftChanges path to new value or reason
 */

/**
 * Begins a draft and saves it with its first answers. The form that it is filled in with is kept by itself
 * (`keep` of forms.js): it is a hundred times as large, and the first answer does not wait for it.
 * @param {Partial<Draft> & {form: string, version: string}} wanted
 * @param {Readonly<Record<string, string>>} [answers]
 * @param {Readonly<Record<string, string>>} [reasons]
 * @returns {Promise<Draft>}
 */
export async function begin(wanted, answers = {}, reasons = {}) {
  const now = new Date().toISOString();
  /** @type {Draft} */
  const draft = {
    id: crypto.randomUUID(),
    village: "",
    record: "",
    parents: [],
    base: {},
    baseReasons: {},
    ...wanted,
    created: now,
    updated: now,
  };
  await transact(["drafts", "draft_answers"], "readwrite", (store) => {
    store("drafts").put(draft);
    for (const path of new Set([...Object.keys(answers), ...Object.keys(reasons)])) {
      const value = answers[path] ?? "";
      store("draft_answers").put({ draft: draft.id, path, value, reason: reasons[path] ?? "" });
    }
  });
  return draft;
}

/**
 * Saves answers of a draft; resolves when they are on the disk.
 * @param {string} id
 * @param {DraftChanges} changes
 * @throws {Error} when the draft is gone: finalised or deleted in another tab
 */
export function save(id, changes) {
  return transact(["drafts", "draft_answers"], "readwrite", async (store) => {
    const draft = await result(store("drafts").get(id));
    if (!draft) throw new DraftGone(id);
    for (const [path, change] of Object.entries(changes)) {
      const held = await result(store("draft_answers").get([id, path]));
      const row = { draft: id, path, value: held?.value ?? "", reason: held?.reason ?? "", ...change };
      if (row.value === "" && row.reason === "") store("draft_answers").delete([id, path]);
      else store("draft_answers").put(row);
    }
    store("drafts").put({ ...draft, updated: new Date().toISOString() });
  });
}

/** The draft was finalised or deleted meanwhile. */
export class DraftGone extends Error {
  /** @param {string} id */
  constructor(id) {
    super(`draft ${id} is gone`);
    this.name = "DraftGone";
  }
}

/**
 * @param {string} id
 * @returns {Promise<DraftContent | null>}
 */
export function load(id) {
  return transact(["drafts", "draft_answers"], "readonly", async (store) => {
    const draft = await result(store("drafts").get(id));
    if (!draft) return null;
    const rows = await result(store("draft_answers").getAll(startingWith(id)));
    /** @type {DraftContent} */
    const content = { draft, answers: {}, reasons: {} };
    for (const { path, value, reason } of rows) {
      if (value !== "") content.answers[path] = value;
      if (reason !== "") content.reasons[path] = reason;
    }
    return content;
  });
}

/** All drafts, the latest first. @returns {Promise<Draft[]>} */
export async function list() {
  /** @type {Draft[]} */
  const drafts = await all("drafts");
  return drafts.sort((a, b) => (a.updated < b.updated ? 1 : -1));
}

/** All drafts with what was answered in them so far, the latest first. @returns {Promise<DraftContent[]>} */
export async function listWithAnswers() {
  const found = await Promise.all((await list()).map((draft) => load(draft.id)));
  return found.filter((content) => content !== null); // one may have been finished in another tab meanwhile
}

/** Throws a draft away, with the files that were taken for it alone. @param {string} id */
export function remove(id) {
  return transact(["drafts", "draft_answers", "media"], "readwrite", async (store) => {
    store("drafts").delete(id);
    store("draft_answers").delete(startingWith(id));
    for (const media of await result(store("media").getAll())) {
      if (media.draft === id && media.change === undefined) store("media").delete(media.sha256);
    }
  });
}

/** @param {string} id */
export async function exists(id) {
  return (await get("drafts", id)) !== undefined;
}

/**
 * Holds a draft for this page: the same draft open twice must not become two records. The system frees the
 * lock when the page goes, however it goes.
 * @param {string} id
 * @returns {Promise<(() => void) | null>} how to let go, or null when another page has it open
 */
export function hold(id) {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(`draft:${id}`, { ifAvailable: true }, (lock) => {
        if (!lock) return resolve(null);
        return new Promise((release) => resolve(() => release(undefined)));
      })
      .catch(reject);
  });
}
