/** What is wrong with the answers of a record. Twin of `forms/session/checks.py`. */

import { typeProblem } from "./answers.js";
import { choices, text } from "./texts.js";
import { walk } from "./tree.js";
import { EvaluationError, toBoolean } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @typedef {import("./tree.js").Item} Item
 * @typedef {object} Problem
 * @property {string} path
 * @property {"required" | "constraint" | "type" | "choice" | "expression"} code
 * @property {string} message  what the form says, "" where it says nothing
 * @property {string} number   of the catalogue, whose text stands in then
 */

/** All problems in the order of the form, at most one a question. @param {Session} session @returns {Problem[]} */
export function problems(session) {
  const found = [];
  for (const item of walk(session.tree.root)) {
    const problem = item.number < 0 ? null : problemAt(session, item);
    if (problem) found.push(problem);
  }
  return found;
}

/** The first thing wrong at an item, or null. @param {Session} session @param {Item} item @returns {Problem | null} */
export function problemAt(session, item) {
  if (item.hidden) return null;
  const { path, value } = item;
  const node = session.form.nodes[item.number];
  const fault = session.flow.faults.get(path);
  if (fault) return { path, code: "expression", message: "", number: fault.number };
  if (node.kind !== "question" || node.role === "desk") return null;
  if (value === "") {
    if (!session.flow.truth(node.required, item, false) || session.reasonOf.has(path)) return null;
    return { path, code: "required", message: text(session, node.required_msg, item), number: "HW-1301" };
  }
  const wrongType = typeProblem(value, node.type);
  if (wrongType) return { path, code: "type", message: "", number: wrongType };
  try {
    return wrongChoice(session, item) ?? brokenConstraint(session, item);
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { path, code: "expression", message: "", number: error.number };
  }
}

/** @param {Session} session @param {Item} item @returns {Problem | null} */
function wrongChoice(session, item) {
  const { choices: source, control } = session.form.nodes[item.number];
  if (!source) return null;
  const offered = new Set(choices(session, item).map(([value]) => value));
  const chosen = control === "select1" ? [item.value] : item.value.trim() === "" ? [] : item.value.split(/[ \t\r\n]/);
  return chosen.every((value) => offered.has(value)) ? null : { path: item.path, code: "choice", message: "", number: "HW-1309" };
}

/** @param {Session} session @param {Item} item @returns {Problem | null} */
function brokenConstraint(session, item) {
  const { constraint, constraint_msg: message } = session.form.nodes[item.number];
  if (constraint === undefined || toBoolean(session.flow.ask(constraint, item))) return null;
  return { path: item.path, code: "constraint", message: text(session, message, item), number: "HW-1302" };
}
