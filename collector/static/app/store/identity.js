/** Who this browser is: its replica name and key pair, and the person whose token it holds. */

import { get, result, transact } from "./db.js";

/**
 * @typedef {object} Log  where this browser's own log stands
 * @property {string} replica
 * @property {number} number    of the last change, 0 for none
 * @property {string} clock     the latest clock seen, "" for none
 * @property {string} digest    of the log at `number`
 *
 * @typedef {object} Device     what the hub gave at enrolment
 * @property {string} token     bearer token of the sync API; never in a page, never in a change; "" when it ended
 * @property {string} person    opaque id, the author of changes
 * @property {string} name      shown to the person
 * @property {string} username
 * @property {string} [waiting]     six digits that a supervisor has still to compare
 * @property {boolean} [lost]       the hub says that it was reported lost
 * @property {boolean} [signedOut]  pages show nothing until somebody signs in; what waits is sent all the same
 */

/**
 * This browser's identity, made on first use.
 * @returns {Promise<{log: Log, keys: CryptoKeyPair, spki: string}>}
 */
export async function identity() {
  const held = await read();
  if (held) return held;
  // Only now, once in the life of a browser, is it of use how they are made; and outside the transaction, which
  // awaiting them would end.
  const [{ exportPublic, generate }, { newReplica }] = await Promise.all([import("../sync/keys.js"), import("../sync/names.js")]);
  const keys = await generate();
  const spki = await exportPublic(keys);
  await transact(["meta"], "readwrite", async (store) => {
    if (await result(store("meta").get("log"))) return; // another tab was first: its identity stands
    store("meta").put({ replica: newReplica(), number: 0, clock: "", digest: "" }, "log");
    store("meta").put(keys, "keys");
    store("meta").put(spki, "spki");
  });
  return /** @type {{log: Log, keys: CryptoKeyPair, spki: string}} */ (await read());
}

function read() {
  return transact(["meta"], "readonly", async (store) => {
    const log = await result(store("meta").get("log"));
    if (!log) return null;
    return {
      log: /** @type {Log} */ (log),
      keys: /** @type {CryptoKeyPair} */ (await result(store("meta").get("keys"))),
      spki: /** @type {string} */ (await result(store("meta").get("spki"))),
    };
  });
}

/**
 * Who works with this browser, and its name, in one look.
 * @returns {Promise<{device: Device | null, replica: string}>} `replica` is "" until `identity` has made one
 */
export function known() {
  return transact(["meta"], "readonly", async (store) => {
    const [device, log] = await Promise.all([result(store("meta").get("device")), result(store("meta").get("log"))]);
    return { device: device ?? null, replica: log?.replica ?? "" };
  });
}

/** @returns {Promise<Device | null>} null before the first sign-in on this browser */
export async function device() {
  return (await get("meta", "device")) ?? null;
}

/**
 * Keeps who this browser works for. Another person gets a field package of their own.
 * @param {Device} given
 */
export function setDevice(given) {
  return transact(["meta", "documents", "hub_records"], "readwrite", async (store) => {
    const held = await result(store("meta").get("device"));
    store("meta").put(given, "device");
    if (held && held.person !== given.person) {
      store("meta").delete("field_tag");
      store("documents").delete(["field", "head"]);
      store("hub_records").clear();
    }
  });
}
