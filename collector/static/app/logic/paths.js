/** What a path of a session's caller means. All throw RangeError for a path that the record does not have. */

import { generic } from "./form.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tree.js").Item} Item
 */

/** A question, group or instance. @param {Session} session @param {string} path @returns {Item} */
export function itemAt({ tree }, path) {
  const item = tree.items.get(path);
  if (!item || item.number < 0) throw new RangeError(`no answer at ${path}`);
  return item;
}

/** What can hold an answer. @param {Session} session @param {string} path @returns {Item} */
export function leafAt(session, path) {
  const item = itemAt(session, path);
  if (!session.form.isLeaf(item.number)) throw new RangeError(`no answer at ${path}`);
  return item;
}

/**
 * A repeat as a whole.
 * @param {Session} session @param {string} path @param {boolean} [byHand] a person adds or removes
 * @returns {[Item, number]} the item that it stands in, and its number
 */
export function repeatAt({ tree, form }, path, byHand = false) {
  const parent = tree.items.get(path.slice(0, path.lastIndexOf("/")));
  const number = form.byPath.get(generic(path)) ?? -1;
  const node = form.nodes[number];
  if (!parent || node?.kind !== "repeat" || path.endsWith("]")) throw new RangeError(`no repeat at ${path}`);
  if (byHand && node.count !== undefined) throw new RangeError(`the number of rows at ${path} follows from an answer`);
  return [parent, number];
}

/** An item, or the place of a repeat. @param {Session} session @param {string} path @returns {Item} */
export function anyAt(session, path) {
  const item = session.tree.items.get(path);
  return item && item.number >= 0 ? item : session.tree.standIn(...repeatAt(session, path));
}
