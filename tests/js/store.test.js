/** Drafts, the log and media over IndexedDB: what is one transaction, and what counts as received. */

import "../../node_modules/fake-indexeddb/auto/index.mjs";

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { decodeEdit, decodeHeader, logDigest } from "../../collector/static/app/sync/change.js";
import { sha } from "../../collector/static/app/sync/canonical.js";
import { finalise, log, markReceived, markRefused, NotEnrolled } from "../../collector/static/app/store/changes.js";
import { all, get, open, transact } from "../../collector/static/app/store/db.js";
import { begin, DraftGone, list, load, remove, save } from "../../collector/static/app/store/drafts.js";
import { current, keep, rowsOf } from "../../collector/static/app/store/field.js";
import { identity, setDevice } from "../../collector/static/app/store/identity.js";
import { load as loadLists } from "../../collector/static/app/store/lists.js";
import { put, waiting } from "../../collector/static/app/store/media.js";

const LAYOUT = /** @type {any} */ (["/data/village_code", "/data/name", ["/data/code"], ["/data/r", ["x"]], "/data/photo"]);
const FORM = { id: "F".repeat(22), form_id: "business", layout: LAYOUT };

beforeEach(async () => {
  const database = await open();
  const names = /** @type {any} */ ([...database.objectStoreNames]);
  await transact(names, "readwrite", (store) => names.forEach((name) => store(name).clear()));
  await setDevice({ token: "t", person: "anna0001", name: "Anna", username: "anna" });
});

const draftOf = (answers) => begin({ form: "business", version: FORM.id, village: "v1" }, answers);

test("an answer is saved alone, changed, and emptied", async () => {
  const draft = await draftOf({ "/data/name": "a" });
  await save(draft.id, { "/data/name": { value: "李" }, "/data/x": { reason: "refused" } });
  await save(draft.id, { "/data/x": { value: "7" } });
  assert.deepEqual((await load(draft.id))?.answers, { "/data/name": "李", "/data/x": "7" });
  assert.deepEqual((await load(draft.id))?.reasons, { "/data/x": "refused" });
  await save(draft.id, { "/data/name": { value: "" } });
  assert.deepEqual((await load(draft.id))?.answers, { "/data/x": "7" });
  assert.equal((await list()).length, 1);
  await remove(draft.id);
  assert.equal(await load(draft.id), null);
  await assert.rejects(save(draft.id, { "/data/name": { value: "b" } }), DraftGone);
});

test("finishing makes one change whose bytes and digests are those of the data model", async () => {
  const answers = { "/data/village_code": "140521901901", "/data/name": "豆腐", "/data/r[aaaa]": "m", "/data/r[aaaa]/x": "1" };
  const draft = await draftOf(answers);
  const { change, record } = await finalise(draft.id, { form: FORM, answers, reasons: { "/data/photo": "refused" }, title: "T" });
  const [row] = await log();
  const { log: own } = await identity();
  assert.equal(change, `${own.replica}-1`);
  assert.equal(record, change);
  assert.equal(await sha(row.header), row.headerSha);
  assert.equal(await sha(row.payload), row.payloadSha);
  const header = decodeHeader(row.header);
  assert.equal(header.payloadSha, row.payloadSha);
  assert.deepEqual(
    { ...header, clock: "", payloadSha: "" },
    { replica: own.replica, number: 1, record: "", form: FORM.id, parents: [], clock: "", author: "anna0001", kind: "edit",
      scopes: ["p:anna0001", "v:140521901901"], payloadSha: "" });
  const payload = decodeEdit(row.payload, LAYOUT);
  assert.deepEqual(payload.answers, answers);
  assert.deepEqual(payload.changed, ["*"]);
  assert.equal(own.digest, await logDigest([row.header]));
  assert.equal(await load(draft.id), null);
});

test("finishing the same draft twice, even at once, gives one change", async () => {
  const draft = await draftOf({ "/data/name": "a" });
  const finished = { form: FORM, answers: { "/data/name": "a" }, reasons: {} };
  const [first, second] = await Promise.all([finalise(draft.id, finished), finalise(draft.id, finished)]);
  assert.deepEqual(first, second);
  assert.deepEqual(await finalise(draft.id, finished), first);
  assert.equal((await log()).length, 1);
});

