/** Lists as a session on this phone reads them: loaded before, then answered without waiting. */

import { LAST_SAVED } from "../logic/trees.js";
import { rowsOf } from "./field.js";
import { lastSaved } from "./last_saved.js";

/**
 * @typedef {Record<string, string>} Row
 * @typedef {import("../logic/trees.js").Branch} Branch
 */

/** Rows of one list with an index for each column that is asked for. Rows are shared: do not change them. */
export class Table {
  /** @type {Map<string, Map<string, Row[]>>} */
  #index = new Map();

  /** @param {Row[]} rows */
  constructor(rows) {
    this.all = rows;
  }

  /** @param {Readonly<Row>} filters column to value @returns {Row[]} */
  rows(filters) {
    const [first, ...others] = Object.entries(filters);
    if (!first) return this.all;
    const found = this.#column(first[0]).get(first[1]) ?? [];
    return found.filter((row) => others.every(([column, value]) => (row[column] ?? "") === value));
  }

  /** @param {string} column */
  #column(column) {
    let index = this.#index.get(column);
    if (!index) {
      index = new Map();
      for (const row of this.all) {
        const value = row[column] ?? "";
        const rows = index.get(value);
        if (rows) rows.push(row);
        else index.set(value, [row]);
      }
      this.#index.set(column, index);
    }
    return index;
  }
}

/**
 * The name of a list without folder and ending: `jr://file-csv/villages.csv`, `villages` → `villages`.
 * @param {string} instance
 */
export function stem(instance) {
  return instance.slice(instance.lastIndexOf("/") + 1).replace(/\.(csv|json|geojson|xml)$/i, "");
}

/** The lists interface of a session. */
export class Lists {
  /** @param {Map<string, Table>} tables @param {Map<string, Branch>} trees @param {Readonly<Record<string, string>>} saved */
  constructor(tables, trees, saved) {
    this.tables = tables;
    this.trees = trees;
    this.saved = saved;
  }

  /** The tree of an attached file that is no list of rows. @param {string} instance @returns {Branch | null} */
  tree(instance) {
    return this.trees.get(stem(instance)) ?? null;
  }

  /** Answers of the record of the form that was finalised last on this phone. */
  lastSaved() {
    return this.saved;
  }

  /**
   * Rows of `instance` whose columns equal `filters`; a list that is not here has none.
   * @param {string} instance instance id or its `jr://` source
   * @param {Readonly<Row>} [filters]
   * @returns {Row[]}
   */
  rows(instance, filters = {}) {
    return this.tables.get(stem(instance))?.rows(filters) ?? [];
  }
}

/**
 * Loads the lists that a form attaches.
 * @param {{form_id: string, instances: Record<string, {src?: string}>}} form
 * @returns {Promise<Lists>}
 */
export async function load(form) {
  const sources = Object.entries(form.instances).flatMap(([id, { src }]) => (src === undefined ? [] : [[id, src]]));
  const names = new Set(sources.filter(([, src]) => src !== LAST_SAVED).map(([id, src]) => stem(src || id)));
  const [found, saved] = await Promise.all([
    rowsOf([...names]),
    sources.some(([, src]) => src === LAST_SAVED) ? lastSaved(form.form_id) : {},
  ]);
  /** @type {Map<string, Table>} */
  const tables = new Map();
  /** @type {Map<string, Branch>} */
  const trees = new Map();
  for (const [name, { recorded, published }] of found) {
    if (isTree(published)) trees.set(name, published);
    else tables.set(name, new Table(merged(recorded, published)));
  }
  return new Lists(tables, trees, saved);
}

/** A list comes as rows, another file as a tree, which begins with its name. @param {Row[] | Branch} content @returns {content is Branch} */
const isTree = (content) => typeof content[0] === "string";

/** What was recorded stands before a list of the same name that was attached. @param {Row[]} recorded @param {Row[]} published */
function merged(recorded, published) {
  if (recorded.length === 0) return published;
  const names = new Set(recorded.map((row) => row.name));
  return [...recorded, ...published.filter((row) => !names.has(row.name))];
}
