/** The record as a tree of items, one for each node and one for each instance of a repeat. Twin of `record.py`. */

import { generic } from "./form.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./values.js").Node} Node
 */

const STEP = /^([^/[\]]+)\[([0-9a-z]{4,})\]$/;
const DIGITS = 4;
const FEW = 8; // children that are sooner looked through than sorted by name

/** One group, instance of a repeat or question in a record. @implements {Node} */
export class Item {
  /**
   * @param {number} number of its node in the form; -1 for the root, -2 for the document around it
   * @param {string} name @param {Item | null} parent @param {string} path flat path, with instance ids
   */
  constructor(number, name, parent, path) {
    this.number = number;
    this.name = name;
    this.parent = parent;
    this.path = path;
    /** @type {Item[]} */
    this.children = [];
    /** @type {string} what it reads as */
    this.value = "";
    /** @type {string | null} the answer that was given, where `value` is only the part of it that is offered now */
    this.given = null;
    /** Its own `relevant` holds. */
    this.own = true;
    /** Not relevant, itself or something around it. */
    this.hidden = parent?.hidden ?? false;
    /** Id of an instance of a repeat, and its order key. */
    this.instance = "";
    this.order = "";
    /** @type {Map<string, Item[]> | null} children by name, once somebody asked; null after they changed */
    this.index = null;
  }

  /** Children of a name, in order; undefined where all are to be looked through. @param {string} name @returns {Item[] | undefined} */
  named(name) {
    if (this.children.length <= FEW) return undefined;
    if (!this.index) {
      this.index = new Map();
      for (const child of this.children) {
        const alike = this.index.get(child.name);
        if (alike) alike.push(child);
        else this.index.set(child.name, [child]);
      }
    }
    return this.index.get(name);
  }

  /** Gives it a value. @param {string} value */
  put(value) {
    this.value = value;
    this.given = null;
  }

  /** The answer that was given, whether or not it is offered now. @returns {string} */
  held() {
    return this.given ?? this.value;
  }
}

/** Items by flat path. Structure only: what is computed is `Flow`'s. */
export class Tree {
  /** @type {Map<number, Item[]>} */
  #of = new Map();

  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    const document = new Item(-2, "", null, "");
    this.root = new Item(-1, form.json.root.slice(1), document, form.json.root);
    document.children.push(this.root);
    /** @type {Map<string, Item>} by flat path */
    this.items = new Map([[this.root.path, this.root]]);
    this.#fill(this.root);
  }

  /** Items below a new one; repeats begin without instances. @param {Item} parent */
  #fill(parent) {
    for (const number of this.form.below(parent.number)) {
      const { name, kind } = this.form.nodes[number];
      if (kind === "repeat") continue;
      const item = new Item(number, name, parent, `${parent.path}/${name}`);
      parent.children.push(item);
      this.items.set(item.path, item);
      this.#fill(item);
    }
  }

  /** All items of a node of the form, in document order; the root for -1. @param {number} number @returns {Item[]} */
  of(number) {
    if (number < 0) return [this.root];
    let found = this.#of.get(number);
    if (!found) {
      found = this.of(this.form.nodes[number].parent).flatMap((parent) => this.instances(parent, number));
      this.#of.set(number, found);
    }
    return found;
  }

  /** Items of one node in one parent: instances of a repeat, in order. @param {Item} parent @param {number} number @returns {Item[]} */
  instances(parent, number) {
    return parent.children.filter((child) => child.number === number);
  }

  /** A new instance, placed by (order key, id). @param {Item} parent @param {number} number @param {string} id @param {string} order @returns {Item} */
  add(parent, number, id, order) {
    const { name } = this.form.nodes[number];
    const item = new Item(number, name, parent, `${parent.path}/${name}[${id}]`);
    item.instance = id;
    item.order = order;
    this.#fill(item);
    this.insert(parent, item);
    return item;
  }

  /** For a repeat as a whole: an item at its place. @param {Item} parent @param {number} number @returns {Item} */
  standIn(parent, number) {
    const { name } = this.form.nodes[number];
    return new Item(number, name, parent, `${parent.path}/${name}`);
  }

  /** Puts an instance, new or taken out before, at its place. @param {Item} parent @param {Item} item */
  insert(parent, item) {
    const at = parent.children.findIndex((child) => isAfter(child, item));
    parent.children.splice(at < 0 ? parent.children.length : at, 0, item);
    parent.index = null;
    for (const each of walk(item)) this.items.set(each.path, each);
    this.#of.clear();
  }

  /** Takes an instance out, with all in it. @param {Item} item */
  takeOut(item) {
    const parent = /** @type {Item} */ (item.parent);
    parent.children.splice(parent.children.indexOf(item), 1);
    parent.index = null;
    for (const each of walk(item)) this.items.delete(each.path);
    this.#of.clear();
  }

  /** An order key behind all of a repeat: the digits that the last one begins with, and one more. @param {Item} parent @param {number} number @returns {string} */
  nextOrder(parent, number) {
    const last = this.instances(parent, number).reduce((most, { order }) => (order > most ? order : most), "");
    return String(Number(/^[0-9]+/.exec(last)?.[0] ?? 0) + 1).padStart(DIGITS, "0");
  }

  /**
   * Puts answers in. Returns those that the form has no place for.
   * @param {Record<string, string>} answers @param {(id: string) => void} reserve is told each instance id
   * @returns {Record<string, string>}
   */
  load(answers, reserve) {
    /** @type {Record<string, string>} */
    const unknown = {};
    const [instances, others] = [true, false].map((wanted) => Object.keys(answers).filter((path) => path.endsWith("]") === wanted));
    const depth = (/** @type {string} */ path) => path.split("/").length;
    for (const path of instances.sort((a, b) => depth(a) - depth(b))) {
      const cut = path.lastIndexOf("/");
      const step = STEP.exec(path.slice(cut + 1));
      const parent = this.items.get(path.slice(0, cut));
      const number = this.form.byPath.get(generic(path));
      if (step && parent && number !== undefined && this.form.nodes[number].kind === "repeat" && answers[path] !== "") {
        reserve(step[2]);
        this.add(parent, number, step[2], answers[path]);
      } else unknown[path] = answers[path];
    }
    for (const path of others) {
      const item = this.items.get(path);
      if (item && this.form.isLeaf(item.number)) item.value = answers[path];
      else unknown[path] = answers[path];
    }
    return unknown;
  }
}

/** @param {Item} child @param {Item} item @returns {boolean} whether the child stands after the item */
function isAfter(child, item) {
  if (child.number !== item.number) return child.number > item.number;
  return child.order === item.order ? child.instance > item.instance : child.order > item.order;
}

/** An item and all below it, in document order. @param {Item} item @returns {Generator<Item>} */
export function* walk(item) {
  yield item;
  for (const child of item.children) yield* walk(child);
}

/** Says of an item and all below it whether it is relevant. @param {Item} item @param {boolean} around whether what is around it is hidden */
export function hide(item, around) {
  item.hidden = around || !item.own;
  for (const child of item.children) hide(child, item.hidden);
}
