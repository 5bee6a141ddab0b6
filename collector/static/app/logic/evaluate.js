/**
 * Walks the syntax trees of docs/form-model.md. The parser is on the server; the phone gets trees. Twin of
 * `forms/xpath/evaluator.py`; `tests/vectors/xpath.json` holds the two equal.
 */

import { booleanFunctions, lazyFunctions } from "./functions_boolean.js";
import { dateFunctions } from "./functions_date.js";
import { nodeFunctions } from "./functions_node.js";
import { numberFunctions } from "./functions_number.js";
import { stringFunctions } from "./functions_string.js";
import { EvaluationError } from "./errors.js";
import { compare, nodeText, toBoolean, toNumber, toText } from "./values.js";

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
 * @property {(id: string, from: Node) => string} [itext]  text with an itext id
 * @typedef {object} Scope
 * @property {Node} node  context node
 * @property {number} position
 * @property {number} size
 * @property {Node} current  where the expression stands: `current()`
 * @property {World} world
 */

/**
 * @typedef {(args: Value[], scope: Scope) => Value} XFunction  called with values
 * @typedef {(args: Ast[], scope: Scope, evaluate: (ast: Ast, scope: Scope) => Value) => Value} LazyFunction  called with trees: leaves alone what it does not need
 */

/** @type {Record<string, XFunction>} */
const STRICT = Object.assign(Object.create(null), booleanFunctions, dateFunctions, nodeFunctions, numberFunctions, stringFunctions);
/** @type {Record<string, LazyFunction>} */
const LAZY = Object.assign(Object.create(null), lazyFunctions);

/**
 * What hardly any form uses: functions, axes, and the order of node-sets that they find. `rare.js` puts it here, `expressions.js` says when.
 * @type {{inOrder: (nodes: Node[]) => Node[]}}
 */
export const rare = { inOrder: (nodes) => nodes };

/** Adds functions and axes. @param {Record<string, XFunction>} functions @param {Record<string, (node: Node) => readonly Node[]>} axes */
export function add(functions, axes) {
  Object.assign(STRICT, functions);
  Object.assign(AXES, axes);
}

/** @param {string} name @returns {boolean} whether a function is here */
export const isKnown = (name) => name in STRICT || name in LAZY;

/** @param {string} axis @returns {boolean} whether an axis is here */
export const isReached = (axis) => axis in AXES;

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
    case "|": return rare.inOrder([...nodes(ast[1], scope), ...nodes(ast[2], scope)]);
    case "call": return call(ast, scope);
    case "path": return path(ast, scope);
    case "filter": return filter(nodes(ast[1], scope), ast.slice(2), scope);
    case "fault": throw new EvaluationError(ast[1], ast[2]);
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
  if (lazy) return lazy(ast.slice(2), scope, evaluate);
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
  let shape = typeof start === "string" || isOne(start) ? ONE : NESTED;
  for (; at < ast.length; at++) {
    found = step(found, ast[at], scope, shape);
    shape = shapeAfter(ast[at][0], shape);
  }
  return found;
}

/** What is known of a node-set: at most one node; in none of them another; any. */
const [ONE, APART, NESTED] = [0, 1, 2];

/** Whether what a path starts from is one node. @param {Ast} start @returns {boolean} */
export const isOne = (start) => start[0] === "call" && (start[1] === "current" || start[1] === "instance");

/** @param {string} axis @param {number} shape before the step @returns {number} */
function shapeAfter(axis, shape) {
  if (axis === "self" || (axis === "parent" && shape === ONE)) return shape;
  return axis === "child" || axis === "attribute" ? Math.max(shape, APART) : NESTED;
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

/** @param {Node[]} from @param {any[]} wanted @param {Scope} scope @param {number} shape of `from` @returns {Node[]} */
function step(from, wanted, scope, shape) {
  const [axis, test, ...predicates] = wanted;
  const reach = AXES[axis];
  if (!reach) throw new EvaluationError("HW-1108", { found: axis });
  const backwards = axis.startsWith("ancestor") || axis.startsWith("preceding");
  /** @type {Node[]} */
  const found = [];
  for (const node of from) {
    let kept = ((axis === "child" && node.named?.(test)) || reach(node)).filter((each) => !each.hidden && matches(each, test));
    // An answer has no text node of its own and stands for it.
    if (axis === "child" && test === "text()" && node.children.length === 0 && nodeText(node) !== "" && !node.name.endsWith(")")) kept = [node];
    if (predicates.length > 0) kept = filter(kept, predicates, scope);
    if (backwards) kept.reverse();
    for (const each of kept) found.push(each);
  }
  const ordered = axis === "self" || axis === "attribute" || (axis === "child" && shape !== NESTED);
  return ordered || from.length < 2 ? found : rare.inOrder(found);
}

/** @param {Node} node @param {string} test @returns {boolean} */
function matches({ name }, test) {
  if (name === test || test === "node()") return true;
  // A document node has no name; `*` means elements only.
  if (test === "*") return name !== "" && !name.endsWith(")");
  return test.endsWith(":*") ? name.startsWith(test.slice(0, -1)) : test === "processing-instruction()" && name.startsWith(test.slice(0, -1));
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

/** The axes that forms use. @type {Record<string, (node: Node) => readonly Node[]>} */
const AXES = {
  child: (node) => node.children,
  parent: (node) => (node.parent ? [node.parent] : []),
  self: (node) => [node],
  attribute: (node) => node.attributes ?? [],
};
