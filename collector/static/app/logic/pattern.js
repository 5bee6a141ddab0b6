/**
 * Patterns of `regex()` with one meaning in both languages: the whole text must match, `\d \s \w` are ASCII, `.` is
 * anything but a line feed, escapes that mean nothing are the character itself.
 */

import { EvaluationError } from "./errors.js";

/** Characters. */
const LONGEST = 2000;
const SPACE = " \\t\\n\\r\\f\\v";
/** Steps that a match may take: less than a second. */
export const STEPS = 1e7;

/** For patterns whose time might grow without bounds: `rare.js` puts a matcher here that counts its steps. */
export const slow = {
  /** @type {(text: string, pattern: string) => boolean} the pattern is of the `u` flag and well-formed */
  match: (_, pattern) => {
    throw new EvaluationError("HW-1203", { pattern });
  },
};

/** @type {Map<string, {made: RegExp, fits: (length: number) => boolean}>} */
const known = new Map();

/** @param {string} text @param {string} pattern @returns {boolean} @throws {EvaluationError} for a malformed or slow pattern */
export function wholeMatch(text, pattern) {
  let found = known.get(pattern);
  if (!found) {
    try {
      if (pattern.length > LONGEST) throw new RangeError("too long");
      found = { made: new RegExp(`^(?:${translated(pattern)})$`, "u"), fits: effort(pattern) };
    } catch {
      throw new EvaluationError("HW-1202", { pattern });
    }
    known.set(pattern, found);
  }
  return found.fits(text.length) ? found.made.test(text) : slow.match(text, found.made.source);
}

/**
 * Whether a match of a text of this length is over soon, whatever the text: each repetition may end at every place, one
 * of a group any number of times; each choice may be taken both ways.
 * @param {string} pattern @returns {(length: number) => boolean}
 */
function effort(pattern) {
  const bare = pattern.replace(/\\[^\dk]|\[(?:\\[\s\S]|[^\]\\])*\]/g, "x");
  const count = (/** @type {RegExp} */ sign) => bare.match(sign)?.length ?? 0;
  const loops = count(/[*+]|,\}/g);
  let choices = 2 ** (count(/[^(]\?/g) + Math.min(count(/\(/g), count(/\|/g)));
  for (const [, least, most] of bare.matchAll(/\{(\d+),(\d+)\}/g)) choices *= Number(most) - Number(least) + 1;
  if (/\)[*+{]|\\/.test(bare) || choices > 1000) return (length) => 4 ** length <= STEPS;
  return (length) => length ** loops <= STEPS;
}

/** Whether a pattern stands in the form and suits even a very long text. @param {any} ast @returns {boolean} */
export const isPlain = (ast) => ast[0] === "str" && effort(ast[1])(STEPS);

/** The pattern in the dialect of the `u` flag. @param {string} pattern @returns {string} */
function translated(pattern) {
  let inClass = false;
  return pattern.replace(/\\([\s\S])|[\s\S]/gu, (part, escaped) => {
    if (escaped === undefined) {
      if (part === "[" && inClass) return "\\[";
      if (part === "[") inClass = true;
      else if (part === "]") inClass = false;
      else if (part === "." && !inClass) return "[^\\n]";
      return part;
    }
    if (escaped === "s") return inClass ? SPACE : `[${SPACE}]`;
    if (escaped === "S" && !inClass) return `[^${SPACE}]`;
    if (/[A-Za-z0-9^$\\.*+?()[\]{}|/]/.test(escaped) || (escaped === "-" && inClass)) return part;
    return escaped;
  });
}
