/**
 * Patterns of `regex()` with one meaning in both languages: the whole text must match, `\d \s \w` are ASCII, `.` is
 * anything but a line feed, escapes that mean nothing are the character itself.
 */

import { EvaluationError } from "./values.js";

const SPACE = " \\t\\n\\r\\f\\v";
/** @type {Map<string, RegExp>} */
const known = new Map();

/** @param {string} text @param {string} pattern @returns {boolean} @throws {EvaluationError} for a malformed pattern */
export function wholeMatch(text, pattern) {
  let made = known.get(pattern);
  if (!made) {
    try {
      made = new RegExp(`^(?:${translated(pattern)})$`, "u");
    } catch {
      throw new EvaluationError("HW-1202", { pattern });
    }
    known.set(pattern, made);
  }
  return made.test(text);
}

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
