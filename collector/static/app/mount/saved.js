/** After finishing a record: on the page that follows, the words that it was saved, beside it and in sight. */

import { current } from "../store/field.js";
import { h, t } from "./dom.js";
import { titleOf } from "./titles.js";

/** @typedef {{record: string, changed: boolean}} Saved */

const KEY = "homeward.saved";

/** What was finished before this page: read once, so that a reload does not say it again. @type {Saved | null | undefined} */
let saved;
let shown = false;

/** Keeps for the next page what was finished. @param {Saved} what */
export const remember = (what) => sessionStorage.setItem(KEY, JSON.stringify(what));

/** @returns {Saved | null} */
function recall() {
  if (saved === undefined) {
    saved = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
    sessionStorage.removeItem(KEY);
  }
  return saved ?? null;
}

/**
 * Says in words that the record was saved and whether the hub has it; brings it into sight once.
 * @param {HTMLElement} place what was drawn, before it is on the page
 * @param {(record: import("../store/field.js").Current) => Element | null} find where the record stands there
 */
export async function confirmSaved(place, find) {
  const what = recall();
  const record = what && (await current()).find((one) => one.record === what.record);
  if (!record) return;
  const { standing } = record;
  const state = !what.changed ? "unchanged" : standing === "waiting" || standing === "refused" ? standing : "received";
  const note = h(`p.note.saved.${state === "refused" ? "bad" : state === "waiting" ? "warn" : "ok"}`,
    { role: "status", "data-saved": record.record }, t(`phone.saved.${state}`, { name: titleOf(record) }));
  const spot = find(record);
  if (spot) spot.prepend(note);
  else place.prepend(note);
  if (shown) return;
  shown = true;
  spot?.classList.add("fresh");
  // The part is put on the page after this.
  requestAnimationFrame(() => (spot ?? note).scrollIntoView({ block: "start" }));
}
