/** Trading the code for a token: first the hub proves who it is, then it learns the code. */

import { identity, setDevice } from "../store/identity.js";
import { post } from "../sync/client.js";
import { confirmation, isHubOf, newNonce } from "../sync/enrolment.js";
import { signEnrolment } from "../sync/keys.js";
import { lang } from "./dom.js";
import { mark } from "./owner.js";

/** Whoever answers is not the hub whose fingerprint the code has; it was not told the code. */
export class HubDiffers extends Error {}

/**
 * @param {import("../sync/enrolment.js").Code} code
 * @returns {Promise<import("../store/identity.js").Device>} enrolled, and waiting for its digits to be compared
 * @throws {HubDiffers | import("../sync/client.js").Refused | import("../sync/client.js").Unreachable}
 */
export async function enrolByCode(code) {
  // The lock of signing in: a second token would end the first.
  return await navigator.locks.request("enrol", async () => {
    const access = { token: "", lang };
    const { log, keys, spki } = await identity();
    const nonce = newNonce();
    const proof = await post(access, "enrol/proof", { nonce });
    if (!(await isHubOf(code, proof, nonce))) throw new HubDiffers();
    const signature = await signEnrolment(keys, log.replica, code.secret);
    const at = new Date().toISOString();
    const given = await post(access, "enrol/code", { code: code.secret, replica: log.replica, spki, signature, at });
    const { id, name, username } = given.person;
    const waiting = await confirmation(code.secret, proof, log.replica, spki);
    const held = { token: given.token, person: id, name, username, waiting };
    await setDevice(held);
    await mark(true);
    // Storage that the system does not clear on its own; it may say no, which the self-test shows.
    await navigator.storage?.persist?.();
    return held;
  });
}
