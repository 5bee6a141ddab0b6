/** Secondary instances (choice lists) as trees: those in the form, and those of the lists interface. */

import { documentOf, LAST_SAVED, recordTree } from "./trees.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./values.js").Node} Node
 * @typedef {Record<string, string>} Row
 * @typedef {import("./trees.js").Branch} Branch
 * @typedef {object} Lists where attached lists come from; answers at once
 * @property {(instance: string, filters?: Record<string, string>) => readonly Row[]} rows
 * @property {(instance: string) => Branch | null} tree  of an attached file that is no list of rows; null where it is one, or not here
 * @property {() => Readonly<Record<string, string>>} lastSaved  answers of the record of this form that was finalised last before
 */

/** An item of a list; its columns become nodes when something looks at them. @implements {Node} */
class RowNode {
  /** @param {Row} row @param {Node} parent */
  constructor(row, parent) {
    this.row = row;
    this.parent = parent;
    this.name = "item";
    this.value = "";
    this.hidden = false;
    /** @type {Node[] | undefined} */
    this.columns = undefined;
  }

  /** @returns {Node[]} */
  get children() {
    // A label that is the number of a text is no column.
    this.columns ??= Object.entries(this.row)
      .filter(([, value]) => typeof value === "string")
      .map(([name, value]) => ({ name, value, parent: this, children: [], hidden: false }));
    return this.columns;
  }
}

/** The row behind an item of a list. @param {Node} node @returns {Row | undefined} */
export const rowOf = (node) => (node instanceof RowNode ? node.row : undefined);

/** The lists of one session. */
export class Instances {
  /** @type {Map<string, {document: Node, root: Node}>} */
  #documents = new Map();
  /** @type {WeakMap<Row, Node>} */
  #nodes = new WeakMap();

  /** @param {Form} form @param {Lists} lists */
  constructor(form, lists) {
    this.form = form;
    this.lists = lists;
  }

  /** Attached lists are read again when they are next asked for. */
  forget() {
    for (const id of [...this.#documents.keys()]) if (this.form.json.instances[id].src !== undefined) this.#documents.delete(id);
  }

  /** Rows of a list in the form, or of an attached one. @param {string} id @param {Record<string, string>} [filters] */
  #rows(id, filters) {
    const found = this.form.json.instances[id];
    if (!found || found.tree || found.src === LAST_SAVED) return null;
    if (!found.items) return this.lists.tree(id) ? null : this.lists.rows(id, filters);
    const rows = /** @type {Row[]} */ (found.items);
    return filters ? rows.filter((row) => Object.entries(filters).every(([name, text]) => (row[name] ?? "") === text)) : rows;
  }

  /** What an instance holds that is no list of rows. @param {string} id @returns {Branch | null} */
  #tree(id) {
    const { src, tree } = this.form.json.instances[id];
    if (src === LAST_SAVED) return recordTree(this.lists.lastSaved(), this.form.json.root);
    return (src === undefined ? tree : this.lists.tree(id)) ?? null;
  }

  /** @param {Row} row @param {Node} root @returns {Node} */
  #node(row, root) {
    let node = this.#nodes.get(row);
    if (!node) this.#nodes.set(row, (node = new RowNode(row, root)));
    return node;
  }

  /** The document node of an instance, or null. @param {string} id @returns {Node | null} */
  document(id) {
    return this.#document(id)?.document ?? null;
  }

  /** @param {string} id */
  #document(id) {
    let found = this.#documents.get(id);
    if (found || !this.form.json.instances[id]) return found;
    const tree = this.#tree(id);
    if (tree) {
      this.#documents.set(id, (found = documentOf(tree)));
      return found;
    }
    const instances = this;
    const document = /** @type {Node} */ ({ name: "", value: "", parent: null, hidden: false, children: [] });
    /** @type {Node[] | undefined} */
    let items;
    /** @type {Node} */
    const root = {
      name: "root", value: "", parent: document, hidden: false,
      /** @returns {Node[]} */
      get children() {
        return (items ??= (instances.#rows(id) ?? []).map((row) => instances.#node(row, root)));
      },
    };
    document.children = [root];
    found = { document, root };
    this.#documents.set(id, found);
    return found;
  }

  /** Items of a list by the texts of columns; null where there is no such list. @param {string} id @param {Record<string, string>} filters */
  rows(id, filters) {
    const made = this.#document(id);
    const rows = this.#rows(id, filters);
    return made && rows ? rows.map((row) => this.#node(row, made.root)) : null;
  }
}
