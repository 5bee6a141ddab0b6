/** Answers and trees that are meant to do harm: JavaScript comes to an end with a value or a numbered problem. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { isKnown } from "../../collector/static/app/logic/evaluate.js";
import { valueOf } from "../../collector/static/app/logic/expressions.js";
import "../../collector/static/app/logic/rare.js";
import { EvaluationError } from "../../collector/static/app/logic/errors.js";

const world = { now: () => "2026-11-22T09:30:00.000+08:00", random: () => 0.5, uuid: () => "f81d4fae-7dec-41d0-a765-00a0c91e6bf6", instance: () => null };
const node = (name, value, parent = null) => ({ name, value, parent, hidden: false, children: [] });
const SELF = ["path", ".", ["self", "node()"]];
const FUNCTIONS = [
  "string", "concat", "join", "starts-with", "contains", "substring", "substring-before", "substr", "string-length", "normalize-space",
  "translate", "lower-case", "regex", "uuid", "selected", "selected-at", "count-selected", "digest", "base64-encode", "base64-decode",
  "number", "round", "sum", "min", "max", "date", "format-date", "decimal-time", "distance", "area", "geofence", "count", "boolean", "id", "lang",
  "checklist", "weighted-checklist", "coalesce", "once", "if", "boolean-from-string", "randomize", "name", "index",
];

for (const name of FUNCTIONS) {
  test(`${name}() bears an answer of a megabyte`, { timeout: 10_000 }, () => {
    assert.ok(isKnown(name));
    const big = node("a", "x y".repeat(333_333));
    try {
      valueOf(["call", name, SELF, SELF, SELF], big, world);
    } catch (error) {
      assert.ok(error instanceof EvaluationError, error);
    }
  });
}

for (const algorithm of ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"]) {
  test(`${algorithm} of a megabyte`, { timeout: 30_000 }, () => {
    const text = valueOf(["call", "digest", SELF, ["str", algorithm], ["str", "hex"]], node("a", "x".repeat(1e6)), world);
    assert.match(text, /^[0-9a-f]{32,128}$/);
  });
}

test("a tree may be deeper than the stack", { timeout: 10_000 }, () => {
  const root = node("", "");
  let top = root;
  for (let n = 0; n < 100_000; n++) {
    const child = node("a", "", top);
    top.children.push(child);
    top = child;
  }
  top.value = "x";
  const anywhere = ["path", "/", ["descendant-or-self", "node()"], ["child", "a"]];
  assert.equal(valueOf(["call", "count", anywhere], root, world), 100_000);
  assert.equal(valueOf(["call", "count", [...anywhere, ["parent", "node()"]]], root, world), 100_000);
  assert.equal(valueOf(["call", "string", ["path", "/"]], root, world), "x");
  assert.equal(valueOf(["call", "count", ["path", ".", ["ancestor", "a"]]], top, world), 99_999);
});

test("a sum over many nodes", () => {
  const root = node("", "");
  for (let n = 0; n < 300_000; n++) root.children.push(node("a", "1", root));
  const all = ["path", "/", ["child", "a"]];
  for (const [name, wanted] of [["sum", 300_000], ["min", 1], ["max", 1], ["count", 300_000]]) assert.equal(valueOf(["call", name, all], root, world), wanted);
});

test("what is nested deeper than the stack is a numbered problem", () => {
  let ast = ["num", 1];
  for (let n = 0; n < 200_000; n++) ast = ["neg", ast];
  assert.throws(() => valueOf(ast, node("a", ""), world), { number: "HW-1205" });
});
