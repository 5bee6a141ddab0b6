/**
 * Keeps a record consistent: relevance, counts of repeats and calculations follow each change, and only what must is
 * asked again, in the order of dependency that the server worked out. Twin of `forms/session/engine.py`.
 */

import { answerText } from "./answers.js";
import { valueOf } from "./expressions.js";
import { hide, walk } from "./tree.js";
import { EvaluationError, toBoolean, toNumber, toText } from "./values.js";
import { Waiting } from "./waiting.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./tree.js").Tree} Tree @typedef {import("./tree.js").Item} Item
 * @typedef {import("./evaluate.js").World} World
 * @typedef {import("./values.js").Value} Value
 */

/** More instances than this are not made, whatever a count says. */
const MOST_INSTANCES = 1000;
/** A node that is still changing after so many rounds never settles. */
const ROUNDS = 200;

export class Flow {
  #waiting = new Waiting();
  /** @type {Map<string, Item[]>} instances that a lower count took out; they come back when it grows */
  #aside = new Map();
  /** @type {Map<string, number>} what each count said last */
  #counted = new Map();
  /** @type {Set<string>} */
  #taken = new Set();

  /** @param {Form} form @param {Tree} tree @param {World} world @param {() => string} instanceId */
  constructor(form, tree, world, instanceId) {
    this.form = form;
    this.tree = tree;
    this.world = world;
    this.instanceId = instanceId;
    /** @type {Item[]} new instances whose actions have not run; what a form begins with is not new */
    this.created = [];
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

  // -- noting changes

  /** @param {Item} item whose value is another one */
  changed(item) {
    this.values.add(item);
    this.#queue(this.form.readers(this.form.nodes[item.number].path));
  }

  /** Relevance or instances of a node have changed, and with them what all in it reads as. @param {number} number */
  changedBelow(number) {
    this.stale.add(number);
    this.#queue(this.form.subtreeReaders(number));
  }

  /** Everything is to be computed. */
  queueAll = () => this.#queue(this.form.json.order);

  /** @param {Iterable<number>} numbers of nodes */
  #queue(numbers) {
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
    const { parent, count, relevant, calculate } = this.form.nodes[number];
    if (count !== undefined) for (const each of [...this.tree.of(parent)]) this.#count(each, number, count);
    for (const item of this.tree.of(number)) {
      this.faults.delete(item.path);
      if (relevant !== undefined) this.#relevance(item, relevant);
      if (calculate !== undefined) this.#assign(item, calculate, this.faults);
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

  /** What a `setvalue` action does. @param {Item} item @param {number | null | undefined} expression none clears it */
  setValue(item, expression) {
    this.unset.delete(item.path);
    this.#assign(item, expression, this.unset);
  }

  /** @param {Item} item @param {number | null | undefined} expression @param {Map<string, EvaluationError>} faults */
  #assign(item, expression, faults) {
    const { type } = this.form.nodes[item.number];
    const value = expression === null || expression === undefined
      ? "" : this.guarded(item, () => answerText(this.ask(expression, item), type, this.world.now), "", faults);
    if (value === item.value) return;
    item.value = value;
    this.changed(item);
  }

  // -- instances of repeats

  /**
   * Makes as many instances as a count says; what goes is set aside and comes back. Only a count that becomes another
   * one takes instances away: a record that two people added rows to has more than either counted, and opening it
   * must not drop one.
   * @param {Item} parent @param {number} number @param {number} expression
   */
  #count(parent, number, expression) {
    if (parent.hidden) return; // nobody asks now; what a person has entered stays until somebody does
    const place = this.tree.standIn(parent, number);
    this.faults.delete(place.path);
    if (!this.truth(this.form.nodes[number].relevant, place, true)) return;
    const wanted = this.guarded(place, () => toNumber(this.ask(expression, place)), undefined, this.faults);
    if (wanted === undefined) return;
    const target = Number.isFinite(wanted) ? Math.min(MOST_INSTANCES, Math.max(0, Math.trunc(wanted))) : 0;
    const present = this.tree.instances(parent, number);
    const key = `${parent.path} ${number}`;
    const aside = this.#aside.get(key) ?? [];
    this.#aside.set(key, aside);
    const surplus = (this.#counted.get(key) ?? target) === target ? [] : present.slice(target);
    this.#counted.set(key, target);
    for (const item of surplus.reverse()) {
      this.#takeOut(item);
      aside.push(item);
    }
    for (let n = present.length; n < target; n++) {
      const back = aside.pop();
      if (back) this.#bringBack(parent, back);
      else this.created.push(this.newInstance(parent, number));
    }
    if (surplus.length > 0 || present.length < target) this.changedBelow(number);
  }

  /** @param {Item} parent @param {Item} item */
  #bringBack(parent, item) {
    this.tree.insert(parent, item);
    hide(item, parent.hidden);
    for (const each of walk(item)) this.values.add(each);
    this.#queue(this.form.inside(item.number));
  }

  /** A new instance with its defaults, at the end; what it computes is queued. @param {Item} parent @param {number} number @returns {Item} */
  newInstance(parent, number) {
    let id;
    do id = this.instanceId();
    while (this.#taken.has(id));
    this.reserve(id);
    const item = this.tree.add(parent, number, id, this.tree.nextOrder(parent, number));
    this.fill(item);
    for (const each of walk(item)) this.values.add(each);
    this.changedBelow(number);
    this.#queue(this.form.inside(number));
    return item;
  }

  /** @param {string} id of an instance that is taken */
  reserve(id) {
    this.#taken.add(id);
  }

  /** Defaults and first instances below a new item. @param {Item} top */
  fill(top) {
    for (const item of [...walk(top)]) {
      item.value = this.form.nodes[item.number]?.default ?? item.value;
      for (const number of this.form.below(item.number)) {
        const { kind, count, initial = 0 } = this.form.nodes[number];
        if (kind === "repeat" && count === undefined) for (let n = 0; n < initial; n++) this.newInstance(item, number);
      }
    }
  }

  /** Takes an instance out for good. @param {Item} item */
  remove(item) {
    this.#takeOut(item);
    this.changedBelow(item.number);
  }

  /** @param {Item} item */
  #takeOut(item) {
    for (const each of walk(item)) this.values.add(each);
    this.tree.takeOut(item);
  }
}
