/** Prints the names of scripts whose smaller form is another program: `node same_tree.mjs` with JSON [[name, source, smaller]] on stdin. */

import { readFileSync } from "node:fs";
import ts from "typescript";

/** The syntax tree without white space and comments: kinds, and the text of what has no parts. @param {string} text */
function tree(text) {
  const source = ts.createSourceFile("x.js", text, ts.ScriptTarget.ESNext, false, ts.ScriptKind.JS);
  const faults = /** @type {any} */ (source).parseDiagnostics;
  /** @type {unknown[]} */
  const found = [faults.length];
  const walk = (/** @type {import("typescript").Node} */ node) => {
    if (node.kind === ts.SyntaxKind.EmptyStatement) return; // a `;` after a `}` that ends a statement says nothing
    const text = /** @type {{text?: string}} */ (/** @type {unknown} */ (node)).text;
    found.push(node.kind, node.kind === ts.SyntaxKind.SourceFile ? "" : text ?? "", /** @type {any} */ (node).operator ?? "", node.flags & ts.NodeFlags.BlockScoped);
    ts.forEachChild(node, walk);
    found.push(")");
  };
  walk(source);
  return JSON.stringify(found);
}

for (const [name, source, smaller] of JSON.parse(readFileSync(0, "utf-8"))) {
  if (tree(source) !== tree(smaller)) console.log(name);
}
