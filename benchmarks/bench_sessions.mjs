/** Milliseconds, medians, for what `bench_sessions.py` asks for on stdin. */

import { readFileSync } from "node:fs";

import { prepare } from "../collector/static/app/logic/expressions.js";
import { Form, Session } from "../collector/static/app/logic/session.js";
import { Lists, Table } from "../collector/static/app/store/lists.js";

const asked = JSON.parse(readFileSync(0, "utf-8"));
let count = 0;
const context = {
  now: () => "2026-01-01T00:00:00.000+08:00", random: () => 0.5, uuid: () => "0", instanceId: () => `i${String(count++).padStart(5, "0")}`,
  deviceid: "", username: "",
};

/** @param {() => void} work @returns {number} */
function median(work) {
  const times = [];
  for (let n = 0; n < asked.rounds; n++) {
    const start = performance.now();
    work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

/** @param {unknown} truth @param {string} what */
function sure(truth, what) {
  if (!truth) throw new Error(what);
}

async function answering({ json, path }) {
  await prepare(json.expressions);
  const session = new Session(new Form(json), { lists: new Lists(new Map(), new Map(), {}), context });
  const work = () => {
    for (let at = 0; at < asked.answers; at++) {
      session.answer(path, String(at % 20));
      session.problem(path);
    }
  };
  for (let n = 0; n < 20; n++) work();
  const found = median(work) / asked.answers;
  sure(session.relevant(path.replace("/n", "/s")), "what depends on the answer follows it");
  return found;
}

async function cascade() {
  await prepare(asked.json.expressions);
  const session = new Session(new Form(asked.json), { lists: new Lists(new Map([["places", new Table(asked.rows)]]), new Map(), {}), context });
  let turn = 0;
  const next = () => asked.towns[turn++ % asked.towns.length];
  const offered = () => {
    session.answer("/data/town", next());
    return session.choices("/data/place");
  };
  sure(offered().length === 40, "the choices are those of the town");
  let kept = 0;
  const scan = () => {
    const town = next();
    kept += asked.rows.filter((row) => row.town === town).length;
  };
  const many = () => {
    for (let n = 0; n < asked.calls; n++) kept += offered().length;
  };
  for (let n = 0; n < 30; n++) many(); // the loop of a scan is compiled within its first call, these within some hundreds
  scan();
  return [median(many) / asked.calls, median(scan)];
}

async function open() {
  await prepare(JSON.parse(asked.kept).expressions);
  return [median(() => void new Form(JSON.parse(asked.kept)))];
}

async function each() {
  const found = [];
  for (const one of asked.forms) found.push(await answering(one));
  return found;
}

const WORK = { answer: each, cascade, open };
process.stdout.write(JSON.stringify(await WORK[asked.what]()));
