/**
 * Sends this browser's log to the hub. The hub says what it has; our own notes are never trusted for that.
 *
 * Where another copy of this browser (a profile that was copied or restored) went on under its name, the hub has another
 * text of the log. Then what this one made is sent from where they part: it is kept there, and taken once a supervisor
 * has mended it; from then on the hub goes on with this copy's part like with any log.
 */

import { log, markReceived, markRefused } from "../store/changes.js";
import { identity } from "../store/identity.js";
import { post, Refused, Unreachable } from "./client.js";
import { signTip } from "./keys.js";
import { parseChange } from "./names.js";

/**
 * @typedef {import("../store/changes.js").Change} Change
 * @typedef {import("./client.js").Access} Access
 * @typedef {[string, string]} End   a number, and the digest of the log there
 * @typedef {object} Said            what the hub answers a greeting
 * @property {string} has
 * @property {string} digest
 * @property {{code: string, message: string, remedy: string}} [problem]  HW-2011: the logs are known to disagree; HW-2115: reported lost
 * @property {End[]} [agree]         digests at which to look for the change where they part
 * @property {End[]} [kept]          how far it has set aside what copies made
 * @property {End[]} [branches]      how far it has each copy that goes by a name of its own there
 */

const BATCH = { changes: 200, characters: 400_000 };
/** Refusals of what the hub keeps all the same: another copy's part, and what a device sends that was reported lost. */
const KEPT = ["HW-2011", "HW-2115"];

/** @param {Access} access */
export async function push(access) {
  const { log: own } = await identity();
  const all = await log();
  const last = all[all.length - 1];
  if (!last) return;
  let said = await greet(access, own.replica, last);
  let has = reached(said, all);
  if (has === null && !said.problem) {
    // It has so many changes, but not these: asked at that number it says so.
    said = await greet(access, own.replica, /** @type {Change} */ (at(all, Number(said.has))));
    has = Number(said.has);
  }
  if (said.problem) {
    await sendAside(access, own.replica, all, 1 + highest([...(said.agree ?? []), ...(said.kept ?? [])], all));
    throw new Refused(409, said.problem);
  }
  await sendFrom(access, own.replica, all, /** @type {number} */ (has));
}

/** @param {Access} access @param {string} replica @param {Change} change  @returns {Promise<Said>} */
function greet(access, replica, change) {
  return post(access, "hello", { replica, number: String(change.number), digest: change.digest });
}

/**
 * Up to which number the hub has this log; null when what it has at a number that is here is something else.
 * @param {Said} said @param {Change[]} all
 */
export function reached(said, all) {
  const known = highest([[said.has, said.digest], ...(said.branches ?? [])], all);
  if (known > 0) return known;
  // More than is here, or nothing at all: there is nothing to compare.
  return at(all, Number(said.has)) ? null : Number(said.has);
}

/** The highest of these numbers at which this log has the same digest; 0 for none. @param {End[]} ends @param {Change[]} all */
function highest(ends, all) {
  const same = ends.filter(([number, digest]) => at(all, Number(number))?.digest === digest);
  return Math.max(0, ...same.map(([number]) => Number(number)));
}

/** @param {Change[]} all @param {number} number */
function at(all, number) {
  return all.find((change) => change.number === number);
}

/** @param {Access} access @param {string} replica @param {Change[]} all @param {number} has */
async function sendFrom(access, replica, all, has) {
  let next = all.findIndex((change) => change.number > has || !change.received);
  while (next >= 0 && next < all.length) {
    const batch = take(all, next);
    if (!(await sendBatch(access, replica, batch)).whole) return; // what follows waits for the one that was refused
    next += batch.length;
  }
}

/** Everything from a number on, though it is refused: the hub keeps it. @param {Access} access @param {string} replica @param {Change[]} all @param {number} number */
async function sendAside(access, replica, all, number) {
  let next = all.findIndex((change) => change.number >= number);
  while (next >= 0 && next < all.length) {
    const batch = take(all, next);
    const { whole, kept } = await sendBatch(access, replica, batch);
    if (!whole && !kept) return;
    next += batch.length;
  }
}

/** @param {Change[]} all @param {number} from */
function take(all, from) {
  let characters = 0;
  let upto = from;
  while (upto < all.length && upto - from < BATCH.changes) {
    const change = /** @type {Change} */ (all[upto]);
    characters += change.header.length + change.payload.length;
    if (upto > from && characters > BATCH.characters) break;
    upto += 1;
  }
  return all.slice(from, upto);
}

/**
 * @param {Access} access @param {string} replica @param {Change[]} batch
 * @returns {Promise<{whole: boolean, kept: boolean}>} whether every change got its receipt; whether what got none was kept
 *   by the hub all the same
 */
async function sendBatch(access, replica, batch) {
  const tip = /** @type {Change} */ (batch[batch.length - 1]);
  const { keys } = await identity();
  const signature = await signTip(keys, replica, tip.number, tip.digest);
  const answer = await post(access, "changes", {
    replica,
    changes: batch.map(({ header, payload }) => [header, payload]),
    tip: [replica, String(tip.number), tip.digest],
    signature,
  });
  if (!Array.isArray(answer.receipts) || !Array.isArray(answer.refused)) throw new Unreachable("no receipts");
  let received = 0;
  for (const [change, headerSha, payloadSha, when] of answer.receipts) {
    if (await markReceived(change, headerSha, payloadSha, when)) received += 1;
  }
  let kept = answer.refused.length > 0;
  for (const { change, problem } of answer.refused) {
    kept &&= KEPT.includes(problem.code);
    await markRefused(parseChange(change).number, problem);
  }
  // The signature was over the whole batch: the hub hands on only what is signed, so what it took gets its own.
  if (received > 0 && received < batch.length) await sendBatch(access, replica, batch.slice(0, received));
  return { whole: received === batch.length, kept };
}
