/** The browser makes the same bytes and digests as the hub: every worked example of the data model. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { byBytes, encode, fromBase64url, id, sha } from "../../collector/static/app/sync/canonical.js";
import { decodeEdit, decodeHeader, encodeEdit, encodeHeader, logDigest } from "../../collector/static/app/sync/change.js";
import { tick } from "../../collector/static/app/sync/clock.js";
import { importPublic, verifyTip } from "../../collector/static/app/sync/keys.js";
import { pack, unpack } from "../../collector/static/app/sync/layout.js";

const vectors = JSON.parse(readFileSync(new URL("../vectors/changes.json", import.meta.url), "utf8"));
const { layout } = vectors.form;

test("canonical text", () => {
  for (const { value, text } of vectors.canonical) assert.equal(encode(value), text);
  assert.deepEqual([...vectors.sorted.given].sort(byBytes), vectors.sorted.expected);
});

test("digests and ids", async () => {
  for (const { text, sha: expected, id: short } of vectors.sha) {
    assert.equal(await sha(text), expected);
    assert.equal(await id(text), short);
  }
  assert.equal(await id(vectors.form.document), vectors.form.id);
});

test("clocks", () => {
  for (const { latest, milliseconds, clock } of vectors.ticks) assert.equal(tick(latest, milliseconds), clock);
});

test("the digest of a log at every number that is given", async () => {
  const headers = Array.from({ length: 130 }, (_, place) => `header ${place + 1}`);
  for (const [number, digest] of Object.entries(vectors.chain.digests)) {
    assert.equal(await logDigest(headers.slice(0, Number(number))), digest);
  }
});

test("packing by a layout, and back", () => {
  const { answers, values, extra } = vectors.pack;
  assert.deepEqual(pack(layout, answers), { values, extra });
  assert.deepEqual(unpack(layout, values, extra), answers);
});

test("a signature of the hub's own implementation", async () => {
  const { replica, number, digest, public: spki, signature, text } = vectors.signature;
  const key = await importPublic(fromBase64url(spki));
  assert.equal(encode(["tip", replica, number, digest]), text);
  assert.equal(await verifyTip(key, replica, Number(number), digest, fromBase64url(signature)), true);
  assert.equal(await verifyTip(key, replica, Number(number) + 1, digest, fromBase64url(signature)), false);
});

const changes = vectors.folds.flatMap((fold) => fold.changes);

test("headers of all changes, written and read", async () => {
  assert.ok(changes.length > 20);
  for (const { header, header_sha: headerSha, payload, payload_sha: payloadSha, kind } of changes) {
    assert.equal(encodeHeader(decodeHeader(header)), header);
    assert.equal(await sha(header), headerSha);
    assert.equal(await sha(payload), payloadSha);
    assert.equal(decodeHeader(header).kind, kind);
  }
});

test("payloads of all edits, written and read", () => {
  const edits = changes.filter(({ kind }) => kind === "edit" || kind === "settle");
  assert.ok(edits.length > 20);
  for (const { payload, salt, answers, reasons, changed } of edits) {
    assert.equal(encodeEdit({ salt, layout, answers, reasons, changed }), payload);
    assert.deepEqual(decodeEdit(payload, layout), { salt, answers, reasons, changed });
  }
});
