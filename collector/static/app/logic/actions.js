/** Actions of a form and the events that set them off. Twin of `forms/session/actions.py`. */

import { nearest } from "./texts.js";
import { walk } from "./tree.js";

/**
 * @typedef {import("./form.js").Action} Action
 * @typedef {import("./tree.js").Item} Item
 */

export const AT_FIRST = ["odk-instance-first-load", "xforms-ready", "odk-instance-load"];
export const AT_LOAD = ["odk-instance-load"];
const ONCE = ["odk-instance-first-load", "xforms-ready", "odk-new-repeat"];
/** A chain of actions that set each other off is cut after so many. */
const LONGEST = 100;

export class Actions {
  /** @param {import("./flow.js").Flow} flow */
  constructor(flow) {
    this.flow = flow;
    this.all = flow.form.json.actions;
    /** @type {Set<string>} paths whose position somebody has to measure (`setgeopoint`), in the order that they were asked for */
    this.wanted = new Set();
  }

  /** Computes, then runs the actions of new instances, until both rest. */
  settle() {
    const { flow } = this;
    const { created } = flow.repeats;
    flow.settle();
    for (let item = created.shift(); item; item = created.shift()) {
      const inside = [...walk(item)];
      const setOff = this.all.filter(({ event }) => event === "odk-new-repeat").flatMap((action) => {
        const number = this.#target(action);
        return inside.filter((each) => each.number === number && this.#set(each, action));
      });
      flow.settle();
      for (const each of setOff) this.changed(each);
    }
  }

  /** All actions of some events, in the order of the form. @param {string[]} events */
  run(events) {
    for (const action of this.all) if (events.includes(action.event)) this.#act(action, [...this.flow.tree.of(this.#target(action))], 0);
  }

  /**
   * Actions that give nodes their first value, where they have neither one nor a reason for none.
   * @param {Set<string>} paths @param {ReadonlyMap<string, string>} reasons
   */
  beginLater(paths, reasons) {
    for (const action of this.all) {
      if (!ONCE.includes(action.event) || action.geopoint || !paths.has(action.target ?? action.path)) continue;
      const there = [...this.flow.tree.of(this.#target(action))];
      this.#act(action, there.filter((item) => item.held() === "" && !reasons.has(item.path)), 0);
    }
  }

  /**
   * An answer was given or set, and what depends on it computed: its own actions follow (`xforms-value-changed`). What is
   * calculated sets nothing off (JavaRosa).
   * @param {Item} item @param {number} [before]
   */
  changed(item, before = 0) {
    const { path } = this.flow.form.nodes[item.number];
    for (const action of this.all) {
      if (action.event !== "xforms-value-changed" || action.path !== path || before >= LONGEST) continue;
      const closest = nearest(this.flow.tree.of(this.#target(action)), item);
      this.#act(action, closest ? [closest] : [], before + 1);
    }
  }

  /** @param {Action} action @param {Item[]} items @param {number} before */
  #act(action, items, before) {
    const setOff = items.filter((item) => this.#set(item, action));
    this.settle();
    for (const item of setOff) this.changed(item, before);
  }

  /** @param {Action} action @returns {number} */
  #target = ({ target, path }) => /** @type {number} */ (this.flow.form.byPath.get(target ?? path));

  /** @param {Item} item @param {Action} action @returns {boolean} whether its value is another one now */
  #set(item, { geopoint, value }) {
    if (!geopoint) return this.flow.setValue(item, value);
    this.wanted.add(item.path);
    return false;
  }
}
