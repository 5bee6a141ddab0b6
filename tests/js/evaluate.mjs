/** What JavaScript makes of expressions: `node evaluate.mjs`, a line `{trees, jobs, random, uuid}` in, a line out; see `outcomes.py`. */

import { createInterface } from "node:readline";

import { valueOf } from "../../collector/static/app/logic/expressions.js";
import "../../collector/static/app/logic/rare.js";
import { EvaluationError } from "../../collector/static/app/logic/errors.js";
import { toBoolean, toNumber, toText } from "../../collector/static/app/logic/values.js";

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

function outcome({ ast, fault, now }, given, all, at) {
  if (fault) return { kind: "error", code: fault };
  const instance = (name) => all.find((node) => node.name.replace(/^.*:/, "") === "instance" && node.attributes.some((each) => each.name === "id" && each.value === name)) ?? null;
  const choiceName = (value, path) => `${value}@${path}`;
  const itext = (key) => `itext ${key}`;
  const world = { now: () => now, random: () => given.random, uuid: () => given.uuid, instance, choiceName, itext };
  try {
    const value = valueOf(ast, at, world);
    const shown = Array.isArray(value) ? value.map((node) => node.number) : plain(value);
    return { kind: kindOf(value), value: shown, text: toText(value), number: plain(toNumber(value)), boolean: toBoolean(value) };
  } catch (error) {
    if (!(error instanceof EvaluationError)) throw error;
    return { kind: "error", code: error.number };
  }
}

function outcomes(given) {
  const nodesOf = {};
  for (const [name, tree] of Object.entries(given.trees)) build(tree, null, (nodesOf[name] = []));
  return given.jobs.map((job) => {
    const all = nodesOf[job.tree];
    const top = all[job.top];
    const above = top.parent;
    top.parent = null; // absolute paths are of the record, which may stand in a form
    const made = outcome(job, given, all, all[job.at]);
    top.parent = above;
    return made;
  });
}

for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${JSON.stringify(outcomes(JSON.parse(line)))}\n`);
