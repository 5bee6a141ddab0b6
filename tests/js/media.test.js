/** Photos on their way to a hub: what is sent, from where, and what counts as received. A real HTTP server stands in. */

import "../../node_modules/fake-indexeddb/auto/index.mjs";

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { after, beforeEach, test } from "node:test";

import { all, transact } from "../../collector/static/app/store/db.js";
import { put, waiting } from "../../collector/static/app/store/media.js";
import { Refused, Unreachable } from "../../collector/static/app/sync/client.js";
import { nextPiece, PIECE, pushMedia, upload } from "../../collector/static/app/sync/media.js";

const ACCESS = { token: "t", lang: "en" };

/** The hub: bytes by digest, every piece that came as [offset, length], and `meddle`, which may answer in its place. */
const hub = { media: new Map(), whole: new Set(), pieces: [], asked: 0, meddle: (_request, _response, _body) => false };

const server = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => answer(request, response, Buffer.concat(chunks)));
});

function answer(request, response, body) {
  const name = request.url.split("/").at(-1);
  const held = () => hub.media.get(name) ?? Buffer.alloc(0);
  if (hub.meddle(request, response, body, name)) return;
  if (request.method === "HEAD") {
    hub.asked += 1;
    response.writeHead(200, { "Upload-Offset": String(held().length), "Upload-Complete": hub.whole.has(name) ? "?1" : "?0" }).end();
    return;
  }
  const [offset, length] = ["upload-offset", "upload-length"].map((header) => Number(request.headers[header]));
  if (!hub.whole.has(name)) {
    if (held().length < length) {
      if (offset !== held().length) return refuse(response, 409, "HW-2060");
      hub.pieces.push([offset, body.length]);
      hub.media.set(name, Buffer.concat([held(), body]));
    }
    if (held().length >= length) {
      if (createHash("sha256").update(held()).digest("hex") !== name) {
        hub.media.delete(name);
        return refuse(response, 400, "HW-2025");
      }
      hub.whole.add(name);
    }
  }
  tell(response, 200, { sha256: name, size: held().length, complete: hub.whole.has(name) });
}

function tell(response, status, body) {
  response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
}

const refuse = (response, status, code) => tell(response, status, { problem: { code, place: "", message: "m", remedy: "r" } });

await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
const { fetch } = globalThis;
globalThis.fetch = (path, options) => fetch(`http://127.0.0.1:${/** @type {any} */ (server.address()).port}${path}`, options);
after(() => {
  server.closeAllConnections();
  server.close();
});

beforeEach(async () => {
  Object.assign(hub, { media: new Map(), whole: new Set(), pieces: [], asked: 0, meddle: () => false });
  await transact(["media", "changes"], "readwrite", (store) => { store("media").clear(); store("changes").clear(); });
});

/** A photo that waits to be sent. */
async function photo(size, seed = 1) {
  const bytes = Uint8Array.from({ length: size }, (_, place) => (place * 31 + seed) % 251);
  const sha256 = await put(new Blob([bytes], { type: "image/jpeg" }), `draft${seed}`);
  await transact(["media"], "readwrite", (store) => {
    const request = store("media").get(sha256);
    request.onsuccess = () => store("media").put({ ...request.result, change: 1 });
  });
  return { sha256, bytes: Buffer.from(bytes) };
}

const rowOf = async (sha256) => (await all("media")).find((row) => row.sha256 === sha256);
const sent = () => hub.pieces.reduce((sum, [, length]) => sum + length, 0);

test("a file goes out in pieces that follow one another, and its receipt names digest and length", async () => {
  const { sha256, bytes } = await photo(2_000_000);
  await pushMedia(ACCESS);
  assert.ok(hub.pieces.length > 2);
  assert.equal(sent(), 2_000_000);
  hub.pieces.reduce((end, [offset, length]) => { assert.equal(offset, end); return end + length; }, 0);
  assert.ok(hub.pieces.every(([, length]) => length <= PIECE.most));
  assert.ok(bytes.equals(hub.media.get(sha256)));
  assert.equal((await waiting()).length, 0);
});

test("no file goes out before the text that names it; a text that was refused holds none up", async () => {
  const { sha256 } = await photo(1000);
  const note = (state) => transact(["changes"], "readwrite", (store) => { store("changes").put({ number: 1, ...state }); });
  await note({});
  await pushMedia(ACCESS);
  assert.equal(sent(), 0);
  await note({ refused: { code: "HW-2050", message: "m", remedy: "r" } });
  await pushMedia(ACCESS);
  assert.ok((await rowOf(sha256)).received);
});

test("after a cut it goes on where the hub is, and no acknowledged byte is sent again", async () => {
  const { sha256 } = await photo(4_000_000);
  let left = 2;
  hub.meddle = (request) => {
    if (request.method !== "PATCH" || left-- > 0) return false;
    request.socket.destroy();
    return true;
  };
  await assert.rejects(pushMedia(ACCESS), Unreachable);
  assert.equal((await waiting()).length, 1);
  const acknowledged = sent();
  assert.ok(acknowledged > 0 && acknowledged < 4_000_000);
  hub.meddle = () => false;
  hub.pieces = [];
  await pushMedia(ACCESS);
  assert.equal(hub.pieces[0][0], acknowledged);
  assert.equal(sent(), 4_000_000 - acknowledged);
  assert.ok((await rowOf(sha256)).received);
});

test("a lost answer costs a question and no byte, even after the last piece", async () => {
  for (const size of [100, 700_000]) {
    const { sha256 } = await photo(size, size);
    hub.pieces = [];
    hub.meddle = (request, response, body, name) => {
      if (request.method !== "PATCH") return false;
      hub.meddle = () => false;
      answer(request, { writeHead: () => ({ end: () => request.socket.destroy() }) }, body, name);
      return true;
    };
    await assert.rejects(pushMedia(ACCESS), Unreachable);
    await pushMedia(ACCESS);
    assert.equal(sent(), size);
    assert.ok((await rowOf(sha256)).received);
  }
});

