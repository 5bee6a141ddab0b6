/**
 * Matches patterns that a browser's own matcher might never come to an end with: all ways through the pattern at once,
 * letter by letter, so that the time grows with the text and not with the ways. Which letters an atom means is asked
 * of the browser. What refers back to a group cannot be done so and is refused.
 */

import { STEPS } from "./pattern.js";
import { EvaluationError } from "./errors.js";

/**
 * @typedef {object} State  one of: a letter, a fork, a condition, the end (none of them)
 * @property {(char: string) => boolean} [letter] @property {State} [next]
 * @property {State[]} [fork]
 * @property {(chars: string[], at: number) => boolean} [holds]
 * @typedef {(next: State) => State} Part  what it begins with, given what comes after it
 * @typedef {{source: string, at: number}} Reader
 */

/** A pattern may have twenty thousand states: `(a{1000}){1000}` would fill the memory. */
const STATE = STEPS / 2e4;
let steps = 0;

/** @param {number} more @throws {RangeError} when there were enough */
function count(more) {
  if ((steps += more) > STEPS) throw new RangeError("too many steps");
}

/** @param {string} text @param {string} pattern of the `u` flag, well-formed @returns {boolean} @throws {EvaluationError} when it takes too many steps */
export function boundedMatch(text, pattern) {
  steps = 0;
  try {
    const chars = Array.from(text);
    return reaches(alternatives({ source: pattern, at: 0 })(END), chars, 0, chars.length, false, true);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new EvaluationError("HW-1203", { pattern });
  }
}

/** @type {State} */
const END = {};

/**
 * Whether the end is reached: at `to` or, unless it must be all, anywhere before; from `from` or from anywhere after.
 * @param {State} start @param {string[]} chars @param {number} from @param {number} to @param {boolean} anywhere @param {boolean} all
 */
function reaches(start, chars, from, to, anywhere, all) {
  let waiting = [start];
  for (let at = from; at <= to && waiting.length > 0; at++) {
    /** @type {Set<State>} */
    const seen = new Set();
    /** @type {State[]} */
    const after = anywhere ? [start] : [];
    for (let state = waiting.pop(); state; state = waiting.pop()) {
      if (seen.has(state)) continue;
      seen.add(state);
      count(1);
      if (state === END && (!all || at === to)) return true;
      if (state.fork) waiting.push(...state.fork);
      else if (state.next && (state.holds?.(chars, at) ?? false)) waiting.push(state.next);
      else if (state.next && at < to && state.letter?.(chars[at])) after.push(state.next);
    }
    waiting = after;
  }
  return false;
}

/** @param {Reader} reader @returns {Part} */
function alternatives(reader) {
  const options = [sequence(reader)];
  while (reader.source[reader.at] === "|") {
    reader.at++;
    options.push(sequence(reader));
  }
  return (next) => {
    count(STATE);
    return { fork: options.map((option) => option(next)) };
  };
}

/** @param {Reader} reader @returns {Part} */
function sequence(reader) {
  /** @type {Part[]} */
  const parts = [];
  while (reader.at < reader.source.length && !"|)".includes(reader.source[reader.at])) parts.push(repeated(reader, atom(reader)));
  return (next) => parts.reduceRight((rest, part) => part(rest), next);
}

/** @param {Reader} reader @param {RegExp} what sticky @returns {RegExpExecArray | null} */
function take(reader, what) {
  what.lastIndex = reader.at;
  const found = what.exec(reader.source);
  if (found) reader.at = what.lastIndex;
  return found;
}

/** @param {Reader} reader @returns {Part} */
function atom(reader) {
  const open = take(reader, /\((\?(?::|<?[=!]|<\w+>))?/y);
  if (open) return group(reader, open[1] ?? "");
  const anchor = take(reader, /\^|\$|\\b|\\B/y);
  if (anchor) return (next) => ({ holds: assertion(anchor[0]), next });
  if (take(reader, /\\[1-9k]/y)) throw new RangeError("a reference to a group");
  const [one] = /** @type {RegExpExecArray} */ (take(reader, /\[(?:\\[\s\S]|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[a-zA-Z]|\\[\s\S]|[\s\S]/uy));
  const test = new RegExp(`^${one}$`, "u");
  /** @type {Map<string, boolean>} */
  const known = new Map();
  const letter = (/** @type {string} */ char) => {
    let same = known.get(char);
    if (same === undefined) known.set(char, (same = test.test(char)));
    return same;
  };
  return (next) => {
    count(STATE);
    return { letter, next };
  };
}

/** @param {Reader} reader @param {string} kind what follows the bracket @returns {Part} */
function group(reader, kind) {
  const inner = alternatives(reader);
  reader.at++;
  const wanted = kind.endsWith("=");
  if (!wanted && !kind.endsWith("!")) return inner;
  const start = inner(END);
  return (next) => ({
    next,
    holds: kind.includes("<")
      ? (chars, at) => reaches(start, chars, 0, at, true, true) === wanted
      : (chars, at) => reaches(start, chars, at, chars.length, false, false) === wanted,
  });
}

/** @param {string} sign @returns {(chars: string[], at: number) => boolean} */
function assertion(sign) {
  if (sign === "^") return (_, at) => at === 0;
  if (sign === "$") return (chars, at) => at === chars.length;
  const isWord = (/** @type {string} */ char = "") => /^\w$/.test(char);
  return (chars, at) => (isWord(chars[at - 1]) !== isWord(chars[at])) === (sign === "\\b");
}

/** @param {Reader} reader @param {Part} inner @returns {Part} */
function repeated(reader, inner) {
  const sign = take(reader, /([*+?])\??|\{(\d+)(,?)(\d*)\}\??/y);
  if (!sign) return inner;
  const [, short, from, comma, to] = sign;
  const least = short ? Number(short === "+") : Number(from);
  const most = short ? (short === "?" ? 1 : Infinity) : comma ? (to === "" ? Infinity : Number(to)) : least;
  return (next) => {
    /** @type {State} */
    let start = next;
    if (most === Infinity) {
      start = { fork: [next] };
      start.fork?.push(inner(start));
    } else for (let n = least; n < most; n++) start = { fork: [next, inner(start)] };
    for (let n = 0; n < least; n++) start = inner(start);
    return start;
  };
}
