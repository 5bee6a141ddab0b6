/** Changes: headers, payloads and the digest chain over a log (docs/data-model.md). Twin of `sync/change.py`. */

import { base64url, byBytes, encode, pairs, sha } from "./canonical.js";
import { derivedPaths, pack, unpack } from "./layout.js";

/**
 * @typedef {import("./canonical.js").Canonical} Canonical
 * @typedef {import("./layout.js").Layout} Layout
 * @typedef {import("./layout.js").Packed} Packed
 * @typedef {import("./layout.js").Answers} Answers
 * @typedef {"edit" | "delete" | "review" | "settle" | "withdraw" | "erase"} Kind
 */

/**
 * @typedef {object} Header
 * @property {string} replica
 * @property {number} number        place in the replica's log, from 1
 * @property {string} record        the creating change, "" when this change creates the record
 * @property {string} form          id of the form-version document
 * @property {string[]} parents     heads that the author had seen
 * @property {string} clock         hybrid logical clock, 16 hexadecimal digits
 * @property {string} author        opaque id of the person
 * @property {Kind} kind
 * @property {string[]} scopes
 * @property {string} payloadSha
 */

/** What a creation changed: everything given. */
export const EVERYTHING = "*";

/** Headers of one replica are digested in blocks of this many. */
export const BLOCK = 64;

/** @param {readonly string[]} texts */
function sorted(texts) {
  return [...texts].sort(byBytes);
}

/**
 * @param {Header} header
 * @returns {string} canonical text
 */
export function encodeHeader(header) {
  return encode([
    "1",
    header.replica,
    String(header.number),
    header.record,
    header.form,
    sorted(header.parents),
    header.clock,
    header.author,
    header.kind,
    sorted(header.scopes),
    header.payloadSha,
  ]);
}

/**
 * @param {string} text canonical text of a header
 * @returns {Header}
 * @throws {RangeError} when it is no header of this version
 */
export function decodeHeader(text) {
  const parts = JSON.parse(text);
  if (!Array.isArray(parts) || parts.length !== 11 || parts[0] !== "1") throw new RangeError("no header");
  const [, replica, number, record, form, parents, clock, author, kind, scopes, payloadSha] = parts;
  return { replica, number: Number(number), record, form, parents, clock, author, kind, scopes, payloadSha };
}

/** Sixteen random bytes: a guess at an answer cannot be tested against the payload's hash. */
export function newSalt() {
  return base64url(crypto.getRandomValues(new Uint8Array(16)));
}

/**
 * The payload of an edit or a settlement.
 * @param {object} content
 * @param {string} content.salt
 * @param {Layout} content.layout
 * @param {Readonly<Answers>} content.answers the whole record as its author left it
 * @param {Readonly<Record<string, string>>} content.reasons path to reason
 * @param {readonly string[]} content.changed paths that the author changed, ["*"] for a creation
 * @returns {string} canonical text
 */
export function encodeEdit({ salt, layout, answers, reasons, changed }) {
  const { values, extra } = pack(layout, answers);
  const kept = Object.fromEntries(Object.entries(reasons).filter(([, reason]) => reason !== ""));
  return encode(/** @type {Canonical} */ (["1", salt, values, extra, sorted(changed), pairs(kept)]));
}

/**
 * @param {string} text canonical text of an edit's payload
 * @param {Layout} layout
 * @returns {{salt: string, answers: Answers, reasons: Record<string, string>, changed: string[]}}
 * @throws {RangeError} when it is no such payload or does not fit the layout
 */
export function decodeEdit(text, layout) {
  const parts = JSON.parse(text);
  if (!Array.isArray(parts) || parts.length !== 6 || parts[0] !== "1") throw new RangeError("no edit");
  const [, salt, values, extra, changed, reasons] = parts;
  return { salt, answers: unpack(layout, values, extra), reasons: Object.fromEntries(reasons), changed };
}

/**
 * The given paths whose answer or reason differs, sorted. Derived ones are computed again and never conflict.
 * @param {Layout} layout
 * @param {{answers: Readonly<Answers>, reasons: Readonly<Record<string, string>>}} before
 * @param {{answers: Readonly<Answers>, reasons: Readonly<Record<string, string>>}} after
 */
export function changedPaths(layout, before, after) {
  const derived = derivedPaths(layout);
  const paths = new Set(
    [before.answers, before.reasons, after.answers, after.reasons].flatMap((map) => Object.keys(map)),
  );
  const differs = (/** @type {string} */ path) =>
    (before.answers[path] ?? "") !== (after.answers[path] ?? "") ||
    (before.reasons[path] ?? "") !== (after.reasons[path] ?? "");
  return sorted([...paths].filter((path) => differs(path) && !derived.has(path.replace(/\[[0-9a-z]+\]/g, ""))));
}

/**
 * The digest over headers of one block: sha(previous block's digest, newline, headers joined by newlines).
 * @param {string} previous digest of the block before, "" for the first
 * @param {readonly string[]} headers canonical texts, at most a block, in order of number
 */
export async function blockDigest(previous, headers) {
  return sha(`${previous}\n${headers.join("\n")}`);
}

/**
 * The digest of a whole log at its last header.
 * @param {readonly string[]} headers canonical texts from number 1 on
 * @returns {Promise<string>} "" for an empty log
 */
export async function logDigest(headers) {
  let digest = "";
  for (let start = 0; start < headers.length; start += BLOCK) {
    digest = await blockDigest(digest, headers.slice(start, start + BLOCK));
  }
  return digest;
}
