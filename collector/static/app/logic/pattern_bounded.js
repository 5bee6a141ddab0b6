/**
 * Matches patterns that a browser's own matcher might never come to an end with: by trying, as that does, but
 * counting. Which characters an atom means is asked of the browser.
 */

import { STEPS } from "./pattern.js";
import { EvaluationError, isTooMuch } from "./values.js";

/**
 * @typedef {(at: number) => boolean} Next whether the rest matches from a place
 * @typedef {((at: number, next: Next) => boolean) & {one?: Next}} Matcher  `one`: it is a single character, and whether it matches
 * @typedef {{source: string, at: number, groups: number, names: Map<string, number>}} Reader
 * @typedef {{chars: string[], steps: number, found: (string[] | undefined)[]}} State
 */

/** @type {State} of the match that is going on */
let state;

/** @param {string} text @param {string} pattern of the `u` flag, well-formed @returns {boolean} @throws {EvaluationError} when it takes too many steps */
export function boundedMatch(text, pattern) {
  state = { chars: Array.from(text), steps: 0, found: [] };
  try {
    return alternatives({ source: pattern, at: 0, groups: 0, names: new Map() })(0, () => true);
  } catch (error) {
    if (!isTooMuch(error)) throw error;
    throw new EvaluationError("HW-1203", { pattern });
  }
}

/** One step more. @throws {RangeError} when there were enough */
function count() {
  if (++state.steps > STEPS) throw new RangeError("too much recursion");
}

/** @param {Reader} reader @returns {Matcher} */
function alternatives(reader) {
  const options = [sequence(reader)];
  while (reader.source[reader.at] === "|") {
    reader.at++;
    options.push(sequence(reader));
  }
  return options.length === 1 ? options[0] : (at, next) => options.some((option) => option(at, next));
}

/** @param {Reader} reader @returns {Matcher} */
function sequence(reader) {
  /** @type {Matcher[]} */
  const parts = [];
  while (reader.at < reader.source.length && !"|)".includes(reader.source[reader.at])) parts.push(repeated(reader, atom(reader)));
  return parts.reduceRight((/** @type {Matcher} */ rest, part) => (at, next) => part(at, (then) => rest(then, next)), (at, next) => next(at));
}

/** @param {Reader} reader @param {RegExp} what sticky @returns {RegExpExecArray | null} */
function take(reader, what) {
  what.lastIndex = reader.at;
  const found = what.exec(reader.source);
  if (found) reader.at = what.lastIndex;
  return found;
}

/** @param {Reader} reader @returns {Matcher} */
function atom(reader) {
  const open = take(reader, /\((\?(?::|<?[=!]|<(\w+)>))?/y);
  if (open) return group(reader, open[1] ?? "", open[2]);
  const anchor = take(reader, /\^|\$|\\b|\\B/y);
  if (anchor) return assertion(anchor[0]);
  const back = take(reader, /\\(?:([1-9]\d*)|k<(\w+)>)/y);
  if (back) return reference(reader, back[1], back[2]);
  const [one] = /** @type {RegExpExecArray} */ (take(reader, /\[(?:\\[\s\S]|[^\]\\])*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\c[a-zA-Z]|\\[\s\S]|[\s\S]/uy));
  const test = new RegExp(`^${one}$`, "us");
  /** @type {Map<string, boolean>} */
  const known = new Map();
  const matches = (/** @type {number} */ at) => {
    count();
    const char = state.chars[at];
    if (char === undefined) return false;
    let same = known.get(char);
    if (same === undefined) known.set(char, (same = test.test(char)));
    return same;
  };
  return Object.assign((/** @type {number} */ at, /** @type {Next} */ next) => matches(at) && next(at + 1), { one: matches });
}

/** @param {Reader} reader @param {string} kind what follows the bracket @param {string | undefined} name @returns {Matcher} */
function group(reader, kind, name) {
  const number = kind === "" || name ? ++reader.groups : 0;
  if (name) reader.names.set(name, number);
  const inner = alternatives(reader);
  reader.at++;
  if (kind === "?=" || kind === "?!") return (at, next) => inner(at, () => true) === (kind === "?=") && next(at);
  if (kind === "?<=" || kind === "?<!") {
    // From any place before, as long as it ends here.
    const ends = (/** @type {number} */ at) => state.chars.slice(0, at + 1).some((_, from) => inner(from, (to) => to === at)) || inner(at, (to) => to === at);
    return (at, next) => ends(at) === (kind === "?<=") && next(at);
  }
  if (!number) return inner;
  return (at, next) => inner(at, (to) => {
    const before = state.found[number];
    state.found[number] = state.chars.slice(at, to);
    if (next(to)) return true;
    state.found[number] = before;
    return false;
  });
}

/** @param {string} sign @returns {Matcher} */
function assertion(sign) {
  const isWord = (/** @type {number} */ at) => /^\w$/.test(state.chars[at] ?? "");
  return (at, next) => {
    if (sign === "^") return at === 0 && next(at);
    if (sign === "$") return at === state.chars.length && next(at);
    return (isWord(at - 1) !== isWord(at)) === (sign === "\\b") && next(at);
  };
}

/** What a group has found, again; nothing where it has not. @param {Reader} reader @param {string | undefined} number @param {string | undefined} name @returns {Matcher} */
function reference(reader, number, name) {
  return (at, next) => {
    const found = state.found[name ? reader.names.get(name) ?? 0 : Number(number)] ?? [];
    count();
    return found.every((char, place) => state.chars[at + place] === char) && next(at + found.length);
  };
}

/** As many characters as there are, then fewer. Without recursion: a text may be longer than the stack. @param {Next} one @param {number} least @param {number} most @returns {Matcher} */
function run(one, least, most) {
  return (at, next) => {
    let to = at;
    while (to - at < most && one(to)) to++;
    for (; to - at >= least; to--) {
      count();
      if (next(to)) return true;
    }
    return false;
  };
}

/** @param {Reader} reader @param {Matcher} inner @returns {Matcher} */
function repeated(reader, inner) {
  const sign = take(reader, /([*+?])(\??)|\{(\d+)(,?)(\d*)\}(\??)/y);
  if (!sign) return inner;
  const [, short, lazy, from, comma, to] = sign;
  const least = short ? Number(short === "+") : Number(from);
  const most = short ? (short === "?" ? 1 : Infinity) : comma ? (to === "" ? Infinity : Number(to)) : least;
  const shy = (lazy || sign[6]) === "?";
  /** @type {(at: number, times: number, next: Next) => boolean} */
  const again = (at, times, next) => {
    count();
    const more = () => times < most && inner(at, (then) => (then > at || times < least) && again(then, times + 1, next));
    const done = () => times >= least && next(at);
    return shy ? done() || more() : more() || done();
  };
  return inner.one && !shy ? run(inner.one, least, most) : (at, next) => again(at, 0, next);
}
