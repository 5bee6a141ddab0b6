/** Node-sets, instances, choices. Sources: XPath 1.0, section 4.1; ODK XForms specification, "XPath Functions". */

import { nodeText, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./values.js").Node} Node
 * @typedef {import("./values.js").Value} Value
 */

/** @param {Value} value @returns {Node[]} */
const set = (value) => (Array.isArray(value) ? value : []);

/** Place among the siblings of the same name, from 1. @param {Node} node @returns {number} */
function place(node) {
  return (node.parent?.children ?? [node]).filter((each) => each.name === node.name && !each.hidden).indexOf(node) + 1;
}

/** The node itself or the nearest around it that is one of several. @param {Node | undefined} node @returns {number} */
const placeOf = (node) => (node ? place(node) : NaN);

/** @param {Node | undefined} node @param {boolean} local @returns {string} */
function nameOf(node, local) {
  const name = node && !node.name.endsWith("()") ? node.name : "";
  return local ? name.slice(name.indexOf(":") + 1) : name;
}

/** The specified shuffle (Park-Miller), the same everywhere. @param {Node[]} list @param {number} seed @returns {Node[]} */
function shuffle(list, seed) {
  const shuffled = [...list];
  let state = Number.isFinite(seed) ? Math.trunc(seed % 2147483647) : 0;
  if (state <= 0) state += 2147483646;
  for (let at = shuffled.length - 1; at > 0; at--) {
    state = (state * 16807) % 2147483647;
    const other = Math.floor(((state - 1) / 2147483646) * (at + 1));
    [shuffled[at], shuffled[other]] = [/** @type {Node} */ (shuffled[other]), /** @type {Node} */ (shuffled[at])];
  }
  return shuffled;
}

/**
 * indexed-repeat(node, repeat, index, …): the node inside the given instances.
 * @param {Value[]} args @returns {Node[]}
 */
function indexedRepeat([wanted, ...pairs]) {
  let found = set(wanted);
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const instance = set(pairs[at])[toNumber(pairs[at + 1]) - 1];
    found = found.filter((node) => {
      for (let up = node.parent; up; up = up.parent) if (up === instance) return true;
      return false;
    });
  }
  return found;
}

/** @type {Record<string, XFunction>} */
export const nodeFunctions = {
  position: ([node], scope) => (node === undefined ? scope.position : placeOf(set(node)[0])),
  index: ([node], scope) => placeOf(node === undefined ? scope.node : set(node)[0]),
  last: (_, scope) => scope.size,
  count: ([list]) => set(list).length,
  "count-non-empty": ([list]) => set(list).filter((node) => nodeText(node) !== "").length,
  name: ([node], scope) => nameOf(node === undefined ? scope.node : set(node)[0], false),
  "local-name": ([node], scope) => nameOf(node === undefined ? scope.node : set(node)[0], true),
  current: (_, scope) => [scope.current],
  instance: ([id], scope) => {
    const found = scope.world.instance(toText(id));
    return found ? [found] : [];
  },
  "indexed-repeat": indexedRepeat,
  randomize: ([list, seed], scope) => shuffle(set(list), seed === undefined ? scope.world.random() * 2147483646 : toNumber(seed)),
  "jr:choice-name": ([value, path], scope) => choiceName(value, path, scope),
  "choice-name": ([value, path], scope) => choiceName(value, path, scope),
};

/** @type {(value: Value, path: Value, scope: import("./evaluate.js").Scope) => string} */
function choiceName(value, path, scope) {
  return scope.world.choiceName?.(toText(value), toText(path), scope.current) ?? "";
}
