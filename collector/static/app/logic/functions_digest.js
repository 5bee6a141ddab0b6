/** Digests and base64. Source: ODK XForms specification; RFC 1321, FIPS 180-4. A browser's own digests do not answer at once. */

import { EvaluationError } from "./errors.js";
import { toText } from "./values.js";

/** @typedef {import("./evaluate.js").XFunction} XFunction */

const PRIMES = (() => {
  /** @type {bigint[]} */
  const found = [];
  for (let n = 2n; found.length < 80; n++) if (found.every((prime) => n % prime)) found.push(n);
  return found;
})();

/** The whole part of a root. @param {bigint} n @param {bigint} degree @returns {bigint} */
function root(n, degree) {
  let [low, high] = [0n, 1n << 80n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (middle ** degree > n) high = middle;
    else low = middle;
  }
  return low;
}

/** The first 64 bits of the fractional part of the roots of primes. @param {number} from @param {number} to @param {bigint} degree */
const fractions = (from, to, degree) => PRIMES.slice(from, to).map((prime) => BigInt.asUintN(64, root(prime << (64n * degree), degree)));

/** @param {bigint[]} wide @returns {number[]} the first 32 of 64 bits */
const upper = (wide) => wide.map((each) => Number(each >> 32n) | 0);

/** The bytes with what the standards add: a bit, zeros, the length in bits. @param {Uint8Array} bytes @param {number} block bytes @param {boolean} little */
function padded(bytes, block, little) {
  const room = block / 8;
  const view = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 1 + room) / block) * block));
  new Uint8Array(view.buffer).set(bytes);
  view.setUint8(bytes.length, 128);
  view.setBigUint64(view.byteLength - 8, BigInt(bytes.length) * 8n, little);
  return view;
}

/** @param {number} x @param {number} n @returns {number} */
const left = (x, n) => (x << n) | (x >>> (32 - n));
/** @param {number} x @param {number} n @returns {number} */
const right = (x, n) => left(x, 32 - n);

/** @param {number[]} words @param {boolean} little @returns {Uint8Array} */
function bytesOf(words, little) {
  const view = new DataView(new ArrayBuffer(words.length * 4));
  words.forEach((word, at) => view.setInt32(at * 4, word, little));
  return new Uint8Array(view.buffer);
}

/** @param {Uint8Array} bytes @returns {Uint8Array} */
function md5(bytes) {
  const shifts = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]];
  const sines = Array.from({ length: 64 }, (_, at) => Math.floor(2 ** 32 * Math.abs(Math.sin(at + 1))) | 0);
  const view = padded(bytes, 64, true);
  const sums = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < view.byteLength; block += 64) {
    let [a, b, c, d] = sums;
    for (let at = 0; at < 64; at++) {
      const round = at >> 4;
      const [mix, word] = [
        [(b & c) | (~b & d), at], [(d & b) | (~d & c), 5 * at + 1], [b ^ c ^ d, 3 * at + 5], [c ^ (b | ~d), 7 * at],
      ][round];
      const sum = (a + mix + sines[at] + view.getInt32(block + (word % 16) * 4, true)) | 0;
      [a, b, c, d] = [d, (b + left(sum, shifts[round][at % 4])) | 0, b, c];
    }
    [a, b, c, d].forEach((each, at) => (sums[at] = (sums[at] + each) | 0));
  }
  return bytesOf(sums, true);
}

/** @param {Uint8Array} bytes @returns {Uint8Array} */
function sha1(bytes) {
  const view = padded(bytes, 64, false);
  const sums = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];
  const words = new Int32Array(80);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 80; at++) {
      words[at] = at < 16 ? view.getInt32(block + at * 4) : left(words[at - 3] ^ words[at - 8] ^ words[at - 14] ^ words[at - 16], 1);
    }
    let [a, b, c, d, e] = sums;
    for (let at = 0; at < 80; at++) {
      const [mix, constant] = [
        [(b & c) | (~b & d), 0x5a827999], [b ^ c ^ d, 0x6ed9eba1], [(b & c) | (b & d) | (c & d), 0x8f1bbcdc], [b ^ c ^ d, 0xca62c1d6],
      ][Math.floor(at / 20)];
      [a, b, c, d, e] = [(left(a, 5) + mix + e + constant + words[at]) | 0, a, left(b, 30), c, d];
    }
    [a, b, c, d, e].forEach((each, at) => (sums[at] = (sums[at] + each) | 0));
  }
  return bytesOf(sums, false);
}

