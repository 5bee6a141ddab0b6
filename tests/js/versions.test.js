/** A draft in another version of its form, over IndexedDB: what is kept for that day, and that it moves whole. */

import "../../node_modules/fake-indexeddb/auto/index.mjs";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { all, open, transact } from "../../collector/static/app/store/db.js";
import { begin, DraftGone, load, remove } from "../../collector/static/app/store/drafts.js";
import { formOf, keep } from "../../collector/static/app/store/forms.js";
import { decided, moveDraft } from "../../collector/static/app/store/versions.js";

const form = (/** @type {string} */ id) => /** @type {any} */ ({ id, form_id: "stay", nodes: [] });
const LEFT = /** @type {any} */ ({ path: "/data/rooms", why: "gone", type: "int", label: { "": "Rooms" }, value: "12", reason: "", shown: {}, within: {} });
const versions = async () => (await all("documents")).filter(({ kind }) => kind === "form").map(({ name }) => name);

beforeEach(async () => {
  const database = await open();
  const names = /** @type {any} */ ([...database.objectStoreNames]);
  await transact(names, "readwrite", (store) => names.forEach((name) => store(name).clear()));
});

test("the form that a draft was begun with is kept, until nothing here was made with it", async () => {
  const one = await begin({ form: "stay", version: "v1" }, { "/data/a": "1" });
  await keep(form("v1"));
  await transact(["records"], "readwrite", (store) => void store("records").put({ record: "r", form: "v1", village: "" }));
  await remove(one.id);
  await begin({ form: "stay", version: "v2" }, {});
  await keep(form("v2"));
  assert.deepEqual(await versions(), ["v1", "v2"]);
  assert.deepEqual(await formOf("v1"), form("v1"));
  await transact(["records"], "readwrite", (store) => store("records").clear());
  await begin({ form: "stay", version: "v3" }, {});
  await keep(form("v3"));
  assert.deepEqual(await versions(), ["v2", "v3"]);
});

test("a version that is neither here nor at the hub is none", async () => {
  globalThis.fetch = () => Promise.reject(new TypeError("no network"));
  assert.equal(await formOf("v9"), null);
  globalThis.fetch = () => Promise.resolve(new Response("{}", { status: 404 }));
  assert.equal(await formOf("v9"), null);
  globalThis.fetch = () => Promise.resolve(new Response(JSON.stringify(form("v9"))));
  assert.deepEqual(await formOf("v9"), form("v9"));
});

test("a draft moves whole: version, answers, reasons and what was left", async () => {
  const draft = await begin({ form: "stay", version: "v1" }, { "/data/name": "x", "/data/rooms": "12" }, { "/data/c": "refused" });
  await keep(form("v1"));
  await moveDraft(draft.id, form("v2"), { carried: 1, added: 0, left: [LEFT] }, { "/data/g/name": "x" }, { "/data/d": "refused" });
  const held = await load(draft.id);
  assert.deepEqual([held?.answers, held?.reasons], [{ "/data/g/name": "x" }, { "/data/d": "refused" }]);
  assert.deepEqual([held?.draft.version, held?.draft.moved], ["v2", { carried: 1, added: 0, left: [LEFT] }]);
  await decided(draft.id, null);
  assert.equal((await load(draft.id))?.draft.moved, undefined);
});

test("a draft that is gone is not brought back by moving it", async () => {
  const draft = await begin({ form: "stay", version: "v1" }, { "/data/name": "x" });
  await remove(draft.id);
  await assert.rejects(moveDraft(draft.id, form("v2"), { carried: 0, added: 0, left: [] }, { "/data/name": "x" }, {}), DraftGone);
  await assert.rejects(decided(draft.id, null), DraftGone);
  assert.deepEqual(await all("draft_answers"), []);
});
