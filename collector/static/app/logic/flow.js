/**
 * What follows from an answer: calculations, counts of repeats, relevance. Only readers of what changed are asked
 * again, in the order of dependency that the server worked out.
 */

import { evaluate } from "./evaluate.js";
import { walk } from "./tree.js";
import { EvaluationError, numberText, toBoolean, toNumber, toText } from "./values.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./tree.js").Item} Item
 * @typedef {import("./tree.js").Tree} Tree
 * @typedef {import("./evaluate.js").World} World
 * @typedef {import("./values.js").Value} Value
 */

/** More rounds than a form without circles can need: each round settles at least one level of nested repeats. */
const ROUNDS = 100;

export class Flow {
  /** @type {Map<number, Set<Item>>} items whose expressions are to be asked again, by number of their node */
  #dirty = new Map();

  /**
   * @param {Form} form @param {Tree} tree @param {World} world
   * @param {(range: Item, wanted: number) => void} resize  adds or removes instances of a counted repeat
   */
  constructor(form, tree, world, resize) {
    this.form = form;
    this.tree = tree;
    this.world = world;
    this.resize = resize;
    /** @type {Set<Item>} items whose value or relevance changed since `take` */
    this.changed = new Set();
    /** @type {Set<number>} nodes with an expression that read something that changed since `take` */
    this.watching = new Set();
    /** @type {Map<Item, string>} calculations that gave no value, and why */
    this.faults = new Map();
  }

  /** @param {number} expression @param {Item} item @returns {Value} */
  ask(expression, item) {
    return evaluate(this.form.json.expressions[expression], {
      node: item, position: 1, size: 1, current: item, world: this.world,
    });
  }

  /** Notes that an item's value or relevance is another one now. @param {Item} item */
  touch(item) {
    this.changed.add(item);
    this.touchPath(item.number < 0 ? "" : this.form.nodes[item.number].path);
  }

  /** Notes that something at a path changed. @param {string} path without instance ids */
  touchPath(path) {
    for (const number of this.form.readers(path)) {
      this.watching.add(number);
      for (const item of this.tree.byNumber[number]) this.mark(item);
      for (const range of this.tree.ranges[number]) this.mark(range);
    }
  }

  /** An item's own expressions are to be asked. @param {Item} item */
  mark(item) {
    const set = this.#dirty.get(item.number);
    if (set) set.add(item);
    else this.#dirty.set(item.number, new Set([item]));
  }

  /** Settles everything that was touched. */
  settle() {
    for (let round = 0; round < ROUNDS && this.#dirty.size > 0; round++) {
      for (const number of this.form.json.order) {
        const items = this.#dirty.get(number);
        if (!items) continue;
        this.#dirty.delete(number);
        for (const item of items) if (this.tree.items.get(item.path) === item) this.#settleItem(item);
      }
      // What is left has no expression that flows: a label or a constraint that only watches.
      for (const number of this.#dirty.keys()) if (!this.#flows(number)) this.#dirty.delete(number);
    }
  }

  /** @param {number} number @returns {boolean} */
  #flows(number) {
    const node = this.form.nodes[number];
    return node !== undefined && (node.relevant ?? node.calculate ?? node.count) !== undefined;
  }

  /** @param {Item} item */
  #settleItem(item) {
    const node = this.form.nodes[item.number];
    if (node.relevant !== undefined) this.#relevance(item, this.#holds(node.relevant, item));
    if (node.kind === "repeat") {
      if (node.count !== undefined && this.tree.ranges[item.number].has(item)) {
        const wanted = toNumber(this.#value(node.count, item));
        this.resize(item, Number.isNaN(wanted) ? 0 : Math.max(0, Math.trunc(wanted)));
      }
    } else if (node.calculate !== undefined) {
      this.set(item, this.answer(node.calculate, item));
    }
  }

  /** @param {number} expression @param {Item} item @returns {Value} "" where there is none */
  #value(expression, item) {
    try {
      this.faults.delete(item);
      return this.ask(expression, item);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      this.faults.set(item, error.message);
      return "";
    }
  }

  /** The value of an expression as an answer's text. @param {number} expression @param {Item} item @returns {string} */
  answer(expression, item) {
    return answerText(this.#value(expression, item), this.form.nodes[item.number]?.type ?? "string");
  }

  /** @param {number} expression @param {Item} item @returns {boolean} */
  #holds(expression, item) {
    return toBoolean(this.#value(expression, item));
  }

  /** Gives an item a value, and asks its readers if it is another one. @param {Item} item @param {string} value */
  set(item, value) {
    if (item.value === value) return;
    item.value = value;
    this.touch(item);
  }

  /** @param {Item} item @param {boolean} own */
  #relevance(item, own) {
    item.own = own;
    this.hide(item);
  }

  /** Works out `hidden` for an item and all in it, and asks the readers of those that changed. @param {Item} item */
  hide(item) {
    const hidden = !item.own || (item.parent?.hidden ?? false);
    if (hidden === item.hidden) return;
    item.hidden = hidden;
    this.touch(item);
    for (const range of item.ranges) this.hide(range);
    for (const child of item.children) this.hide(child);
  }

  /** A new instance: all that is in it is to be asked, and all who read into it. @param {Item} instance */
  added(instance) {
    for (const item of walk(instance)) {
      this.touch(item);
      this.mark(item);
    }
  }
}

/**
 * A calculated value as an answer's text: what is no number is no answer.
 * @param {Value} value @param {string} type @returns {string}
 */
export function answerText(value, type) {
  if (typeof value !== "number") return toText(value);
  if (Number.isNaN(value)) return "";
  return numberText(type === "int" ? Math.trunc(value) : value);
}
