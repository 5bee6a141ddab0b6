/** The small line in the top bar: what has not reached the hub. */

import { log } from "../store/changes.js";
import { waiting as mediaWaiting } from "../store/media.js";
import { lang, h, icon, t, tn } from "./dom.js";

/** @param {HTMLElement} place */
export async function mount(place) {
  const [changes, files] = await Promise.all([log(), mediaWaiting()]);
  const refused = changes.filter((change) => change.refused).length;
  const waiting = changes.filter((change) => !change.received && !change.refused).length + files.length;
  const [kind, sign, text] = refused > 0
    ? ["refused", "warn", tn("phone.refused_n", refused)]
    : waiting > 0
      ? ["waiting", "clock", tn("phone.waiting_n", waiting)]
      : ["received", "check", t("phone.all_received")];
  place.replaceChildren(h(`a.chip.${kind}`, { href: `/${lang}/outbox`, "aria-label": text }, icon(sign), h("span", null, text)));
  place.hidden = false;
}
