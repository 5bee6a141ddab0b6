/**
 * One round of sync: what the hub has, what it lacks, field package, photos; and when rounds happen.
 *
 * Nothing here decides by `navigator.onLine`: on a captive network it is true and the hub is not there. A round
 * is tried at the start, when the network or the page comes back, after each finished record, and again with
 * growing pauses while something waits.
 */

import { get, transact } from "../store/db.js";
import { heldLists, keep, restamp } from "../store/field.js";
import { device } from "../store/identity.js";
import { getField, getList, Refused, Unreachable } from "./client.js";
import { pushMedia } from "./media.js";
import { push } from "./push.js";
import { ENDED, LOST, signOut, WAITING } from "./untrusted.js";

/**
 * @typedef {import("../store/changes.js").Refusal} Refusal
 * @typedef {import("./client.js").Access} Access
 * @typedef {object} Run  how the last round went
 * @property {"sending" | "done" | "unreachable" | "refused"} state
 * @property {string} at     ISO
 * @property {Refusal} [problem]
 */

const PAUSES = [5, 15, 30, 60, 120, 300]; // seconds after a round that failed

const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("homeward");
/** @type {Set<() => void>} */
const listeners = new Set();

/** Calls `listener` when anything of sync changed, here or in another tab. @param {() => void} listener */
export function onChange(listener) {
  listeners.add(listener);
  channel?.addEventListener("message", listener);
}

/** @param {Run} run */
async function report(run) {
  await transact(["meta"], "readwrite", (store) => {
    store("meta").put(run, "run");
  });
  channel?.postMessage("sync");
  for (const listener of listeners) listener();
}

/** How the last round went. @returns {Promise<Run | null>} */
export async function last() {
  return (await get("meta", "run")) ?? null;
}

let failures = 0;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

/**
 * One round, unless another tab is at it. Never throws for a network: it tries again later.
 * @param {{asked?: boolean}} [options] `asked`: a person pressed the button
 * @returns {Promise<void>}
 */
export async function syncNow({ asked = false } = {}) {
  const access = await accessOf();
  if (!access?.token) return;
  await navigator.locks.request("sync", asked ? {} : { ifAvailable: true }, async (lock) => {
    if (!lock) return;
    clearTimeout(timer);
    await report({ state: "sending", at: now() });
    await report(await round(access));
  });
}

/** @returns {Promise<Access | null>} */
async function accessOf() {
  const held = await device();
  const lang = globalThis.document?.documentElement.dataset.lang ?? "zh";
  return held && { token: held.token, lang };
}

const now = () => new Date().toISOString();

/** @param {Access} access @returns {Promise<Run>} */
async function round(access) {
  try {
    const told = await pushed(access);
    if (told === null) await textThenMedia(access);
    else if (told.code === WAITING) await pull(access); // forms and villages, and nothing that others recorded
    else await pushMedia(access);
    if (told) return await refused(told);
    failures = 0;
    return { state: "done", at: now() };
  } catch (error) {
    if (error instanceof Refused) return refused(error.problem);
    if (!(error instanceof Unreachable)) throw error;
    await again();
    return { state: "unreachable", at: now() };
  }
}

/** Sends the text. @param {Access} access @returns {Promise<Refusal | null>} what the hub says of a device that it does not trust */
async function pushed(access) {
  try {
    await push(access);
    return null;
  } catch (error) {
    if (error instanceof Refused && [WAITING, ...LOST].includes(error.problem.code)) return error.problem;
    throw error;
  }
}

/** @param {Refusal} problem @returns {Promise<Run>} */
async function refused(problem) {
  if (ENDED.includes(problem.code)) await signOut({ token: "" });
  if (LOST.includes(problem.code)) await signOut({ signedOut: true, lost: true });
  if (problem.code === WAITING) await again();
  return { state: "refused", at: now(), problem };
}

/** Tries later, after a growing pause. */
async function again() {
  const pause = /** @type {number} */ (PAUSES[Math.min(failures, PAUSES.length - 1)]);
  failures += 1;
  timer = setTimeout(() => void syncNow(), pause * 1000);
  await wakeLater();
}

/** A photo takes minutes where a text takes a second; and what fails of the one is no reason to withhold the other. @param {Access} access */
async function textThenMedia(access) {
  /** @type {unknown} */
  let failed;
  try {
    await pull(access);
  } catch (error) {
    if (!(error instanceof Refused || (error instanceof Unreachable && error.answered))) throw error;
    failed = error;
  }
  await pushMedia(access);
  if (failed) throw failed;
}

/** Where there is background sync, the system wakes the service worker when the network is back. */
async function wakeLater() {
  const registration = await globalThis.navigator.serviceWorker?.getRegistration?.();
  const sync = /** @type {{register(tag: string): Promise<void>} | undefined} */ (/** @type {any} */ (registration)?.sync);
  // A person may have forbidden it; then the page alone goes on trying.
  await sync?.register("outbox").catch(() => undefined);
}

/** @param {Access} access */
async function pull(access) {
  const held = await get("meta", "field_tag");
  const { field, tag, made } = await getField(access, held ?? "");
  if (!field) return restamp(made);
  const have = await heldLists();
  /** @type {Record<string, Record<string, string>[]>} */
  const lists = {};
  for (const [name, address] of Object.entries(field.lists)) {
    if (have[name] !== address) lists[name] = await getList(address);
  }
  await keep(field, lists);
  await transact(["meta"], "readwrite", (store) => {
    store("meta").put(tag, "field_tag");
  });
}

/** Syncs now and whenever there is reason to. Call once for a page. */
export function start() {
  const again = () => void syncNow();
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && again());
  again();
}
