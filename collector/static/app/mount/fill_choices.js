/** Choices of a question, put on the page again when another answer changed which there are. */

import { h, t } from "./dom.js";

/** Width in Latin letters up to which choices stand side by side (`outline.SHORT_LABEL`). */
const SHORT = 22;
/** From so many choices on a list can be searched. */
const SEARCHABLE = 12;

/** @typedef {[string, string][]} Choices  value and label */

/** What each question shows now. @type {WeakMap<HTMLElement, string>} */
const shown = new WeakMap();

/** @param {HTMLElement} question @returns {Choices} as the server rendered them */
function rendered(question) {
  const options = /** @type {NodeListOf<HTMLOptionElement>} */ (question.querySelectorAll("select:not(.ranks select) > option"));
  if (options.length > 0) return [...options].slice(1).map((option) => [option.value, option.text]);
  const boxes = /** @type {NodeListOf<HTMLInputElement>} */ (question.querySelectorAll(":scope > .choices input"));
  return [...boxes].map((box) => [box.value, box.nextElementSibling?.textContent ?? ""]);
}

/**
 * Shows these choices; what is equal stays as it is.
 * @param {HTMLElement} question @param {Choices} choices @returns {boolean} whether they are others than before
 */
export function show(question, choices) {
  const key = JSON.stringify(choices);
  const before = shown.get(question) ?? JSON.stringify(rendered(question));
  shown.set(question, key);
  const select = question.querySelector("select");
  if (select && question.dataset.kind === "select") addSearch(question, select, choices);
  if (key === before) return false;
  if (question.dataset.kind === "select" && select) options(select, choices);
  else if (question.dataset.kind === "radio" || question.dataset.kind === "checks") boxes(question, choices);
  return true;
}

/** @param {HTMLSelectElement} select @param {Choices} choices */
function options(select, choices) {
  const chosen = select.value;
  select.replaceChildren(select.options[0], ...choices.map(([value, label]) => new Option(label, value, false, value === chosen)));
}

/** @param {HTMLElement} question @param {Choices} choices */
function boxes(question, choices) {
  const type = question.dataset.kind === "radio" ? "radio" : "checkbox";
  const place = /** @type {HTMLElement} */ (question.querySelector(":scope > .choices"));
  place.classList.toggle("short", choices.every(([, label]) => width(label) <= SHORT));
  place.replaceChildren(...choices.map(([value, label]) =>
    h("label.choice", null, h("input", { type, name: question.dataset.path ?? "", value }), h("span", null, label), beside(question, value, label))));
}

/** The picture, sound or video of a choice, as the server made it. @param {HTMLElement} question @param {string} value @param {string} label */
function beside(question, value, label) {
  const made = /** @type {HTMLTemplateElement | null} */ (question.querySelector(":scope > template"));
  const own = /** @type {HTMLElement[]} */ ([...(made?.content.children ?? [])]).filter((each) => each.dataset.value === value);
  const found = own.find((each) => each.dataset.label === label) ?? own[0];
  return found && document.importNode(found, true);
}

/** A Chinese character counts two. @param {string} text */
const width = (text) => Array.from(text).reduce((sum, char) => sum + (char > "\u2e7f" ? 2 : 1), 0);

/** @type {WeakMap<HTMLElement, Choices>} */
const searched = new WeakMap();

/** A box that narrows a long list. @param {HTMLElement} question @param {HTMLSelectElement} select @param {Choices} choices */
function addSearch(question, select, choices) {
  const known = searched.has(question);
  searched.set(question, choices);
  let box = /** @type {HTMLInputElement | null} */ (question.querySelector(".list-search"));
  if (!known && !box && choices.length >= SEARCHABLE) {
    box = /** @type {HTMLInputElement} */ (h("input.list-search", {
      type: "search", autocomplete: "off", placeholder: t("fill.search"), "aria-label": t("fill.search"),
      "aria-controls": select.id,
    }));
    box.addEventListener("input", () => narrow(select, box?.value ?? "", searched.get(question) ?? []));
    select.before(box);
  }
  if (box) {
    box.hidden = choices.length < SEARCHABLE;
    if (box.value !== "") box.value = "";
  }
}

/** @param {HTMLSelectElement} select @param {string} wanted @param {Choices} choices */
function narrow(select, wanted, choices) {
  const text = wanted.normalize("NFKC").trim().toLowerCase();
  options(select, choices.filter(([value, label]) => value === select.value || label.toLowerCase().includes(text) || value.startsWith(text)));
}
