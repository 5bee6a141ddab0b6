/** Dates and times. Source: ODK XForms specification, "XPath Functions"; `now()` brings the offset of the phone. */

import { dateOfDays, dateTimeOfDays, daysOf, formatDate, parseMoment, zoneOf } from "./dates.js";
import { EvaluationError, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./evaluate.js").XFunction} XFunction
 * @typedef {import("./evaluate.js").Scope} Scope
 * @typedef {import("./values.js").Value} Value
 */

/** A date, date-time or number of days, as text. @param {Value} value @param {Scope} scope @returns {string} */
function momentText(value, scope) {
  if (typeof value === "number") {
    return Number.isInteger(value) ? dateOfDays(value) : dateTimeOfDays(value, zoneOf(scope.world.now()));
  }
  const text = toText(value).trim();
  if (text === "" || parseMoment(text)) return text;
  const number = toNumber(text);
  if (Number.isNaN(number)) throw new EvaluationError("HW-1201", { value: text });
  return momentText(number, scope);
}

const TIME = /^(?:.*T)?([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d(?:\.\d+)?))?(?:Z|[+-](?:[01]\d|2[0-3])(?::?[0-5]\d)?)?$/;

/** Fraction of a day; NaN for what is no time. @param {string} text @returns {number} */
function timeOfDay(text) {
  const match = TIME.exec(text);
  if (!match) return NaN;
  return (Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)) / 86400;
}

/** A date-time without a zone is on the clock of the phone. @param {string} text @param {Scope} scope @returns {string} */
function zoned(text, scope) {
  const at = parseMoment(text);
  return at?.timed && !at.zone ? text + zoneOf(scope.world.now()) : text;
}

/** @type {XFunction} */
const format = ([date, pattern], scope) => formatDate(momentText(date, scope), toText(pattern));

/** @type {Record<string, XFunction>} */
export const dateFunctions = {
  now: (_, scope) => scope.world.now(),
  today: (_, scope) => scope.world.now().slice(0, 10),
  date: ([x], scope) => momentText(x, scope).slice(0, 10),
  "date-time": ([x], scope) => momentText(x, scope),
  time: ([x]) => toText(x).replace(/^.*T/, ""),
  "format-date": format,
  "format-date-time": format,
  "decimal-date-time": ([x], scope) => (typeof x === "number" ? x : daysOf(zoned(momentText(x, scope), scope))),
  "decimal-time": ([x]) => timeOfDay(toText(x)),
};
