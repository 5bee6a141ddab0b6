/** The first sign-in on this browser makes it a replica of its own: a key pair, and a token for sync. */

import { device, identity, setDevice } from "../store/identity.js";

/** Tells the service worker that pages are filled from this phone from now on. */
async function mark() {
  const marks = await caches.open("homeward-marks");
  await marks.put("/enrolled", new Response(""));
}

/**
 * Enrols this browser for the enumerator who is signed in on this page, unless it is already.
 * @returns {Promise<void>}
 */
export async function enrol() {
  const { person = "", enrol: wanted } = document.body.dataset;
  if (!person || wanted === undefined) return;
  const held = await device();
  if (held?.person !== person) {
    const given = await ask();
    if (!given) return;
    await setDevice({ token: given.token, person: given.person.id, name: given.person.name, username: given.person.username });
    // Storage that the system does not clear on its own; it may say no, which the device page shows.
    await navigator.storage?.persist?.();
  }
  await mark();
}

/** @returns {Promise<{token: string, person: {id: string, name: string, username: string}} | null>} null: not now */
async function ask() {
  const { log, spki } = await identity();
  const csrf = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  let response;
  try {
    response = await fetch("/api/devices", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrf },
      body: JSON.stringify({ replica: log.replica, spki }),
    });
  } catch (error) {
    if (error instanceof TypeError) return null; // no network at this moment: the next page asks again
    throw error;
  }
  return response.status === 201 ? response.json() : null;
}
