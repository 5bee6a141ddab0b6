/** A browser that sends its log, and a copy of it: the other side is a real hub, in Python. */

import "../../node_modules/fake-indexeddb/auto/index.mjs";

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, beforeEach, test } from "node:test";

import { finalise, log } from "../../collector/static/app/store/changes.js";
import { transact } from "../../collector/static/app/store/db.js";
import { begin } from "../../collector/static/app/store/drafts.js";
import { identity, setDevice } from "../../collector/static/app/store/identity.js";
import { Refused } from "../../collector/static/app/sync/client.js";
import { push, reached } from "../../collector/static/app/sync/push.js";

const ACCESS = { token: "t", lang: "en" };
const FORM = { id: "f".repeat(22), form_id: "test", layout: ["/data/name"] };

const folder = mkdtempSync(join(tmpdir(), "homeward-"));
const { fetch } = globalThis;
let hub;
let port = "";

async function serve() {
  const where = mkdtempSync(join(folder, "hub-"));
  hub = spawn(process.env.PYTHON ?? "python3", ["tests/js/hub.py", where], { env: { ...process.env, PYTHONPATH: process.cwd() }, stdio: ["ignore", "pipe", "inherit"] });
  port = await new Promise((resolve, reject) => {
    createInterface(hub.stdout).once("line", resolve);
    hub.once("exit", (code) => reject(new Error(`the hub ended with ${code}`)));
  });
}

let sent = 0;
globalThis.fetch = (path, options) => {
  if (path.endsWith("/changes")) sent += 1;
  return fetch(`http://127.0.0.1:${port}${path}`, options);
};
const ask = async (path, body = {}) => (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: JSON.stringify(body) })).json();

after(() => {
  hub?.kill();
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  hub?.kill();
  await serve();
  await restore({ meta: [], changes: [] });
  await setDevice({ token: "t", person: "anna0001", name: "Anna", username: "anna" });
  await enrol();
});

async function enrol() {
  const { log: own, spki } = await identity();
  await ask("/key", { replica: own.replica, public: spki });
}

const STORES = ["meta", "changes"];
const result = (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); });

/** What a profile holds, to be copied. */
function snapshot() {
  return transact(STORES, "readonly", async (store) => {
    const found = {};
    for (const name of STORES) {
      const [keys, values] = [await result(store(name).getAllKeys()), await result(store(name).getAll())];
      found[name] = keys.map((key, place) => [key, values[place]]);
    }
    return found;
  });
}

/** Puts a profile back as it was. */
function restore(held) {
  return transact(STORES, "readwrite", (store) => {
    for (const name of STORES) {
      store(name).clear();
      for (const [key, value] of held[name]) store(name).keyPath === null ? store(name).put(value, key) : store(name).put(value);
    }
  });
}

async function record(...names) {
  for (const name of names) {
    const answers = { "/data/name": name };
    const draft = await begin({ form: "test", version: FORM.id, record: "", parents: [], base: {}, baseReasons: {} }, answers);
    await finalise(draft.id, { form: FORM, answers, reasons: {} });
  }
}

const waiting = async () => (await log()).filter((change) => !change.received).map((change) => change.number);

test("what the hub lacks is sent, and a hub that was set back is sent it again", async () => {
  await record("1", "2");
  await push(ACCESS);
  assert.deepEqual(await waiting(), []);
  hub.kill();
  await serve(); // another hub: it has nothing
  await enrol();
  await record("3");
  await push(ACCESS);
  assert.deepEqual((await ask("/look")).values, ["1", "2", "3"]);
});

test("a copy of this browser is told, its part is kept, and received once it is mended", async () => {
  await record("1", "2");
  await push(ACCESS);
  const copied = await snapshot();
  await record("original 3");
  await push(ACCESS);
  const original = await snapshot();
  await restore(copied);
  await record("copy 3", "copy 4");
  await assert.rejects(push(ACCESS), (error) => error instanceof Refused && error.problem.code === "HW-2011");
  assert.deepEqual((await ask("/look")).aside, [2]);
  assert.deepEqual(await waiting(), [3, 4]);
  await record("copy 5");
  await assert.rejects(push(ACCESS), Refused);
  assert.deepEqual((await ask("/look")).aside, [3], "it grows");
  assert.equal((await ask("/mend")).taken, 3);
  await push(ACCESS);
  assert.deepEqual(await waiting(), []);
  await record("copy 6");
  await push(ACCESS);
  assert.deepEqual(await waiting(), []);
  await restore(original);
  await record("original 4", "original 5", "original 6", "original 7");
  await push(ACCESS);
  assert.deepEqual(await waiting(), []);
  assert.deepEqual((await ask("/look")).values, ["1", "2", "copy 3", "copy 4", "copy 5", "copy 6", "original 3", "original 4", "original 5", "original 6", "original 7"]);
});

test("a long part of a copy is kept whole, batch by batch, from where it parts", async () => {
  await record(...Array.from({ length: 70 }, (_, n) => `common ${n}`));
  await push(ACCESS);
  const copied = await snapshot();
  await record("original");
  await push(ACCESS);
  await restore(copied);
  await record(...Array.from({ length: 450 }, (_, n) => `copy ${n}`));
  await assert.rejects(push(ACCESS), Refused);
  assert.deepEqual((await ask("/look")).aside, [450]);
  const before = sent;
  await assert.rejects(push(ACCESS), Refused);
  assert.equal(sent, before, "what is kept is not sent again");
  assert.equal((await ask("/mend")).taken, 450);
  await push(ACCESS);
  assert.deepEqual(await waiting(), []);
});

test("the end that a hub has is found among its copies", () => {
  const all = [1, 2, 3].map((number) => ({ number, digest: `d${number}` }));
  const said = (has, digest, branches = []) => reached(/** @type {any} */ ({ has, digest, branches }), /** @type {any} */ (all));
  assert.equal(said("0", ""), 0);
  assert.equal(said("2", "d2"), 2);
  assert.equal(said("2", "other"), null);
  assert.equal(said("9", "other"), 9);
  assert.equal(said("9", "other", [["1", "d1"], ["2", "x"]]), 1);
});
