/** Canonical bytes, names, clock, layout and digest chain in the browser. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { byBytes, CanonicalError, encode, id, pairs, sha } from "../../collector/static/app/sync/canonical.js";
import {
  blockDigest, changedPaths, decodeEdit, decodeHeader, encodeEdit, encodeHeader, logDigest,
} from "../../collector/static/app/sync/change.js";
import { tick } from "../../collector/static/app/sync/clock.js";
import { exportPublic, generate, importPublic, signTip, verifyTip } from "../../collector/static/app/sync/keys.js";
import { fromBase64url } from "../../collector/static/app/sync/canonical.js";
import { pack, unpack } from "../../collector/static/app/sync/layout.js";
import { isReplica, newReplica, parseChange } from "../../collector/static/app/sync/names.js";

test("only quotes, backslashes and control characters are escaped; nothing is normalised", () => {
  assert.equal(encode(['"\\\b\t\n\f\r\u0001\u001f\u007f\u2028', "é", "e\u0301", "村😀"]),
    '["\\"\\\\\\b\\t\\n\\f\\r\\u0001\\u001f\u007f\u2028","é","e\u0301","村😀"]');
});

test("a lone surrogate and anything but text and arrays are refused", () => {
  for (const bad of ["\ud800", ["a", "\udc00b"], 1, null, { a: "b" }, [undefined]]) {
    assert.throws(() => encode(/** @type {any} */ (bad)), CanonicalError);
  }
});

test("keys are sorted by their UTF-8 bytes, not by UTF-16 units", () => {
  const keys = ["\u{10000}", "\uffff", "a", "é", "Z", "ab", ""];
  const utf8 = (text) => Buffer.from(text, "utf8");
  const expected = [...keys].sort((a, b) => Buffer.compare(utf8(a), utf8(b)));
  assert.deepEqual([...keys].sort(byBytes), expected);
  assert.deepEqual(pairs(Object.fromEntries(keys.map((key) => [key, "x"]))).map(([key]) => key), expected);
});

test("digests are SHA-256 as base64url; ids are its first 22 characters", async () => {
  assert.equal(await sha("abc"), "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  assert.equal(await id("abc"), "ungWv48Bz-pBQUDeXa4iI7");
});

test("replica names are 8 characters of base32 whose first carries 4 bits", () => {
  for (let i = 0; i < 200; i += 1) assert.ok(isReplica(newReplica()));
  assert.ok(!isReplica("g0000000") && !isReplica("0000000") && !isReplica("0000000i"));
  assert.deepEqual(parseChange("7k3m9q2x-17"), { replica: "7k3m9q2x", number: 17 });
  for (const bad of ["7k3m9q2x-0", "7k3m9q2x-17 ", "7k3m9q2x", "7k3m9q2x-16777216"]) assert.throws(() => parseChange(bad), RangeError);
});

test("a clock never goes back, counts within a millisecond, and overflows into the next", () => {
  assert.equal(tick("", 0x1234), "0000000012340000");
  assert.equal(tick("0000000012340000", 0x1234), "0000000012340001");
  assert.equal(tick("0000000012340005", 1), "0000000012340006");
  assert.equal(tick("000000001234ffff", 1), "0000000012350000");
  assert.equal(tick("000000001234ffff", 0x9999), "0000000099990000");
});

const LAYOUT = /** @type {any} */ (["/data/a", ["/data/b"], ["/data/r", ["x", ["y"], ["n", ["z"]]]], "/data/c"]);
const ANSWERS = {
  "/data/a": "1", "/data/r[bbbb]": "m", "/data/r[aaaa]": "n", "/data/r[aaaa]/x": "村", "/data/r[aaaa]/n[cccc]": "a",
  "/data/r[aaaa]/n[cccc]/z": "q", "/data/new": "kept", "/data/r[zzzz]/x": "no such instance",
};

test("a record packed by its layout and unpacked is the same; what the layout does not know is kept", () => {
  const { values, extra } = pack(LAYOUT, ANSWERS);
  assert.deepEqual(values, ["1", "", [["bbbb", "m", []], ["aaaa", "n", ["村", "", [["cccc", "a", ["q"]]]]]]]);
  assert.deepEqual(extra, [["/data/new", "kept"], ["/data/r[zzzz]/x", "no such instance"]]);
  assert.deepEqual(unpack(LAYOUT, values, extra), ANSWERS);
  assert.deepEqual(pack(LAYOUT, {}), { values: [], extra: [] });
  assert.throws(() => unpack(["/data/a"], ["1", "2"]), RangeError);
});

test("header and payload survive encoding", () => {
  const header = {
    replica: "7k3m9q2x", number: 3, record: "7k3m9q2x-1", form: "f".repeat(22), parents: ["7k3m9q2x-2", "7k3m9q2x-1"],
    clock: "0000000012340000", author: "anna", kind: /** @type {const} */ ("edit"), scopes: ["v:1", "p:a"], payloadSha: "p".repeat(43),
  };
  assert.deepEqual(decodeHeader(encodeHeader(header)), { ...header, parents: ["7k3m9q2x-1", "7k3m9q2x-2"], scopes: ["p:a", "v:1"] });
  const payload = encodeEdit({ salt: "s".repeat(22), layout: LAYOUT, answers: ANSWERS, reasons: { "/data/c": "refused", "/data/a": "" }, changed: ["*"] });
  assert.deepEqual(decodeEdit(payload, LAYOUT), { salt: "s".repeat(22), answers: ANSWERS, reasons: { "/data/c": "refused" }, changed: ["*"] });
});

test("what changed is what differs in answer or reason, removals too, derived paths left out", () => {
  const before = { answers: { "/data/a": "1", "/data/b": "x", "/data/c": "3" }, reasons: { "/data/d": "refused" } };
  const after = { answers: { "/data/a": "1", "/data/b": "y" }, reasons: { "/data/d": "dont_know", "/data/c": "come_back" } };
  assert.deepEqual(changedPaths(LAYOUT, before, after), ["/data/c", "/data/d"]);
});

test("the digest of a log is a chain over blocks of 64 headers", async () => {
  const headers = Array.from({ length: 130 }, (_, place) => `h${place}`);
  const first = await blockDigest("", headers.slice(0, 64));
  const second = await blockDigest(first, headers.slice(64, 128));
  assert.equal(await logDigest(headers.slice(0, 64)), first);
  assert.equal(await logDigest(headers), await blockDigest(second, headers.slice(128)));
  assert.equal(await logDigest([]), "");
});

test("a signed tip verifies with the exported key, and not when a digit differs", async () => {
  const pair = await generate();
  assert.equal(pair.privateKey.extractable, false);
  const key = await importPublic(fromBase64url(await exportPublic(pair)));
  const signature = fromBase64url(await signTip(pair, "7k3m9q2x", 5, "d"));
  assert.equal(signature.length, 64);
  assert.equal(await verifyTip(key, "7k3m9q2x", 5, "d", signature), true);
  assert.equal(await verifyTip(key, "7k3m9q2x", 6, "d", signature), false);
});
