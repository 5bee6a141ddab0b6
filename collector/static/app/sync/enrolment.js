/**
 * Enrolling by a one-time code: the code as it is scanned and typed, the fingerprint of the hub's key, what the hub
 * signs, and the digits that two people compare. The twin of `sync/enrolling.py`; both reproduce
 * `tests/vectors/enrolment.json`.
 */

import { base64url, encode, fromBase64url, sha256 } from "./canonical.js";
import { importPublic } from "./keys.js";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"; // Crockford's base32: no letter that looks like a digit
const SECRET = 10;
const CHECK = 6;
const SIGN = { name: "ECDSA", hash: "SHA-256" };

/**
 * @typedef {object} Code
 * @property {string} secret   nobody but the hub may learn it
 * @property {string} print    fingerprint of the hub's key: all 43 characters of base64url, or the 6 that were typed
 *
 * @typedef {object} Proof     what the hub says of itself
 * @property {string} hub
 * @property {string} spki
 * @property {string} at       ISO
 * @property {string} signature
 */

/** @param {string} text @returns {Code | null} null for what is no code */
export function readCode(text) {
  const scanned = /^([0-9a-z]{10})\.([\w-]{43})$/.exec(text.trim());
  if (scanned) return { secret: /** @type {string} */ (scanned[1]), print: /** @type {string} */ (scanned[2]) };
  const like = /** @type {Record<string, string>} */ ({ o: "0", i: "1", l: "1" });
  const letters = text.replace(/[\s-]/g, "").toLowerCase().replace(/[oil]/g, (letter) => /** @type {string} */ (like[letter]));
  if (letters.length !== SECRET + CHECK || [...letters].some((letter) => !ALPHABET.includes(letter))) return null;
  return { secret: letters.slice(0, SECRET), print: letters.slice(SECRET) };
}

/** The code for fingers, in groups of four; "" when only the fingerprint as it was scanned is known. @param {Code} code */
export function typedCode({ secret, print }) {
  const check = print.length === CHECK ? print : letters(fromBase64url(print));
  return /** @type {string[]} */ (`${secret}${check}`.toUpperCase().match(/.{4}/g)).join("-");
}

/** The first 30 bits of a digest as letters. @param {Uint8Array} digest */
function letters(digest) {
  let bits = "";
  for (const byte of digest.slice(0, 4)) bits += byte.toString(2).padStart(8, "0");
  return Array.from({ length: CHECK }, (_, place) => ALPHABET[parseInt(bits.slice(place * 5, place * 5 + 5), 2)]).join("");
}

/**
 * Whether a hub is the one that the code is for: its key has the fingerprint, and it has just signed with it.
 * @param {Code} code @param {Proof} proof @param {string} nonce what it was asked with
 */
export async function isHubOf(code, proof, nonce) {
  const spki = fromBase64url(proof.spki);
  const digest = await sha256(spki);
  const print = code.print.length === CHECK ? letters(digest) : base64url(digest);
  if (print !== code.print) return false;
  const text = new TextEncoder().encode(encode(["hub", proof.hub, nonce, proof.at]));
  return crypto.subtle.verify(SIGN, await importPublic(spki), fromBase64url(proof.signature), text);
}

/**
 * The six digits that this phone and the supervisor's page show.
 * @param {string} secret @param {{hub: string, spki: string}} hub @param {string} replica @param {string} spki
 */
export async function confirmation(secret, hub, replica, spki) {
  const digest = await sha256(encode(["confirm", secret, hub.hub, hub.spki, replica, spki]));
  return String(new DataView(digest.buffer).getUint32(0) % 1_000_000).padStart(6, "0");
}

/** A word that was never used before. */
export const newNonce = () => base64url(crypto.getRandomValues(new Uint8Array(18)));

/**
 * Signs a record on trial.
 * @param {CryptoKeyPair} pair @param {string} replica @param {string} sha digest of the record @param {string} nonce
 */
export async function signTrial(pair, replica, sha, nonce) {
  const text = new TextEncoder().encode(encode(["trial", replica, `${sha} ${nonce}`]));
  return base64url(await crypto.subtle.sign(SIGN, pair.privateKey, text));
}
