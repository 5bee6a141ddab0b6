/**
 * The answers of a draft in another version of its form. Twin of `forms/carry/carry.py`; `tests/vectors/carry.json`
 * holds the two equal. Pure.
 */

import { Fit, shown } from "./carry_fit.js";
import { family, isDerived, languages, Matching, texts, withIds } from "./carry_match.js";
import { generic } from "./form.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./form.js").Question} Question
 * @typedef {import("./carry_match.js").Words} Words
 * @typedef {import("./instances.js").Lists} Lists
 * @typedef {Record<string, string>} Answers
 * @typedef {object} Left  an answer or reason that the new version has no room for (`forms/carry/left.py`)
 * @property {string} path   where it is asked now (`why` not `gone`), else where it was asked
 * @property {"gone" | "type" | "choice" | "calculated"} why
 * @property {string} type   family of the question
 * @property {Words} label @property {string} value @property {string} reason
 * @property {Words} shown   the value in words, {} where it is its own words
 * @property {Answers} within  order keys of the instances that went with it
 * @typedef {{answers: Answers, reasons: Answers, left: Left[], carried: number, added: number, fresh: string[]}} Carried  as in Python
 */

/**
 * Answers and reasons of a draft of `old` (null: that version is not here) as a draft of `now`.
 * @param {Form | null} old @param {Form} now @param {Readonly<Answers>} answers @param {Readonly<Answers>} reasons
 * @param {Lists | null} [lists] @param {Left[]} [left] what an earlier move left
 * @returns {Carried}
 */
export const carry = (old, now, answers, reasons, lists = null, left = []) => new Move(old, now, answers, lists).run(reasons, left);

class Move {
  /** @param {Form | null} old @param {Form} now @param {Readonly<Answers>} given @param {Lists | null} lists */
  constructor(old, now, given, lists) {
    this.old = old ?? now;
    this.now = now;
    this.known = old !== null;
    this.given = given;
    this.matching = new Matching(this.old, now);
    this.fit = new Fit(old, now, this.known ? lists : null);
    this.lists = lists;
    /** @type {Carried} */
    this.result = { answers: {}, reasons: {}, left: [], carried: 0, added: 0, fresh: [] };
  }

  /** @param {Readonly<Answers>} reasons @param {Left[]} before @returns {Carried} */
  run(reasons, before) {
    const paths = this.#inOrder(this.given);
    for (const path of paths) if (path.endsWith("]")) this.#instance(path);
    for (const path of paths) if (!path.endsWith("]")) this.#one(path, this.given[path], "");
    for (const path of this.#inOrder(reasons)) if (reasons[path]) this.#one(path, "", reasons[path]);
    const earlier = before.map((item) => ({ ...item, path: this.matching.path(item.path) || item.path })).filter((item) => !this.#returns(item));
    this.result.left = [...earlier, ...this.result.left.filter((item) => !earlier.some((each) => isSame(item, each)))];
    if (this.known) this.#newQuestions();
    return this.result;
  }

  /** What was left before goes into its question where that is asked again as it was. @param {Left} item @returns {boolean} whether it did */
  #returns({ path, why, type, value, reason, within }) {
    const node = this.now.nodes[this.now.byPath.get(generic(path)) ?? -1];
    if (!node || node.kind !== "question" || isDerived(node) || family(node) !== type) return false;
    const { answers, reasons } = this.result;
    const around = [...path.matchAll(/\[[^\]/]*\]/g)].map((found) => path.slice(0, found.index + found[0].length));
    if (!around.every((instance) => this.#has(instance, within))) return false;
    const held = answers[path] ?? "";
    const more = why === "choice" && type === "many" && held !== "";
    if (!more && (held !== "" || path in reasons)) return false;
    if (value && !this.fit.again(node, value)) return false;
    Object.assign(answers, within);
    if (reason) reasons[path] = reason;
    else if (!held.split(" ").includes(value)) answers[path] = held ? `${held} ${value}` : value;
    this.result.carried++;
    return true;
  }

  /** Whether the draft has an instance, or gets it back with an answer that was in it. @param {string} instance @param {Answers} within */
  #has(instance, within) {
    return this.now.nodes[this.now.byPath.get(generic(instance)) ?? -1]?.kind === "repeat" && (instance in this.result.answers || instance in within);
  }

  /** Paths in the order of the old version; what it does not know comes last. @param {Readonly<Answers>} given */
  #inOrder(given) {
    const place = (/** @type {string} */ path) => this.old.byPath.get(generic(path)) ?? this.old.nodes.length;
    return Object.keys(given).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  }

