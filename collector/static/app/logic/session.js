/**
 * A record being filled in: answers, reasons, what follows from them, what is wrong. Twin of `forms.Session`;
 * `tests/vectors/session_*.json` holds the two equal. Pure: no page, no store, no clock of its own.
 */

import { entityOf } from "./entities.js";
import { Flow } from "./flow.js";
import { Form, generic } from "./form.js";
import { Instances } from "./instances.js";
import { problemOf, problems } from "./problems.js";
import { choiceName, choices, text } from "./texts.js";
import { Tree, walk } from "./tree.js";
import { EvaluationError, toBoolean } from "./values.js";

/**
 * @typedef {import("./tree.js").Item} Item
 * @typedef {Record<string, string>} Answers  flat path to text; an instance's path holds its order key
 * @typedef {object} Context what only the device knows
 * @property {() => string} now  ISO date-time with milliseconds and offset
 * @property {() => number} random @property {() => string} uuid @property {() => string} instanceId
 * @property {string} deviceid @property {string} username
 * @typedef {object} Given
 * @property {import("./instances.js").Lists} lists
 * @property {Context} context
 * @property {Answers} [answers]  of a draft or record; without them the session is a new record
 * @property {Record<string, string>} [reasons]
 * @property {string} [language]  name or tag
 * @property {(key: string, params: Record<string, string>) => string} [message]  text of a problem that the form has no text for
 */

export const REASONS = ["dont_know", "refused", "not_applicable", "come_back"];

export class Session {
  /** @param {Form} form @param {Given} given */
  constructor(form, { lists, context, answers, reasons = {}, language = "", message = (key) => key }) {
    this.form = form;
    this.context = context;
    this.message = message;
    this.language = "";
    this.tag = "";
    this.speak(language);
    /** @type {Map<string, string>} */
    this.reasonOf = new Map();
    this.tree = new Tree(form);
    const instances = new Instances(form, lists);
    this.flow = new Flow(form, this.tree, {
      now: context.now,
      random: context.random,
      uuid: context.uuid,
      instance: (id) => instances.document(id),
      rows: (id, filters) => instances.rows(id, filters),
      choiceName: (value, path, from) => choiceName(this, value, path, /** @type {Item} */ (from)),
    }, (range, wanted) => this.#resize(range, wanted));
    if (answers) this.#load(answers);
    else this.#begin();
    for (const [path, reason] of Object.entries(reasons)) this.reasonOf.set(path, reason);
    for (const item of walk(this.tree.root)) if (item.number >= 0) this.flow.mark(item);
    this.flow.settle();
  }

  /** Chooses the language of labels. @param {string} language name or tag; one the form has not gives its default */
  speak(language) {
    this.language = this.form.language(language);
    this.tag = this.form.json.languages.find((each) => each.name === this.language)?.tag ?? "";
  }

  // -- beginning

  /** A new record: preloads, the instances the form begins with, first-load actions. */
  #begin() {
    for (const item of [...walk(this.tree.root)]) {
      const node = this.form.nodes[item.number];
      if (node?.preload) item.value = this.#preload(node.preload, item.value);
      if (node?.kind === "repeat" && this.tree.ranges[item.number].has(item)) {
        for (let n = 0; n < (node.initial ?? 0); n++) this.#add(item);
      }
    }
    this.#act("odk-instance-first-load");
  }

