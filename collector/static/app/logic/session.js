/**
 * A record being filled in: answers, reasons, what follows from them, what is wrong. Twin of `forms.Session`;
 * `tests/vectors/session_*.json` holds the two equal. Pure: no page, no store, no clock of its own.
 */

import { Actions, AT_FIRST, AT_LOAD } from "./actions.js";
import { typedText } from "./answers.js";
import { entitiesOf } from "./entities.js";
import { Flow } from "./flow.js";
import { Form } from "./form.js";
import { Instances } from "./instances.js";
import { anyAt, itemAt, leafAt, repeatAt } from "./paths.js";
import { begin, beginLater, end } from "./preloads.js";
import { problemAt, problems } from "./problems.js";
import { choiceName, choices, itextOf, text } from "./texts.js";
import { Tree, walk } from "./tree.js";

/**
 * @typedef {import("./tree.js").Item} Item
 * @typedef {Record<string, string>} Answers  flat path to text; an instance's path holds its order key
 * @typedef {object} Context what only the device knows
 * @property {() => string} now  ISO date-time with milliseconds and offset
 * @property {() => number} random @property {() => string} uuid
 * @property {() => string} instanceId  4 or more characters of 0-9a-z
 * @property {string} deviceid @property {string} username
 * @typedef {object} Given
 * @property {import("./instances.js").Lists} lists
 * @property {Context} context
 * @property {Answers} [answers]  of a draft or record; without them the session is a new record
 * @property {Record<string, string>} [reasons]
 * @property {string} [language]  name or tag
 * @property {(number: string, params: Record<string, string>) => string} [message]  text of the catalogue, for what the form has no text for
 */

export const REASONS = ["dont_know", "refused", "not_applicable", "come_back"];
/** Methods throw RangeError for a path that the record does not have. */
export class Session {
  /** @param {Form} form @param {Given} given */
  constructor(form, { lists, context, answers, reasons = {}, language = "", message = (number) => number }) {
    this.form = form;
    this.context = context;
    this.message = message;
    this.language = form.language(language);
    this.tag = form.tag(this.language);
    this.tree = new Tree(form);
    this.lists = new Instances(form, lists);
    this.flow = new Flow(form, this.tree, {
      ...context,
      instance: (id) => this.lists.document(id),
      rows: (id, filters) => this.lists.rows(id, filters),
      choiceName: (value, path, from) => choiceName(this, value, path, /** @type {Item} */ (from)),
      itext: (id, from) => itextOf(this, id, /** @type {Item} */ (from)),
    }, context.instanceId);
    this.actions = new Actions(this.flow);
    /** @type {Map<string, string>} */
    this.reasonOf = new Map();
    /** @type {Answers} answers that were loaded but that this form has no place for */
    this.extra = {};
    if (!answers) begin(this);
    else {
      this.extra = this.tree.load(answers, (id) => this.flow.repeats.reserve(id));
      for (const [path, reason] of Object.entries(reasons)) if (reason) this.reasonOf.set(path, reason);
    }
    this.flow.queueAll();
    this.actions.settle();
    this.actions.run(answers ? AT_LOAD : AT_FIRST);
  }

  /** Chooses the language of texts; one that the form has not gives its default. @param {string} language name or tag */
  speak(language) {
    this.language = this.form.language(language);
    this.tag = this.form.tag(this.language);
    this.flow.languageChanged();
    this.actions.settle();
  }

  /**
   * Gives questions that the record was begun without (paths in the form) what they would have begun with: preloads and
   * first-load actions. Answers and reasons stay; no position is measured. @param {string[]} paths
   */
  begin(paths) {
    const fresh = new Set(paths);
    beginLater(this, fresh);
    this.actions.settle();
    this.actions.beginLater(fresh, this.reasonOf);
  }

  // -- changing

  /** Sets an answer ("" clears it); what follows from it follows. @param {string} path @param {string} value */
  answer(path, value) {
    const item = leafAt(this, path);
    const node = this.form.nodes[item.number];
    const typed = typedText(value, node.type);
    this.flow.unset.delete(path);
    this.actions.wanted.delete(path);
    if (typed !== "" && this.reasonOf.delete(path)) this.flow.values.add(item);
    if (typed === item.held()) return;
    item.put(typed);
    this.flow.answered(item);
    this.actions.settle();
    this.actions.changed(item);
  }

  /** Paths whose position is to be measured (`setgeopoint`), until `located` or an answer says where that is. @returns {string[]} */
  positionsWanted() {
    return [...this.actions.wanted].filter((path) => this.tree.items.has(path));
  }

  /** A position that was measured, or "" where that failed. @param {string} path @param {string} value */
  located(path, value) {
    this.actions.wanted.delete(path);
    if (value !== "" && this.tree.items.has(path)) this.answer(path, value);
  }

