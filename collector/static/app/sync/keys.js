/**
 * The key pair of this browser: P-256, made once, the private half never leaves it and cannot be exported
 * (docs/data-model.md, "Signature").
 */

import { base64url, encode } from "./canonical.js";

const PAIR = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };

/** @returns {Promise<CryptoKeyPair>} IndexedDB can keep it; no script can read the private half */
export async function generate() {
  return crypto.subtle.generateKey(PAIR, false, ["sign", "verify"]);
}

/**
 * @param {CryptoKeyPair} pair
 * @returns {Promise<string>} the public key as SPKI, base64url
 */
export async function exportPublic(pair) {
  return base64url(await crypto.subtle.exportKey("spki", pair.publicKey));
}

/**
 * @param {string} replica
 * @param {number} number
 * @param {string} digest
 */
function tip(replica, number, digest) {
  return new TextEncoder().encode(encode(["tip", replica, String(number), digest]));
}

/**
 * Signs the tip of this browser's log.
 * @param {CryptoKeyPair} pair
 * @param {string} replica
 * @param {number} number the last change that the signature covers
 * @param {string} digest the log's digest at that number
 * @returns {Promise<string>} r || s, 64 bytes, base64url
 */
export async function signTip(pair, replica, number, digest) {
  return base64url(await crypto.subtle.sign(SIGN, pair.privateKey, tip(replica, number, digest)));
}

/**
 * Signs the request for a token: with the public key alone nobody gets that of another browser.
 * @param {CryptoKeyPair} pair
 * @param {string} replica
 * @param {string} person the id of whoever asks
 * @returns {Promise<string>} r || s, 64 bytes, base64url
 */
export async function signEnrolment(pair, replica, person) {
  const text = new TextEncoder().encode(encode(["enrol", replica, person]));
  return base64url(await crypto.subtle.sign(SIGN, pair.privateKey, text));
}

/**
 * @param {CryptoKey} publicKey
 * @param {string} replica
 * @param {number} number
 * @param {string} digest
 * @param {Uint8Array<ArrayBuffer>} signature 64 bytes
 */
export async function verifyTip(publicKey, replica, number, digest, signature) {
  return crypto.subtle.verify(SIGN, publicKey, signature, tip(replica, number, digest));
}

/**
 * @param {Uint8Array<ArrayBuffer>} spki
 * @returns {Promise<CryptoKey>}
 */
export async function importPublic(spki) {
  return crypto.subtle.importKey("spki", spki, PAIR, true, ["verify"]);
}