  /** @param {string} path */
  #instance(path) {
    const moved = this.matching.path(path) || (this.old.byPath.has(generic(path)) ? "" : path);
    if (moved) this.result.answers[moved] = this.given[path];
  }

  /** @param {string} path @param {string} value @param {string} reason */
  #one(path, value, reason) {
    const number = this.old.byPath.get(generic(path));
    if (number === undefined) return this.#stranger(path, value, reason);
    const node = this.old.nodes[number];
    const moved = this.matching.path(path);
    if (node.kind !== "question" || isDerived(node)) return this.#derived(moved, path, value);
    if (!moved) return this.#leave(path, "gone", node, value, reason);
    const other = this.now.nodes[/** @type {number} */ (this.matching.at.get(number))];
    if (other.kind !== "question" || isDerived(other)) return this.#leave(path, "calculated", node, value, reason, moved);
    if (!reason) return this.#answer(path, value, node, other, moved);
    this.result.reasons[moved] = reason;
    this.result.carried++;
  }

  /** @param {string} path @param {string} value @param {Question} node @param {Question} other @param {string} moved */
  #answer(path, value, node, other, moved) {
    const [held, why, rest] = this.fit.value(node, other, value);
    if (held) {
      this.result.answers[moved] = held;
      this.result.carried++;
    }
    for (const each of rest) this.#leave(path, /** @type {Left["why"]} */ (why), node, each, "", moved);
  }

  /** What a form gave goes where the new one gives it too, or stays beside the answers; never into a question. @param {string} moved @param {string} path @param {string} value */
  #derived(moved, path, value) {
    if (!value) return;
    const node = this.now.nodes[this.now.byPath.get(generic(moved)) ?? -1];
    if (node && (node.kind !== "question" || isDerived(node))) this.result.answers[moved] = value;
    else if (!moved && Object.keys(this.#lost(path)).length === 0) this.result.answers[path] = value;
  }

  /** A path that the version it was made with does not have, or that nothing is known of. @param {string} path @param {string} value @param {string} reason */
  #stranger(path, value, reason) {
    if (this.known || path.includes("/meta/")) {
      (reason ? this.result.reasons : this.result.answers)[path] = reason || value;
      return;
    }
    const name = generic(path).split("/").at(-1) ?? "";
    this.result.left.push({ path, why: "gone", type: "text", label: { "": name }, value, reason, shown: {}, within: this.#lost(path) });
  }

  /** @param {string} path @param {Left["why"]} why @param {Question} node @param {string} value @param {string} reason @param {string} [moved] */
  #leave(path, why, node, value, reason, moved = "") {
    this.result.left.push({
      path: moved || path, why, type: family(node), label: this.#label(path, node), value, reason,
      shown: value ? shown(this.old, node, value, this.lists) : {},
      within: moved ? {} : this.#lost(path),
    });
  }

  /** Instances around a path that the new version has no place for. @param {string} path @returns {Answers} */
  #lost(path) {
    /** @type {Answers} */
    const found = {};
    for (const instance of around(path)) {
      if (instance in this.given && !(instance in this.result.answers)) found[instance] = this.given[instance];
    }
    return found;
  }

  /** The question in words, with label and number of each instance around it: `Founders 2 · Name`. @param {string} path @param {Question} node */
  #label(path, node) {
    const own = texts(this.old, node.label);
    /** @type {Words} */
    const found = Object.fromEntries(languages(this.old).map(({ tag }) => [tag, own[tag] || node.name]));
    for (const instance of around(path).reverse()) {
      const repeat = generic(instance.slice(0, instance.lastIndexOf("[")));
      const label = texts(this.old, this.old.nodes[/** @type {number} */ (this.old.byPath.get(repeat))].label);
      const place = this.#places.get(instance) ?? 1;
      for (const tag of Object.keys(found)) found[tag] = `${label[tag] ?? ""} ${place} · ${found[tag]}`.trimStart();
    }
    return found;
  }

  /** Of each instance its place among those of its repeat: 1, 2, 3 … */
  get #places() {
    /** @type {Map<string, number>} */
    const found = new Map();
    /** @type {Map<string, number>} */
    const counts = new Map();
    const instances = Object.keys(this.given).filter((path) => path.endsWith("]"));
    const order = (/** @type {string} */ a, /** @type {string} */ b) => (a === b ? 0 : a < b ? -1 : 1);
    for (const path of instances.sort((a, b) => order(this.given[a], this.given[b]) || order(a, b))) {
      const repeat = path.slice(0, path.lastIndexOf("["));
      counts.set(repeat, (counts.get(repeat) ?? 0) + 1);
      found.set(path, /** @type {number} */ (counts.get(repeat)));
    }
    return found;
  }

  /** Counts what is asked only now, and gives it the default that it would have begun with. */
  #newQuestions() {
    const taken = new Set(this.matching.at.values());
    const instances = Object.keys(this.result.answers).filter((path) => path.endsWith("]"));
    this.now.nodes.forEach((node, number) => {
      if (!this.now.isLeaf(number) || taken.has(number)) return;
      if (node.kind === "question" && !isDerived(node) && node.role !== "desk") this.result.added++;
      this.result.fresh.push(node.path);
      if (node.default === undefined) return;
      const through = this.matching.around[1][number];
      const inner = through.length > 0 ? this.now.nodes[/** @type {number} */ (through.at(-1))].path : "";
      const all = through.length > 0 ? instances.filter((path) => generic(path) === inner).map(idsOf) : [[]];
      for (const ids of all) {
        const path = ids.length === through.length ? withIds(this.now, through, node.path, ids) : "";
        if (path && !(path in this.result.reasons)) this.result.answers[path] ??= node.default;
      }
    });
  }
}

/** Paths of the instances around a path, outermost first. @param {string} path */
const around = (path) => [...path.matchAll(/\]\//g)].map((found) => path.slice(0, found.index + 1));

/** @param {string} path */
const idsOf = (path) => path.split("[").slice(1).map((part) => part.split("]")[0]);

/** @param {Left} one @param {Left} other */
const isSame = (one, other) => one.path === other.path && one.value === other.value && one.reason === other.reason;
