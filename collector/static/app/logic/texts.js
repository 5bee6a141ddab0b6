/** Labels, hints, messages and choices in the language of a session. Twin of `forms/session/texts.py`. */

import { rowOf } from "./instances.js";
import { nodeText } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tree.js").Item} Item
 * @typedef {import("./values.js").Node} Node
 */

/**
 * A text with its values filled in, seen from an item; in the default language, then in any, where a translation is missing.
 * @param {Session} session @param {number | undefined} number @param {Item} item @returns {string}
 */
export function text(session, number, item) {
  if (number === undefined) return "";
  const { texts, default_language: fallback } = session.form.json;
  const all = texts[number];
  for (const language of [session.language, fallback, "", ...Object.keys(all)]) {
    const pieces = all[language]?.long;
    if (pieces) return pieces.map((piece) => (typeof piece === "string" ? piece : session.flow.text(piece, item))).join("");
  }
  return "";
}

/**
 * The choices of a question now, as [value, label].
 * @param {Session} session @param {Item} item @returns {[string, string][]} @throws {EvaluationError} where the filter fails
 */
export function choices(session, item) {
  const source = session.form.nodes[item.number].choices;
  if (!source) return [];
  const found = session.flow.ask(source.nodeset, item);
  if (!Array.isArray(found)) return [];
  const own = `${source.label}_${session.tag}`;
  return found.map((node) => [column(node, source.value), choiceLabel(session, node, source, own, item)]);
}

/** The text of a column of an item, "" where it has none. @param {Node | undefined} node @param {string} path @returns {string} */
export function column(node, path) {
  const row = node && rowOf(node);
  if (row && typeof row[path] === "string") return row[path];
  for (const step of path.split("/")) node = node?.children.find((each) => each.name === step);
  return node ? nodeText(node) : "";
}

/** A text of the form; of an attached list the column of the language (`label_zh`), else the column. @param {Session} session @param {Node} node @param {import("./form.js").Choices} source @param {string} own column of the language @param {Item} item */
function choiceLabel(session, node, { label: name, itext }, own, item) {
  const row = /** @type {Record<string, unknown> | undefined} */ (rowOf(node));
  if (typeof row?.label === "number") return text(session, row.label, item);
  const spoken = itext ? session.form.json.itext?.[column(node, name)] : undefined;
  if (spoken !== undefined) return text(session, spoken, item);
  return (row && String(row[own] ?? "")) || column(node, name);
}

/** `jr:itext(id)`: the text with an id, seen from an item; "" where there is none. @param {Session} session @param {string} id @param {Item} item */
export const itextOf = (session, id, item) => text(session, session.form.json.itext?.[id], item);

/**
 * `jr:choice-name(value, 'path')`: the label of a value of the question that the path means from an item.
 * @param {Session} session @param {string} value @param {string} path @param {Item} from @returns {string}
 */
export function choiceName(session, value, path, from) {
  const question = find(session, path.trim(), from);
  if (!question || question.number < 0) return "";
  const all = session.flow.guarded(question, () => choices(session, question), []);
  return all.find(([each]) => each === value)?.[1] ?? "";
}

/** The item that a plain path means from another item. @param {Session} session @param {string} path @param {Item} from */
function find(session, path, from) {
  if (path.startsWith("/")) {
    const number = session.form.byPath.get(path);
    return number === undefined ? undefined : nearest(session.tree.of(number), from);
  }
  let at = /** @type {Item | null | undefined} */ (from);
  for (const step of path.split("/")) {
    if (!at || step === "." || step === "current()") continue;
    at = step === ".." ? at.parent : at.children.find((child) => child.name === step);
  }
  return at;
}

/** The item that shares the most instances of repeats with another. @param {Item[]} candidates @param {Item} from @returns {Item | undefined} */
export function nearest(candidates, from) {
  const here = from.path.split("/");
  let most = -1;
  let best;
  for (const item of candidates) {
    const steps = item.path.split("/");
    const differs = steps.findIndex((step, place) => step !== here[place]);
    const shared = differs < 0 ? steps.length : differs;
    if (shared > most) [most, best] = [shared, item];
  }
  return best;
}
