/** Drafts between versions: what Python makes of each case of `tests/vectors/carry.json`, JavaScript makes of it too. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { carry } from "../../collector/static/app/logic/carry.js";
import { Form } from "../../collector/static/app/logic/form.js";
import { compiled, listsOf } from "./forms.js";

/** The shared vectors, or others that were made a moment ago. */
const FILE = process.env.CARRY ?? new URL("../vectors/carry.json", import.meta.url);
const { forms: sources, lists, cases } = JSON.parse(readFileSync(FILE, "utf8"));

test("a draft moves between versions as it does on the server", () => {
  const forms = new Map(Object.entries(compiled(sources)).map(([name, json]) => [name, new Form(json)]));
  const attached = listsOf(lists);
  assert.ok(cases.length > 0);
  for (const { old, new: now, answers, reasons, left = [], result, name } of cases) {
    const found = carry(forms.get(old) ?? null, forms.get(now), answers, reasons, attached, left);
    assert.deepStrictEqual(JSON.parse(JSON.stringify(found)), result, `${name ?? ""} ${old} ${now}`);
  }
});
