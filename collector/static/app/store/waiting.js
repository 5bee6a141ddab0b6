/** What is on this browser and not yet at the hub, read without the machinery that makes or sends it. */

import { all } from "./db.js";

/**
 * @typedef {import("./changes.js").Change} Change
 * @typedef {import("./media.js").Media} Media
 */

/** The whole log, in order. @returns {Promise<Change[]>} */
export function log() {
  return all("changes");
}

/** Files that finalised records name and the hub has not confirmed. @returns {Promise<Media[]>} */
export async function media() {
  /** @type {Media[]} */
  const kept = await all("media");
  return kept.filter((one) => one.change !== undefined && one.received === undefined);
}

/** How many changes and how many files wait for the hub, and how many changes it refused. @returns {Promise<{waiting: number, files: number, refused: number}>} */
export async function tally() {
  const [changes, files] = await Promise.all([log(), media()]);
  const open = changes.filter((change) => !change.received);
  const refused = open.filter((change) => change.refused).length;
  return { waiting: open.length - refused, files: files.length, refused };
}
