/** Lists as a session on this phone reads them: loaded before, then answered without waiting. */

import { rowsOf } from "./field.js";

/** @typedef {Record<string, string>} Row */

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
  return instance.slice(instance.lastIndexOf("/") + 1).replace(/\.(csv|json|geojson)$/, "");
}

/** The lists interface of a session. */
export class Lists {
  /** @param {Map<string, Table>} tables */
  constructor(tables) {
    this.tables = tables;
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
 * @param {{instances: Record<string, {src?: string}>}} form
 * @returns {Promise<Lists>}
 */
export async function load(form) {
  const names = new Set(
    Object.entries(form.instances)
      .filter(([, instance]) => instance.src !== undefined)
      .map(([id, instance]) => stem(instance.src ?? id)),
  );
  const found = await rowsOf([...names]);
  return new Lists(new Map([...found].map(([name, { recorded, published }]) => [name, new Table(merged(recorded, published))])));
}

/** What was recorded stands before a list of the same name that was attached. @param {Row[]} recorded @param {Row[]} published */
function merged(recorded, published) {
  if (recorded.length === 0) return published;
  const names = new Set(recorded.map((row) => row.name));
  return [...recorded, ...published.filter((row) => !names.has(row.name))];
}
