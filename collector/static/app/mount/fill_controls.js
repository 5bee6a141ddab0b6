/** Controls of a form's page and the answers in them. The shapes are the macros of `templates/fill/controls.html`. */

import { zoneOf } from "../logic/dates.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** The question that an element stands in. @param {EventTarget | null} target @returns {HTMLElement | null} */
export const questionOf = (target) => (target instanceof Element ? target.closest(".q[data-path]") : null);

/** Controls of a question, without those of its reasons. @param {HTMLElement} question @returns {Control[]} */
export function controls(question) {
  const path = question.dataset.path ?? "";
  const all = /** @type {NodeListOf<Control>} */ (question.querySelectorAll("input, textarea, select"));
  return [...all].filter((control) => control.name === path);
}

/** @param {HTMLElement} question @returns {HTMLInputElement[]} */
const boxes = (question) => /** @type {HTMLInputElement[]} */ (controls(question));

/**
 * The answer that stands in a question's controls; null for a file, whose answer is not in its control.
 * @param {HTMLElement} question @returns {string | null}
 */
export function read(question) {
  switch (question.dataset.kind) {
    case "upload": return null;
    case "radio": return boxes(question).find((box) => box.checked)?.value ?? "";
    case "checks":
    case "trigger": return boxes(question).filter((box) => box.checked).map((box) => box.value).join(" ");
    case "rank": return ranked(controls(question).map((control) => control.value));
    case "geopoint": return position(controls(question)[0]?.value ?? "");
    default: return (controls(question)[0]?.value ?? "").replace(/\r\n?/g, "\n").replaceAll("\0", "");
  }
}

/**
 * The same as it is stored. A date and time is one on the clock of the place where it is given; one that stands as it
 * was shown is the answer that was there, to the millisecond.
 * @param {HTMLElement} question @param {string} held the answer so far @param {() => string} now @returns {string | null}
 */
export function given(question, held, now) {
  const value = read(question);
  const { kind } = question.dataset;
  if (!value || (kind !== "datetime" && kind !== "time")) return value;
  if (value === shown(kind, held)) return held;
  return kind === "time" ? value : `${value}${value.length === 16 ? ":00.000" : ""}${zoneOf(now())}`;
}

/** What a control for times shows of an answer. @param {string} kind @param {string} value */
const shown = (kind, value) => value.slice(0, kind === "time" ? 5 : 16);

/** Puts an answer into a question's controls. @param {HTMLElement} question @param {string} value */
export function write(question, value) {
  const [first] = controls(question);
  switch (question.dataset.kind) {
    case "upload": return;
    case "radio":
    case "trigger":
      for (const box of boxes(question)) box.checked = box.value === value;
      return;
    case "checks": {
      const chosen = value.split(" ");
      for (const box of boxes(question)) box.checked = chosen.includes(box.value);
      return;
    }
    case "rank": {
      const order = value.split(" ");
      for (const control of controls(question)) {
        const choice = control.value.slice(control.value.indexOf(":") + 1);
        control.value = `${order.indexOf(choice) + 1}:${choice}`;
      }
      return;
    }
    case "datetime":
    case "time": first.value = shown(question.dataset.kind, value); return;
    case "date": first.value = value.slice(0, 10); return;
    default: if (first) first.value = value;
  }
}

/** Choices by place, each as `place:choice`; those without one follow. @param {string[]} places @returns {string} */
function ranked(places) {
  const all = places.map((text) => ({ place: Number(text.split(":")[0]), choice: text.slice(text.indexOf(":") + 1) }));
  if (all.every(({ place }) => place === 0)) return "";
  return all.sort((a, b) => (a.place || Infinity) - (b.place || Infinity) || 0).map(({ choice }) => choice).join(" ");
}

/** A position typed by hand (`35.49, 112.85`) has neither height nor accuracy. @param {string} text @returns {string} */
function position(text) {
  const parts = text.normalize("NFKC").split(/[\s,;]+/).filter(Boolean);
  return (parts.length === 2 ? [...parts, "0", "0"] : parts).join(" ");
}
