/** The page of a form and the session behind it: shows what the session says, and only where that differs. */

import { nearFirst } from "../logic/near.js";
import { choices as choicesOf } from "../logic/texts.js";
import { show as showChoices } from "./fill_choices.js";
import { controls, read, write } from "./fill_controls.js";
import { boxesOf, detailsOf, offer } from "./fill_reasons.js";
import { sync } from "./fill_repeats.js";
import { t } from "./dom.js";

/**
 * @typedef {import("../logic/session.js").Session} Session
 * @typedef {import("../logic/tree.js").Item} Item
 */

export class Page {
  /** @type {Map<string, HTMLElement>} by flat path */
  #places = new Map();
  /** @type {Set<string>} paths with an error on the page */
  wrong = new Set();

  /** @param {HTMLFormElement} form @param {Session} session */
  constructor(form, session) {
    this.form = form;
    this.session = session;
    this.#index(form);
    const texts = session.form.json.texts;
    /** @type {Set<number>} texts with answers in them */
    this.speaking = new Set([...texts.keys()].filter((number) =>
      Object.values(texts[number]).some(({ long = [] }) => long.some((piece) => typeof piece === "number"))));
  }

  /** @param {HTMLElement} root */
  #index(root) {
    if (root.dataset.path) this.#places.set(root.dataset.path, root);
    for (const place of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("[data-path]"))) {
      this.#places.set(place.dataset.path ?? "", place);
    }
  }

  /** The element of a question, group, repeat or instance. @param {string} path @returns {HTMLElement | undefined} */
  place(path) {
    return this.#places.get(path);
  }

  /** Shows everything: the page may be the empty shell, or of another moment. */
  showAll() {
    this.show(new Set(this.session.form.nodes.keys()), true);
  }

  /**
   * Shows what may have changed.
   * @param {Set<number>} stale numbers of nodes @param {boolean} [all] texts and choices too that no answer changes
   */
  show(stale, all = false) {
    const { form } = this.session;
    const wanted = new Set(stale);
    for (const number of stale) if (!form.isLeaf(number)) for (const inner of form.inside(number)) wanted.add(inner);
    // In the order of the form: an instance is there before what is in it.
    for (const number of [...wanted].sort((a, b) => a - b)) {
      if (form.nodes[number].kind === "repeat") this.#showRepeat(number, wanted);
      for (const item of this.session.tree.of(number)) this.#showItem(item, all);
    }
    this.#showParts();
    this.#showProgress();
  }

  /** @param {number} number @param {Set<number>} wanted */
  #showRepeat(number, wanted) {
    const { tree, form } = this.session;
    for (const parent of tree.of(form.nodes[number].parent)) {
      const path = `${parent.path}/${form.nodes[number].name}`;
      const section = this.#places.get(path);
      if (!section) continue;
      setHidden(section, !this.session.relevant(path));
      const { added, gone } = sync(section, tree.instances(parent, number).map((item) => item.path));
      for (const element of gone) this.#forget(element);
      for (const element of added) this.#index(element);
      for (const element of added) {
        for (const each of [element, .../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-path]"))]) {
          const item = tree.items.get(each.dataset.path ?? "");
          if (item) this.#showItem(item, true);
        }
      }
      if (added.length > 0) for (const inner of form.inside(number)) wanted.add(inner);
    }
  }

  /** @param {HTMLElement} element */
  #forget(element) {
    for (const each of [element, .../** @type {NodeListOf<HTMLElement>} */ (element.querySelectorAll("[data-path]"))]) {
      this.#places.delete(each.dataset.path ?? "");
      this.wrong.delete(each.dataset.path ?? "");
    }
  }

  /** @param {Item} item @param {boolean} all */
  #showItem(item, all) {
    const place = this.#places.get(item.path);
    if (!place) return;
    const node = this.session.form.nodes[item.number];
    setHidden(place, item.hidden);
    if (node.kind === "repeat" || (item.hidden && !all)) return;
    if (node.label !== undefined && (all || this.speaking.has(node.label))) {
      setText(place.querySelector(":scope > .q-label .q-text, :scope > .q-label:not(:has(.q-text)), :scope > .g-label"), this.session.label(item.path));
    }
    if (node.hint !== undefined && (all || this.speaking.has(node.hint))) {
      setText(place.querySelector(":scope > .q-hint"), this.session.hint(item.path));
    }
    if (node.kind === "question") this.#showQuestion(place, item, all);
  }

  /** @param {HTMLElement} place @param {Item} item @param {boolean} all */
  #showQuestion(place, item, all) {
    const node = this.session.form.nodes[item.number];
    if (node.required !== undefined) {
      const mark = /** @type {HTMLElement | null} */ (place.querySelector(".q-required"));
      if (mark) setHidden(mark, !this.session.required(item.path));
    }
    if (node.choices && (all || node.choices.filter_paths.length > 0) && place.dataset.kind !== "rank") this.#showChoices(place, item);
    if (node.readonly !== undefined) {
      const fixed = this.session.readonly(item.path);
      for (const control of controls(place)) {
        if (control instanceof HTMLSelectElement || control.type === "radio" || control.type === "checkbox") control.disabled = fixed;
        else control.readOnly = fixed;
      }
    }
    this.showValue(place, item);
  }

  /** @param {HTMLElement} place @param {Item} item */
  #showChoices(place, item) {
    const { instance, value } = /** @type {import("../logic/form.js").Choices} */ (this.session.form.nodes[item.number].choices);
    // A list that has not reached this phone offers nothing and takes nothing back: what the server rendered stands.
    if (this.session.form.json.instances[instance]?.src && this.session.lists.lists.rows(instance).length === 0) return;
    const choices = this.session.flow.guarded(item, () => this.#choicesOf(item, instance, value), []);
    if (!showChoices(place, choices) || item.hidden || item.held() === "") return;
    // What is offered no longer is no answer any more: another county has other townships.
    const offered = new Set(choices.map(([value]) => value));
    const given = item.held();
    const chosen = place.dataset.kind === "checks" ? given.split(" ") : [given];
    const kept = chosen.filter((value) => offered.has(value)).join(" ");
    if (kept !== given) this.session.answer(item.path, kept);
  }

  /** @param {Item} item @param {string} instance @param {string} column @returns {[string, string][]} */
  #choicesOf(item, instance, column) {
    const found = choicesOf(this.session, item);
    if (!this.session.form.json.instances[instance]?.src) return found;
    return nearFirst(found, this.session.lists.lists.rows(instance), column, this.#village());
  }

  /** The village of the record so far. */
  #village() {
    for (const [path, item] of this.session.tree.items) {
      if (path.endsWith("/village_code") && !path.includes("[")) return item.value;
    }
    return "";
  }

  /** The answer and the reason in their controls; never over what is being typed. @param {HTMLElement} place @param {Item} item */
  showValue(place, item) {
    const typing = place.contains(document.activeElement) && document.activeElement?.matches("input:not([type=radio], [type=checkbox]), textarea");
    if (!typing && (read(place) ?? item.value) !== item.value) write(place, item.value);
    const reason = this.session.reasonOf.get(item.path) ?? "";
    const details = reason && detailsOf(place);
    if (details && !details.open) {
      offer(details);
      details.open = true;
    }
    for (const box of boxesOf(place)) box.checked = box.value === reason;
  }

  /** @param {string} path @param {string} message "" for none */
  showError(path, message) {
    const place = this.#places.get(path);
    const error = /** @type {HTMLElement | null | undefined} */ (place?.querySelector(":scope > .q-error"));
    if (!place || !error) return;
    if (message) this.wrong.add(path);
    else this.wrong.delete(path);
    setText(error, message);
    setHidden(error, !message);
    place.toggleAttribute("data-problem", Boolean(message));
    const spoken = controls(place)[0];
    if (message) spoken?.setAttribute("aria-invalid", "true");
    else spoken?.removeAttribute("aria-invalid");
  }

  /** The list of parts beside or above the form. */
  #showParts() {
    for (const part of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".fill-parts [data-for]"))) {
      setHidden(part, this.session.tree.items.get(part.dataset.for ?? "")?.hidden ?? false);
    }
  }

  #showProgress() {
    const bar = /** @type {HTMLProgressElement | null} */ (document.getElementById("progress"));
    if (!bar) return;
    let [done, all] = [0, 0];
    for (const [path, item] of this.session.tree.items) {
      if (item.hidden || item.number < 0) continue;
      const { kind, role } = this.session.form.nodes[item.number];
      if (kind !== "question" || role === "desk" || !this.#places.has(item.path)) continue;
      all++;
      if (item.value !== "" || this.session.reasonOf.has(path)) done++;
    }
    if (bar.value === done && bar.max === all) return;
    bar.max = Math.max(all, 1);
    bar.value = done;
    bar.setAttribute("aria-label", t("fill.progress", { done, all }));
  }
}

/** @param {HTMLElement} element @param {boolean} hidden */
function setHidden(element, hidden) {
  if (element.hidden !== hidden) element.hidden = hidden;
}

/** @param {Element | null} element @param {string} text */
function setText(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}
