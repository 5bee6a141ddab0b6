/** What is wrong with the answers of a session. Codes: `required`, `constraint`, `type`, `choice`. */

import { parseMoment } from "./dates.js";
import { choices, text } from "./texts.js";
import { walk } from "./tree.js";
import { EvaluationError, toBoolean } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tree.js").Item} Item
 * @typedef {{path: string, code: "required" | "constraint" | "type" | "choice", message: string}} Problem
 */

/** Lexical forms of the types that have one. @type {Record<string, (text: string) => boolean>} */
const TYPES = {
  int: (text) => /^[+-]?\d{1,15}$/.test(text),
  decimal: (text) => /^[+-]?(\d+\.?\d*|\.\d+)$/.test(text),
  date: (text) => /^\d{4}-\d\d-\d\d$/.test(text) && parseMoment(text) !== null,
  dateTime: (text) => parseMoment(text)?.timed ?? false,
  time: (text) => /^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/.test(text),
  geopoint: (text) => /^-?\d+(\.\d+)? -?\d+(\.\d+)?( -?\d+(\.\d+)?( \d+(\.\d+)?)?)?$/.test(text),
};

/** All problems, in the order of the form. @param {Session} session @returns {Problem[]} */
export function problems(session) {
  const found = [];
  for (const item of walk(session.tree.root)) {
    const problem = problemOf(session, item);
    if (problem) found.push(problem);
  }
  return found;
}

/** The first thing wrong with one item, or null. @param {Session} session @param {Item} item @returns {Problem | null} */
export function problemOf(session, item) {
  const node = session.form.nodes[item.number];
  if (!node || node.kind !== "question" || item.hidden || node.role === "desk") return null;
  const { path, value } = item;
  if (value === "") {
    if (session.reasonOf.has(path) || !session.required(path)) return null;
    return { path, code: "required", message: text(session, node.required_msg, item) || session.message("required", {}) };
  }
  if (TYPES[node.type]?.(value) === false) return { path, code: "type", message: session.message("type", { type: node.type, value }) };
  if (node.choices) {
    const known = new Set(choices(session, item).map(([each]) => each));
    const given = node.control === "select1" ? [value] : value.split(" ").filter(Boolean);
    const unknown = given.find((each) => !known.has(each));
    if (unknown !== undefined) return { path, code: "choice", message: session.message("choice", { value: unknown }) };
  }
  const fault = constraintFault(session, item);
  return fault === null ? null : { path, code: "constraint", message: fault };
}

/** The message of a broken constraint, or null. @param {Session} session @param {Item} item @returns {string | null} */
function constraintFault(session, item) {
  const node = session.form.nodes[item.number];
  if (node.constraint === undefined) return null;
  try {
    if (toBoolean(session.flow.ask(node.constraint, item))) return null;
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return session.message("fault", { reason: error.message });
  }
  return text(session, node.constraint_msg, item) || session.message("constraint", {});
}
