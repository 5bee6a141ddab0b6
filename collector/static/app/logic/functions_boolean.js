/** Truth and conditions. Sources: XPath 1.0, section 4.3; ODK XForms specification, "XPath Functions". */

import { contentOf, toBoolean, toText } from "./values.js";

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
  if: ([test, yes, no], scope, evaluate) => evaluate(toBoolean(evaluate(test, scope)) ? yes : no, scope),
  coalesce: (args, scope, evaluate) => {
    /** @type {Value} */
    let value = "";
    for (const arg of args) {
      value = evaluate(arg, scope);
      if (hasValue(value)) return value;
    }
    return hasValue(value) ? value : "";
  },
  once: ([x], scope, evaluate) => contentOf(scope.current) || evaluate(x, scope),
};

/** @type {Record<string, XFunction>} */
export const booleanFunctions = {
  true: () => true,
  false: () => false,
  not: ([x]) => !toBoolean(x),
  boolean: ([x]) => toBoolean(x),
  "boolean-from-string": ([x]) => ["true", "1"].includes(toText(x)),
};
