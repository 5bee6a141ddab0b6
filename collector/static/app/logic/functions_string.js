/** Texts, counted in code points. Sources: XPath 1.0, section 4.2; ODK XForms specification, "XPath Functions". */

import { wholeMatch } from "./pattern.js";
import { nodeText, opened, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./values.js").Value} Value
 */

/** Texts of all arguments, node-sets opened. @param {Value[]} args @returns {string[]} */
const texts = (args) => opened(args).map(toText);

/** The parts between blanks: the chosen values of a select multiple. @param {string} text @returns {string[]} */
export const words = (text) => text.split(/[ \t\r\n]+/).filter(Boolean);

/** XPath's `substring`: from 1, ends rounded. @param {string} text @param {number} from @param {number} [length] */
function substring(text, from, length) {
  const start = Math.floor(from + 0.5);
  const end = length === undefined ? Infinity : start + Math.floor(length + 0.5);
  return Array.from(text).filter((_, place) => place + 1 >= start && place + 1 < end).join("");
}

/** `substr`: from 0, negative counts from the end. @param {string} text @param {number} start @param {number} end */
function substr(text, start, end) {
  return Number.isNaN(start) || Number.isNaN(end) ? "" : Array.from(text).slice(start, end).join("");
}

/** @param {string} text @param {string} from @param {string} to */
function translate(text, from, to) {
  const target = Array.from(to);
  /** @type {Map<string, string>} */
  const map = new Map();
  Array.from(from).forEach((char, place) => map.has(char) || map.set(char, target[place] ?? ""));
  return Array.from(text, (char) => map.get(char) ?? char).join("");
}

/** @param {string} text @param {string} part @returns {[string, string]} before and after the first occurrence */
function around(text, part) {
  const at = text.indexOf(part);
  return at < 0 ? ["", ""] : [text.slice(0, at), text.slice(at + part.length)];
}

/** The empty value is chosen where nothing is. @param {string[]} chosen @param {string} value @returns {boolean} */
const isSelected = (chosen, value) => (value ? chosen.includes(value) : chosen.length === 0);

/** @type {Record<string, XFunction>} */
export const stringFunctions = {
  string: ([x], scope) => (x === undefined ? nodeText(scope.node) : toText(x)),
  concat: (args) => texts(args).join(""),
  join: ([separator, ...args]) => texts(args).join(toText(separator)),
  "starts-with": ([a, b]) => toText(a).startsWith(toText(b)),
  "ends-with": ([a, b]) => toText(a).endsWith(toText(b)),
  contains: ([a, b]) => toText(a).includes(toText(b)),
  substring: ([a, from, length]) => substring(toText(a), toNumber(from), length === undefined ? undefined : toNumber(length)),
  "substring-before": ([a, b]) => around(toText(a), toText(b))[0],
  "substring-after": ([a, b]) => around(toText(a), toText(b))[1],
  substr: ([a, from, to]) => substr(toText(a), toNumber(from), to === undefined ? Infinity : toNumber(to)),
  "string-length": ([x], scope) => Array.from(x === undefined ? nodeText(scope.node) : toText(x)).length,
  "normalize-space": ([x], scope) => words(x === undefined ? nodeText(scope.node) : toText(x)).join(" "),
  translate: ([a, from, to]) => translate(toText(a), toText(from), toText(to)),
  "lower-case": ([x]) => toText(x).toLowerCase(),
  "upper-case": ([x]) => toText(x).toUpperCase(),
  regex: ([a, pattern]) => wholeMatch(toText(a), toText(pattern)),
  uuid: ([length], scope) => {
    const id = scope.world.uuid();
    return length === undefined ? id : id.replaceAll("-", "").slice(0, toNumber(length));
  },
  selected: ([list, value]) => isSelected(words(toText(list)), toText(value).trim()),
  "selected-at": ([list, place]) => words(toText(list))[toNumber(place)] ?? "",
  "count-selected": ([list]) => words(toText(list)).length,
};
