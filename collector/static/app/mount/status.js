/** The small line in the top bar: what has not reached the hub. */

import { tally } from "../store/waiting.js";
import { lang, h, icon, t, tn, waitingText } from "./dom.js";

/** @param {HTMLElement} place */
export async function mount(place) {
  const { waiting, files, refused } = await tally();
  const [kind, sign, text] = refused > 0
    ? ["refused", "warn", tn("phone.refused_n", refused)]
    : waiting + files > 0
      ? ["waiting", "clock", waitingText(waiting, files)]
      : ["received", "check", t("phone.all_received")];
  place.replaceChildren(h(`a.chip.${kind}`, { href: `/${lang}/outbox`, "aria-label": text }, icon(sign), h("span", null, text)));
  place.hidden = false;
}
