/** Dates and times. Source: ODK XForms specification, "XPath Functions"; `now()` brings the offset of the phone. */

import { clock, dateOfDays, dateTimeOfDays, DAY, formatDate, offset, parseMoment, zoneOf } from "./dates.js";
import { EvaluationError } from "./errors.js";
import { toNumber, toText } from "./values.js";

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

/** Days since 1970 of the moment; a date is its midnight, and without a zone the phone's clock counts. @param {string} text @param {Scope} scope */
function instant(text, scope) {
  const at = parseMoment(text);
  return at ? (clock(at) - offset(at.zone || zoneOf(scope.world.now())) * 60000) / DAY : NaN;
}

/** On the clock of the phone; whole days are a date. @param {Value} value @param {Scope} scope @returns {string} */
function dateTime(value, scope) {
  const text = momentText(value, scope);
  if (text === "" || (typeof value === "number" && text.length === 10)) return text;
  return dateTimeOfDays(instant(text, scope), zoneOf(scope.world.now()));
}

/** @type {XFunction} */
const format = ([date, pattern], scope) => formatDate(momentText(date, scope), toText(pattern));

/** @type {Record<string, XFunction>} */
export const dateFunctions = {
  now: (_, scope) => scope.world.now(),
  today: (_, scope) => scope.world.now().slice(0, 10),
  date: ([x], scope) => momentText(typeof x === "number" ? Math.trunc(x) : x, scope).slice(0, 10),
  "date-time": ([x], scope) => dateTime(x, scope),
  time: ([x]) => toText(x).replace(/^.*T/, ""),
  "format-date": format,
  "format-date-time": format,
  "decimal-date-time": ([x], scope) => (typeof x === "number" ? x : instant(momentText(x, scope), scope)),
  "decimal-time": ([x]) => timeOfDay(toText(x)),
};
