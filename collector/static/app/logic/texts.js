/** Labels, hints, messages and choices, in the language shown, with the values that stand in them. */

import { generic } from "./form.js";
import { rowOf } from "./instances.js";
import { nodeText, toText } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./form.js").Text} Text
 * @typedef {import("./tree.js").Item} Item
 * @typedef {import("./values.js").Node} Node
 */

/** pyxform writes this where a translation is missing. */
const MISSING = "-";

/**
 * A text in the session's language; where that has none, in the default language, then in any.
 * @param {Session} session @param {number | undefined} number @param {Item} item whose surroundings it speaks of
 * @returns {string}
 */
export function text(session, number, item) {
  if (number === undefined) return "";
  const { texts, default_language: fallback } = session.form.json;
  const all = texts[number];
  for (const language of [session.language, fallback, "", ...Object.keys(all)]) {
    const pieces = all[language]?.long;
    if (!pieces || (pieces.length === 1 && pieces[0] === MISSING)) continue;
    return pieces.map((piece) => (typeof piece === "string" ? piece : toText(session.flow.ask(piece, item)))).join("");
  }
  return "";
}

/**
 * The choices of a question now, as [value, label].
 * @param {Session} session @param {Item} item @returns {[string, string][]}
 */
export function choices(session, item) {
  const source = session.form.nodes[item.number].choices;
  if (!source) return [];
  const found = session.flow.ask(source.nodeset, item);
  if (!Array.isArray(found)) return [];
  return found.map((node) => [column(node, source.value), choiceLabel(session, node, source, item)]);
}

/** @param {Node} node @param {string} name @returns {string} */
function column(node, name) {
  const row = rowOf(node);
  if (row) return row[name] ?? "";
  const child = node.children.find((each) => each.name === name);
  return child ? nodeText(child) : "";
}

/**
 * The label of an item of a list: its text in the form, else the column of the language (`label_zh`), else the column.
 * @param {Session} session @param {Node} node @param {import("./form.js").Choices} source @param {Item} item
 */
function choiceLabel(session, node, source, item) {
  const row = /** @type {Record<string, string | number> | undefined} */ (rowOf(node));
  const number = row?.label;
  if (typeof number === "number") return text(session, number, item);
  return (row && String(row[`${source.label}_${session.tag}`] ?? "")) || column(node, source.label);
}

/**
 * `jr:choice-name(value, 'path')`: the label of a value of the question that the path means from an item.
 * @param {Session} session @param {string} value @param {string} path @param {Item} from @returns {string}
 */
export function choiceName(session, value, path, from) {
  const question = find(session, path.trim(), from);
  if (!question) return "";
  return choices(session, question).find(([each]) => each === value)?.[1] ?? "";
}

/** The item that a plain path means from another item. @param {Session} session @param {string} path @param {Item} from */
function find(session, path, from) {
  let at = /** @type {Item | null} */ (from);
  let steps = path.split("/");
  if (steps[0] === "") {
    // The nearest: as far as the path agrees with where it stands, in the same instance.
    const here = [];
    for (let up = /** @type {Item | null} */ (from); up && up.number > -2; up = up.parent) here.unshift(up);
    steps = steps.slice(1);
    at = null;
    while (here.length > 0 && here[0].name === steps[0]) {
      at = /** @type {Item} */ (here.shift());
      steps.shift();
    }
  }
  for (const step of steps) {
    if (!at || step === "." || step === "") continue;
    at = step === ".." ? at.parent : (at.children.find((child) => child.name === step) ?? null);
  }
  return at && at.number >= 0 && session.form.byPath.has(generic(at.path)) ? at : null;
}
