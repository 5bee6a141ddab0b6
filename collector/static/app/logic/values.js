/**
 * Values of expressions and how they become one another: XPath 1.0, section 4, with the decisions of JavaRosa that
 * `forms/xpath/values.py` names. The two are held equal by `tests/vectors/xpath.json`.
 */

import { clock, daysOf, parseMoment } from "./dates.js";
import { EvaluationError } from "./errors.js";

/**
 * @typedef {object} Node one element of an instance
 * @property {string} name
 * @property {Node | null} parent
 * @property {readonly Node[]} children
 * @property {string} value  text of a leaf
 * @property {boolean} hidden  not relevant: reads as empty and is left out of node-sets
 * @property {(name: string) => readonly Node[] | undefined} [named]  children of a name, in order; undefined: look through them
 * @property {readonly Node[]} [attributes]
 * @property {string} [space]    URI of its namespace
 * @property {string} [written]  its name in its document, where expressions call it by another prefix
 * @typedef {string | number | boolean | Node[]} Value
 */

const NUMBER = /^[ \t\r\n]*-?(\d+(\.\d*)?|\.\d+)[ \t\r\n]*$/;

/** The text of a node: its own, or that of all leaves in it but comments. @param {Node} node @returns {string} */
export const nodeText = (node) => (node.hidden ? "" : contentOf(node));

/** The same, also while it is hidden. Without recursion: a tree may be deeper than the stack. @param {Node} node @returns {string} */
export function contentOf(node) {
  let text = "";
  const waiting = [node];
  for (let at = waiting.pop(); at; at = waiting.pop()) {
    const { children } = at;
    if (children.length === 0) text += at.value;
    for (let n = children.length; n-- > 0;) {
      const child = children[n];
      if (!child.hidden && (child.name === "text()" || !child.name.endsWith(")"))) waiting.push(child);
    }
  }
  return text;
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

/** A node-set is true if one of its nodes has a text. @param {Value} value @returns {boolean} */
export function toBoolean(value) {
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return value !== 0 && !Number.isNaN(value);
  return typeof value === "string" ? value !== "" : value.some((node) => nodeText(node) !== "");
}

/** The values, a node-set as the texts of its nodes. @param {Value[]} values @returns {Value[]} */
export const opened = (values) => values.flatMap((value) => (Array.isArray(value) ? value.map(nodeText) : [value]));

/** A node-set; anything else is a fault of the form. @param {Value} value @param {string} name of the function @returns {Node[]} */
export function setOf(value, name) {
  if (!Array.isArray(value)) throw new EvaluationError("HW-1204", { name });
  return value;
}

/** An empty node-set stands for one empty text: a question never asked reads as empty. @param {Node[]} set */
const textsOf = (set) => (set.length > 0 ? set.map(nodeText) : [""]);

/** @param {Value} left @param {Value} right @param {(a: any, b: any) => boolean} test @returns {boolean} */
function equality(left, right, test) {
  if (typeof left === "boolean" || typeof right === "boolean") return test(toBoolean(left), toBoolean(right));
  if (Array.isArray(left)) return textsOf(left).some((text) => equality(text, right, test));
  if (Array.isArray(right)) return textsOf(right).some((text) => equality(left, text, test));
  if (typeof left === "string" && typeof right === "string") {
    const clocks = left !== right && clocksOf(left, right);
    return clocks ? test(...clocks) : test(left, right);
  }
  return test(toNumber(left), toNumber(right));
}

/** A date against a date-time: both on the clock of the place where the date-time was taken. @param {string} left @param {string} right @returns {[number, number] | null} */
function clocksOf(left, right) {
  if (Math.min(left.length, right.length) !== 10 || left.length === right.length) return null;
  const [a, b] = [parseMoment(left), parseMoment(right)];
  return a && b && a.timed !== b.timed ? [clock(a), clock(b)] : null;
}

/** @param {Value} left @param {Value} right @param {(a: number, b: number) => boolean} test @returns {boolean} */
function order(left, right, test) {
  if (Array.isArray(left)) return textsOf(left).some((text) => order(text, right, test));
  if (Array.isArray(right)) return textsOf(right).some((text) => order(left, text, test));
  const clocks = typeof left === "string" && typeof right === "string" && clocksOf(left, right);
  return clocks ? test(...clocks) : test(toNumber(left), toNumber(right));
}

/** @type {Record<string, (left: Value, right: Value) => boolean>} */
const COMPARISONS = {
  "=": (left, right) => equality(left, right, (a, b) => a === b),
  "!=": (left, right) => equality(left, right, (a, b) => a !== b),
  "<": (left, right) => order(left, right, (a, b) => a < b),
  "<=": (left, right) => order(left, right, (a, b) => a <= b),
  ">": (left, right) => order(left, right, (a, b) => a > b),
  ">=": (left, right) => order(left, right, (a, b) => a >= b),
};

/**
 * One of `= != < <= > >=` as XPath 1.0 section 3.4 has it: a node-set holds if one of its nodes does.
 * @param {string} operator @param {Value} left @param {Value} right @returns {boolean}
 */
export const compare = (operator, left, right) => COMPARISONS[operator](left, right);
