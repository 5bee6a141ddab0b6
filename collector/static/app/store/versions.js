/** A draft in another version of its form than it was begun with. */

import { result, startingWith, transact } from "./db.js";
import { DraftGone } from "./drafts.js";
import { keepForm } from "./forms.js";

/**
 * @typedef {import("../logic/form.js").FormJson} FormJson
 * @typedef {import("../logic/carry.js").Left} Left
 * @typedef {object} Moved  how a draft came to its version, until the person has seen it and let go of what was left
 * @property {number} carried answers that were carried over
 * @property {number} added   questions that are new
 * @property {Left[]} left    what the new version has no room for
 */

/**
 * Puts a draft into a newer version of its form: all at once, or not at all.
 * @param {string} id @param {FormJson} json @param {Moved} moved
 * @param {Readonly<Record<string, string>>} answers @param {Readonly<Record<string, string>>} reasons
 * @returns {Promise<import("./drafts.js").Draft>}
 * @throws {DraftGone}
 */
export function moveDraft(id, json, moved, answers, reasons) {
  return transact(["drafts", "draft_answers", "documents", "records", "hub_records"], "readwrite", async (store) => {
    const draft = await result(store("drafts").get(id));
    if (!draft) throw new DraftGone(id);
    const now = { ...draft, version: json.id, moved };
    store("drafts").put(now);
    store("draft_answers").delete(startingWith(id));
    for (const path of new Set([...Object.keys(answers), ...Object.keys(reasons)])) {
      store("draft_answers").put({ draft: id, path, value: answers[path] ?? "", reason: reasons[path] ?? "" });
    }
    await keepForm(store, json);
    return now;
  });
}

/** What the person has decided of what was left; null: all is seen and nothing is left. @param {string} id @param {Moved | null} moved */
export function decided(id, moved) {
  return transact(["drafts"], "readwrite", async (store) => {
    const draft = await result(store("drafts").get(id));
    if (!draft) throw new DraftGone(id);
    store("drafts").put({ ...draft, moved: moved ?? undefined });
  });
}
