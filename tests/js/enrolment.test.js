/** Enrolling by a code: the vectors that Python reproduces too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { confirmation, isHubOf, readCode, typedCode } from "../../collector/static/app/sync/enrolment.js";

const vector = JSON.parse(readFileSync(new URL("../vectors/enrolment.json", import.meta.url), "utf-8"));
const proof = { hub: vector.hub, spki: vector.spki, at: vector.at, signature: vector.signature };

test("a code is read as it was scanned and as it was typed", () => {
  assert.deepEqual(readCode(vector.fragment), { secret: vector.code, print: vector.fingerprint });
  for (const text of vector.as_typed) {
    assert.equal(readCode(text)?.secret, vector.code, text);
    assert.equal(typedCode(readCode(text)), vector.typed);
  }
  assert.equal(typedCode(readCode(vector.fragment)), vector.typed);
});

test("what is no code is none", () => {
  for (const text of vector.no_codes) assert.equal(readCode(text), null, text);
});

test("the digits are those of the supervisor's page", async () => {
  assert.equal(await confirmation(vector.code, vector, vector.replica, vector.phone), vector.confirmation);
});

test("a hub is believed by fingerprint and signature, scanned and typed", async () => {
  for (const text of [vector.fragment, vector.typed]) {
    const code = readCode(text);
    assert.equal(await isHubOf(code, proof, vector.nonce), true);
    assert.equal(await isHubOf(code, proof, `${vector.nonce}x`), false, "signed before");
    assert.equal(await isHubOf(code, { ...proof, at: "2027-01-01T00:00:00.000Z" }, vector.nonce), false);
    assert.equal(await isHubOf(code, { ...proof, spki: vector.phone }, vector.nonce), false, "another key");
  }
});
