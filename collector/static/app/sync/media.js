/**
 * Photos and recordings on their way to the hub: in pieces, each from where the hub says that its own copy ends
 * (docs/sync-protocol.md, "media").
 */

import { log } from "../store/changes.js";
import { markHeld, markReceived, waiting } from "../store/media.js";
import { appendMedia, mediaOffset, Refused, Unreachable } from "./client.js";

/**
 * @typedef {import("./client.js").Access} Access
 * @typedef {import("../store/media.js").Media} Media
 */

/** The browser could not read a file that it keeps. */
export class Unreadable extends Error {}

/** Bytes of a piece. The least still passes a line of 2G within our patience. */
export const PIECE = { first: 256 * 1024, least: 16 * 1024, most: 1024 * 1024 };
const QUICK = 2; // seconds
const SLOW = 15;
/** Another sender of the same file may be ahead of us so many times before we leave it to him. */
const OVERTAKEN = 20;

let piece = PIECE.first;
/** Files that failed: they go last, so that one bad file never blocks the others. @type {Set<string>} */
const failed = new Set();

/**
 * How large the next piece is, after one that took `seconds`: a cut costs no more than a piece, and a quick line
 * is not kept waiting for answers.
 * @param {number} size bytes @param {number} seconds Infinity for one that did not arrive
 */
export function nextPiece(size, seconds) {
  if (seconds < QUICK) return Math.min(size * 2, PIECE.most);
  return seconds > SLOW ? Math.max(size / 2, PIECE.least) : size;
}

/**
 * Sends what of a file the hub lacks.
 * @param {Access} access
 * @param {Pick<Media, "sha256" | "type" | "size" | "blob">} media
 * @returns {Promise<boolean>} whether the hub said that it has the whole, by digest and length
 * @throws {Unreachable | Refused}
 * @throws {Unreadable}
 */
export async function upload(access, media) {
  const ask = async () => Math.min(await mediaOffset(access, media.sha256), media.size);
  let offset = await ask();
  let overtaken = 0;
  let fresh = offset === 0;
  for (;;) {
    try {
      const { size, complete } = await sendPiece(access, media, offset);
      if (complete) return size === media.size;
      if (size <= offset) throw new Unreachable("the hub has no more than before", true);
      offset = Math.min(size, media.size);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.problem.code === "HW-2060" && overtaken < OVERTAKEN) overtaken += 1;
      else if (error.problem.code === "HW-2025" && !fresh) fresh = true; // what was there was not of this file, and is gone
      else throw error;
      offset = await ask();
    }
  }
}

/** @param {Access} access @param {Pick<Media, "sha256" | "type" | "size" | "blob">} media @param {number} offset */
async function sendPiece(access, media, offset) {
  // Read first: a file that the browser cannot read must not look like a hub that is away.
  const bytes = await media.blob.slice(offset, offset + piece).arrayBuffer().catch((error) => {
    throw new Unreadable(String(error));
  });
  const started = performance.now();
  try {
    const answer = await appendMedia(access, media, offset, bytes);
    if (bytes.byteLength === piece) piece = nextPiece(piece, (performance.now() - started) / 1000);
    return answer;
  } catch (error) {
    if (error instanceof Unreachable) piece = nextPiece(piece, Infinity);
    throw error;
  }
}

/**
 * Sends every file that waits, but none before the text that names it (that was finished while this round went on); one
 * that fails holds up none of the others, unless the hub is away.
 * @param {Access} access
 * @throws {Unreachable} at the end, when a file is to be tried again
 * @throws {Refused} when this device's access has ended
 */
export async function pushMedia(access) {
  const untold = new Set((await log()).filter((change) => !change.received && !change.refused).map((change) => change.number));
  const files = (await waiting()).filter((media) => media.change === undefined || !untold.has(media.change));
  files.sort((a, b) => Number(failed.has(a.sha256)) - Number(failed.has(b.sha256)));
  /** @type {Unreachable | undefined} */
  let again;
  for (const media of files) {
    try {
      if (await upload(access, media)) {
        await markReceived(media.sha256, new Date().toISOString());
        failed.delete(media.sha256);
      }
    } catch (error) {
      failed.add(media.sha256);
      if (error instanceof Unreachable) {
        again ??= error;
        if (!error.answered) break;
      } else await hold(media.sha256, error);
    }
  }
  if (again) throw again;
}

/** @param {string} sha256 @param {unknown} error why the file did not go out */
async function hold(sha256, error) {
  if (error instanceof Refused && error.problem.code !== "HW-3403") return markHeld(sha256, { refused: error.problem });
  if (error instanceof Unreadable) return markHeld(sha256, { unreadable: true });
  throw error;
}
