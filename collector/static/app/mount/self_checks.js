/**
 * The checks of the self-test. Each says in words how it stands: `passed`, `failed`, or `untested`, with the key of what
 * to do (below `selftest.`). With `ask` a check may ask the person for a permission; a browser wants a tap before it.
 */

import { device, identity } from "../store/identity.js";
import { post, Refused, Unreachable } from "../sync/client.js";
import { sha } from "../sync/canonical.js";
import { newNonce, signTrial } from "../sync/enrolment.js";
import { lang } from "./dom.js";

/**
 * @typedef {object} Result
 * @property {"passed" | "failed" | "untested"} state
 * @property {string} text      key below `selftest.`, "" for none
 * @property {Record<string, string | number>} [params]
 */

const MEGA = 1048576;
const LEAST = 500; // megabytes
const PHOTO = 0.5;
const CLOCK = 120; // seconds
const POSITION = 30_000; // milliseconds

/** @type {(state: Result["state"], text: string, params?: Record<string, string | number>) => Result} */
const result = (state, text, params) => ({ state, text, ...(params && { params }) });

/** @param {boolean} ask @returns {Promise<Result>} */
async function storage(ask) {
  const kept = (await navigator.storage?.persisted?.()) || (ask && (await navigator.storage?.persist?.()));
  return kept ? result("passed", "storage.passed") : result(ask ? "failed" : "untested", ask ? "storage.failed" : "");
}

/** @returns {Promise<Result>} */
async function room() {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {};
  if (quota === undefined) return result("failed", "room.unknown");
  const free = Math.floor((quota - (usage ?? 0)) / MEGA);
  return free < LEAST ? result("failed", "room.failed", { free }) : result("passed", "room.passed", { free, photos: Math.floor(free / PHOTO) });
}

/** @param {string} name @returns {Promise<string>} "granted", "denied" or "prompt" */
async function permission(name) {
  try {
    return (await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) })).state;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return "prompt"; // this browser does not tell; it asks
  }
}

/** @param {boolean} ask @returns {Promise<Result>} */
async function position(ask) {
  if (!("geolocation" in navigator)) return result("failed", "position.none");
  const allowed = await permission("geolocation");
  if (allowed === "denied") return result("failed", "position.denied");
  if (!ask) return result("untested", allowed === "granted" ? "" : "position.prompt");
  return new Promise((resolve) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve(result("passed", "position.passed", { metres: Math.round(coords.accuracy) })),
      ({ code, PERMISSION_DENIED }) => resolve(result("failed", code === PERMISSION_DENIED ? "position.denied" : "position.failed")),
      { enableHighAccuracy: true, timeout: POSITION, maximumAge: 0 },
    );
  });
}

/** @param {boolean} ask @returns {Promise<Result>} */
async function camera(ask) {
  const found = (await navigator.mediaDevices?.enumerateDevices?.()) ?? [];
  if (!found.some(({ kind }) => kind === "videoinput")) return result("failed", "camera.none");
  const allowed = await permission("camera");
  if (allowed === "denied") return result("failed", "camera.denied");
  if (!ask) return result("untested", allowed === "granted" ? "" : "camera.prompt");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    for (const track of stream.getTracks()) track.stop();
    return result("passed", "camera.passed");
  } catch (error) {
    if (!(error instanceof DOMException)) throw error;
    return result("failed", error.name === "NotAllowedError" ? "camera.denied" : "camera.busy");
  }
}

/** Whether the worker that answers here has every page that begins a day, and it opens from there. @returns {Promise<Result>} */
async function offline() {
  const held = await device();
  if (!held || held.signedOut) return result("failed", "offline.signed_out");
  const pages = ["villages", "records", "outbox", "device", "self-test", "visit/_"].map((page) => `/${lang}/${page}`);
  const kept = await Promise.all(pages.map((page) => caches.match(page)));
  const whole = kept.every((page) => page?.ok) && (await missing(pages)).length === 0;
  return whole ? result("passed", "offline.passed") : result("failed", "offline.failed");
}

/** Which of these pages the worker could not answer. @param {string[]} pages @returns {Promise<string[]>} */
async function missing(pages) {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) return pages;
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => resolve(data);
    setTimeout(() => resolve(pages), 3000); // a worker that does not answer has none
    worker.postMessage({ missing: pages }, [port2]);
  });
}

/**
 * A made-up record goes to the hub, signed as a real one, is checked there and thrown away; its answer has the hub's
 * clock too. It is no change of this phone's log, so nothing can ever take it for a record.
 * @returns {Promise<{record: Result, clock: Result}>}
 */
async function trial() {
  const held = await device();
  if (!held?.token) return { record: result("failed", "offline.signed_out"), clock: result("failed", "offline.signed_out") };
  const { log, keys } = await identity();
  const nonce = newNonce();
  const record = JSON.stringify({ test: true, note: "这是测试 · a test".repeat(40) });
  const digest = await sha(record);
  const signature = await signTrial(keys, log.replica, digest, nonce);
  const sent = Date.now();
  try {
    const said = await post({ token: held.token, lang }, "trial", { replica: log.replica, nonce, record, signature });
    return { record: received(said, digest), clock: compared(Date.parse(said.at), sent, Date.now()) };
  } catch (error) {
    const clock = result("untested", "record.unreachable");
    if (error instanceof Unreachable) return { record: result("failed", "record.unreachable"), clock };
    if (!(error instanceof Refused)) throw error;
    const why = `${error.problem.message} ${error.problem.remedy} (${error.problem.code})`;
    return { record: result("failed", "record.refused", { why }), clock };
  }
}

/** @param {{sha: string, at: string}} said @param {string} digest */
function received(said, digest) {
  if (said.sha !== digest) return result("failed", "record.changed");
  const at = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { timeStyle: "medium" }).format(new Date(said.at));
  return result("passed", "record.passed", { at });
}

/** The hub's time stands for the middle of the round trip. @param {number} there @param {number} sent @param {number} back */
function compared(there, sent, back) {
  const seconds = Math.round(Math.abs((sent + back) / 2 - there) / 1000);
  return seconds > CLOCK ? result("failed", "clock.failed", { minutes: Math.round(seconds / 60) }) : result("passed", "clock.passed", { seconds });
}

/** In the order of the page. Clock and record come of one call. */
export const NAMES = /** @type {const} */ (["storage", "room", "clock", "position", "camera", "offline", "record"]);

/** @typedef {typeof NAMES[number]} Name */

/**
 * What can be said before anybody has tapped.
 * @returns {Promise<Record<Name, Result>>}
 */
export async function look() {
  const untested = result("untested", "");
  const [kept, free, place, eye] = await Promise.all([storage(false), room(), position(false), camera(false)]);
  return { storage: kept, room: free, clock: untested, position: place, camera: eye, offline: untested, record: untested };
}

/**
 * Runs all checks, those that ask one after another.
 * @param {(name: Name, result: Result) => void} tell
 */
export async function test(tell) {
  tell("storage", await storage(true));
  tell("room", await room());
  const { record, clock } = await trial();
  tell("clock", clock);
  tell("record", record);
  tell("offline", await offline());
  tell("camera", await camera(true));
  tell("position", await position(true));
}
