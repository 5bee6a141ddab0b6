/** Answers that a filter of choices offers no more: another county has other townships. Twin of `forms/session/offers.py`. */

import { valueOf } from "./expressions.js";
import { words } from "./functions_string.js";
import { column } from "./texts.js";

/**
 * @typedef {import("./flow.js").Flow} Flow @typedef {import("./tree.js").Item} Item
 * @typedef {import("./form.js").Choices} Choices @typedef {import("./evaluate.js").Ast} Ast
 */

/**
 * The part of an answer that can be chosen now (JavaRosa takes the rest out of the record). What no filter would let
 * through stays: the list is another one, or has not come yet, and that is not for a person's answer to pay for.
 * @param {Flow} flow @param {Item} item @param {Choices} choices @param {string} given @returns {string}
 */
export function offered(flow, item, choices, given) {
  const open = flow.ask(choices.nodeset, item);
  const names = new Set(Array.isArray(open) ? open.map((node) => column(node, choices.value)) : []);
  const chosen = flow.form.nodes[item.number].control === "select1" ? [given] : words(given);
  const left = chosen.filter((word) => names.has(word) || !isListed(flow, item, choices, word));
  return left.length === chosen.length ? given : left.join(" ");
}

/** Whether a value is in the list without its filter. @param {Flow} flow @param {Item} item @param {Choices} choices @param {string} word */
function isListed({ form, world }, item, { nodeset, value }, word) {
  let [kind, start, ...steps] = form.json.expressions[nodeset];
  if (kind === "call" && start === "randomize") [kind, start, ...steps] = steps[0];
  if (kind !== "path" || steps.length === 0) return false;
  const bare = steps.map(([axis, test]) => [axis, test]);
  const same = ["=", ["path", ".", ...value.split("/").map((name) => ["child", name])], ["str", word]];
  bare[bare.length - 1].push(same);
  const found = valueOf(/** @type {Ast} */ (["path", start, ...bare]), item, world);
  return Array.isArray(found) && found.length > 0;
}
