/**
 * The form as the server gives it (docs/form-model.md, "Form"), with what is looked up often worked out once.
 */

/**
 * @typedef {import("./evaluate.js").Ast} Ast
 * @typedef {string | number} Piece  text, or the number of an expression
 * @typedef {Record<string, {long?: Piece[], guidance?: Piece[], image?: Piece[], audio?: Piece[], video?: Piece[]}>} Text
 * @typedef {Record<string, string | number>} ListItem  columns of a list in the form; `label` is the number of a text
 * @typedef {object} Choices
 * @property {string} instance @property {number} nodeset @property {string} value @property {string} label
 * @property {boolean} itext @property {string[]} filter_paths
 * @typedef {[Record<string, string>, Record<string, any[]>]} Start values by path, first instances of repeats in it
 * @typedef {object} Question one node of the form
 * @property {string} path @property {string} name @property {number} parent @property {string} type
 * @property {"group" | "repeat" | "question" | "note" | "calculate" | "meta"} kind
 * @property {string | null} [control] @property {string} [mediatype]
 * @property {number} [label] @property {number} [hint] @property {number} [relevant] @property {number} [required]
 * @property {number} [required_msg] @property {number} [constraint] @property {number} [constraint_msg]
 * @property {number} [calculate] @property {number} [readonly] @property {string} [default]
 * @property {[string, string]} [preload] @property {Choices} [choices] @property {string[]} [appearance]
 * @property {Record<string, string>} [parameters] @property {number} [count] @property {number} [initial]
 * @property {Start[]} [start]
 * @property {string} [role]
 * @typedef {{event: string, path: string, value?: number | null, target?: string, geopoint?: boolean}} Action
 * @typedef {object} FormJson
 * @property {string} form_id @property {string} version @property {string} id @property {string} title
 * @property {{name: string, tag: string}[]} languages @property {string} default_language
 * @property {string} root @property {number | null} instance_name
 * @property {Ast[]} expressions @property {Text[]} texts
 * @property {Record<string, {src?: string, items?: ListItem[], tree?: import("./instances.js").Branch}>} instances
 * @property {Question[]} nodes @property {number[]} order @property {Record<string, number[]>} triggers
 * @property {Action[]} actions @property {Record<string, number>} [itext] texts by id, where expressions name them
 * @property {{list: string, create_if: number, label: number, save_to: Record<string, string>} | null} entity
 * @property {import("../sync/layout.js").Layout} layout
 */

/** A form and its indexes. Frozen in use: one for any number of sessions. */
export class Form {
  /** @param {FormJson} json */
  constructor(json) {
    this.json = json;
    this.nodes = json.nodes;
    /** @type {Map<string, number>} */
    this.byPath = new Map(json.nodes.map((node, number) => [node.path, number]));
    /** @type {number[][]} numbers of the children of each node */
    this.children = json.nodes.map(() => []);
    /** @type {number[]} numbers of the children of the root */
    this.top = [];
    json.nodes.forEach((node, number) => this.below(node.parent).push(number));
    /** @type {Map<number, number>} place of a node in the order of dependency */
    this.place = new Map(json.order.map((number, place) => [number, place]));
    /** @type {Map<number, string[]>} names of the repeats in a node that have as many rows as an answer says */
    this.counted = new Map();
    for (const { name, parent, count } of json.nodes) {
      if (count !== undefined) this.counted.set(parent, [...(this.counted.get(parent) ?? []), name]);
    }
    /** @type {Map<string, number[]>} */
    this.sets = new Map();
  }

  /** Whether a node can hold an answer. @param {number} number @returns {boolean} */
  isLeaf(number) {
    return ["question", "calculate", "meta"].includes(this.nodes[number]?.kind);
  }

  /** Nodes that read a node or anything in it. @param {number} number @returns {number[]} */
  subtreeReaders(number) {
    return this.#once(`readers ${number}`, () => [...this.readers(this.nodes[number].path), ...this.below(number).flatMap((child) => this.subtreeReaders(child))]);
  }

  /** A node and all in it. @param {number} number @returns {number[]} */
  inside(number) {
    return this.#once(`inside ${number}`, () => [number, ...this.below(number).flatMap((child) => this.inside(child))]);
  }

  /** @param {string} key @param {() => number[]} make @returns {number[]} */
  #once(key, make) {
    let found = this.sets.get(key);
    if (!found) this.sets.set(key, (found = [...new Set(make())]));
    return found;
  }

  /** Nodes that are another value in another language. @returns {number[]} */
  spoken() {
    const { expressions, order } = this.json;
    return this.#once("spoken", () => order.filter((number) => {
      const { relevant, calculate, count, choices } = this.nodes[number];
      return [relevant, calculate, count, choices?.nodeset].some((each) => each !== undefined && speaks(expressions[each]));
    }));
  }

  /** Numbers of the children of a node, in order; -1 is the root. @param {number} number @returns {number[]} */
  below(number) {
    return number < 0 ? this.top : this.children[number];
  }

  /** Numbers of the nodes with an expression that reads a path. @param {string} path @returns {readonly number[]} */
  readers(path) {
    return this.json.triggers[path] ?? [];
  }

  /** The form's name of a language given by name or tag. @param {string} wanted @returns {string} */
  language(wanted) {
    const found = this.json.languages.find((each) => each.name === wanted || each.tag === wanted);
    return found ? found.name : this.json.default_language;
  }

  /** The short code of a language. @param {string} name @returns {string} */
  tag(name) {
    return this.json.languages.find((each) => each.name === name)?.tag ?? "";
  }
}

/** A path without instance ids. @param {string} path @returns {string} */
export const generic = (path) => path.replace(/\[[^\]]*\]/g, "");

/** Functions whose value is in the language that is spoken. */
const SPOKEN = ["choice-name", "jr:choice-name", "jr:itext"];

/** @param {any[]} ast @returns {boolean} */
const speaks = ([kind, name, ...rest]) => kind !== "str" && kind !== "num"
  && ((kind === "call" && SPOKEN.includes(name)) || [name, ...rest].some((part) => Array.isArray(part) && speaks(part)));
