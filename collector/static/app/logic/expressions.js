/** Expressions of a form: what they are worth somewhere, and what must be loaded before one can say. */

import { evaluate, isKnown, isOne, isReached } from "./evaluate.js";
import { isPlain } from "./pattern.js";
import { EvaluationError, isTooMuch } from "./errors.js";

/**
 * The value of an expression that stands at a node.
 * @param {import("./evaluate.js").Ast} ast @param {import("./values.js").Node} node @param {import("./evaluate.js").World} world
 * @returns {import("./values.js").Value} @throws {EvaluationError}
 */
export function valueOf(ast, node, world) {
  try {
    return evaluate(ast, { node, position: 1, size: 1, current: node, world });
  } catch (error) {
    throw isTooMuch(error) ? new EvaluationError("HW-1205", {}) : error;
  }
}

/** Loads what hardly any form uses of the language, if an expression does. To be waited for before they are evaluated. @param {import("./evaluate.js").Ast[]} expressions @returns {Promise<unknown>} */
export const prepare = async (expressions) => expressions.some(isRare) && import("./rare.js");

/** Whether a tree, or a step of a path, needs more than the page has. @param {any[]} ast @returns {boolean} */
function isRare(ast) {
  const [kind, name, ...rest] = ast;
  if (kind === "str" || kind === "num") return false;
  if (kind === "|") return true;
  if (kind === "call" && (!isKnown(name) || (name === "regex" && !isPlain(rest[1])))) return true;
  if (kind === "path" && ((Array.isArray(name) && !isOne(/** @type {any} */ (name))) || rest.some(leadsAstray))) return true;
  return ast.some((part) => Array.isArray(part) && isRare(part));
}

/** Whether a step may find nodes out of order, or by an axis that is not there. @param {any[]} step @param {number} at @param {any[][]} steps */
const leadsAstray = ([axis], at, steps) => !isReached(axis) || (axis === "parent" && at > 0 && steps[at - 1][0] !== "parent");
