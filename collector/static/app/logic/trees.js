/** Trees beside the record that expressions walk: attached XML, the record saved before. Twin of `forms/session/trees.py`. */

/**
 * @typedef {import("./values.js").Node} Node
 * @typedef {[string, Record<string, string>, string | any[]]} Branch  name, attributes, text or branches
 */

/** The source of the instance that `${last-saved#question}` reads. */
export const LAST_SAVED = "jr://instance/last-saved";
const DEEPEST = 60; // levels: no form has more

/** The element that a tree stands for. @param {Branch} tree @param {Node} parent @returns {Node} */
export function grown([name, attributes, below], parent) {
  const node = /** @type {Node} */ ({ name, value: "", parent, hidden: false, children: [] });
  node.attributes = Object.entries(attributes).map(([each, value]) => ({ name: each, value, parent: node, hidden: false, children: [] }));
  if (typeof below === "string") node.value = below;
  else node.children = below.map((each) => grown(each, node));
  return node;
}

/** The document that has this tree. @param {Branch} tree @returns {{document: Node, root: Node}} */
export function documentOf(tree) {
  const document = /** @type {Node} */ ({ name: "", value: "", parent: null, hidden: false, children: [] });
  const root = grown(tree, document);
  document.children = [root];
  return { document, root };
}

const levels = (/** @type {string} */ path) => path.split("/").length - 1;
const compare = (/** @type {string} */ a, /** @type {string} */ b) => (a < b ? -1 : Number(a > b));

/**
 * The tree of a record by its flat answers, under the root that the form has now (`/data`); instances of a repeat
 * stand in their order. Of another version of the form it holds what that version asked.
 * @param {Readonly<Record<string, string>>} answers @param {string} root @returns {Branch}
 */
export function recordTree(answers, root) {
  /** @type {Branch} */
  const top = [root.replace(/^\/+/, ""), {}, []];
  /** @type {Map<string, Branch>} */
  const places = new Map([["", top]]);
  const kept = Object.keys(answers).filter((path) => levels(path) >= 2 && levels(path) <= DEEPEST);
  const repeats = kept.filter((path) => path.endsWith("]"));
  repeats.sort((a, b) => levels(a) - levels(b) || compare(answers[a], answers[b]) || compare(a, b));
  for (const path of repeats) at(path, places);
  for (const path of kept) {
    if (path.endsWith("]")) continue;
    const node = at(path, places);
    if (node[2].length === 0) node[2] = answers[path];
  }
  return top;
}

/** The node at a flat path, with all around it, made where it is not there yet. @param {string} path @param {Map<string, Branch>} places @returns {Branch} */
function at(path, places) {
  const steps = path.split("/").slice(2);
  let node = /** @type {Branch} */ (places.get(""));
  steps.forEach((step, place) => {
    const key = steps.slice(0, place + 1).join("/");
    let child = places.get(key);
    if (!child) {
      places.set(key, (child = [step.replace(/\[[^\]/]*\]$/, ""), {}, []]));
      if (typeof node[2] === "string") node[2] = [];
      node[2].push(child);
    }
    node = child;
  });
  return node;
}