test("records finished at once in two tabs get numbers without a gap and one chain", async () => {
  const drafts = await Promise.all(Array.from({ length: 70 }, (_, n) => draftOf({ "/data/name": String(n) })));
  await Promise.all(drafts.map((draft, n) => finalise(draft.id, { form: FORM, answers: { "/data/name": String(n) }, reasons: {} })));
  const rows = await log();
  assert.deepEqual(rows.map((row) => row.number), Array.from({ length: 70 }, (_, n) => n + 1));
  assert.equal((await identity()).log.digest, await logDigest(rows.map((row) => row.header)));
  const clocks = rows.map((row) => decodeHeader(row.header).clock);
  assert.deepEqual([...clocks].sort(), clocks);
  assert.equal(new Set(clocks).size, 70);
});

test("an edit names its parents and only what the person changed; one without a change writes nothing", async () => {
  const answers = { "/data/village_code": "v1", "/data/name": "a", "/data/code": "c1" };
  const first = await draftOf(answers);
  const { record } = await finalise(first.id, { form: FORM, answers, reasons: {} });
  const edit = () => begin({ form: "business", version: FORM.id, record, parents: [record], base: answers, baseReasons: {} }, answers);
  const draft = await edit();
  const after = { ...answers, "/data/name": "b", "/data/code": "c2" };
  await finalise(draft.id, { form: FORM, answers: after, reasons: {} });
  const row = (await log())[1];
  assert.deepEqual(decodeHeader(row.header).parents, [record]);
  assert.equal(decodeHeader(row.header).record, record);
  assert.deepEqual(decodeEdit(row.payload, LAYOUT).changed, ["/data/name"]);
  const same = await edit();
  assert.deepEqual(await finalise(same.id, { form: FORM, answers, reasons: {} }), { change: "", record });
  assert.equal((await log()).length, 2);
  assert.equal(await load(same.id), null);
});

test("a draft that is gone, and a browser without a person, finish nothing", async () => {
  const finished = { form: FORM, answers: {}, reasons: {} };
  await assert.rejects(finalise("nowhere", finished), DraftGone);
  await transact(["meta"], "readwrite", (store) => { store("meta").delete("device"); });
  const draft = await draftOf({});
  await assert.rejects(finalise(draft.id, finished), NotEnrolled);
  assert.equal((await log()).length, 0);
  assert.ok(await load(draft.id));
});

test("a transaction that fails keeps nothing of itself", async () => {
  await assert.rejects(transact(["meta", "documents"], "readwrite", (store) => {
    store("meta").put("x", "half");
    store("documents").put({ kind: "no name, so no key" });
  }));
  assert.equal(await get("meta", "half"), undefined);
});

test("only a receipt that names the change and both digests counts", async () => {
  const draft = await draftOf({ "/data/name": "a" });
  const { change } = await finalise(draft.id, { form: FORM, answers: { "/data/name": "a" }, reasons: {} });
  const [row] = await log();
  await markRefused(1, { code: "HW-2009", message: "m", remedy: "r" });
  for (const wrong of [[change, row.headerSha, "x"], [change, "x", row.payloadSha], ["0aaaaaaa-1", row.headerSha, row.payloadSha], [`${change}0`, row.headerSha, row.payloadSha]]) {
    assert.equal(await markReceived(wrong[0], wrong[1], wrong[2], "2026-11-22T00:00:00Z"), false);
  }
  assert.equal((await log())[0].received, undefined);
  assert.equal((await log())[0].refused?.code, "HW-2009");
  assert.equal(await markReceived(change, row.headerSha, row.payloadSha, "2026-11-22T00:00:00Z"), true);
  assert.equal(await markReceived(change, row.headerSha, row.payloadSha, "2026-11-23T00:00:00Z"), true);
  assert.deepEqual([(await log())[0].received, (await log())[0].refused], ["2026-11-22T00:00:00Z", undefined]);
});

test("a photo waits once its record is finished; one that the record does not name goes with its draft", async () => {
  const draft = await draftOf({});
  const used = await put(new Blob(["photo"], { type: "image/jpeg" }), draft.id);
  const unused = await put(new Blob(["another"]), draft.id);
  assert.deepEqual(await waiting(), []);
  await finalise(draft.id, { form: FORM, answers: { "/data/photo": used }, reasons: {} });
  assert.deepEqual((await waiting()).map((media) => media.sha256), [used]);
  assert.equal(await get("media", unused), undefined);
});

const field = (records, made) => ({
  person: { id: "anna0001", name: "Anna", username: "anna" }, villages: [], forms: {}, lists: { villages: "/lists/a/villages.json" },
  entities: { businesses: [{ name: "u1", label: "hub" }, { name: "u2", label: "two" }] }, records, made,
});

