/**
 * Walks the syntax trees of docs/form-model.md. The parser is on the server; the phone gets trees. Twin of
 * `forms/xpath/evaluator.py`; `tests/vectors/xpath.json` holds the two equal.
 */

import { booleanFunctions, lazyFunctions } from "./functions_boolean.js";
import { dateFunctions } from "./functions_date.js";
import { nodeFunctions } from "./functions_node.js";
import { numberFunctions } from "./functions_number.js";
import { placeFunctions } from "./functions_place.js";
import { stringFunctions } from "./functions_string.js";
import { compare, EvaluationError, toBoolean, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./values.js").Node} Node
 * @typedef {import("./values.js").Value} Value
 * @typedef {[string, ...any[]]} Ast
 * @typedef {object} World what the surroundings of an expression answer
 * @property {() => string} now  ISO date-time with offset
 * @property {() => number} random  from 0 to below 1
 * @property {() => string} uuid
 * @property {(id: string) => Node | null} instance  document node of a secondary instance
 * @property {(id: string, filters: Record<string, string>) => readonly Node[] | null} [rows]  items by columns; null: unknown list
 * @property {(value: string, path: string, from: Node) => string} [choiceName]  label of a choice
 * @typedef {object} Scope
 * @property {Node} node  context node
 * @property {number} position
 * @property {number} size
 * @property {Node} current  where the expression stands: `current()`
 * @property {World} world
 */

/**
 * @typedef {(args: Value[], scope: Scope) => Value} XFunction  called with values
 * @typedef {(args: Ast[], scope: Scope) => Value} LazyFunction  called with trees: leaves alone what it does not need
 */

/** @type {Record<string, XFunction>} */
const STRICT = Object.assign(
  Object.create(null), booleanFunctions, dateFunctions, nodeFunctions, numberFunctions, placeFunctions, stringFunctions,
);
/** @type {Record<string, LazyFunction>} */
const LAZY = Object.assign(Object.create(null), lazyFunctions);

/** @param {Ast} ast @param {Scope} scope @returns {Value} */
export function evaluate(ast, scope) {
  const kind = ast[0];
  switch (kind) {
    case "num":
    case "str": return ast[1];
    case "or": return toBoolean(evaluate(ast[1], scope)) || toBoolean(evaluate(ast[2], scope));
    case "and": return toBoolean(evaluate(ast[1], scope)) && toBoolean(evaluate(ast[2], scope));
    case "=": case "!=": case "<": case "<=": case ">": case ">=":
      return compare(kind, evaluate(ast[1], scope), evaluate(ast[2], scope));
    case "+": case "-": case "*": case "div": case "mod":
      return arithmetic(kind, toNumber(evaluate(ast[1], scope)), toNumber(evaluate(ast[2], scope)));
    case "neg": return -toNumber(evaluate(ast[1], scope));
    case "|": return union(nodes(ast[1], scope), nodes(ast[2], scope));
    case "call": return call(ast, scope);
    case "path": return path(ast, scope);
    case "filter": return filter(nodes(ast[1], scope), ast.slice(2), scope);
    default: throw new EvaluationError("HW-1204", { name: kind });
  }
}

/** @param {string} kind @param {number} a @param {number} b @returns {number} */
function arithmetic(kind, a, b) {
  switch (kind) {
    case "+": return a + b;
    case "-": return a - b;
    case "*": return a * b;
    case "div": return a / b;
    default: return a % b;
  }
}

/** @param {Ast} ast @param {Scope} scope @returns {Value} */
function call(ast, scope) {
  const name = ast[1];
  const lazy = LAZY[name];
  if (lazy) return lazy(ast.slice(2), scope);
  const strict = STRICT[name];
  if (!strict) throw new EvaluationError("HW-1109", { name });
  return strict(ast.slice(2).map((each) => evaluate(each, scope)), scope);
}

/** Evaluates to a node-set; anything else counts as none. @param {Ast} ast @param {Scope} scope @returns {Node[]} */
export function nodes(ast, scope) {
  const value = evaluate(ast, scope);
  return Array.isArray(value) ? value : [];
}

/** @param {Node} node @returns {Node} */
export function rootOf(node) {
  let at = node;
  while (at.parent) at = at.parent;
  return at;
}

/** @param {Ast} ast @param {Scope} scope @returns {Node[]} */
function path(ast, scope) {
  const start = ast[1];
  let at = 2;
  /** @type {Node[]} */
  let found;
  if (start === ".") found = [scope.node];
  else if (start === "/") found = [rootOf(scope.current)]; // of the record, also in a predicate over the items of a list
  else {
    const quick = itemsByColumn(ast, scope);
    found = quick ?? nodes(start, scope);
    if (quick) at = 4;
  }
  for (; at < ast.length; at++) found = step(found, ast[at], scope);
  return found;
}

/**
 * `instance('x')/root/item[column = expression and …]` through the index of the list, where that is what the path
 * begins with and no expression looks at the item; null where a value is no text.
 * @param {Ast} ast @param {Scope} scope @returns {Node[] | null}
 */
function itemsByColumn(ast, scope) {
  const [, start, root, item] = ast;
  const rows = scope.world.rows;
  if (!rows || start[1] !== "instance" || start[2]?.[0] !== "str" || item?.length !== 3 || root.length !== 2) return null;
  if (root[1] !== "root" || item[0] !== "child" || item[1] !== "item") return null;
  const wanted = columns(item[2]);
  if (!wanted) return null;
  /** @type {Record<string, string>} */
  const filters = {};
  for (const [column, tree] of wanted) {
    const value = evaluate(tree, scope);
    if (typeof value === "number" || typeof value === "boolean" || (Array.isArray(value) && value.length > 1)) return null;
    const text = toText(value);
    if ((filters[column] ??= text) !== text) return [];
  }
  return /** @type {Node[] | null} */ (rows(start[2][1], filters));
}

/** Columns and what they are to equal, if that is all the predicate says. @param {any} ast @returns {[string, Ast][] | null} */
function columns(ast) {
  const [operator, left, right] = ast;
  if (operator === "and") {
    const [a, b] = [columns(left), columns(right)];
    return a && b && [...a, ...b];
  }
  if (operator !== "=" || left[0] !== "path" || left[1] !== "." || left.length !== 3 || left[2].length !== 2) return null;
  const [axis, column] = left[2];
  return axis !== "child" || column === "*" || column.endsWith(")") || looksAtItem(right) ? null : [[column, right]];
}

/** Whether a tree reads relative to its context node or position. @param {any} ast @returns {boolean} */
function looksAtItem(ast) {
  if (ast[0] === "str" || ast[0] === "num") return false;
  if (ast[0] === "path") {
    // Absolute paths and current() do not; predicates inside them stand in their own context.
    return !(ast[1] === "/" || (Array.isArray(ast[1]) && ast[1][0] === "call" && ast[1][1] === "current"));
  }
  return true;
}

/** @param {Node[]} from @param {any[]} wanted @param {Scope} scope @returns {Node[]} */
function step(from, wanted, scope) {
  const [axis, test, ...predicates] = wanted;
  /** @type {Node[]} */
  const found = [];
  for (const node of from) {
    const reached = AXES[axis]?.(node);
    if (!reached) throw new EvaluationError("HW-1108", { found: axis });
    const kept = reached.filter((each) => !each.hidden && matches(each, test));
    for (const each of predicates.length > 0 ? filter(kept, predicates, scope) : kept) found.push(each);
  }
  return from.length > 1 ? [...new Set(found)] : found;
}

/** @param {Node} node @param {string} test @returns {boolean} */
function matches(node, test) {
  if (test === "node()") return true;
  if (test.endsWith("()")) return node.name === test;
  // A document node has no name; `*` means elements only.
  return test === "*" ? node.name !== "" && !node.name.endsWith("()") : node.name === test;
}

/** @param {Node[]} from @param {Ast[]} predicates @param {Scope} scope @returns {Node[]} */
function filter(from, predicates, scope) {
  let kept = from;
  for (const predicate of predicates) {
    const size = kept.length;
    if (predicate[0] === "num") {
      const only = kept[predicate[1] - 1];
      kept = only ? [only] : [];
      continue;
    }
    kept = kept.filter((node, place) => {
      const value = evaluate(predicate, { node, position: place + 1, size, current: scope.current, world: scope.world });
      return typeof value === "number" ? value === place + 1 : toBoolean(value);
    });
  }
  return kept;
}

/** @param {Node} node @returns {Node[]} */
function ancestors(node) {
  const found = [];
  for (let at = node.parent; at; at = at.parent) found.push(at);
  return found;
}

/** @param {Node} node @returns {Node[]} */
function descendants(node) {
  return node.children.flatMap((child) => [child, ...descendants(child)]);
}

/** @param {Node} node @param {1 | -1} way @returns {Node[]} */
function siblings(node, way) {
  const all = node.parent?.children ?? [];
  const at = all.indexOf(node);
  return way > 0 ? all.slice(at + 1) : all.slice(0, Math.max(at, 0)).reverse();
}

/** @type {Record<string, (node: Node) => readonly Node[]>} */
const AXES = {
  child: (node) => node.children,
  parent: (node) => (node.parent ? [node.parent] : []),
  self: (node) => [node],
  descendant: descendants,
  "descendant-or-self": (node) => [node, ...descendants(node)],
  ancestor: ancestors,
  "ancestor-or-self": (node) => [node, ...ancestors(node)],
  "following-sibling": (node) => siblings(node, 1),
  "preceding-sibling": (node) => siblings(node, -1),
  attribute: (node) => node.attributes ?? [],
};

/** Both sets in document order. @param {Node[]} left @param {Node[]} right @returns {Node[]} */
function union(left, right) {
  const all = [...new Set([...left, ...right])];
  const first = all[0];
  if (!first) return all;
  const place = new Map(AXES["descendant-or-self"]?.(rootOf(first)).map((node, index) => [node, index]));
  return all.sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
}
