/**
 * Milliseconds, medians, for evaluating expressions once, `[by hand, by the engine]`: `{trees, answers, contexts, rounds}` on stdin;
 * see `bench_forms.py`, whose expressions these are.
 */

import { readFileSync } from "node:fs";

import { prepare, valueOf } from "../collector/static/app/logic/expressions.js";
import { Item } from "../collector/static/app/logic/tree.js";

const { trees, answers, contexts, rounds } = JSON.parse(readFileSync(0, "utf-8"));
await prepare(trees);
// The tree that a session keeps its answers in.
const document = new Item(-2, "", null, "");
const root = new Item(-1, "data", document, "/data");
document.children.push(root);
const nodes = Object.fromEntries(Object.entries(answers).map(([name, value], at) => [name, Object.assign(new Item(at, name, root, `/data/${name}`), { value })]));
root.children.push(...Object.values(nodes));

const number = (text) => (text === "" ? NaN : Number(text));
const words = (text) => text.split(/ +/).filter(Boolean);
const HAND = [
  (v, a) => v[a] === "yes",
  (v, a, b) => words(v[a]).includes("b") || v[b] !== "",
  (v, a, b) => number(v[a]) > 0 && number(v[a]) <= number(v[b]),
  (v, a, b) => (number(v[a]) > 10 ? number(v[b]) + 1 : 0),
  (v, a, b) => v[a] || v[b],
  (v, a, b, c) => `${v[a]}-${v[c]}`,
  (v, a, b, c) => v[c].length < 20,
  (v, a) => v[a] === "" || /^[0-9]+$/.test(v[a]),
  (v, a, b) => Math.round((number(v[a]) + number(v[b])) / 2),
  (v, a, b, c) => v[a] !== v[b] && v[c] === "no",
  (v, a, b) => words(v[b]).length >= 2,
];
const size = Object.keys(answers).length;
const names = trees.map((_, at) => [1, 7, 13].map((factor) => `q${(at * factor) % size}`));

/** @param {() => void} work @returns {number} */
function median(work) {
  const times = [];
  for (let n = 0; n < rounds; n++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

let kept = 0;
const hand = median(() => names.forEach((each, at) => (kept += HAND[at % HAND.length](answers, ...each) ? 1 : 0)));
const engine = median(() => trees.forEach((tree, at) => (kept += valueOf(tree, nodes[contexts[at]], {}) ? 1 : 0)));
process.stdout.write(JSON.stringify([hand, engine, kept]));
