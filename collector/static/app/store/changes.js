/**
 * This browser's log: a finished draft becomes an immutable change, and what the hub says of each change.
 *
 * The change, the end of the draft, the record as it now is and the log's new tip are one transaction: after
 * a kill there is either the draft or the change.
 */

import { sha } from "../sync/canonical.js";
import { BLOCK, blockDigest, changedPaths, encodeEdit, encodeHeader, EVERYTHING, newSalt } from "../sync/change.js";
import { tick } from "../sync/clock.js";
import { changeName, LOG_LIMIT } from "../sync/names.js";
import { all, get, result, transact } from "./db.js";
import { DraftGone, load, remove } from "./drafts.js";
import { device, identity } from "./identity.js";
import { placeOf } from "../logic/place.js";

/**
 * @typedef {object} Change   a row of the log
 * @property {number} number
 * @property {string} header      canonical text
 * @property {string} payload     canonical text
 * @property {string} headerSha
 * @property {string} payloadSha
 * @property {string} digest      of the log at this number
 * @property {string} record      the change that created the record
 * @property {string} formId
 * @property {string} draft       the draft it was, so that finishing twice gives one change
 * @property {string} made        ISO
 * @property {string} [received]  when the hub committed it, ISO; only a receipt sets this
 * @property {Refusal} [refused]  why the hub would not take it
 *
 * @typedef {{code: string, message: string, remedy: string}} Refusal
 *
 * @typedef {object} OwnRecord    a record as this browser last wrote it
 * @property {string} record
 * @property {string} form        form-version id
 * @property {string} formId
 * @property {string} village
 * @property {string} title
 * @property {Record<string, string>} answers
 * @property {Record<string, string>} reasons
 * @property {string[]} heads
 * @property {number} number      of the last change
 * @property {string} author
 * @property {string} updated     ISO
 * @property {{list: string, row: Record<string, string>}[]} entities
 *
 * @typedef {object} Finished     what the fill page hands over
 * @property {{id: string, form_id: string, layout: import("../sync/layout.js").Layout}} form
 * @property {Record<string, string>} answers   pruned, as the session's finalise() gives them
 * @property {Record<string, string>} reasons
 * @property {string} [title]                   instance name
 * @property {{list: string, row: Record<string, string>}[]} [entities]
 */

/** The hub takes no payload above this, UTF-8 bytes (`sync/change.py`): it is refused here, while it can be mended. */
const PAYLOAD_LIMIT = 1_000_000;

/** The record is too long for one change. */
export class TooLarge extends Error {}

/** Nobody has signed in on this browser yet, so a change would have no author. */
export class NotEnrolled extends Error {}

/**
 * Turns a draft into a change. Doing it twice gives the same change; an edit that changes nothing gives none ("").
 * @param {string} draftId
 * @param {Finished} finished
 * @returns {Promise<{change: string, record: string}>}
 * @throws {DraftGone} when the draft was thrown away meanwhile
 * @throws {NotEnrolled}
 * @throws {TooLarge}
 */
export async function finalise(draftId, finished) {
  const person = await device();
  if (!person) throw new NotEnrolled();
  for (;;) {
    const { log } = await identity();
    const done = await byDraft(draftId);
    if (done) return { change: changeName(log.replica, done.number), record: done.record };
    const content = await load(draftId);
    if (!content) throw new DraftGone(draftId);
    if (isUnchanged(content.draft, finished)) {
      await remove(draftId); // an edit that changes nothing writes nothing
      return { change: "", record: content.draft.record };
    }
    const prepared = await prepare(log, content.draft, finished, person.person);
    if (await append(log, prepared, finished)) {
      return { change: changeName(log.replica, prepared.row.number), record: prepared.row.record };
    }
    // Another tab wrote to the log between the hash and the transaction: hash again on the new tip.
  }
}

/** @param {import("./drafts.js").Draft} draft @param {Finished} finished */
function isUnchanged(draft, { form, answers, reasons }) {
  if (draft.record === "" || draft.parents.length > 1 || form.id !== draft.version) return false;
  return changedPaths(form.layout, { answers: draft.base, reasons: draft.baseReasons }, { answers, reasons }).length === 0;
}

/** @param {string} draftId @returns {Promise<Change | undefined>} */
function byDraft(draftId) {
  return transact(["changes"], "readonly", (store) => result(store("changes").index("draft").get(draftId)));
}

/**
 * Everything that needs a hash, before the transaction opens.
 * @param {import("./identity.js").Log} log
 * @param {import("./drafts.js").Draft} draft
 * @param {Finished} finished
 * @param {string} author
 */
