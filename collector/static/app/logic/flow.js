/**
 * Keeps a record consistent: relevance, counts of repeats and calculations follow each change, and only what must is
 * asked again, in the order of dependency that the server worked out. Twin of `forms/session/engine.py`.
 */

import { answerText } from "./answers.js";
import { valueOf } from "./expressions.js";
import { offered } from "./offers.js";
import { Repeats } from "./repeats.js";
import { hide } from "./tree.js";
import { EvaluationError } from "./errors.js";
import { toBoolean, toText } from "./values.js";
import { Waiting } from "./waiting.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./tree.js").Tree} Tree @typedef {import("./tree.js").Item} Item
 * @typedef {import("./evaluate.js").World} World
 * @typedef {import("./values.js").Value} Value
 */

/** A node that is still changing after so many rounds never settles. */
const ROUNDS = 200;

export class Flow {
  #waiting = new Waiting();

  /** @param {Form} form @param {Tree} tree @param {World} world @param {() => string} instanceId */
  constructor(form, tree, world, instanceId) {
    this.form = form;
    this.tree = tree;
    this.world = world;
    this.repeats = new Repeats(this, instanceId);
    /** @type {Map<string, EvaluationError>} by flat path (a count's by that of its repeat), what could not be computed */
    this.faults = new Map();
    /** @type {Map<string, EvaluationError>} what an action could not work out, until the question is answered */
    this.unset = new Map();
    /** @type {Set<Item>} items whose value changed, for whoever saves or shows them; they empty it */
    this.values = new Set();
    /** @type {Set<number>} nodes that read something that changed, or whose relevance or instances did; likewise */
    this.stale = new Set();
  }

  // -- asking

  /** @param {number} expression @param {Item} item @returns {Value} @throws {EvaluationError} */
  ask(expression, item) {
    return valueOf(this.form.json.expressions[expression], item, this.world);
  }

  /**
   * What `ask` gives, or `otherwise` where it fails. Only what is computed keeps its fault, until it is computed again.
   * @template T @param {Item} item @param {() => T} ask @param {T} otherwise @param {Map<string, EvaluationError>} [kept] @returns {T}
   */
  guarded(item, ask, otherwise, kept) {
    try {
      return ask();
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      kept?.set(item.path, error);
      return otherwise;
    }
  }

  /** @param {number | undefined} expression @param {Item} item @param {boolean} otherwise @returns {boolean} */
  truth(expression, item, otherwise) {
    return expression === undefined ? otherwise : this.guarded(item, () => toBoolean(this.ask(expression, item)), otherwise);
  }

  /** @param {number} expression @param {Item} item @returns {string} "" where it cannot be worked out */
  text(expression, item) {
    return this.guarded(item, () => toText(this.ask(expression, item)), "");
  }

  /** Whether its bind says that it is read-only, or the bind of what it stands in (XForms 1.1, section 6.1.2). @param {Item} item @returns {boolean} */
  isReadonly(item) {
    for (let at = /** @type {Item | null} */ (item); at && at.number >= 0; at = at.parent) {
      if (this.truth(this.form.nodes[at.number].readonly, at, false)) return true;
    }
    return false;
  }

  // -- noting changes

  /** @param {Item} item whose value is another one */
  changed(item) {
    this.values.add(item);
    this.queue(this.form.readers(this.form.nodes[item.number].path));
  }

  /** Somebody has answered: it may be none of what is offered. @param {Item} item */
  answered(item) {
    this.changed(item);
    const { choices, calculate } = this.form.nodes[item.number];
    if (choices && calculate === undefined) this.queue([item.number]);
  }

  /** Another language is spoken: what says a label says another one. */
  languageChanged = () => this.queue(this.form.spoken());

  /** Relevance or instances of a node have changed, and with them what all in it reads as. @param {number} number */
  changedBelow(number) {
    this.stale.add(number);
    this.queue(this.form.subtreeReaders(number));
  }

  /** Everything is to be computed. */
  queueAll = () => this.queue(this.form.json.order);

  /** @param {Iterable<number>} numbers of nodes that something else follows for */
  queue(numbers) {
    for (const number of numbers) {
      this.stale.add(number);
      const place = this.form.place.get(number);
      if (place !== undefined) this.#waiting.add(place);
    }
  }

  /** Computes what waits, in the order of dependency, until nothing changes any more. */
  settle() {
    /** @type {Map<number, number>} */
    const rounds = new Map();
    for (let place = this.#waiting.take(); place !== undefined; place = this.#waiting.take()) {
      const round = (rounds.get(place) ?? 0) + 1;
      rounds.set(place, round);
      if (round <= ROUNDS) this.#compute(this.form.json.order[place]);
    }
  }

  /** @param {number} number */
  #compute(number) {
    const { parent, count, relevant, calculate, choices } = this.form.nodes[number];
    if (count !== undefined) for (const each of [...this.tree.of(parent)]) this.repeats.count(each, number, count);
    for (const item of this.tree.of(number)) {
      this.faults.delete(item.path);
      if (relevant !== undefined) this.#relevance(item, relevant);
      if (calculate !== undefined) this.#calculate(item, calculate);
      else if (choices) this.#offer(item, choices);
    }
  }

  /** @param {Item} item @param {number} expression */
  #relevance(item, expression) {
    const own = this.guarded(item, () => toBoolean(this.ask(expression, item)), true, this.faults);
    if (own === item.own) return;
    item.own = own;
    hide(item, item.parent?.hidden ?? false);
    this.changedBelow(item.number);
  }

  /** @param {Item} item @param {number} expression */
  #calculate(item, expression) {
    const value = this.#answer(item, expression, this.faults);
    if (value === item.value) return;
    item.value = value;
    this.changed(item);
  }

  /** An answer that is offered no more reads as none; what was given comes back with the offer. @param {Item} item @param {import("./form.js").Choices} choices */
  #offer(item, choices) {
    const given = item.held();
    if (given === "") return;
    const value = this.guarded(item, () => offered(this, item, choices, given), given);
    item.given = value === given ? null : given;
    if (value === item.value) return;
    item.value = value;
    this.changed(item);
  }

  /** What a `setvalue` action does. @param {Item} item @param {number | null | undefined} expression none clears it @returns {boolean} whether the value is another one now */
  setValue(item, expression) {
    this.unset.delete(item.path);
    const value = this.#answer(item, expression, this.unset);
    if (value === item.held()) return false;
    item.put(value);
    this.answered(item);
    return true;
  }

  /** @param {Item} item @param {number | null | undefined} expression @param {Map<string, EvaluationError>} faults @returns {string} */
  #answer(item, expression, faults) {
    const { type } = this.form.nodes[item.number];
    if (expression === null || expression === undefined) return "";
    return this.guarded(item, () => answerText(this.ask(expression, item), type, this.world.now), "", faults);
  }
}
