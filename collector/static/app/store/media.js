/** Photos, sound and files on this device, by SHA-256, until the hub has them. */

import { hex } from "../sync/canonical.js";
import { get, result, transact } from "./db.js";

/**
 * @typedef {object} Media
 * @property {string} sha256   lower-case hexadecimal; the answer of the question
 * @property {Blob} blob
 * @property {string} type     media type
 * @property {number} size     bytes
 * @property {string} draft    the draft it was taken for
 * @property {number} [change] the change that names it, once finalised
 * @property {string} [received] when the hub confirmed it, ISO
 * @property {import("./changes.js").Refusal} [refused] why the hub would not take it; it is offered again
 * @property {boolean} [unreadable] the browser could not read it when it was to be sent
 */

/** The largest file that the hub takes, bytes. */
export const LIMIT = 50 * 1024 * 1024;

/**
 * Keeps a file. Resolves when it is saved.
 * @param {Blob} blob
 * @param {string} draft
 * @returns {Promise<string>} its SHA-256, which is the answer
 */
export async function put(blob, draft) {
  if (blob.size > LIMIT) throw new RangeError("file over the limit");
  // Read and hash first: awaiting either inside the transaction would end it.
  const bytes = await blob.arrayBuffer();
  const sha256 = await hex(bytes);
  const copy = new Blob([bytes], { type: blob.type });
  await transact(["media"], "readwrite", async (store) => {
    const held = await result(store("media").get(sha256));
    if (held) return;
    store("media").put({ sha256, blob: copy, type: blob.type, size: blob.size, draft });
  });
  return sha256;
}

/** @param {string} sha256 @returns {Promise<Media | undefined>} */
export function load(sha256) {
  return get("media", sha256);
}

export { media as waiting } from "./waiting.js";

/** @param {string} sha256 @param {string} at ISO */
export function markReceived(sha256, at) {
  return note(sha256, { received: at });
}

/** Notes why a file did not go out. @param {string} sha256 @param {Pick<Media, "refused" | "unreadable">} why */
export function markHeld(sha256, why) {
  return note(sha256, why);
}

/** @param {string} sha256 @param {Partial<Media>} news */
function note(sha256, news) {
  return transact(["media"], "readwrite", async (store) => {
    const held = await result(store("media").get(sha256));
    if (!held) return;
    const { refused: _, unreadable: __, ...rest } = held;
    store("media").put({ ...rest, ...news });
  });
}
