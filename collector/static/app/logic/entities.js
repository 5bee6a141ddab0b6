/** The row that a record gives to an entity list (ODK XForms specification, "Entities"). */

import { toBoolean } from "./values.js";

/**
 * @typedef {import("./session.js").Session} Session
 * @param {Session} session
 * @returns {{list: string, row: Record<string, string>}[]} empty when the form feeds no list or this record not
 */
export function entityOf(session) {
  const { entity } = session.form.json;
  const { root } = session.tree;
  if (!entity || (entity.create_if >= 0 && !toBoolean(session.flow.ask(entity.create_if, root)))) return [];
  /** @type {Record<string, string>} */
  const row = {};
  for (const [property, path] of Object.entries(entity.save_to)) {
    const item = session.tree.items.get(path);
    row[property] = item && !item.hidden ? item.value : "";
  }
  row.label = entity.label >= 0 ? session.flow.answer(entity.label, root) : "";
  return [{ list: entity.list, row }];
}
