/** What could not be carried over, while a record is filled in. Twin of `forms/carry/left.py`. */

import { isDerived } from "./carry_match.js";
import { generic } from "./form.js";

/**
 * @typedef {import("./carry.js").Left} Left
 * @typedef {import("./session.js").Session} Session
 */

/** Whether the form has no question for it, so that it stays beside the answers. @param {import("./form.js").Form} form @param {Left} item */
export const lying = (form, { path }) => !form.isLeaf(form.byPath.get(generic(path)) ?? -1);

/** What stands in the way of finishing: asked now, in another way, and not answered anew. @param {Session} session @param {Left[]} left @returns {Left[]} */
export function undecided(session, left) {
  return left.filter((item) => {
    const found = session.tree.items.get(item.path);
    if (lying(session.form, item) || !found || found.hidden) return false;
    return isDerived(session.form.nodes[found.number]) || !(found.value || session.reasonOf.get(item.path));
  });
}

/** Answers and reasons that go with the record although its form does not ask for them. @param {Session} session @param {Left[]} left */
export function kept(session, left) {
  const { items } = session.tree;
  /** @type {Record<string, string>} */
  const answers = {};
  /** @type {Record<string, string>} */
  const reasons = {};
  for (const item of left) {
    if (items.has(item.path) && !lying(session.form, item)) continue;
    for (const [instance, order] of Object.entries(item.within)) if (!items.has(instance)) answers[instance] = order;
    if (item.reason) reasons[item.path] = item.reason;
    else answers[item.path] = item.value;
  }
  return { answers, reasons };
}
