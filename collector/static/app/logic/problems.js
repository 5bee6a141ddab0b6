/** What is wrong with the answers of a record. Twin of `forms/session/checks.py`. */

import { onScale, typeProblem } from "./answers.js";
import { words } from "./functions_string.js";
import { choices, text } from "./texts.js";
import { walk } from "./tree.js";
import { EvaluationError } from "./errors.js";
import { toBoolean } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tree.js").Item} Item
 * @typedef {"required" | "constraint" | "type" | "choice" | "expression"} Code
 * @typedef {object} Problem
 * @property {string} path
 * @property {Code} code
 * @property {string} message  what the form says, else the text of the catalogue's number
 * @property {string} number   of the catalogue
 */

/** All problems in the order of the form, at most one a question. @param {Session} session @returns {Problem[]} */
export function problems(session) {
  const found = [];
  for (const item of walk(session.tree.root)) {
    const problem = item.number < 0 ? null : problemAt(session, item);
    if (problem) found.push(problem);
    if (!item.hidden) found.push(...wrongCounts(session, item));
  }
  return found;
}

/** Counts of repeats in an item that could not be worked out, at the path of the repeat. @param {Session} session @param {Item} item @returns {Problem[]} */
function wrongCounts(session, item) {
  return (session.form.counted.get(item.number) ?? []).flatMap((name) => {
    const path = `${item.path}/${name}`;
    const fault = session.flow.faults.get(path);
    return fault ? [{ ...ofFault(session, item, "expression", fault), path }] : [];
  });
}

/** The first thing wrong at an item, or null. @param {Session} session @param {Item} item @returns {Problem | null} */
export function problemAt(session, item) {
  if (item.hidden) return null;
  const node = session.form.nodes[item.number];
  const fault = session.flow.faults.get(item.path) ?? session.flow.unset.get(item.path);
  if (fault) return ofFault(session, item, "expression", fault);
  if (node.kind !== "question" || node.role === "desk") return null;
  if (item.given !== null) return make(session, item, "choice", "HW-1309");
  if (item.value === "") {
    return session.reasonOf.has(item.path) ? null : tried(session, item, "expression", missing);
  }
  const wrongType = typeProblem(item.value, node.type);
  if (wrongType) return make(session, item, "type", wrongType);
  const scale = node.control === "range" ? { step: "1", ...node.parameters } : null;
  if (scale && !onScale(item.value, scale)) return make(session, item, "constraint", "HW-1390", undefined, scale);
  return tried(session, item, "choice", wrongChoice) ?? tried(session, item, "constraint", brokenConstraint);
}

/** @param {Session} session @param {Item} item @param {Code} code @param {string} number @param {number} [own] text of the form @param {Record<string, string>} [params] */
function make(session, item, code, number, own, params = {}) {
  return { path: item.path, code, message: text(session, own, item) || session.message(number, params), number };
}

/** @param {Session} session @param {Item} item @param {Code} code @param {EvaluationError} fault @returns {Problem} */
const ofFault = (session, item, code, { number, params }) => make(session, item, code, number, undefined, params);

/**
 * A check that may fail itself.
 * @param {Session} session @param {Item} item @param {Code} code
 * @param {(session: Session, item: Item) => Problem | null} check @returns {Problem | null}
 */
function tried(session, item, code, check) {
  try {
    return check(session, item);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return ofFault(session, item, code, error);
  }
}

/** @param {Session} session @param {Item} item @returns {Problem | null} */
function missing(session, item) {
  const { required, required_msg: own } = session.form.nodes[item.number];
  if (required === undefined || !toBoolean(session.flow.ask(required, item))) return null;
  return make(session, item, "required", "HW-1301", own);
}

/** @param {Session} session @param {Item} item @returns {Problem | null} */
function wrongChoice(session, item) {
  const { choices: source, control } = session.form.nodes[item.number];
  if (!source) return null;
  const offered = new Set(choices(session, item).map(([value]) => value));
  const chosen = control === "select1" ? [item.value] : words(item.value);
  return chosen.every((value) => offered.has(value)) ? null : make(session, item, "choice", "HW-1309");
}

/** @param {Session} session @param {Item} item @returns {Problem | null} */
function brokenConstraint(session, item) {
  const { constraint, constraint_msg: own } = session.form.nodes[item.number];
  if (constraint === undefined || toBoolean(session.flow.ask(constraint, item))) return null;
  return make(session, item, "constraint", "HW-1302", own);
}
