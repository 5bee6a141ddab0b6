/** Instances of repeats: those that a record begins with, those that a count asks for, those that people add. */

import { hide, walk } from "./tree.js";
import { toNumber } from "./values.js";

/**
 * @typedef {import("./flow.js").Flow} Flow @typedef {import("./tree.js").Item} Item
 * @typedef {import("./form.js").Start} Start
 */

/** More instances than this are not made, whatever a count says. */
const MOST_INSTANCES = 1000;

export class Repeats {
  /** @type {Map<string, Item[]>} instances that a lower count took out; they come back when it grows */
  #aside = new Map();
  /** @type {Map<string, number>} what each count said last */
  #counted = new Map();
  /** @type {Set<string>} */
  #taken = new Set();

  /** @param {Flow} flow @param {() => string} instanceId */
  constructor(flow, instanceId) {
    this.flow = flow;
    this.form = flow.form;
    this.tree = flow.tree;
    this.instanceId = instanceId;
    /** @type {Item[]} new instances whose actions have not run; what a form begins with is not new */
    this.created = [];
  }

  /**
   * Makes as many instances as a count says; what goes is set aside and comes back. Only a count that becomes another
   * one takes instances away: a record that two people added rows to has more than either counted, and opening it
   * must not drop one.
   * @param {Item} parent @param {number} number @param {number} expression
   */
  count(parent, number, expression) {
    if (parent.hidden) return; // nobody asks now; what a person has entered stays until somebody does
    const { flow, tree } = this;
    const place = tree.standIn(parent, number);
    const { relevant, start = [] } = this.form.nodes[number];
    flow.faults.delete(place.path);
    if (!flow.truth(relevant, place, true)) return;
    const wanted = flow.guarded(place, () => toNumber(flow.ask(expression, place)), undefined, flow.faults);
    if (wanted === undefined) return;
    const target = Number.isFinite(wanted) ? Math.min(MOST_INSTANCES, Math.max(0, Math.trunc(wanted))) : 0;
    const present = tree.instances(parent, number);
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
      else this.created.push(this.add(parent, number, start[n]));
    }
    if (surplus.length > 0 || present.length < target) flow.changedBelow(number);
  }

  /** @param {Item} parent @param {Item} item */
  #bringBack(parent, item) {
    this.tree.insert(parent, item);
    hide(item, parent.hidden);
    for (const each of walk(item)) this.flow.values.add(each);
    this.flow.queue(this.form.inside(item.number));
  }

  /** A new instance at the end with its defaults, or with what the form begins with; what it computes is queued. @param {Item} parent @param {number} number @param {Start | null} [start] @returns {Item} */
  add(parent, number, start) {
    let id;
    do id = this.instanceId();
    while (this.#taken.has(id));
    this.reserve(id);
    const item = this.tree.add(parent, number, id, this.tree.nextOrder(parent, number));
    this.fill(item, start);
    for (const each of walk(item)) this.flow.values.add(each);
    this.flow.changedBelow(number);
    this.flow.queue(this.form.inside(number));
    return item;
  }

  /** @param {string} id of an instance that is taken */
  reserve(id) {
    this.#taken.add(id);
  }

  /** Defaults and first instances below a new item; `start` where it has its own. @param {Item} top @param {Start | null} [start] */
  fill(top, start) {
    const [values, nested] = start ?? [{}, {}];
    for (const item of [...walk(top)]) {
      const node = this.form.nodes[item.number];
      if (node) item.value = values[node.path] ?? node.default ?? "";
      for (const number of this.form.below(item.number)) {
        const { kind, count, path, initial = 0, start: first = Array(initial).fill(null) } = this.form.nodes[number];
        if (kind !== "repeat" || count !== undefined) continue;
        for (const one of nested[path] ?? first) this.add(item, number, one);
      }
    }
  }

  /** Takes an instance out for good. @param {Item} item */
  remove(item) {
    this.#takeOut(item);
    this.flow.changedBelow(item.number);
  }

  /** @param {Item} item */
  #takeOut(item) {
    for (const each of walk(item)) this.flow.values.add(each);
    this.tree.takeOut(item);
  }
}