  /** @param {[string, string]} preload @param {string} value @returns {string} */
  #preload([kind, param], value) {
    if (kind === "timestamp") return param === "start" ? this.context.now() : value;
    if (kind === "date") return this.context.now().slice(0, 10);
    if (kind === "uid") return `uuid:${this.context.uuid()}`;
    if (kind === "property" && (param === "deviceid" || param === "username")) return this.context[param];
    return value;
  }

  /** Runs the actions of an event, of one instance where given. @param {string} event @param {string} [path] @param {Item} [within] */
  #act(event, path, within) {
    for (const action of this.form.json.actions) {
      if (!action.event.split(" ").includes(event) || (path !== undefined && action.path !== path)) continue;
      const number = this.form.byPath.get(action.target ?? action.path);
      if (number === undefined) continue;
      for (const item of this.tree.byNumber[number]) {
        if (within && !item.path.startsWith(`${within.path}/`)) continue;
        const { value } = action;
        this.flow.set(item, value === null || value === undefined ? "" : this.flow.answer(value, item));
      }
    }
  }

  /** @param {Answers} answers */
  #load(answers) {
    const paths = Object.keys(answers);
    const depth = (/** @type {string} */ path) => path.split("[").length;
    for (const path of paths.filter((each) => each.endsWith("]")).sort((a, b) => depth(a) - depth(b))) {
      const [, range, id] = /** @type {RegExpExecArray} */ (/^(.*)\[([^[\]]*)\]$/.exec(path));
      const at = this.tree.items.get(range);
      if (at?.parent) this.tree.addInstance(at.parent, at.number, id, answers[path]);
    }
    for (const item of walk(this.tree.root)) {
      if (this.#isLeaf(item)) item.value = answers[item.path] ?? "";
    }
  }

  /** @param {Item} item @returns {boolean} */
  #isLeaf(item) {
    const kind = this.form.nodes[item.number]?.kind;
    return kind === "question" || kind === "calculate" || kind === "meta";
  }

  // -- changing

  /** @param {string} path @returns {Item} @throws {RangeError} for a path that the record has not */
  #item(path) {
    const item = this.tree.items.get(path);
    if (!item) throw new RangeError(`no such question: ${path}`);
    return item;
  }

  /** Sets an answer ("" clears); what follows from it follows. @param {string} path @param {string} value */
  answer(path, value) {
    const item = this.#item(path);
    if (value !== "" && this.reasonOf.delete(path)) this.flow.changed.add(item);
    if (item.value === value) return;
    this.flow.set(item, value);
    this.#act("xforms-value-changed", this.form.nodes[item.number].path, /** @type {Item} */ (item.parent));
    this.flow.settle();
  }

  /** Says why there is no answer ("" takes it back); an answer that was there goes. @param {string} path @param {string} reason */
  reason(path, reason) {
    const item = this.#item(path);
    if (reason === "") this.reasonOf.delete(path);
    else {
      this.answer(path, "");
      this.reasonOf.set(path, reason);
    }
    this.flow.changed.add(item);
  }

  /** Adds an instance at the end. @param {string} path of the repeat @returns {string} path of the instance */
  addRepeat(path) {
    const instance = this.#add(this.#item(path));
    this.flow.settle();
    return instance.path;
  }

  /** @param {Item} range @returns {Item} */
  #add(range) {
    const parent = /** @type {Item} */ (range.parent);
    const all = this.tree.instances(parent, range.number);
    const last = all.at(-1)?.order ?? "";
    let id;
    do id = this.context.instanceId();
    while (this.tree.items.has(`${range.path}[${id}]`));
    const item = this.tree.addInstance(parent, range.number, id, orderAfter(last));
    this.flow.added(item);
    this.#act("odk-new-repeat", undefined, item);
    return item;
  }

  /** Removes an instance and all in it. @param {string} path of the instance */
  removeRepeat(path) {
    this.#remove(this.#item(path));
    this.flow.settle();
  }

  /** @param {Item} item */
  #remove(item) {
    for (const gone of this.tree.removeInstance(item)) {
      this.reasonOf.delete(gone.path);
      this.flow.touch(gone);
    }
  }

  /** Instances of a counted repeat. @param {Item} range @param {number} wanted */
  #resize(range, wanted) {
    const parent = /** @type {Item} */ (range.parent);
    const all = this.tree.instances(parent, range.number);
    for (const item of all.slice(wanted)) this.#remove(item);
    for (let n = all.length; n < wanted; n++) this.#add(range);
  }

  // -- looking

  /** @param {string} path @returns {string} the answer, also of what is not relevant now */
  value(path) {
    return this.#item(path).value;
  }

  /** @param {string} path @returns {boolean} */
  relevant(path) {
    return !this.#item(path).hidden;
  }

  /** @param {string} path @returns {boolean} */
  required(path) {
    return this.#flag(path, "required");
  }

  /** @param {string} path @returns {boolean} */
  readonly(path) {
    return this.#flag(path, "readonly");
  }

  /** @param {string} path @param {"required" | "readonly"} name @returns {boolean} */
  #flag(path, name) {
    const item = this.#item(path);
    const expression = this.form.nodes[item.number]?.[name];
    if (expression === undefined) return false;
    try {
      return toBoolean(this.flow.ask(expression, item));
    } catch (error) {
      if (error instanceof EvaluationError) return false;
      throw error;
    }
  }

  /** @param {string} path @returns {string} */
  label(path) {
    const item = this.#item(path);
    return text(this, this.form.nodes[item.number].label, item);
  }

  /** @param {string} path @returns {string} */
  hint(path) {
    const item = this.#item(path);
    return text(this, this.form.nodes[item.number].hint, item);
  }

  /** @param {string} path @returns {[string, string][]} [value, label] */
  choices(path) {
    return choices(this, this.#item(path));
  }

  /** @param {string} path of a repeat @returns {string[]} paths of its instances, in order */
  instances(path) {
    const range = this.#item(path);
    return this.tree.instances(/** @type {Item} */ (range.parent), range.number).map((item) => item.path);
  }

  /** All that is wrong, in the order of the form. */
  problems() {
    return problems(this);
  }

  /** What is wrong with one question, or null. @param {string} path */
  problem(path) {
    return problemOf(this, this.#item(path));
  }

  /** All answers now, also those that are not relevant. @returns {Answers} */
  answers() {
    return this.#answers(false);
  }

  /** @returns {Record<string, string>} */
  reasons() {
    return Object.fromEntries(this.reasonOf);
  }

  /** @param {boolean} pruned @returns {Answers} */
  #answers(pruned) {
    /** @type {Answers} */
    const found = {};
    for (const item of walk(this.tree.root)) {
      if (pruned && item.hidden && this.form.nodes[item.number]?.role !== "desk") continue;
      if (item.order !== "") found[item.path] = item.order;
      else if (item.value !== "" && this.#isLeaf(item)) found[item.path] = item.value;
    }
    return found;
  }

  /** The record's own name, as the form makes it. @returns {string} */
  instanceName() {
    const { instance_name: expression } = this.form.json;
    return expression === null ? "" : this.flow.answer(expression, this.tree.root);
  }

  /** The row that this record gives to an entity list, or nothing. */
  entities() {
    return entityOf(this);
  }

  /** Ends the record: `end` is set; what is not relevant is left out. @returns {{answers: Answers, reasons: Record<string, string>}} */
  finalise() {
    for (const item of walk(this.tree.root)) {
      const preload = this.form.nodes[item.number]?.preload;
      if (preload?.[0] === "timestamp" && preload[1] === "end") this.flow.set(item, this.context.now());
    }
    this.flow.settle();
    const answers = this.#answers(true);
    const kept = [...this.reasonOf].filter(([path]) => !(path in answers) && this.tree.items.get(path)?.hidden === false);
    return { answers, reasons: Object.fromEntries(kept) };
  }
}

/** An order key behind another: four digits, bytewise in order. @param {string} last @returns {string} */
function orderAfter(last) {
  return String(Number(/^\d*/.exec(last)?.[0] ?? 0) + 1).padStart(4, "0");
}

export { Form, generic };
