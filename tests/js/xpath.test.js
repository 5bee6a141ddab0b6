/** Expressions: every case of `tests/vectors/xpath.json` gives in JavaScript what it gives in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { evaluate } from "../../collector/static/app/logic/evaluate.js";
import "../../collector/static/app/logic/rare.js";
import { EvaluationError } from "../../collector/static/app/logic/errors.js";
import { nodeText, toBoolean, toNumber, toText } from "../../collector/static/app/logic/values.js";

const file = JSON.parse(readFileSync(new URL("../vectors/xpath.json", import.meta.url), "utf8"));

/** `[name, text or nodes, "hidden"?]` */
function node([name, content, flag], parent) {
  const made = { name, parent, value: "", hidden: flag === "hidden" || parent.hidden, children: [] };
  if (typeof content === "string") made.value = content;
  else made.children = content.map((child) => node(child, made));
  return made;
}

function documentOf(described) {
  const document = { name: "", parent: null, value: "", hidden: false, children: [] };
  document.children = [node(described, document)];
  return document;
}

function find(document, path) {
  let at = document;
  for (const step of path.split("/").filter(Boolean)) {
    const [, name, place = "1"] = /^([^[]+)(?:\[(\d+)\])?$/.exec(step);
    at = at.children.filter((child) => child.name === name)[Number(place) - 1];
  }
  return at;
}

const listDocument = (rows) => documentOf(["root", rows.map((row) => ["item", Object.entries(row)])]);

const world = {
  now: () => file.now,
  random: () => file.random,
  uuid: () => file.uuid,
  instance: (name) => (name in file.lists ? listDocument(file.lists[name]) : null),
  rows: (name, filters) => (name in file.lists
    ? listDocument(file.lists[name].filter((row) => Object.entries(filters).every(([column, text]) => (row[column] ?? "") === text))).children[0].children
    : null),
  choiceName: (value, path) => `${value}@${path}`,
  itext: (key) => `itext ${key}`,
};

const CONVERT = { string: toText, number: toNumber, boolean: toBoolean, nodes: (set) => set.map(nodeText) };
const SPECIAL = { NaN, Infinity, "-Infinity": -Infinity };

test("there are cases", () => assert.ok(file.cases.length > 100));

for (const { expression, ast, tree = Object.keys(file.trees)[0], at, kind, value } of file.cases) {
  test(`${expression} at ${at}`, () => {
    const context = find(documentOf(file.trees[tree]), at);
    const run = () => evaluate(ast, { node: context, position: 1, size: 1, current: context, world });
    if (kind === "error") assert.throws(run, EvaluationError);
    else assert.deepStrictEqual(CONVERT[kind](run()), kind === "number" && value in SPECIAL ? SPECIAL[value] : value);
  });
}
