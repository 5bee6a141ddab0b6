/**
 * Canonical bytes: JSON of strings and arrays only (docs/data-model.md, "Canonical bytes").
 * The twin of `sync/canonical.py`; both reproduce `tests/vectors/changes.json`.
 */

/** @typedef {string | CanonicalArray} Canonical  text, or an array of canonical values */
/** @typedef {Canonical[]} CanonicalArray */

const utf8 = new TextEncoder();

/** A text or a structure that has no canonical form (HW-2001). */
export class CanonicalError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "CanonicalError";
    this.code = "HW-2001";
  }
}

/**
 * True if the text has a surrogate without its partner: such a text has no UTF-8.
 * @param {string} text
 */
export function hasLoneSurrogate(text) {
  return /\p{Surrogate}/u.test(text);
}

/**
 * The canonical text of a value; its UTF-8 bytes are what is hashed and stored.
 * JSON.stringify escapes exactly what the data model names, once lone surrogates are refused.
 * @param {Canonical} value
 * @returns {string}
 * @throws {CanonicalError} for a lone surrogate or anything that is neither text nor array
 */
export function encode(value) {
  check(value);
  return JSON.stringify(value);
}

/** @param {unknown} value */
function check(value) {
  if (typeof value === "string") {
    if (hasLoneSurrogate(value)) throw new CanonicalError("lone surrogate");
  } else if (Array.isArray(value)) {
    for (const member of value) check(member);
  } else {
    throw new CanonicalError(`only text and arrays have canonical bytes, not ${typeof value}`);
  }
}

/**
 * Compares two texts as their UTF-8 bytes compare, which is the order of their code points.
 * JavaScript's own order is that of UTF-16 units and differs above U+FFFF.
 * @param {string} a
 * @param {string} b
 * @returns {number} negative, zero or positive
 */
export function byBytes(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) {
      // A surrogate stands for a code point above every code point that is one unit.
      const xs = x >= 0xd800 && x <= 0xdfff;
      const ys = y >= 0xd800 && y <= 0xdfff;
      return xs === ys ? x - y : xs ? 1 : -1;
    }
  }
  return a.length - b.length;
}

/**
 * A map as canonical pairs, sorted by the UTF-8 bytes of the key.
 * @param {Readonly<Record<string, string>>} map
 * @returns {[string, string][]}
 */
export function pairs(map) {
  return Object.entries(map).sort(([a], [b]) => byBytes(a, b));
}

/**
 * @param {ArrayBuffer | Uint8Array} bytes
 * @returns {string} base64url without padding
 */
export function base64url(bytes) {
  const view = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  let binary = "";
  for (const byte of view) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/**
 * @param {string} text base64url without padding
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64url(text) {
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/**
 * SHA-256 of a text's UTF-8 bytes, or of bytes.
 * @param {string | BufferSource} data
 * @returns {Promise<Uint8Array<ArrayBuffer>>} 32 bytes
 */
export async function sha256(data) {
  const bytes = typeof data === "string" ? utf8.encode(data) : data;
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/**
 * `sha(x)` of the data model: SHA-256 as base64url, 43 characters.
 * @param {string | BufferSource} data
 */
export async function sha(data) {
  return base64url(await sha256(data));
}

/**
 * `id(x)` of the data model: the first 22 characters of `sha(x)`.
 * @param {string | BufferSource} data
 */
export async function id(data) {
  return (await sha(data)).slice(0, 22);
}

/**
 * SHA-256 in lower-case hexadecimal, the name of media.
 * @param {string | BufferSource} data
 */
export async function hex(data) {
  return Array.from(await sha256(data), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
