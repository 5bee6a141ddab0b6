/** Names of replicas and changes (docs/data-model.md, "Names"). */

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const REPLICA = /^[0-9a-f][0-9a-hjkmnp-tv-z]{7}$/;
const CHANGE = /^([0-9a-f][0-9a-hjkmnp-tv-z]{7})-([1-9][0-9]{0,7})$/;

/** Numbers of a log stay below this, so that Python can pack a change into one integer. */
export const LOG_LIMIT = 2 ** 24;

/**
 * A new replica name: 39 random bits as 8 characters of Crockford's base32.
 * @returns {string}
 */
export function newReplica() {
  const random = crypto.getRandomValues(new Uint8Array(8));
  // The first character carries 4 bits only, which makes 39.
  return Array.from(random, (byte, place) => ALPHABET[place === 0 ? byte & 15 : byte & 31]).join("");
}

/** @param {string} name */
export function isReplica(name) {
  return REPLICA.test(name);
}

/**
 * @param {string} replica
 * @param {number} number place in the replica's log, from 1
 */
export function changeName(replica, number) {
  return `${replica}-${number}`;
}

/**
 * @param {string} name
 * @returns {{replica: string, number: number}}
 * @throws {RangeError} when the text is no name of a change
 */
export function parseChange(name) {
  const match = CHANGE.exec(name);
  const number = match ? Number(match[2]) : 0;
  if (!match || number >= LOG_LIMIT) throw new RangeError(`no name of a change: ${name}`);
  return { replica: /** @type {string} */ (match[1]), number };
}