  /** Why there is no answer (one of REASONS); it clears the answer. "" takes it back. @param {string} path @param {string} reason */
  reason(path, reason) {
    const item = leafAt(this, path);
    this.flow.values.add(item);
    if (!reason) return void this.reasonOf.delete(path);
    if (!REASONS.includes(reason)) throw new RangeError(`no such reason: ${reason}`);
    this.answer(path, "");
    this.reasonOf.set(path, reason);
  }

  /** Adds an instance at the end. @param {string} path of the repeat @returns {string} path of the instance */
  addRepeat(path) {
    const [parent, number] = repeatAt(this, path, true);
    const item = this.flow.repeats.add(parent, number);
    this.flow.repeats.created.push(item);
    this.actions.settle();
    return item.path;
  }

  /** Removes an instance, with all answers and reasons in it. @param {string} path of the instance */
  removeRepeat(path) {
    const item = itemAt(this, path);
    repeatAt(this, path.slice(0, path.lastIndexOf("[")), true);
    this.flow.repeats.remove(item);
    for (const each of this.reasonOf.keys()) if (each.startsWith(`${path}/`)) this.reasonOf.delete(each);
    this.actions.settle();
  }

  /** Attached lists have changed: all is computed again. */
  listsChanged() {
    this.lists.forget();
    this.flow.queueAll();
    this.actions.settle();
  }

  // -- looking

  /** @param {string} path @returns {string} the answer, also of what is not relevant now */
  value(path) {
    return itemAt(this, path).value;
  }

  /** @param {string} path of a question, group, instance, or of a repeat as a whole @returns {boolean} */
  relevant(path) {
    const item = this.tree.items.get(path);
    if (item) return !item.hidden;
    const [parent, number] = repeatAt(this, path);
    return !parent.hidden && this.flow.truth(this.form.nodes[number].relevant, this.tree.standIn(parent, number), true);
  }

  /** @param {string} path @returns {boolean} */
  required(path) {
    const item = itemAt(this, path);
    return this.flow.truth(this.form.nodes[item.number].required, item, false);
  }

  /** @param {string} path @returns {boolean} calculated, or read-only by its bind or that of what it stands in */
  readonly(path) {
    const item = itemAt(this, path);
    const { calculate, preload } = this.form.nodes[item.number];
    return calculate !== undefined || preload !== undefined || this.flow.isReadonly(item);
  }

  /** @param {string} path @returns {string} */
  label(path) {
    const item = anyAt(this, path);
    return text(this, this.form.nodes[item.number].label, item);
  }

  /** @param {string} path @returns {string} */
  hint(path) {
    const item = anyAt(this, path);
    return text(this, this.form.nodes[item.number].hint, item);
  }

  /** @param {string} path @returns {[string, string][]} [value, label] of the choices that are open now */
  choices(path) {
    return choices(this, itemAt(this, path));
  }

  /** @param {string} path of a repeat @returns {string[]} paths of its instances, in order */
  instances(path) {
    return this.tree.instances(...repeatAt(this, path)).map((item) => item.path);
  }

  /** All that is wrong, in the order of the form, at most one problem a question. */
  problems = () => problems(this);

  /** What is wrong with one question, or null. @param {string} path */
  problem(path) {
    return problemAt(this, itemAt(this, path));
  }

  /** All answers now, those of irrelevant questions and those offered no more too. @returns {Answers} */
  answers() {
    return this.#answers((item) => item.held());
  }

  /** All reasons now. @returns {Record<string, string>} */
  reasons() {
    return Object.fromEntries([...this.reasonOf].filter(([path]) => this.tree.items.has(path)));
  }

  /** @param {(item: Item) => string} read @param {(item: Item) => boolean} [shown] @returns {Answers} */
  #answers(read, shown = () => true) {
    /** @type {Answers} */
    const found = {};
    for (const item of walk(this.tree.root)) {
      const value = item.instance ? item.order : this.form.isLeaf(item.number) ? read(item) : "";
      if (value !== "" && shown(item)) found[item.path] = value;
    }
    return found;
  }

  /** Sets `end`; gives what is relevant, and what was coded at the desk. @returns {{answers: Answers, reasons: Record<string, string>}} */
  finalise() {
    end(this);
    this.actions.settle();
    const answers = this.#answers(({ value }) => value, (item) => !item.hidden || this.form.nodes[item.number].role === "desk");
    const reasons = [...this.reasonOf].filter(([path]) => this.tree.items.get(path)?.hidden === false && !(path in answers));
    return { answers, reasons: Object.fromEntries(reasons) };
  }

  /** The record's name for people, "" where the form gives none. @returns {string} */
  instanceName() {
    const { instance_name: expression } = this.form.json;
    return expression === null ? "" : this.flow.text(expression, this.tree.root);
  }

  /** What this record offers to other forms. */
  entities = () => entitiesOf(this);
}

export { Form };
