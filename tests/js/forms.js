/** Forms, lists and texts as the server gives them, for tests of the logic. */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
const LISTS = new URL("forms/library/lists/", ROOT);

/** The interpreter that has the packages; pytest gives its own. */
const PYTHON = process.env.PYTHON ?? fileURLToPath(new URL(".venv/bin/python", ROOT));

const DUMP = `
import json, sys
from forms import library, read_xform
given = json.load(sys.stdin)
form = library.load(given["form"]) if "form" in given else read_xform(given["xform"])
json.dump(form.to_json(), sys.stdout)
`;

/** The JSON of a built-in form (`{form}`) or of the text of an XForm (`{xform}`), compiled by the server's own code; or as it is given (`{json}`). */
export function formJson({ form, xform, json }) {
  if (json) return json;
  const options = { cwd: fileURLToPath(ROOT), input: JSON.stringify(form ? { form } : { xform }), maxBuffer: 2 ** 26 };
  return JSON.parse(execFileSync(PYTHON, ["-c", DUMP], options).toString("utf8"));
}

/** Rows of a CSV file with quotes. */
function parseCsv(text) {
  const rows = [[""]];
  let quoted = false;
  for (const part of text.replace(/^\ufeff/, "").match(/""|"|,|\r?\n|[^",\r\n]+/g) ?? []) {
    const row = rows.at(-1);
    if (part === '""' && quoted) row[row.length - 1] += '"';
    else if (part === '"' || part === '""') quoted = part === '"' ? !quoted : quoted;
    else if (part === "," && !quoted) row.push("");
    else if (/^\r?\n$/.test(part) && !quoted) rows.push([""]);
    else row[row.length - 1] += part;
  }
  const [names, ...others] = rows.filter((row) => row.length > 1 || row[0] !== "");
  return others.map((row) => Object.fromEntries(names.map((name, place) => [name, row[place] ?? ""])));
}

/** The lists interface of a session over the built-in lists and others given by instance id. */
export function listsWith(others = {}, trees = {}, lastSaved = {}) {
  const tables = { ...others };
  for (const file of readdirSync(LISTS)) {
    const name = file.replace(/\.csv$/, "");
    tables[name] ??= parseCsv(readFileSync(new URL(file, LISTS), "utf8"));
  }
  return listsOf(tables, trees, lastSaved);
}

/** Time and chance that always answer the same, as `forms.FixedContext`. */
export function fixedContext({ now, randoms = [], uuids = [], deviceid = "", username = "" }) {
  const [chance, ids] = [[...randoms], [...uuids]];
  let [counter, instances] = [0, 0];
  return {
    now: () => now,
    random: () => chance.shift() ?? 0.5,
    uuid: () => ids.shift() ?? `00000000-0000-4000-8000-${String(++counter).padStart(12, "0")}`,
    instanceId: () => `i${String(++instances).padStart(3, "0")}`,
    deviceid,
    username,
  };
}

/** The catalogue's message of a number, in a language that the catalogue has, else in English. */
export function messages(lang) {
  const known = ["en", "zh"].includes(lang) ? lang : "en";
  const texts = JSON.parse(readFileSync(new URL(`forms/locale/${known}.json`, ROOT), "utf8"));
  return (number, params) => texts[`${number}.message`].replace(/\{(\w+)\}/g, (_, name) => params[name]);
}

const COMPILE = `
import json, sys
from forms import compile_form
json.dump({name: compile_form(text.encode(), f"{name}.md").to_json() for name, text in json.load(sys.stdin).items()}, sys.stdout)
`;

/** The JSON of forms given as tables of Markdown, by name. @param {Record<string, string>} sources */
export function compiled(sources) {
  const options = { cwd: fileURLToPath(ROOT), input: JSON.stringify(sources), maxBuffer: 2 ** 28 };
  return JSON.parse(execFileSync(PYTHON, ["-c", COMPILE], options).toString("utf8"));
}

/** The lists interface over these rows and trees by instance id alone, and the answers of a record before. */
export const listsOf = (tables, trees = {}, lastSaved = {}) => ({
  tree: (name) => trees[name] ?? null,
  lastSaved: () => lastSaved,
  rows: (name, filters = {}) => (tables[name] ?? []).filter((row) =>
    Object.entries(filters).every(([column, text]) => (row[column] ?? "") === text)),
});