test("a record is what was written here until the hub shows that it has it, then what the hub says", async () => {
  const answers = { "/data/village_code": "v1", "/data/name": "mine" };
  const draft = await draftOf(answers);
  const { record, change } = await finalise(draft.id, { form: FORM, answers, reasons: {} });
  const [row] = await log();
  const hub = { record, form: FORM.id, form_id: "business", village: "v1", answers: { "/data/name": "hub's" }, reasons: {}, own: true,
    heads: [change], review: "has_issues", comment: "?", questions: [], created: "2026-11-22T00:00:00Z", updated: "2026-11-22T00:00:00Z" };
  await keep(field([hub], "2026-11-22T00:00:01Z"), {});
  const one = async () => (await current("v1"))[0];
  assert.deepEqual([(await one()).standing, (await one()).answers["/data/name"]], ["waiting", "mine"]);
  await markReceived(change, row.headerSha, row.payloadSha, "2026-11-22T00:00:02Z");
  assert.deepEqual([(await one()).standing, (await one()).review, (await one()).answers["/data/name"]], ["received", "received", "mine"]);
  await keep(field([hub], "2026-11-22T00:00:03Z"), {});
  assert.deepEqual([(await one()).standing, (await one()).review, (await one()).comment], ["received", "has_issues", "?"]);
  assert.equal((await current("v1")).length, 1);
  assert.deepEqual(await current("v2"), []);
});

test("lists answer by column; what was recorded on this phone stands before what the hub published", async () => {
  const draft = await draftOf({});
  await finalise(draft.id, { form: FORM, answers: { "/data/name": "x" }, reasons: {}, entities: [{ list: "businesses", row: { name: "u1", label: "here" } }] });
  await keep(field([], "2026-11-22T00:00:01Z"), { villages: [{ name: "v1", township: "t1", county: "c" }, { name: "v2", township: "t2", county: "c" }] });
  assert.deepEqual((await rowsOf(["businesses"])).get("businesses")?.recorded.map((row) => row.label), ["here", "two"]);
  const lists = await loadLists({ instances: { villages: { src: "jr://file-csv/villages.csv" }, businesses: { src: "jr://file-csv/businesses.csv" }, own: {} } });
  assert.deepEqual(lists.rows("villages", { township: "t2" }).map((row) => row.name), ["v2"]);
  assert.deepEqual(lists.rows("jr://file-csv/villages.csv", { township: "t2", county: "no" }), []);
  assert.equal(lists.rows("villages").length, 2);
  assert.equal(lists.rows("businesses", { name: "u1" })[0]?.label, "here");
  assert.deepEqual(lists.rows("nothing"), []);
});

test("a tree is no list; the record before is the last that this person finalised here with the form", async () => {
  const attached = { form_id: FORM.form_id, instances: { counties: { src: "jr://file/counties.xml" }, places: { src: "jr://file/places.geojson" }, "__last-saved": { src: "jr://instance/last-saved" } } };
  const tree = ["counties", {}, [["county", { code: "x" }, "X"]]];
  await keep(field([], "2026-11-22T00:00:01Z"), { counties: tree, places: [{ id: "p1", title: "Well", geometry: "1 2 0 0" }] });
  const before = await loadLists(attached);
  assert.deepEqual(before.tree("counties"), tree);
  assert.deepEqual([before.rows("counties"), before.tree("places"), before.rows("places", { id: "p1" }).length], [[], null, 1]);
  for (const name of ["first", "last"]) {
    const draft = await draftOf({});
    await finalise(draft.id, { form: FORM, answers: { "/data/name": name }, reasons: {} });
  }
  const draft = await draftOf({});
  await finalise(draft.id, { form: { ...FORM, form_id: "another" }, answers: { "/data/name": "of another form" }, reasons: {} });
  assert.deepEqual((await loadLists(attached)).lastSaved(), { "/data/name": "last" });
  assert.deepEqual((await loadLists({ ...attached, form_id: "none" })).lastSaved(), {});
  assert.deepEqual((await loadLists({ ...attached, instances: {} })).lastSaved(), {});
  await setDevice({ token: "t", person: "somebody else", name: "B", username: "b" });
  assert.deepEqual((await loadLists(attached)).lastSaved(), {});
});

test("every writing transaction asks for the disk", async () => {
  const asked = [];
  const original = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function (stores, mode, options) {
    asked.push([mode, options?.durability]);
    return original.call(this, stores, mode, options);
  };
  try {
    const draft = await draftOf({});
    await save(draft.id, { "/data/name": { value: "a" } });
    await all("drafts");
  } finally {
    IDBDatabase.prototype.transaction = original;
  }
  assert.ok(asked.filter(([mode]) => mode === "readwrite").every(([, durability]) => durability === "strict"));
  assert.equal(asked.filter(([mode]) => mode === "readwrite").length, 2);
});
