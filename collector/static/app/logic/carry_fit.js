/** Whether a question of a new version can hold an answer of the old one. Twin of `forms/carry/fit.py`. */

import { typeProblem } from "./answers.js";
import { family, languages, texts } from "./carry_match.js";

/**
 * @typedef {import("./form.js").Form} Form
 * @typedef {import("./form.js").Question} Question
 * @typedef {import("./carry_match.js").Words} Words
 * @typedef {import("./instances.js").Lists} Lists
 */

const TEXTS = ["int", "decimal", "date", "time", "dateTime"];
const TO_TYPE = /** @type {Record<string, string[]>} */ ({ text: TEXTS, decimal: ["int"], int: ["decimal"], one: ["many"], many: ["one"] });

/** Answers of `old` in questions of `now`; `old` is null where that version is not here. */
export class Fit {
  /** @param {Form | null} old @param {Form} now @param {Lists | null} lists without them an attached list has every choice */
  constructor(old, now, lists) {
    this.old = old;
    this.now = now;
    this.lists = lists;
  }

  /** Whether a question can hold the whole of an answer that was left before. @param {Question} node @param {string} value */
  again(node, value) {
    return new Fit(null, this.now, this.lists).value(node, node, value)[2].length === 0;
  }

  /** @param {Question} before @param {Question} after @param {string} value @returns {[string, string, string[]]} what can be held, why not all, the rest */
  value(before, after, value) {
    const kinds = /** @type {[string, string]} */ ([family(before), family(after)]);
    const chosen = (["many", "rank"].includes(kinds[0]) ? value.split(" ") : [value]).filter((each) => each !== "");
    if (!this.#type(kinds, after, value, chosen.length)) return ["", "type", [value]];
    if (!["one", "many", "rank"].includes(kinds[1])) return [value, "", []];
    const same = new Map(chosen.map((each) => [each, this.#choice(before, after, each)]));
    const gone = [...same].filter(([, found]) => !found).map(([each]) => each);
    const held = [...same.values()].filter((found) => found).join(" ");
    if (kinds[1] === "rank") {
      const whole = gone.length === 0 && chosen.length === (items(this.now, after)?.size ?? chosen.length);
      return whole ? [held, "", []] : ["", "type", [value]];
    }
    return [held, "choice", gone];
  }

  /** @param {[string, string]} kinds @param {Question} after @param {string} value @param {number} choices */
  #type([kind, wanted], after, value, choices) {
    if (kind === wanted) return this.old !== null || !typeProblem(value, after.type);
    if (wanted === "text") return TEXTS.includes(kind);
    if (!TO_TYPE[kind]?.includes(wanted)) return false;
    return wanted === "one" ? choices === 1 : !typeProblem(value, after.type);
  }

  /** What a choice is called now: itself, or the only new one with its label; "" where it is gone. @param {Question} before @param {Question} after @param {string} value */
  #choice(before, after, value) {
    const is = items(this.now, after);
    const was = (this.old && items(this.old, before)) ?? new Map();
    if (!is) return this.#attached(before, after, value) ? value : "";
    if (is.has(value)) return value;
    const label = was.get(value) ?? {};
    const same = [...is].filter(([each, text]) => Object.values(text).some((word) => word) && alike(text, label) && !was.has(each));
    return same.length === 1 ? same[0][0] : "";
  }

  /** Rows of an attached list are not the form's: only where it takes the place of another is it looked at. @param {Question} before @param {Question} after @param {string} value */
  #attached({ choices: was }, { choices: is }, value) {
    if (!is || !this.lists || was?.instance === is.instance) return true;
    return this.lists.rows(is.instance, {}).length === 0 || this.lists.rows(is.instance, { [is.value]: value }).length > 0;
  }
}

/** @param {Words} one @param {Words} other */
function alike(one, other) {
  const keys = Object.keys(one);
  return keys.length === Object.keys(other).length && keys.every((key) => one[key] === other[key]);
}

/** Choices that stand in the form, with their labels; null for an attached list. @param {Form} form @param {Question} node @returns {Map<string, Words> | null} */
function items(form, { choices }) {
  const rows = choices && form.json.instances[choices.instance]?.items;
  if (!choices || !rows) return null;
  return new Map(rows.map((row) => [String(row[choices.value]), texts(form, row.label)]));
}

/** The labels of an answer's choices by language tag; {} where it has none. @param {Form} form @param {Question} node @param {string} value @param {Lists | null} lists @returns {Words} */
export function shown(form, node, value, lists) {
  const { choices } = node;
  if (!choices) return {};
  const tags = languages(form).map(({ tag }) => tag);
  const known = items(form, node);
  const found = (node.control === "select1" ? [value] : value.split(" ")).map((each) => {
    const row = known ? {} : /** @type {Words} */ (lists?.rows(choices.instance, { [choices.value]: each })[0] ?? {});
    const label = known ? known.get(each) ?? {} : Object.fromEntries(tags.map((tag) => [tag, row[`${choices.label}_${tag}`] || (row[choices.label] ?? "")]));
    return (/** @type {string} */ tag) => label[tag] || each;
  });
  return Object.fromEntries(tags.map((tag) => [tag, found.map((text) => text(tag)).join(tag.startsWith("zh") ? "、" : ", ")]));
}
