/**
 * Dates as texts: `2026-11-22`, `2026-11-22T09:30:00.000+08:00`. As a number a date is whole days since 1970, a
 * date-time days with a fraction (of the moment, whatever its offset).
 */

import { EvaluationError } from "./errors.js";

const FORM = /^(-?\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d(?::?\d\d)?)?)?$/;
export const DAY = 86400000;

/**
 * @typedef {object} Moment a date or date-time taken apart, as written (not moved to another zone)
 * @property {number} year @property {number} month @property {number} day @property {boolean} timed
 * @property {number} hour @property {number} minute @property {number} second @property {number} ms
 * @property {string} zone  "Z", "+08:00" or ""
 */

/** @param {string} text @returns {Moment | null} */
export function parseMoment(text) {
  const match = FORM.exec(text);
  if (!match) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0));
  const ms = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const real = new Date(0);
  real.setUTCFullYear(year, month - 1, day);
  if (real.getUTCMonth() !== month - 1 || real.getUTCDate() !== day) return null;
  if (hour > 23 || minute > 59 || second > 59 || year < 1 || year > 9999) return null;
  return { year, month, day, timed: match[4] !== undefined, hour, minute, second, ms, zone: match[8] ?? "" };
}

/** Minutes east of Greenwich. @param {string} zone @returns {number} */
export function offset(zone) {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0)) : 0;
}

/** Milliseconds since 1970 on the clock of its own place. @param {Moment} at @returns {number} */
export function clock(at) {
  const date = new Date(0);
  date.setUTCFullYear(at.year, at.month - 1, at.day);
  return date.setUTCHours(at.hour, at.minute, at.second, at.ms);
}

/** Days since 1970 of a date or date-time; NaN for any other text. @param {string} text @returns {number} */
export function daysOf(text) {
  const at = text.length < 10 ? null : parseMoment(text);
  return at ? (clock(at) - offset(at.zone) * 60000) / DAY : NaN;
}

/** @param {number} n @param {number} [width] @returns {string} */
const pad = (n, width = 2) => String(n).padStart(width, "0");

/** The date of a number of days since 1970; "" for what is no date. @param {number} days @returns {string} */
export function dateOfDays(days) {
  const date = new Date(Math.floor(days) * DAY);
  if (!(date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9999)) return "";
  return `${pad(date.getUTCFullYear(), 4)}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** The date-time, at the offset `zone`, of days since 1970. @param {number} days @param {string} zone @returns {string} */
export function dateTimeOfDays(days, zone) {
  const local = Math.floor(days * DAY + 0.5) + offset(zone) * 60000;
  const date = dateOfDays(local / DAY);
  if (date === "") return "";
  return `${date}T${new Date(local).toISOString().slice(11, 23)}${zone}`;
}

/** The offset at the end of a date-time. @param {string} now @returns {string} */
export const zoneOf = (now) => /(Z|[+-]\d\d:?\d\d)$/.exec(now)?.[0] ?? "Z";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/** @type {Record<string, (at: Moment) => string | number>} */
const PARTS = {
  Y: (at) => pad(at.year, 4),
  y: (at) => pad(at.year, 4).slice(-2),
  m: (at) => pad(at.month),
  n: (at) => at.month,
  b: (at) => MONTHS[at.month - 1],
  d: (at) => pad(at.day),
  e: (at) => at.day,
  H: (at) => pad(at.hour),
  h: (at) => at.hour,
  M: (at) => pad(at.minute),
  S: (at) => pad(at.second),
  3: (at) => pad(at.ms, 3),
  a: (at) => WEEKDAYS[new Date(clock(at)).getUTCDay()],
  "%": () => "%",
};

/**
 * `format-date`: `%Y %y %m %n %b %d %e %H %h %M %S %3 %a`.
 * @param {string} text @param {string} format @returns {string} "" for an empty date
 * @throws {EvaluationError} for a malformed date or an unknown letter
 */
export function formatDate(text, format) {
  if (text === "") return "";
  const at = parseMoment(text);
  if (!at) throw new EvaluationError("HW-1201", { value: text });
  return format.replace(/%([\s\S]?)/gu, (_, letter) => {
    const part = PARTS[letter];
    if (!part) throw new EvaluationError("HW-1204", { name: "format-date" });
    return String(part(at));
  });
}