/** @param {Uint8Array} bytes @returns {Uint8Array} */
function sha256(bytes) {
  const constants = upper(fractions(0, 64, 3n));
  const view = padded(bytes, 64, false);
  const sums = upper(fractions(0, 8, 2n));
  const words = new Int32Array(64);
  for (let block = 0; block < view.byteLength; block += 64) {
    for (let at = 0; at < 64; at++) {
      const [x, y] = [words[at - 15], words[at - 2]];
      words[at] = at < 16 ? view.getInt32(block + at * 4)
        : (right(x, 7) ^ right(x, 18) ^ (x >>> 3)) + words[at - 7] + (right(y, 17) ^ right(y, 19) ^ (y >>> 10)) + words[at - 16];
    }
    let [a, b, c, d, e, f, g, h] = sums;
    for (let at = 0; at < 64; at++) {
      const one = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + constants[at] + words[at]) | 0;
      const two = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [a, b, c, d, e, f, g, h] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
    }
    [a, b, c, d, e, f, g, h].forEach((each, at) => (sums[at] = (sums[at] + each) | 0));
  }
  return bytesOf(sums, false);
}

/** @param {bigint} x @param {bigint} n @returns {bigint} */
const turn = (x, n) => (x >> n) ^ BigInt.asUintN(64, x << (64n - n));

/** SHA-512 and what is cut from it. @param {Uint8Array} bytes @param {bigint[]} sums @returns {Uint8Array} */
function sha512(bytes, sums) {
  const constants = fractions(0, 80, 3n);
  const view = padded(bytes, 128, false);
  const words = new BigUint64Array(80);
  for (let block = 0; block < view.byteLength; block += 128) {
    for (let at = 0; at < 80; at++) {
      const [x = 0n, y = 0n] = [words[at - 15], words[at - 2]];
      words[at] = at < 16 ? view.getBigUint64(block + at * 8)
        : (turn(x, 1n) ^ turn(x, 8n) ^ (x >> 7n)) + words[at - 7] + (turn(y, 19n) ^ turn(y, 61n) ^ (y >> 6n)) + words[at - 16];
    }
    let [a, b, c, d, e, f, g, h] = sums;
    for (let at = 0; at < 80; at++) {
      const one = h + (turn(e, 14n) ^ turn(e, 18n) ^ turn(e, 41n)) + ((e & f) ^ (~e & g)) + constants[at] + words[at];
      const two = (turn(a, 28n) ^ turn(a, 34n) ^ turn(a, 39n)) + ((a & b) ^ (a & c) ^ (b & c));
      [a, b, c, d, e, f, g, h] = [BigInt.asUintN(64, one + two), a, b, c, BigInt.asUintN(64, d + one), e, f, g];
    }
    sums = [a, b, c, d, e, f, g, h].map((each, at) => BigInt.asUintN(64, each + sums[at]));
  }
  return bytesOf(sums.flatMap((sum) => [Number(sum >> 32n) | 0, Number(sum & 0xffffffffn) | 0]), false);
}

/** @type {Record<string, (bytes: Uint8Array) => Uint8Array>} */
const DIGESTS = {
  MD5: md5,
  "SHA-1": sha1,
  "SHA-256": sha256,
  "SHA-384": (bytes) => sha512(bytes, fractions(8, 16, 2n)).slice(0, 48),
  "SHA-512": (bytes) => sha512(bytes, fractions(0, 8, 2n)),
};

/** @param {Uint8Array} bytes @returns {string} */
function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** @param {string} text @returns {string} */
function decoded(text) {
  let binary;
  try {
    binary = atob(text);
  } catch {
    throw new EvaluationError("HW-1204", { name: "base64-decode" });
  }
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}

/** @type {XFunction} */
function digest([text, algorithm, encoding = "base64"]) {
  const [made, wanted] = [DIGESTS[toText(algorithm)], toText(encoding)];
  if (!made || !["base64", "hex"].includes(wanted)) throw new EvaluationError("HW-1204", { name: "digest" });
  const bytes = made(new TextEncoder().encode(toText(text)));
  return wanted === "hex" ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") : base64(bytes);
}

/** @type {Record<string, XFunction>} */
export const digestFunctions = {
  digest,
  "base64-encode": ([x]) => base64(new TextEncoder().encode(toText(x))),
  "base64-decode": ([x]) => decoded(toText(x)),
};
