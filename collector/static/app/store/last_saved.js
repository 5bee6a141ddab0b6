/** The record of a form that was finalised last on this phone: what `${last-saved#question}` reads. */

import { result, transact } from "./db.js";

/**
 * Its answers. Of what another person wrote on the same phone nothing is shown.
 * @param {string} formId @returns {Promise<Record<string, string>>} empty where there is none
 */
export function lastSaved(formId) {
  return transact(["meta", "records"], "readonly", async (store) => {
    /** @type {[import("./identity.js").Device | undefined, import("./changes.js").OwnRecord[]]} */
    const [person, records] = await Promise.all([result(store("meta").get("device")), result(store("records").getAll())]);
    const mine = records.filter((record) => record.formId === formId && record.author === person?.person);
    return mine.reduce((last, record) => (record.number > last.number ? record : last), { number: 0, answers: {} }).answers;
  });
}
