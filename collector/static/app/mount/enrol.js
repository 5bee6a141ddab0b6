/**
 * The first sign-in on this browser makes it a replica of its own: a key pair, and a token for sync. Signing in
 * and out decides whether pages are drawn from this phone; what waits to be sent goes out all the same.
 */

import { device, identity, setDevice } from "../store/identity.js";
import { mark } from "./owner.js";

const LOST_AND_FOUND = "HW-3488";

/** @type {Promise<void> | null} */
let running = null;

/**
 * Enrols this browser for the enumerator who is signed in on this page, unless it is already. Several parts of a
 * page and several tabs may ask at once: a second token would end the first, so one asks and the others wait.
 * @returns {Promise<void>}
 */
export function enrol() {
  return (running ??= locked());
}

async function locked() {
  await navigator.locks.request("enrol", once);
}

/** @returns {Promise<void>} */
async function once() {
  watchForms();
  const { person = "", enrol: wanted } = document.body.dataset;
  if (!person || wanted === undefined) return;
  const held = await device();
  const same = held?.person === person && held.token !== "" && !held.lost;
  if (!same) {
    const given = await ask(person);
    if (!given) return;
    const { id, name, username } = given.person;
    await setDevice({ token: given.token, person: id, name, username });
    // Storage that the system does not clear on its own; it may say no, which the device page shows.
    await navigator.storage?.persist?.();
  } else if (held.signedOut) {
    await setDevice({ ...held, signedOut: false });
  }
  await mark(true);
}

/**
 * Whoever signs in next must be seen by the server, and whoever signs out must not find pages still drawn.
 * What is stored stays: records that wait are sent with the token of their device.
 */
function watchForms() {
  before('form[data-mount="sign-in"]', () => mark(false));
  before('form[action$="/sign-out"]', leave);
}

/** Does something before a form is sent. @param {string} selector @param {() => Promise<void>} first */
function before(selector, first) {
  const form = /** @type {HTMLFormElement | null} */ (document.querySelector(selector));
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    // Signing in and out must go on even where storage fails: the server decides who somebody is.
    void first().finally(() => form.submit());
  });
}

async function leave() {
  const held = await device();
  if (held) await setDevice({ ...held, signedOut: true });
  await mark(false);
}

/**
 * @param {string} person the id of whoever is signed in
 * @returns {Promise<{token: string, person: {id: string, name: string, username: string}} | null>} null: not now
 */
async function ask(person) {
  const { log, keys, spki } = await identity();
  const { signEnrolment } = await import("../sync/keys.js");
  const signature = await signEnrolment(keys, log.replica, person);
  const csrf = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  let response;
  try {
    response = await fetch("/api/devices", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ replica: log.replica, spki, signature }),
    });
  } catch (error) {
    if (error instanceof TypeError) return null; // no network at this moment: the next page asks again
    throw error;
  }
  if (response.status === 403) await tell(response);
  return response.status === 201 ? response.json() : null;
}

/** A device that was reported lost is not enrolled by a password: whoever found it again reads what to do. @param {Response} response */
async function tell(response) {
  const { problem } = await response.json();
  if (problem.code !== LOST_AND_FOUND) return;
  const { h } = await import("./dom.js");
  document.getElementById("main")?.prepend(h("div.note.bad", { role: "alert" }, h("p", null, h("b", null, problem.message)), h("p", null, problem.remedy), h("p.small.muted", null, problem.code)));
}
