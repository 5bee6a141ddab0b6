/** Drafts and records on this phone, the latest first, with where each stands. */

import { listWithAnswers } from "../store/drafts.js";
import { current, head } from "../store/field.js";
import { formName, h, lang, standingChip, t, tn, when } from "./dom.js";
import { draftLine } from "./draft_line.js";
import { openRecord } from "./edit.js";
import { confirmSaved } from "./saved.js";
import { titleOf } from "./titles.js";

/** @typedef {import("../store/field.js").Current} Current */

const SHOWN = 50;

/** @param {HTMLElement} place */
export async function mount(place) {
  const [field, records, drafts] = await Promise.all([head(), current(), listWithAnswers()]);
  const villages = new Map(field?.villages.map((village) => [village.village, village[`label_${lang}`]]));
  const all = records.sort((a, b) => (a.updated < b.updated ? 1 : -1));
  const lines = h("ul.lines", null);
  const count = h("p.muted.small", { role: "status" });
  const more = h("button", { type: "button", onclick: () => show((shown += SHOWN)) }, t("records.more"));
  const box = /** @type {HTMLInputElement} */ (h("input", { id: "q", type: "search", oninput: () => show(shown) }));
  let shown = SHOWN;

  /** @param {number} upto */
  function show(upto) {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = all.filter((record) => {
      const text = `${titleOf(record)} ${formName(record.form_id)} ${villages.get(record.village) ?? ""} ${record.record}`;
      return words.every((word) => text.toLowerCase().includes(word));
    });
    lines.replaceChildren(...found.slice(0, upto).map((record) => line(record, villages.get(record.village))));
    lines.hidden = found.length === 0;
    count.textContent = found.length > 0 ? tn("records.count", found.length) : t("records.none");
    more.hidden = found.length <= upto;
  }

  show(shown);
  place.replaceChildren(
    drafts.length === 0 ? "" : h("section.section", { "aria-labelledby": "drafts" },
      h("h2", { id: "drafts" }, t("phone.drafts")),
      h("ul.lines", null, drafts.map((one) => draftLine(one, villages.get(one.draft.village))))),
    h("div.field", null, h("label", { for: "q" }, t("records.search")), box),
    count, lines, more);
  await confirmSaved(place, () => null);
}

/** @param {Current} record @param {string | undefined} village */
function line(record, village) {
  return h("li", { "data-record": record.record, "data-standing": record.standing },
    h("button.line.plain", { type: "button", onclick: () => openRecord(record) },
      h("span.what", null, h("span", null, titleOf(record)),
        h("span.small.muted", null, formName(record.form_id), village && ` · ${village}`, " · ", when(record.updated)),
        record.refused && h("span.small", null, record.refused.message)),
      standingChip(record)));
}
