/** Numbers. Sources: XPath 1.0, section 4.4; ODK XForms specification, "XPath Functions". */

import { nodeText, opened, toNumber } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./values.js").Value} Value
 */

/** Numbers of all arguments, node-sets opened. @param {Value[]} args @returns {number[]} */
const numbers = (args) => opened(args).map(toNumber);

/** Added in order: other ways of adding differ in the last digit. @param {number[]} list @returns {number} */
function total(list) {
  let sum = 0;
  for (const number of list) sum += number;
  return sum;
}

/** To whole numbers half up; to digits half away from zero, on the decimal digits that people see. @param {number} x @param {number} digits @returns {number} */
function round(x, digits) {
  if (!Number.isFinite(x) || Math.abs(x) >= 1e25) return x;
  if (Number.isNaN(digits)) return NaN;
  if (Math.abs(digits) > 300) return digits > 0 ? x : 0;
  if (digits === 0) return Math.round(x) + 0;
  if (decimals(x) <= digits) return x;
  return Math.sign(x) * shift(Math.round(shift(Math.abs(x), digits)), -digits);
}

/** How many decimals a number is written with; less than 0 for a large one. @param {number} x @returns {number} */
function decimals(x) {
  const [mantissa = "", exponent = "0"] = String(x).split("e");
  return (mantissa.split(".")[1] ?? "").length - Number(exponent);
}

/** x * 10^digits, exact in decimal. @param {number} x @param {number} digits @returns {number} */
function shift(x, digits) {
  const [mantissa, exponent] = String(x).split("e");
  return Number(`${mantissa}e${Number(exponent ?? 0) + digits}`);
}

/** @param {(x: number) => number} f @returns {XFunction} */
const unary = (f) => ([x]) => f(toNumber(x));

/** Adding 0 keeps -0 out. @type {Record<string, XFunction>} */
export const numberFunctions = {
  number: ([x], scope) => toNumber(x === undefined ? nodeText(scope.node) : x),
  int: unary((x) => Math.trunc(x) + 0),
  floor: unary((x) => Math.floor(x) + 0),
  ceiling: unary((x) => Math.ceil(x) + 0),
  round: ([x, digits]) => round(toNumber(x), digits === undefined ? 0 : Math.trunc(toNumber(digits))),
  abs: unary(Math.abs),
  sqrt: unary(Math.sqrt),
  pow: ([x, y]) => toNumber(x) ** toNumber(y),
  sum: (args) => total(numbers(args)),
  min: (args) => extreme(args, Math.min),
  max: (args) => extreme(args, Math.max),
  random: (_, scope) => scope.world.random(),
};

/** Least or greatest; nothing, or anything without a number, gives NaN. @param {Value[]} args @param {(a: number, b: number) => number} f */
function extreme(args, f) {
  const list = numbers(args);
  return list.length === 0 ? NaN : list.reduce((a, b) => f(a, b));
}
