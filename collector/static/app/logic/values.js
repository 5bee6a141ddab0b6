/**
 * Values of expressions and how they become one another: XPath 1.0, with an empty text as "no number" (NaN) and a
 * date as days since 1970 where a number is asked (docs/form-model.md, "Expressions").
 */

import { daysOf } from "./dates.js";

/**
 * @typedef {object} Node one element of an instance
 * @property {string} name
 * @property {Node | null} parent
 * @property {readonly Node[]} children
 * @property {string} value  text of a leaf
 * @property {boolean} hidden  not relevant: reads as empty and is left out of node-sets
 * @property {readonly Node[]} [attributes]
 * @typedef {string | number | boolean | Node[]} Value
 */

/** An expression that has no value: an unknown function, a malformed date or pattern. The question shows it. */
export class EvaluationError extends Error {}

const NUMBER = /^[ \t\r\n]*-?(\d+(\.\d*)?|\.\d+)[ \t\r\n]*$/;

/** The text of a node: its own, or that of all leaves in it. @param {Node} node @returns {string} */
export function nodeText(node) {
  if (node.hidden) return "";
  if (node.children.length === 0) return node.value;
  return node.children.map(nodeText).join("");
}

/** @param {Value} value @returns {string} */
export function toText(value) {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  const first = value[0];
  return first ? nodeText(first) : "";
}

/** A number as XPath 1.0 writes it: never with an exponent. @param {number} value @returns {string} */
export function numberText(value) {
  if (value === 0) return "0";
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const digits = /** @type {string} */ (match[2]) + (match[3] ?? "");
  const exponent = Number(match[4]);
  if (exponent < 0) return `${match[1]}0.${"0".repeat(-exponent - 1)}${digits}`;
  return match[1] + digits.padEnd(exponent + 1, "0");
}

/** @param {Value} value @returns {number} */
export function toNumber(value) {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return value ? 1 : 0;
  const text = toText(value);
  if (NUMBER.test(text)) return Number(text);
  return daysOf(text);
}

/** @param {Value} value @returns {boolean} */
export function toBoolean(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return value.length > 0;
}

/** @param {Value} left @param {Value} right @param {(a: any, b: any) => boolean} test @returns {boolean} */
function equality(left, right, test) {
  if (Array.isArray(left) && Array.isArray(right)) {
    const texts = right.map(nodeText);
    return left.some((node) => texts.some((text) => test(nodeText(node), text)));
  }
  if (Array.isArray(right)) return equality(right, left, test);
  if (Array.isArray(left)) {
    if (typeof right === "boolean") return test(toBoolean(left), right);
    return left.some((node) => equality(nodeText(node), right, test));
  }
  if (typeof left === "boolean" || typeof right === "boolean") return test(toBoolean(left), toBoolean(right));
  if (typeof left === "number" || typeof right === "number") return test(toNumber(left), toNumber(right));
  return test(left, right);
}

/** @param {Value} left @param {Value} right @param {(a: number, b: number) => boolean} test @returns {boolean} */
function order(left, right, test) {
  if (Array.isArray(left)) return left.some((node) => order(nodeText(node), right, test));
  if (Array.isArray(right)) return right.some((node) => order(left, nodeText(node), test));
  return test(toNumber(left), toNumber(right));
}

/**
 * One of `= != < <= > >=` as XPath 1.0 section 3.4 has it: a node-set holds if one of its nodes does.
 * @param {string} operator @param {Value} left @param {Value} right @returns {boolean}
 */
export function compare(operator, left, right) {
  switch (operator) {
    case "=": return equality(left, right, (a, b) => a === b);
    case "!=": return equality(left, right, (a, b) => a !== b);
    case "<": return order(left, right, (a, b) => a < b);
    case "<=": return order(left, right, (a, b) => a <= b);
    case ">": return order(left, right, (a, b) => a > b);
    default: return order(left, right, (a, b) => a >= b);
  }
}
