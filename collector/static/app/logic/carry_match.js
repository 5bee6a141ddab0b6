/** Which question of a new version is which of the old one. Twin of `forms/carry/match.py`. */

import { generic } from "./form.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./form.js").Question} Question
 * @typedef {Record<string, string>} Words  a text by language tag
 */

const CONTROLS = /** @type {Record<string, string>} */ ({ select1: "one", select: "many", rank: "rank", trigger: "trigger" });
const PLAIN = ["int", "decimal", "date", "time", "dateTime", "geopoint", "geotrace", "geoshape", "boolean"];
const LEAVES = ["question", "calculate", "meta"];

/** The kind of answer that a question takes. @param {Question} node @returns {string} */
export function family({ control, type, mediatype = "" }) {
  if (control && CONTROLS[control]) return CONTROLS[control];
  if (control === "upload" || type === "binary") return `file:${mediatype.split("/")[0]}`;
  return PLAIN.includes(type) ? type : "text";
}

/** Whether the form gives the answer and not a person. @param {Question} node */
export const isDerived = ({ calculate, preload }) => calculate !== undefined || preload !== undefined;

/** @param {Form} form @returns {{name: string, tag: string}[]} one without a name where it has none */
export const languages = ({ json }) => (json.languages.length > 0 ? json.languages : [{ name: "", tag: "" }]);

/** A text by language tag, `…` where an answer stood in it. @param {Form} form @param {number | string | undefined} number a text as it is, or its number @returns {Words} */
export function texts(form, number) {
  if (number === undefined) return {};
  if (typeof number === "string") return Object.fromEntries(languages(form).map(({ tag }) => [tag, number]));
  const text = form.json.texts[number];
  /** @type {Words} */
  const found = {};
  for (const { name, tag } of languages(form)) {
    const all = [name, form.json.default_language, "", ...Object.keys(text)];
    const pieces = all.map((each) => text[each]?.long).find((each) => each !== undefined);
    if (pieces) found[tag] = pieces.map((piece) => (typeof piece === "string" ? piece : "…")).join("");
  }
  return found;
}

export class Matching {
  /** @param {Form} old @param {Form} now */
  constructor(old, now) {
    this.old = old;
    this.now = now;
    this.around = [repeats(old), repeats(now)];
    /** @type {Map<number, number>} number of a node in the old version to that in the new one */
    this.at = new Map();
    this.#byPlace();
    this.#byKey(["repeat"], (_, node) => node.name);
    this.#byPlace(); // once more, for what stands in a repeat that has moved
    this.#byKey(LEAVES, (_, node) => node.name);
    this.#byKey(["question"], asks);
  }

  /** Whether two nodes can be the same: both repeats or both leaves, in the same repeats. @param {number} number @param {number} other */
  #may(number, other) {
    const [old, now] = [this.old.nodes[number], this.now.nodes[other]];
    if (this.old.isLeaf(number) !== this.now.isLeaf(other) || (old.kind === "repeat") !== (now.kind === "repeat")) return false;
    const [before, after] = [this.around[0][number], this.around[1][other]];
    return before.length === after.length && before.every((each, place) => this.at.get(each) === after[place]);
  }

  #byPlace() {
    const taken = new Set(this.at.values());
    this.old.nodes.forEach((node, number) => {
      if (this.at.has(number) || !(this.old.isLeaf(number) || node.kind === "repeat")) return;
      const other = this.now.byPath.get(this.#place(number));
      if (other !== undefined && !taken.has(other) && this.#may(number, other)) this.at.set(number, other);
    });
  }

  /** Where a node stands if nothing but the root and the repeat around it has moved. @param {number} number */
  #place(number) {
    const { path } = this.old.nodes[number];
    const inner = this.around[0][number].at(-1);
    const there = inner === undefined ? undefined : this.at.get(inner);
    if (inner !== undefined && there !== undefined) return this.now.nodes[there].path + path.slice(this.old.nodes[inner].path.length);
    return this.now.json.root + path.slice(this.old.json.root.length);
  }

  /**
   * Matches what is left over on both sides and is the only one with its key on either.
   * @param {string[]} kinds @param {(form: Form, node: Question) => string | null} key
   */
  #byKey(kinds, key) {
    const now = only(this.now, kinds, key, new Set(this.at.values()));
    for (const [value, number] of only(this.old, kinds, key, new Set(this.at.keys()))) {
      const other = now.get(value) ?? -1;
      if (other >= 0 && number >= 0 && this.#may(number, other)) this.at.set(number, other);
    }
  }

  /** A flat path of the old version as the new one has it; "" where it has none. @param {string} flat @returns {string} */
  path(flat) {
    const other = this.at.get(this.old.byPath.get(generic(flat)) ?? -1);
    if (other === undefined) return "";
    const ids = [...flat.matchAll(/\[([^\]/]*)\]/g)].map((found) => found[1]);
    const through = [...this.around[1][other], ...(this.now.nodes[other].kind === "repeat" ? [other] : [])];
    return ids.length === through.length ? withIds(this.now, through, this.now.nodes[other].path, ids) : "";
  }
}

/** A path with the instance ids of the repeats that it goes through. @param {Form} form @param {number[]} through @param {string} path @param {string[]} ids */
export function withIds(form, through, path, ids) {
  let whole = path;
  for (let place = through.length - 1; place >= 0; place--) {
    const repeat = form.nodes[through[place]].path;
    whole = `${repeat}[${ids[place]}]${whole.slice(repeat.length)}`;
  }
  return whole;
}

/** Of each node the numbers of the repeats around it, outermost first. @param {Form} form @returns {number[][]} */
function repeats(form) {
  /** @type {number[][]} */
  const found = [];
  for (const { parent } of form.nodes) {
    const above = parent >= 0 ? found[parent] : [];
    found.push(parent >= 0 && form.nodes[parent].kind === "repeat" ? [...above, parent] : above);
  }
  return found;
}

/** @param {Form} form @param {Question} node @returns {string | null} what it asks, in words */
function asks(form, node) {
  const words = Object.entries(texts(form, node.label)).sort(([a], [b]) => (a < b ? -1 : 1));
  return words.some(([, text]) => text) ? JSON.stringify([family(node), words]) : null;
}

/**
 * Numbers by key; -1 where several have it.
 * @param {Form} form @param {string[]} kinds @param {(form: Form, node: Question) => string | null} key @param {Set<number>} without
 * @returns {Map<string, number>}
 */
function only(form, kinds, key, without) {
  /** @type {Map<string, number>} */
  const found = new Map();
  form.nodes.forEach((node, number) => {
    const value = kinds.includes(node.kind) && !without.has(number) ? key(form, node) : null;
    if (value !== null) found.set(value, found.has(value) ? -1 : number);
  });
  return found;
}
