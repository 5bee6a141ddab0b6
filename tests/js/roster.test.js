/** The roster on the phone is the roster on the server: both give what the shared cases say. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { roster } from "../../collector/static/app/logic/roster.js";

const cases = JSON.parse(readFileSync(new URL("../vectors/roster.json", import.meta.url), "utf8"));

for (const { name, place, today, records, expected } of cases) {
  test(name, () => assert.deepEqual(roster(place, records, today), expected));
  test(`${name}, in another order`, () => assert.deepEqual(roster(place, [...records].reverse(), today), expected));
}
