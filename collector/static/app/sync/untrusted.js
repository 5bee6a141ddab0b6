/** A device that the hub does not trust, or not yet: what it says then, and what that means here. */

import { device, setDevice } from "../store/identity.js";

/** Nobody has compared its digits yet: what is here waits. */
export const WAITING = "HW-3486";
/** It was reported lost: what it sends is kept apart, and it is given nothing. */
export const LOST = ["HW-2115", "HW-3487"];
/** Its token is over. */
export const ENDED = ["HW-3403", "HW-3489"];

/** Pages come from the server until somebody signs in. @param {Partial<import("../store/identity.js").Device>} change */
export async function signOut(change) {
  const held = await device();
  if (held) await setDevice({ ...held, ...change });
  await (await caches.open("homeward-marks")).delete("/enrolled");
}
