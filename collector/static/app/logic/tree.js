/** The record as a tree of items, which expressions walk. */

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./values.js").Node} Node
 */

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
    /** @type {string} */
    this.value = "";
    /** Its own `relevant` holds. */
    this.own = true;
    /** Not relevant, itself or a group around it. */
    this.hidden = false;
    /** Order key of an instance of a repeat. */
    this.order = "";
    /** @type {Item[]} the repeats in it as a whole, whether they have instances or not */
    this.ranges = [];
  }
}

/** The items of one record. Keeps children in the order of the form and instances in their own order. */
export class Tree {
  /** @param {Form} form */
  constructor(form) {
    this.form = form;
    /** @type {Map<string, Item>} by flat path */
    this.items = new Map();
    /** @type {Set<Item>[]} by number of the node */
    this.byNumber = form.nodes.map(() => new Set());
    /** @type {Set<Item>[]} the repeats as a whole, by number */
    this.ranges = form.nodes.map(() => new Set());
    const document = new Item(-2, "", null, "");
    this.root = new Item(-1, form.json.root.slice(1), document, form.json.root);
    document.children.push(this.root);
    this.items.set(this.root.path, this.root);
    this.#fill(this.root);
  }

  /** Adds the children of a new item; repeats begin without instances. @param {Item} parent */
  #fill(parent) {
    for (const number of this.form.below(parent.number)) {
      const node = this.form.nodes[number];
      const path = `${parent.path}/${node.name}`;
      if (node.kind !== "repeat") {
        parent.children.push(this.#make(number, parent, path));
        continue;
      }
      const range = new Item(number, node.name, parent, path);
      range.hidden = parent.hidden;
      parent.ranges.push(range);
      this.ranges[number].add(range);
      this.items.set(path, range);
    }
  }

  /** @param {number} number @param {Item} parent @param {string} path @returns {Item} */
  #make(number, parent, path) {
    const node = this.form.nodes[number];
    const item = new Item(number, node.name, parent, path);
    item.value = node.default ?? "";
    item.hidden = parent.hidden;
    this.items.set(path, item);
    this.byNumber[number].add(item);
    this.#fill(item);
    return item;
  }

  /** Instances of a repeat in an item, in order. @param {Item} parent @param {number} number @returns {Item[]} */
  instances(parent, number) {
    return parent.children.filter((child) => child.number === number);
  }

  /** @param {Item} parent @param {number} number @param {string} id @param {string} order @returns {Item} */
  addInstance(parent, number, id, order) {
    const item = this.#make(number, parent, `${parent.path}/${this.form.nodes[number].name}[${id}]`);
    item.order = order;
    // Stands after its elders, and after everything that the form has before the repeat.
    const at = parent.children.findIndex((child) => child.number > number || (child.number === number && after(child, item)));
    parent.children.splice(at < 0 ? parent.children.length : at, 0, item);
    return item;
  }

  /** @param {Item} item an instance @returns {Item[]} all items that went with it */
  removeInstance(item) {
    const parent = /** @type {Item} */ (item.parent);
    parent.children.splice(parent.children.indexOf(item), 1);
    const gone = [...walk(item)];
    for (const each of gone) {
      this.items.delete(each.path);
      this.byNumber[each.number].delete(each);
      this.ranges[each.number].delete(each);
    }
    return gone;
  }
}

/** @param {Item} a @param {Item} b @returns {boolean} whether a stands after b */
const after = (a, b) => (a.order === b.order ? a.path > b.path : a.order > b.order);

/** An item and all below it. @param {Item} item @returns {Generator<Item>} */
export function* walk(item) {
  yield item;
  yield* item.ranges;
  for (const child of item.children) yield* walk(child);
}
