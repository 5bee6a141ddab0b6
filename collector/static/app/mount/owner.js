/** Whom this browser works for, and whether its pages are drawn from what is on it. */

import { device } from "../store/identity.js";

/** @typedef {import("../store/identity.js").Device} Device */

const MARKS = "homeward-marks";

/** For the service worker: pages are drawn from this phone (true) or asked of the server (false). @param {boolean} fromPhone */
export async function mark(fromPhone) {
  const marks = await caches.open(MARKS);
  if (fromPhone) await marks.put("/enrolled", new Response(""));
  else await marks.delete("/enrolled");
}

/** @param {Device | null} held @param {string} person who is signed in on this page, "" for nobody */
const isFor = (held, person) => held !== null && !held.signedOut && (person === "" || person === held.person);

/**
 * The person whom this browser works for, after enrolling; null where the server's page stands: nobody has signed
 * in, or out again, or somebody else is signed in (a supervisor on a borrowed phone).
 * @param {() => Promise<Device | null>} [look] where a page has looked already
 * @returns {Promise<Device | null>}
 */
export async function enrolled(look = device) {
  const { person = "", enrol: wanted } = document.body.dataset;
  // Forms of signing in and out are watched at once: a quick thumb must not be faster.
  const watched = document.querySelector('form[data-mount="sign-in"], form[action$="/sign-out"]') !== null;
  let held = watched ? null : await look();
  if (watched || (person !== "" && wanted !== undefined && !(isFor(held, person) && held?.token))) {
    await (await import("./enrol.js")).enrol();
    held = await device();
  }
  return isFor(held, person) ? held : null;
}
