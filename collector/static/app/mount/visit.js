/** The visit of a village, from what is on this phone: the same page as the server's, and it works without it. */

import { find } from "../logic/place.js";
import { roster } from "../logic/roster.js";
import { listWithAnswers } from "../store/drafts.js";
import { current, head } from "../store/field.js";
import { startAddress, villageHere } from "./addresses.js";
import { chip, formName, h, icon, lang, resultText, reviewChip, standingChip, t, tn, when } from "./dom.js";
import { draftLine } from "./draft_line.js";
import { ownSection } from "./own_forms.js";
import { openRecord } from "./edit.js";
import { confirmSaved } from "./saved.js";
import { titleOf } from "./titles.js";

/**
 * @typedef {import("../logic/roster.js").Line} Line
 * @typedef {import("../logic/roster.js").Start} Start
 * @typedef {import("../store/field.js").Current} Current
 */

/** @param {HTMLElement} place */
export async function mount(place) {
  const code = villageHere();
  const field = await head();
  const village = field?.villages.find((one) => one.village === code);
  if (!village) {
    place.replaceChildren(h("p.note.warn", null, t("phone.no_village", { village: code })));
    return;
  }
  const [records, drafts] = await Promise.all([current(code), listWithAnswers()]);
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 10);
  const found = roster(village, records, today);
  const own = field ? await ownSection(field, village) : "";
  const byName = new Map(records.map((record) => [record.record, record]));
  const name = village[`label_${lang}`];
  document.title = document.title.replace(/^.*? · /, `${name} · `);
  place.replaceChildren(
    h("div.head", null, h("h1", null, name), h("p.where", null, `${village[`where_${lang}`]} · `, h("span.num", null, code))),
    draftsHere(drafts.filter(({ draft }) => draft.village === code)),
    h("div.two", null,
      h("aside.section", null,
        visitCard(found, byName),
        h("section.section", { "aria-labelledby": "new" }, h("h2", { id: "new" }, t("visit.new")),
          h("div.starts", null, found.starts.slice(1).map((start) => startLink(start)))),
        own),
      h("div.section", null,
        h("section.section", { "aria-labelledby": "here" }, h("h2", { id: "here" }, t("visit.here")),
          found.lines.length === 0 && h("p.muted", null, t("visit.nothing")),
          h("ul.units", null, found.lines.map((line) => unit(line, byName)))),
        others(found.others, byName))),
  );
  await confirmSaved(place, (record) => spotOf(record, place, found));
}

/**
 * Where a record stands on this page: its own card or line, of jobs and support the card of their unit.
 * @param {Current} record @param {HTMLElement} place @param {import("../logic/roster.js").Roster} found
 */
function spotOf(record, place, { visit, lines }) {
  if (visit?.record === record.record) return place.querySelector('[data-part="visit"]');
  const uids = ["inn_uid", "business_uid"].map((name) => find(record.answers, name));
  const unit = lines.find((line) => line.record === record.record) ?? lines.find((line) => line.uid && uids.includes(line.uid));
  return unit ? place.querySelector(`.unit[data-record="${unit.record}"]`) : null;
}

/** @param {Start} start @param {string} [text] */
function startLink(start, text = formName(start.form)) {
  return h("a.button", { href: startAddress(start), "data-start": start.form }, icon("plus"), text);
}

/** @param {import("../store/drafts.js").DraftContent[]} drafts */
function draftsHere(drafts) {
  if (drafts.length === 0) return "";
  return h("section.section", { "aria-labelledby": "drafts" }, h("h2", { id: "drafts" }, t("phone.drafts")),
    h("ul.lines", null, drafts.map((one) => draftLine(one))));
}

