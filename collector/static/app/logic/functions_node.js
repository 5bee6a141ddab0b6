/** Node-sets, instances, choices. Sources: XPath 1.0, section 4.1; ODK XForms specification, "XPath Functions". */

import { nodeText, setOf, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./values.js").Node} Node
 * @typedef {import("./values.js").Value} Value
 */

/** Place among the siblings of the same name, from 1; those that are not relevant count (JavaRosa). @param {Node | undefined} node @returns {number} */
function placeOf(node) {
  if (!node) return NaN;
  return (node.parent?.children ?? [node]).filter((each) => each.name === node.name).indexOf(node) + 1;
}

/**
 * indexed-repeat(node, repeat, index, …): the node inside the given instances, each counted in its parent.
 * @param {Value[]} args @returns {Node[]}
 */
function indexedRepeat([wanted, ...pairs]) {
  let found = setOf(wanted, "indexed-repeat");
  for (let at = 0; at + 1 < pairs.length; at += 2) {
    const [instances, index] = [setOf(pairs[at], "indexed-repeat"), toNumber(pairs[at + 1])];
    /** @type {Map<Node | null, number>} */
    const counts = new Map();
    const chosen = new Set(instances.filter(({ parent }) => {
      const number = (counts.get(parent) ?? 0) + 1;
      counts.set(parent, number);
      return number === index;
    }));
    found = found.filter((node) => {
      for (let up = node.parent; up; up = up.parent) if (chosen.has(up)) return true;
      return false;
    });
  }
  return found;
}

/** @type {Record<string, XFunction>} */
export const nodeFunctions = {
  position: ([node], scope) => (node === undefined ? scope.position : placeOf(setOf(node, "position")[0])),
  index: ([node]) => placeOf(setOf(node, "index")[0]),
  last: (_, scope) => scope.size,
  count: ([list]) => setOf(list, "count").length,
  "count-non-empty": ([list]) => setOf(list, "count-non-empty").filter((node) => nodeText(node) !== "").length,
  current: (_, scope) => [scope.current],
  instance: ([id], scope) => {
    const found = scope.world.instance(toText(id));
    return found ? [found] : [];
  },
  "indexed-repeat": indexedRepeat,
  "jr:choice-name": ([value, path], scope) => choiceName(value, path, scope),
  "choice-name": ([value, path], scope) => choiceName(value, path, scope),
  "jr:itext": ([id], { world, current }) => world.itext?.(toText(id), current) ?? "",
};

/** @type {(value: Value, path: Value, scope: import("./evaluate.js").Scope) => string} */
function choiceName(value, path, scope) {
  return scope.world.choiceName?.(toText(value), toText(path), scope.current) ?? "";
}
