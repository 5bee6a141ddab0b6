/** Functions that forms hardly use. Sources: XPath 1.0; ODK XForms specification, "XPath Functions". */

import { around, subtree } from "./axes.js";
import { rootOf } from "./evaluate.js";
import { words } from "./functions_string.js";
import { EvaluationError } from "./errors.js";
import { nodeText, opened, setOf, toBoolean, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./evaluate.js").Scope} Scope
 * @typedef {import("./values.js").Node} Node
 * @typedef {import("./values.js").Value} Value
 */

/** The elements with an attribute `id` that is one of the words given. @type {XFunction} */
function byId(args, { node }) {
  const wanted = new Set(opened(args).flatMap((value) => words(toText(value))));
  /** @type {Map<string, Node>} */
  const found = new Map();
  for (const each of subtree(rootOf(node))) {
    const id = each.attributes?.find(({ name, value }) => name === "id" && wanted.has(value) && !found.has(value));
    if (id) found.set(id.value, each);
  }
  return [...found.values()];
}

/** Whether the nearest `xml:lang` around the node is the language or a variety of it. @type {XFunction} */
function lang([language], { node }) {
  const wanted = toText(language).toLowerCase();
  const spoken = around(node).flatMap((each) => each.attributes ?? []).find(({ name }) => name === "xml:lang")?.value.toLowerCase();
  return spoken !== undefined && (spoken === wanted || spoken.startsWith(`${wanted}-`));
}

/** The column (or attribute: `@code`) of the first row whose key column is the key; a row without that column is none. @type {XFunction} */
function pulldata(args, { world }) {
  const [list, column, keyColumn, key] = args.map(toText);
  const cells = (/** @type {Node} */ row, /** @type {string} */ wanted) => (wanted.startsWith("@")
    ? (row.attributes ?? []).filter(({ name }) => name === wanted.slice(1)) : row.children.filter(({ name }) => name === wanted));
  const rows = (key === "" ? null : world.rows?.(list, { [keyColumn]: key }))
    ?? (world.instance(list)?.children ?? []).flatMap((root) => root.children.filter((row) =>
      cells(row, keyColumn).slice(0, 1).some((cell) => nodeText(cell) === key)));
  return rows[0] ? toText(cells(rows[0], column)) : "";
}

/** Answers and weights by turns; a node-set stands for as many as it has, and its weights for as many. @type {XFunction} */
function weightedChecklist([least, most, ...pairs]) {
  const [answers, weights] = [0, 1].map((half) => opened(pairs.filter((_, at) => at % 2 === half)));
  if (answers.length !== weights.length) throw new EvaluationError("HW-1204", { name: "weighted-checklist" });
  let weight = 0;
  answers.forEach((value, at) => {
    if (toBoolean(value)) weight += toNumber(weights[at]);
  });
  return within(weight, toNumber(least), toNumber(most));
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

/** The name of an element or attribute, the target of a processing instruction. @param {Value | undefined} list @param {Scope} scope @param {string} asked by which function */
function nameOf(list, scope, asked) {
  const node = list === undefined ? scope.node : setOf(list, asked)[0];
  if (!node || node.name === "text()" || node.name === "comment()") return "";
  return (node.written ?? node.name).replace(/^processing-instruction\((.*)\)$/, "$1");
}

/** A bound of -1 is none. @param {number} n @param {number} least @param {number} most @returns {boolean} */
const within = (n, least, most) => (least === -1 || n >= least) && (most === -1 || n <= most);

/** @param {(x: number) => number} f @returns {XFunction} */
const unary = (f) => ([x]) => f(toNumber(x));

/** @type {Record<string, XFunction>} */
export const rareFunctions = {
  id: byId,
  lang,
  "namespace-uri": ([node], scope) => (node === undefined ? scope.node : setOf(node, "namespace-uri")[0])?.space ?? "",
  name: ([node], scope) => nameOf(node, scope, "name"),
  "local-name": ([node], scope) => nameOf(node, scope, "local-name").replace(/^.*:/, ""),
  pulldata,
  checklist: ([least, most, ...values]) => within(opened(values).filter(toBoolean).length, toNumber(least), toNumber(most)),
  "weighted-checklist": weightedChecklist,
  randomize: ([list, seed], scope) =>
    shuffle(setOf(list, "randomize"), seed === undefined ? scope.world.random() * 2147483646 : toNumber(seed)),
  exp: unary(Math.exp),
  exp10: unary((x) => 10 ** x),
  log: unary(Math.log),
  log10: unary(Math.log10),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tan: unary(Math.tan),
  asin: unary(Math.asin),
  acos: unary(Math.acos),
  atan: unary(Math.atan),
  atan2: ([y, x]) => Math.atan2(toNumber(y), toNumber(x)),
  pi: () => Math.PI,
};