/** @param {import("../logic/roster.js").Roster} found @param {Map<string, Current>} byName */
function visitCard({ visit, counts, starts }, byName) {
  const record = visit && byName.get(visit.record);
  const [first] = starts;
  return h("div.card", { "data-part": "visit" },
    h("div.row", null, h("span.title", null, formName("village_visit")),
      record ? standingChip(record) : h("span.chip", null, t("villages.not_visited"))),
    visit?.result ? h("p.small.muted", null, resultText(visit.result)) : null,
    visit?.comment ? h("p.note.bad", null, visit.comment) : null,
    progress("businesses", counts.businesses, counts.businesses_listed),
    progress("inns", counts.inns, counts.inns_listed),
    counts.refused > 0 && h("p.small.muted", null, tn("visit.refused", counts.refused)),
    h("div.buttons", null,
      record && visit?.result === "complete"
        ? h("button", { type: "button", onclick: () => openRecord(record) }, t("visit.look"))
        : first && h("a.button.main", { href: startAddress(first), "data-start": first.form }, icon("pen"), t("visit.start_visit"))));
}

/** @param {"businesses" | "inns"} what @param {number} have @param {number} listed */
export function progress(what, have, listed) {
  if (listed > 0) {
    return h("div.bar", null, h("span.small.num", null, t(`villages.${what}_of`, { have, want: listed })),
      h("progress", { max: String(listed), value: String(Math.min(have, listed)), "aria-hidden": "true" }));
  }
  return have > 0 ? h("p.small.num", null, tn(`villages.${what}`, have)) : null;
}

/** @param {Line} line @param {Map<string, Current>} byName */
function unit(line, byName) {
  const record = /** @type {Current} */ (byName.get(line.record));
  const closing = line.missing.map((gap) => ({ gap, starts: line.starts.filter((start) => closes(gap, start)) }));
  const rest = line.starts.filter((start) => !closing.some(({ starts }) => starts.includes(start)));
  return h(`li.card.unit${line.parent ? ".child" : ""}`, { "data-record": line.record },
    h("div.row", null,
      h("button.plain.title", { type: "button", onclick: () => openRecord(record) }, line.name || t("records.unnamed")),
      lineChip(line)),
    h("p.small.muted", null, formName(line.form), line.code && " · ", line.code && h("span.num", null, line.code)),
    h("p.small", null, standingChip(record)),
    line.comment && h("p.note.bad", null, line.comment),
    record.refused && h("p.note.bad", null, `${record.refused.message} ${record.refused.remedy}`),
    closing.map(({ gap, starts }) =>
      h("div.gap", null, h("p", null, t(gapText(gap), { have: gap.have, want: gap.want })),
        h("div.buttons", null, starts.map((start) => startLink(start, start.kind ? t(`support.${start.kind}`) : undefined))))),
    rest.length > 0 && h("details", null, h("summary", null, t("visit.more")),
      h("div.buttons", null, rest.map((start) => startLink(start)))));
}

/** More people entered than there are is no progress, but something to look into. @param {import("../logic/roster.js").Missing} gap */
const gapText = ({ what, have, want }) => (have > want ? `visit.gap.${what}_over` : `visit.gap.${what}`);

/** @param {import("../logic/roster.js").Missing} gap @param {Start} start */
const closes = (gap, start) => start.form === gap.what && (gap.what !== "support" || gap.kinds.includes(start.kind));

/** @param {Line} line */
function lineChip(line) {
  if (line.review === "has_issues") return reviewChip("has_issues");
  if (line.done) return chip("received", "check", t("visit.done"));
  return line.result && line.result !== "complete" ? h("span.chip.waiting", null, resultText(line.result)) : null;
}

/** @param {import("../logic/roster.js").Current[]} found @param {Map<string, Current>} byName */
function others(found, byName) {
  const records = found.map((one) => /** @type {Current} */ (byName.get(one.record)));
  if (records.length === 0) return "";
  return h("section.section", { "aria-labelledby": "others" }, h("h2", { id: "others" }, t("visit.others")),
    h("ul.lines", null, records.map((record) => h("li", { "data-record": record.record },
      h("button.line.plain", { type: "button", onclick: () => openRecord(record) },
        h("span.what", null, h("span", null, titleOf(record)), h("span.small.muted", null, formName(record.form_id))),
        standingChip(record))))));
}
