/** The row that a record gives to an entity list (ODK XForms specification, "Entities"). */

/**
 * A row has `name` (the record's instanceID without `uuid:`), `label`, and the properties that the form saves.
 * @param {import("./session.js").Session} session
 * @returns {{list: string, row: Record<string, string>}[]} empty when the form feeds no list or this record not
 */
export function entitiesOf(session) {
  const { entity, root: path } = session.form.json;
  const { root, items } = session.tree;
  if (!entity || (entity.create_if >= 0 && !session.flow.truth(entity.create_if, root, false))) return [];
  const id = items.get(`${path}/meta/instanceID`)?.value ?? "";
  /** @type {Record<string, string>} */
  const row = { name: id.replace(/^uuid:/, ""), label: entity.label >= 0 ? session.flow.text(entity.label, root) : "" };
  for (const [property, saved] of Object.entries(entity.save_to)) {
    const item = session.tree.of(/** @type {number} */ (session.form.byPath.get(saved)))[0];
    row[property] = item && !item.hidden ? item.value : "";
  }
  return [{ list: entity.list, row }];
}
