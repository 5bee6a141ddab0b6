/** Axes that forms hardly use, and document order. Twin of `forms/xpath/axes.py`. */

/** @typedef {import("./values.js").Node} Node */

/** A node and all below it. Without recursion: a tree may be deeper than the stack. @param {Node} top @returns {Node[]} */
export function subtree(top) {
  /** @type {Node[]} */
  const found = [];
  const waiting = [top];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    found.push(node);
    for (let n = node.children.length; n-- > 0;) waiting.push(node.children[n]);
  }
  return found;
}

/** A node and all around it, nearest first. @param {Node} node @returns {Node[]} */
export function around(node) {
  const found = [];
  for (let at = /** @type {Node | null} */ (node); at; at = at.parent) found.push(at);
  return found;
}

/** Those before a node, nearest first, and those after it; an attribute has none. @param {Node} node @returns {[Node[], Node[]]} */
function siblings(node) {
  const all = node.parent?.children ?? [];
  const at = all.indexOf(node);
  return at < 0 ? [[], []] : [all.slice(0, at).reverse(), all.slice(at + 1)];
}

/** @param {Node} node @returns {Node[]} */
function following(node) {
  const parent = node.parent?.attributes?.includes(node) ? node.parent : null;
  const inside = parent ? subtree(parent).slice(1) : [];
  return [...inside, ...around(parent ?? node).flatMap((each) => siblings(each)[1].flatMap(subtree))];
}

/** @type {Record<string, (node: Node) => readonly Node[]>} */
export const axes = {
  descendant: (node) => subtree(node).slice(1),
  "descendant-or-self": subtree,
  ancestor: (node) => around(node).slice(1),
  "ancestor-or-self": around,
  "following-sibling": (node) => siblings(node)[1],
  "preceding-sibling": (node) => siblings(node)[0],
  following,
  preceding: (node) => around(node).flatMap((each) => siblings(each)[0].flatMap((before) => subtree(before).reverse())),
  namespace: () => [], // XForms know no such nodes
};

/** The documents that nodes stand in; what is above several of them is climbed once. @param {Node[]} nodes @returns {Node[]} */
function rootsOf(nodes) {
  const roots = [];
  /** @type {Set<Node>} */
  const known = new Set();
  for (const node of nodes) {
    for (let at = /** @type {Node | null} */ (node); at && !known.has(at); at = at.parent) {
      known.add(at);
      if (!at.parent) roots.push(at);
    }
  }
  return roots;
}

/** Each node once, in document order, one document after another. @param {Node[]} nodes @returns {Node[]} */
export function inOrder(nodes) {
  const all = [...new Set(nodes)];
  if (all.length < 2) return all;
  /** @type {Map<Node, number>} */
  const place = new Map();
  for (const root of rootsOf(all)) {
    for (const node of subtree(root)) {
      place.set(node, place.size);
      for (const attribute of node.attributes ?? []) place.set(attribute, place.size);
    }
  }
  return all.sort((a, b) => (place.get(a) ?? -1) - (place.get(b) ?? -1));
}
