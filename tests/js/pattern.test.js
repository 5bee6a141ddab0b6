/** Patterns: what cannot be left to the browser's own matcher means the same and comes to an end. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { prepare } from "../../collector/static/app/logic/expressions.js";
import "../../collector/static/app/logic/rare.js";
import { isPlain, wholeMatch } from "../../collector/static/app/logic/pattern.js";
import { boundedMatch } from "../../collector/static/app/logic/pattern_bounded.js";

/** Park-Miller, so that a failure comes again. */
function chance(seed) {
  let state = seed;
  return (below) => (state = (state * 48271) % 2147483647) % below;
}

const ATOMS = [
  "a", "b", ".", "[ab]", "[^a]", "\\d", "\\s", "\\w", "\\b", "\\B", "^", "$", "\\p{L}", "[\\]\\d]", "\\u0061", "é", "\\.", "(?=a)", "(?!b)", "(?<=a)", "(?<!a)",
];
const SIGNS = ["", "", "", "", "*", "+", "?", "*?", "{2}", "{1,2}", "{1,}", "+?"];

/** A pattern by chance; what asserts only is not repeated. */
function patternOf(next, depth) {
  const parts = Array.from({ length: 1 + next(3) }, () => {
    const kind = next(8);
    if (kind < 2 && depth > 0) return `${["(", "(?:", "(?<n>"][next(2)]}${patternOf(next, depth - 1)})${SIGNS[next(SIGNS.length)]}`;
    if (kind === 2 && depth > 0) return `(${patternOf(next, depth - 1)}|${patternOf(next, depth - 1)})`;
    const atom = ATOMS[next(ATOMS.length)];
    return /^(\^|\$|\\b|\\B|\(.*)$/i.test(atom) ? atom : atom + SIGNS[next(SIGNS.length)];
  });
  return parts.join("");
}

test("finds what the browser's own matcher finds", () => {
  const next = chance(20261122);
  let found = 0;
  for (let n = 0; n < 3000; n++) {
    const pattern = patternOf(next, 2);
    const whole = new RegExp(`^(?:${pattern})$`, "u");
    for (let m = 0; m < 8; m++) {
      const text = Array.from({ length: next(6) }, () => "aab1 é.📷"[next(7)]).join("");
      const wanted = whole.test(text);
      found += Number(wanted);
      assert.equal(boundedMatch(text, whole.source), wanted, `${pattern} on ${JSON.stringify(text)}`);
    }
  }
  assert.ok(found > 1000);
});

for (const [pattern, text, wanted] of [
  ["(a+)+$", `${"a".repeat(5000)}!`, false],
  ["(a|aa)+$", `${"a".repeat(5000)}!`, false],
  ["(.*a){20}", `${"a".repeat(500)}!`, false],
  [`${"a?".repeat(60)}${"a".repeat(60)}`, "a".repeat(60), true],
  ["([A-Za-z]+\\s?)+", "one word after another ".repeat(200), true],
  ["(.|\\n)*", "a".repeat(1e6), true],
  [".*\\S.*\\S.*", " ".repeat(1e6), false],
]) {
  test(`${pattern.slice(0, 20)} on ${text.length} characters comes to an end`, { timeout: 10_000 }, () => {
    assert.equal(wholeMatch(text, pattern), wanted);
  });
}

for (const [pattern, text] of [["(a{900}){900}", "a".repeat(100)], [`(${"a?".repeat(900)})+`, "a".repeat(1e6)], ["(a+)+\\1", "a".repeat(5000)]]) {
  test(`${pattern.slice(0, 20)} on ${text.length} characters is a numbered problem`, { timeout: 10_000 }, () => {
    assert.throws(() => wholeMatch(text, pattern), { number: "HW-1203" });
  });
}

test("a pattern without end is malformed", () => assert.throws(() => wholeMatch("a", "a".repeat(3000)), { number: "HW-1202" }));

test("a page loads the matcher only for what needs it", async () => {
  for (const plain of ["^[0-9]{11}$", "^(\\+86|0086|86)?(1[3-9][0-9]{9}|0?[1-9][0-9]{7,9})$", "[A-Z]+", ".*"]) assert.ok(isPlain(["str", plain]), plain);
  for (const risky of ["(a+)+", "(a|b)*", "(.)\\1", ".*@.*"]) assert.ok(!isPlain(["str", risky]), risky);
  assert.ok(!isPlain(["path", ".", ["child", "pattern"]]), "a pattern that is worked out");
  assert.equal(await prepare([["call", "regex", ["path", ".", ["self", "node()"]], ["str", "[0-9]+"]]]), false);
  assert.ok(await prepare([["call", "regex", ["path", ".", ["self", "node()"]], ["str", ".*@.*"]]]));
});
