// Reads {folder, files: [[name, text]], modules: [name]} and writes the modules whose exports, once the texts have run
// in this order, are not those of the file.

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import "fake-indexeddb/auto";

const { folder, files, modules } = JSON.parse(readFileSync(0, "utf8"));
for (const [filename, text] of files) vm.runInThisContext(text, { filename });
const shape = (exports) => JSON.stringify(Object.keys(exports).sort().map((key) => [key, typeof exports[key]]));
const wrong = [];
for (const name of modules) {
  const written = await import(pathToFileURL(`${folder}/${name}`).href);
  if (shape(written) !== shape(globalThis.homeward.modules[name] ?? {})) wrong.push(name);
}
console.log(wrong.join("\n"));
process.exit(); // what is loaded has channels and timers of its own
