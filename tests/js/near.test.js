/** Units of the own village are offered first, in the same order on phone and server. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { nearFirst } from "../../collector/static/app/logic/near.js";

const cases = JSON.parse(readFileSync(new URL("../vectors/near.json", import.meta.url), "utf8"));

for (const { name, village, rows, choices, expected } of cases) {
  test(name, () => assert.deepEqual(nearFirst(choices, rows, "uid", village), expected));
}