test("another sender of the same file may be ahead: it goes on from there", async () => {
  const { sha256, bytes } = await photo(1_000_000);
  let done = false;
  hub.meddle = (request, response, body, name) => {
    if (request.method === "PATCH" && !done) {
      done = true;
      hub.media.set(name, bytes.subarray(0, 600_000));
    }
    return false;
  };
  await pushMedia(ACCESS);
  assert.equal(hub.pieces[0][0], 600_000);
  assert.equal(sent(), 400_000);
  assert.ok((await rowOf(sha256)).received);
});

test("what others began wrongly is sent anew, once", async () => {
  for (const held of [10, 1_000, 5_000]) {
    const { sha256, bytes } = await photo(1_000, held);
    hub.media.set(sha256, Buffer.alloc(held));
    await pushMedia(ACCESS);
    assert.ok(bytes.equals(hub.media.get(sha256)));
  }
  const { sha256 } = await photo(1_000, 9);
  hub.meddle = (request, response) => request.method === "PATCH" && (refuse(response, 400, "HW-2025"), true);
  const [media] = await waiting();
  await assert.rejects(upload(ACCESS, media), Refused);
  assert.equal((await rowOf(sha256)).received, undefined);
});

test("a hub that takes nothing, or another's answer, is no receipt and ends the attempt", async () => {
  const { sha256 } = await photo(1_000);
  const answers = [
    { sha256, size: 0, complete: false }, { sha256: "0".repeat(64), size: 1_000, complete: true },
    { sha256, complete: true }, { sha256, size: 999, complete: "yes" }, {},
  ];
  for (const body of answers) {
    let calls = 0;
    hub.meddle = (request, response) => request.method === "PATCH" && ((calls += 1), tell(response, 200, body), true);
    await assert.rejects(pushMedia(ACCESS), Unreachable, JSON.stringify(body));
    assert.ok(calls <= 2, JSON.stringify(body));
  }
  hub.meddle = (request, response) => (response.writeHead(200, { "Content-Type": "text/html" }).end("<p>Welcome"), true);
  await assert.rejects(pushMedia(ACCESS), Unreachable);
  assert.equal((await rowOf(sha256)).received, undefined);
});

test("one bad file holds up none of the others, and says why it stays", async () => {
  const bad = await photo(1_000, 1);
  const lost = await photo(1_001, 2);
  const good = await photo(1_000, 3);
  const odd = await photo(1_000, 4);
  hub.meddle = (request, response, body, name) => {
    if (name === bad.sha256 && request.method === "PATCH") return refuse(response, 413, "HW-3008"), true;
    if (name === odd.sha256) return tell(response, 500, { problem: { code: "HW-3009", message: "m", remedy: "r" } }), true;
    return false;
  };
  const { arrayBuffer } = Blob.prototype;
  Blob.prototype.arrayBuffer = function read() { // as a browser whose copy on the disk is damaged
    return this.size === 1_001 ? Promise.reject(new DOMException("gone", "NotReadableError")) : arrayBuffer.call(this);
  };
  await assert.rejects(pushMedia(ACCESS), Unreachable);
  Blob.prototype.arrayBuffer = arrayBuffer;
  assert.equal((await rowOf(lost.sha256)).unreadable, true);
  assert.ok((await rowOf(good.sha256)).received);
  assert.equal((await rowOf(bad.sha256)).refused.code, "HW-3008");
  assert.equal((await rowOf(odd.sha256)).received, undefined);
  hub.meddle = () => false;
  await pushMedia(ACCESS);
  assert.ok((await rowOf(bad.sha256)).received);
  assert.equal((await rowOf(bad.sha256)).refused, undefined);
  assert.equal((await rowOf(lost.sha256)).unreadable, undefined);
  assert.equal((await waiting()).length, 0);
});

test("a file that cut the line goes last in the next round", async () => {
  const [one, two] = [await photo(1_000, 5), await photo(1_000, 6)];
  const first = [one, two].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1))[0];
  hub.meddle = (request, _response, _body, name) => {
    if (request.method !== "PATCH" || name !== first.sha256) return false;
    request.socket.destroy();
    return true;
  };
  await assert.rejects(pushMedia(ACCESS), Unreachable);
  assert.equal((await waiting()).length, 2);
  await assert.rejects(pushMedia(ACCESS), Unreachable);
  assert.deepEqual((await waiting()).map((media) => media.sha256), [first.sha256]);
});

test("an access that has ended stops the round and marks no file", async () => {
  const { sha256 } = await photo(1_000);
  hub.meddle = (request, response) => request.method === "PATCH" && (refuse(response, 401, "HW-3403"), true);
  await assert.rejects(pushMedia(ACCESS), Refused);
  assert.equal((await rowOf(sha256)).refused, undefined);
});

test("pieces grow on a quick line, shrink on a slow or broken one, and stay whole bytes within bounds", () => {
  assert.equal(nextPiece(PIECE.first, 0.1), PIECE.first * 2);
  assert.equal(nextPiece(PIECE.first, 5), PIECE.first);
  assert.equal(nextPiece(PIECE.first, 20), PIECE.first / 2);
  let [up, down] = [PIECE.first, PIECE.first];
  for (let n = 0; n < 30; n += 1) [up, down] = [nextPiece(up, 0), nextPiece(down, Infinity)];
  assert.deepEqual([up, down], [PIECE.most, PIECE.least]);
  assert.ok(Number.isInteger(down));
});
