/** What JavaScript makes of expressions: `node evaluate.mjs` with `{trees, jobs, random, uuid}` on stdin; see `cases.py`. */

import { readFileSync } from "node:fs";

import { valueOf } from "../../collector/static/app/logic/expressions.js";
import "../../collector/static/app/logic/rare.js";
import { EvaluationError, toBoolean, toNumber, toText } from "../../collector/static/app/logic/values.js";

const given = JSON.parse(readFileSync(0, "utf-8"));

/** The nodes of a tree in document order, attributes behind their element. */
function build({ name, value = "", hidden = false, space, written, attributes = [], children = [] }, parent, all) {
  const node = { name, value, parent, hidden: hidden || (parent?.hidden ?? false), space, written, number: all.length, children: [], attributes: [] };
  all.push(node);
  node.attributes = attributes.map((each) => build(each, node, all));
  node.children = children.map((each) => build(each, node, all));
  return node;
}

/** JSON has no NaN, Infinity and -0. */
const plain = (value) => (typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0)) ? { number: Object.is(value, -0) ? "-0" : String(value) } : value);

const kindOf = (value) => (Array.isArray(value) ? "nodes" : typeof value);

function outcome({ ast, fault, now }, all, at) {
  if (fault) return { kind: "error", code: fault };
  const instance = (name) => all.find((node) => node.name.replace(/^.*:/, "") === "instance" && node.attributes.some((each) => each.name === "id" && each.value === name)) ?? null;
  const world = { now: () => now, random: () => given.random, uuid: () => given.uuid, instance };
  try {
    const value = valueOf(ast, at, world);
    const shown = Array.isArray(value) ? value.map((node) => node.number) : plain(value);
    return { kind: kindOf(value), value: shown, text: toText(value), number: plain(toNumber(value)), boolean: toBoolean(value) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { kind: "error", code: error.number };
  }
}

const nodesOf = {};
for (const [name, tree] of Object.entries(given.trees)) build(tree, null, (nodesOf[name] = []));

const found = given.jobs.map((job) => {
  const all = nodesOf[job.tree];
  const top = all[job.top];
  const above = top.parent;
  top.parent = null; // absolute paths are of the record, which may stand in a form
  const made = outcome(job, all, all[job.at]);
  top.parent = above;
  return made;
});
process.stdout.write(JSON.stringify(found));
