/**
 * Answers packed by the layout of a form version, and back (docs/data-model.md, "Change").
 * The flat map is what people and digests see; the packed form is what travels.
 */

import { byBytes } from "./canonical.js";

/**
 * @typedef {string | [string] | [string, Layout]} LayoutEntry given path, [derived path], or [repeat path, inner]
 * @typedef {LayoutEntry[]} Layout
 * @typedef {Record<string, string>} Answers  flat path to text; an instance's path holds its order key
 * @typedef {string | Instance[]} Packed
 * @typedef {[string, string, Packed[]]} Instance  [instance id, order key, values]
 */

const INSTANCE = /^(.*)\[([0-9a-z]{4,})\]$/;

/**
 * @param {Readonly<Answers>} answers
 * @returns {Map<string, [string, string][]>} repeat path to its [instance, order key], in order
 */
function instancesByRepeat(answers) {
  /** @type {Map<string, [string, string][]>} */
  const found = new Map();
  for (const [path, order] of Object.entries(answers)) {
    const match = path.endsWith("]") && order !== "" ? INSTANCE.exec(path) : null;
    if (!match) continue;
    const [, repeat, instance] = /** @type {[string, string, string]} */ (/** @type {unknown} */ (match));
    const list = found.get(repeat);
    if (list) list.push([instance, order]);
    else found.set(repeat, [[instance, order]]);
  }
  for (const list of found.values()) list.sort((a, b) => byBytes(a[1], b[1]) || byBytes(a[0], b[0]));
  return found;
}

/**
 * Paths that are computed and not given, without instance ids.
 * @param {Layout} layout
 * @param {string} [prefix]
 * @returns {Set<string>}
 */
export function derivedPaths(layout, prefix = "") {
  return new Set(layout.flatMap((entry) => {
    if (typeof entry === "string") return [];
    const path = prefix + entry[0];
    return entry.length === 1 ? [path] : [...derivedPaths(entry[1], `${path}/`)];
  }));
}

/**
 * Packs a flat map by a layout. What the layout does not know comes back as `extra`, sorted.
 * @param {Layout} layout
 * @param {Readonly<Answers>} answers
 * @returns {{values: Packed[], extra: [string, string][]}}
 */
export function pack(layout, answers) {
  const instances = instancesByRepeat(answers);
  /** @type {Set<string>} */
  const used = new Set();

  /** @param {Layout} entries @param {string} prefix @returns {Packed[]} */
  function level(entries, prefix) {
    const values = entries.map((entry) => {
      const path = prefix + (typeof entry === "string" ? entry : entry[0]);
      if (typeof entry === "string" || entry.length === 1) {
        used.add(path);
        return answers[path] ?? "";
      }
      const inner = entry[1];
      return (instances.get(path) ?? []).map(([instance, order]) => {
        const place = `${path}[${instance}]`;
        used.add(place);
        return /** @type {Instance} */ ([instance, order, level(inner, `${place}/`)]);
      });
    });
    while (values.length > 0 && values[values.length - 1]?.length === 0) values.pop();
    return values;
  }

  const values = level(layout, "");
  const extra = Object.entries(answers)
    .filter(([path, value]) => value !== "" && !used.has(path))
    .sort(([a], [b]) => byBytes(a, b));
  return { values, extra };
}

/**
 * The flat map of packed values.
 * @param {Layout} layout
 * @param {Packed[]} values
 * @param {readonly (readonly [string, string])[]} [extra]
 * @returns {Answers}
 * @throws {RangeError} when there are more values than the layout has entries, or one has the wrong shape
 */
export function unpack(layout, values, extra = []) {
  /** @type {Answers} */
  const answers = {};

  /** @param {Layout} entries @param {Packed[]} members @param {string} prefix */
  function level(entries, members, prefix) {
    if (members.length > entries.length) throw new RangeError("more values than the layout has entries");
    members.forEach((member, place) => {
      const entry = /** @type {LayoutEntry} */ (entries[place]);
      const path = prefix + (typeof entry === "string" ? entry : entry[0]);
      const repeat = typeof entry !== "string" && entry.length === 2;
      if (repeat !== Array.isArray(member)) {
        if (member === "") return;
        throw new RangeError(`value of the wrong shape at ${path}`);
      }
      if (typeof member === "string") {
        if (member !== "") answers[path] = member;
        return;
      }
      for (const [instance, order, inner] of member) {
        const at = `${path}[${instance}]`;
        answers[at] = order;
        level(/** @type {Layout} */ (entry[1]), inner, `${at}/`);
      }
    });
  }

  level(layout, values, "");
  for (const [path, value] of extra) answers[path] = value;
  return answers;
}
