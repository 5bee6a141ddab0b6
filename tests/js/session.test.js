/** Sessions: every step of `tests/vectors/session_*.json` gives in JavaScript what it gives in Python. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { prepare } from "../../collector/static/app/logic/expressions.js";
import { Form, Session } from "../../collector/static/app/logic/session.js";
import { fixedContext, formJson, listsWith, messages } from "./forms.js";

/** The shared vectors, or a folder of others that were made a moment ago. */
const VECTORS = process.env.SESSIONS ? pathToFileURL(`${process.env.SESSIONS}/`) : new URL("../vectors/", import.meta.url);
const FILES = readdirSync(VECTORS).filter((name) => /^session_.*\.json$/.test(name));

async function begin(file) {
  const { language, answers, reasons, context, lists, trees, last_saved } = file;
  const json = formJson(file);
  await prepare(json.expressions);
  return new Session(new Form(json), {
    lists: listsWith(lists, trees, last_saved), context: fixedContext(context), answers, reasons, language, message: messages(language),
  });
}

const OPERATIONS = {
  start: () => undefined,
  begin: (session, paths) => session.begin(paths),
  answer: (session, path, value) => session.answer(path, value),
  reason: (session, path, reason) => session.reason(path, reason),
  add_repeat: (session, path) => session.addRepeat(path),
  remove_repeat: (session, path) => session.removeRepeat(path),
  language: (session, tag) => {
    session.speak(tag);
    session.message = messages(tag);
  },
  problems: (session) => session.problems().map(({ path, code }) => [path, code]),
  message: (session, path) => session.problems().find((problem) => problem.path === path)?.message ?? "",
  choices: (session, path) => session.choices(path),
  label: (session, path) => session.label(path),
  hint: (session, path) => session.hint(path),
  required: (session, path) => session.required(path),
  readonly: (session, path) => session.readonly(path),
  value: (session, path) => session.value(path),
  relevant: (session, path) => session.relevant(path),
  positions_wanted: (session) => session.positionsWanted(),
  located: (session, path, value) => session.located(path, value),
  instances: (session, path) => session.instances(path),
  reasons: (session) => session.reasons(),
  entities: (session) => session.entities().map(({ list, row }) => [list, row]),
  name: (session) => session.instanceName(),
  finalise: (session) => session.finalise(),
};

/** What is other than before; null: gone. */
function changes(before, after) {
  const found = Object.entries(after).filter(([path, value]) => before[path] !== value);
  const gone = Object.keys(before).filter((path) => !(path in after)).map((path) => [path, null]);
  return Object.fromEntries([...found, ...gone]);
}

/** Plays one step as `tests/forms/sessions.py` does; what it gives is what the vector says of it. */
function play(session, seen, operation) {
  const step = { do: operation };
  const result = OPERATIONS[operation[0]](session, ...operation.slice(1));
  if (result !== undefined) step.result = result;
  const answers = session.answers();
  const paths = [...session.tree.items.values()].filter(({ number }) => number >= 0).map(({ path }) => path);
  const relevant = Object.fromEntries(paths.map((path) => [path, session.relevant(path)]));
  const changed = changes(seen.answers, answers);
  const shown = Object.fromEntries(Object.entries(changes(seen.relevant, relevant))
    .filter(([path, now]) => !((seen.relevant[path] ?? true) && now !== false)));
  Object.assign(seen, { answers, relevant });
  if (Object.keys(changed).length > 0) step.answers = changed;
  if (Object.keys(shown).length > 0) step.relevant = shown;
  return step;
}

test("the forms of a visit have scenarios", { skip: process.env.SESSIONS !== undefined }, () => {
  for (const form of ["business", "inn", "jobs", "village_visit"]) assert.ok(FILES.includes(`session_${form}.json`));
});

for (const name of FILES) {
  test(name, async () => {
    const file = JSON.parse(readFileSync(new URL(name, VECTORS), "utf8"));
    const session = await begin(file);
    const seen = { answers: {}, relevant: {} };
    file.steps.forEach((step, place) => assert.deepStrictEqual(play(session, seen, step.do), step, `step ${place}: ${step.do}`));
  });
}
