/** Truth and conditions. Sources: XPath 1.0, section 4.3; ODK XForms specification, "XPath Functions". */

import { evaluate } from "./evaluate.js";
import { toBoolean, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./evaluate.js").LazyFunction} LazyFunction
 * @typedef {import("./values.js").Value} Value
 */

/** "No value" is empty text, an empty node-set and NaN. @param {Value} value @returns {boolean} */
function hasValue(value) {
  const text = toText(value);
  return text !== "" && text !== "NaN";
}

/** @type {Record<string, LazyFunction>} */
export const lazyFunctions = {
  if: ([test, yes, no], scope) => evaluate(toBoolean(evaluate(test, scope)) ? yes : no, scope),
  coalesce: (args, scope) => {
    /** @type {Value} */
    let value = "";
    for (const arg of args) {
      value = evaluate(arg, scope);
      if (hasValue(value)) return value;
    }
    return hasValue(value) ? value : "";
  },
  once: ([x], scope) => scope.current.value || evaluate(x, scope),
};

/** How many of the values are true. @param {Value[]} values @returns {number} */
const trues = (values) => values.filter(toBoolean).length;

/** @type {Record<string, XFunction>} */
export const booleanFunctions = {
  true: () => true,
  false: () => false,
  not: ([x]) => !toBoolean(x),
  boolean: ([x]) => toBoolean(x),
  "boolean-from-string": ([x]) => ["true", "1"].includes(toText(x)),
  checklist: ([least, most, ...values]) => within(trues(values), toNumber(least), toNumber(most)),
  "weighted-checklist": ([least, most, ...pairs]) => {
    let weight = 0;
    for (let at = 0; at + 1 < pairs.length; at += 2) if (toBoolean(pairs[at])) weight += toNumber(pairs[at + 1]);
    return within(weight, toNumber(least), toNumber(most));
  },
};

/** A bound of -1 is none. @param {number} n @param {number} least @param {number} most @returns {boolean} */
const within = (n, least, most) => (least === -1 || n >= least) && (most === -1 || n <= most);