async function prepare(log, draft, { form, answers, reasons, title = "", entities = [] }, author) {
  const number = log.number + 1;
  if (number >= LOG_LIMIT) throw new RangeError("the log of this browser is full");
  const now = new Date();
  const name = changeName(log.replica, number);
  const village = placeOf(answers) || draft.village;
  const changed =
    draft.record === ""
      ? [EVERYTHING]
      : changedPaths(form.layout, { answers: draft.base, reasons: draft.baseReasons }, { answers, reasons });
  const payload = encodeEdit({ salt: newSalt(), layout: form.layout, answers, reasons, changed });
  if (new TextEncoder().encode(payload).length > PAYLOAD_LIMIT) throw new TooLarge();
  const payloadSha = await sha(payload);
  const clock = tick(log.clock, now.getTime());
  const header = encodeHeader({
    replica: log.replica,
    number,
    record: draft.record,
    form: form.id,
    parents: draft.parents,
    clock,
    author,
    kind: draft.parents.length > 1 ? "settle" : "edit",
    scopes: village ? [`p:${author}`, `v:${village}`] : [`p:${author}`],
    payloadSha,
  });
  const digest = await digestWith(log, header);
  const record = draft.record || name;
  const made = now.toISOString();
  /** @type {Change} */
  const row = {
    number, header, payload, headerSha: await sha(header), payloadSha, digest, record,
    formId: form.form_id, draft: draft.id, made,
  };
  /** @type {OwnRecord} */
  const state = {
    record, form: form.id, formId: form.form_id, village, title, answers, reasons, heads: [name], number,
    author, updated: made, entities,
  };
  return { row, state, log: { ...log, number, clock, digest } };
}

/** @param {import("./identity.js").Log} log @param {string} header */
async function digestWith(log, header) {
  const start = Math.floor(log.number / BLOCK) * BLOCK; // the last number of the block before
  /** @type {Change[]} */
  const block = await all("changes", IDBKeyRange.bound(start + 1, start + BLOCK));
  const previous = start === 0 ? "" : /** @type {Change} */ (await get("changes", start)).digest;
  return blockDigest(previous, [...block.map((change) => change.header), header]);
}

/**
 * @param {import("./identity.js").Log} seen
 * @param {{row: Change, state: OwnRecord, log: import("./identity.js").Log}} prepared
 * @param {Finished} finished
 * @returns {Promise<boolean>} false when the log has moved on and nothing was written
 */
function append(seen, { row, state, log }, { answers }) {
  const files = new Set(Object.values(answers));
  return transact(["meta", "drafts", "draft_answers", "changes", "records", "media"], "readwrite", async (store) => {
    const now = await result(store("meta").get("log"));
    if (now.number !== seen.number || !(await result(store("drafts").get(row.draft)))) return false;
    store("meta").put(log, "log");
    store("changes").add(row);
    store("records").put(state);
    store("drafts").delete(row.draft);
    store("draft_answers").delete(IDBKeyRange.bound([row.draft], [row.draft, []]));
    for (const media of await result(store("media").getAll())) {
      if (files.has(media.sha256)) store("media").put({ ...media, change: row.number });
      else if (media.draft === row.draft && media.change === undefined) store("media").delete(media.sha256);
    }
    return true;
  });
}

export { log } from "./waiting.js";

/**
 * Notes a receipt. Only one that names this change and both its digests counts.
 * @param {string} change
 * @param {string} headerSha
 * @param {string} payloadSha
 * @param {string} at ISO
 * @returns {Promise<boolean>} whether it counted
 */
export async function markReceived(change, headerSha, payloadSha, at) {
  const { log: own } = await identity();
  const [replica, number] = change.split("-");
  if (replica !== own.replica) return false;
  return transact(["changes"], "readwrite", async (store) => {
    const row = await result(store("changes").get(Number(number)));
    if (!row || row.headerSha !== headerSha || row.payloadSha !== payloadSha) return false;
    const { refused: _, ...rest } = row;
    store("changes").put({ ...rest, received: row.received ?? at });
    return true;
  });
}

/** Notes why the hub would not take a change; it stays here and is offered again. @param {number} number @param {Refusal} refused */
export function markRefused(number, refused) {
  return transact(["changes"], "readwrite", async (store) => {
    const row = await result(store("changes").get(number));
    if (row && row.received === undefined) store("changes").put({ ...row, refused });
  });
}

