/** Answers as XForms lexical text: computed, typed, and whether they are well-formed. Twin of `forms/session/values.py`. */

import { dateOfDays, dateTimeOfDays, parseMoment, zoneOf } from "./dates.js";
import { numberText, toText } from "./values.js";

const INT = /^[+-]?[0-9]{1,15}$/;
const DECIMAL = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$/;
const TIME = /^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?$/;

/**
 * A computed value as an answer of a type. NaN is no answer; a number is cut for `int`, a day for `date`.
 * @param {import("./values.js").Value} value @param {string} type @param {() => string} now @returns {string}
 */
export function answerText(value, type, now) {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "";
    if (type === "int") return numberText(Math.trunc(value));
    if (type === "date") return dateOfDays(value);
    if (type === "dateTime") return dateTimeOfDays(value, zoneOf(now()));
    return numberText(value);
  }
  const text = toText(value);
  if (type === "int" && DECIMAL.test(text)) return numberText(Math.trunc(Number(text)));
  return type === "date" && text.includes("T") && parseMoment(text) ? text.slice(0, 10) : text;
}

/** What a person typed, as it is stored: numbers in plain digits. Chinese keyboards easily give full-width ones. @param {string} text @param {string} type */
export function typedText(text, type) {
  if (type !== "int" && type !== "decimal") return text;
  return text.trim().replace(/[０-９．－。]/g, (char) => (char === "。" ? "." : String.fromCharCode(char.charCodeAt(0) - 0xfee0)));
}

/** @param {string} text @returns {boolean} latitude, longitude, and perhaps altitude and accuracy */
function isPoint(text) {
  const parts = text.trim().split(/\s+/);
  const inRange = Math.abs(Number(parts[0])) <= 90 && Math.abs(Number(parts[1])) <= 180;
  return parts.length >= 2 && parts.length <= 4 && parts.every((part) => DECIMAL.test(part)) && inRange;
}

/** @param {string} text @returns {boolean} */
const isTrace = (text) => text.split(";").every((point) => point.trim() === "" || isPoint(point));

/** Number of the problem and test of each type that has a form. @type {Record<string, [string, (text: string) => boolean]>} */
const TYPES = {
  int: ["HW-1303", (text) => INT.test(text)],
  decimal: ["HW-1304", (text) => DECIMAL.test(text)],
  date: ["HW-1305", (text) => parseMoment(text)?.timed === false],
  time: ["HW-1306", (text) => TIME.test(text)],
  dateTime: ["HW-1307", (text) => parseMoment(text)?.timed === true],
  geopoint: ["HW-1308", (text) => text.trim() === "" || isPoint(text)],
  geotrace: ["HW-1308", isTrace],
  geoshape: ["HW-1308", isTrace],
};

/** Whether an answer is one that a range offers (`start`, `end`, `step`; where one is none, all are right). @param {string} text @param {Record<string, string>} scale */
export function onScale(text, { start = "", end = "", step = "1" }) {
  const [value, from, to, by] = [text, start, end, step].map((each) => (each.trim() === "" ? NaN : Number(each)));
  if (Number.isNaN(value + from + to + by)) return true;
  const steps = by ? (value - from) / by : 0;
  return value >= Math.min(from, to) && value <= Math.max(from, to) && Math.abs(steps - Math.round(steps)) < 1e-6;
}

/** The catalogue number of what is wrong with a non-empty answer, or "". @param {string} text @param {string} type @returns {string} */
export function typeProblem(text, type) {
  const [number, test] = TYPES[type] ?? ["", () => true];
  return test(text) ? "" : number;
}
