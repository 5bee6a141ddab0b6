/** About this device: who it belongs to, what it stores, whether the system may clear it. */

import { log } from "../store/changes.js";
import { list } from "../store/drafts.js";
import { head } from "../store/field.js";
import { device, identity } from "../store/identity.js";
import { h, t, when } from "./dom.js";

/** @param {HTMLElement} place */
export async function mount(place) {
  const [held, own, field, changes, drafts] = await Promise.all([device(), identity(), head(), log(), list()]);
  const kept = (await navigator.storage?.persisted?.()) ?? false;
  const room = (await navigator.storage?.estimate?.()) ?? {};
  const rows = /** @type {[string, (string | Node)[]][]} */ ([
    ["person", [held?.name ?? ""]],
    ["replica", [own.log.replica]],
    ["changes", [String(changes.length)]],
    ["drafts", [String(drafts.length)]],
    ["field", field ? [when(field.made)] : [t("phone.never")]],
    ["offline", [t(field && navigator.serviceWorker?.controller ? "phone.yes" : "phone.not_yet")]],
    ["persisted", [t(kept ? "phone.yes" : "phone.no")]],
    ["room", [t("phone.room", { used: mega(room.usage), quota: mega(room.quota) })]],
  ]);
  const list_ = rows.map(([key, value]) => h("div", null, h("dt", null, t(`phone.device.${key}`)), h("dd", null, value)));
  place.replaceChildren(h("section.card", { id: "device-storage" }, h("h2", null, t("phone.device.title")), h("dl.answers", null, list_)));
}

/** @param {number | undefined} bytes */
const mega = (bytes) => String(Math.round((bytes ?? 0) / 1048576));
