/** What has reached the hub and what has not, in words, with the button to send now. */

import { log } from "../store/changes.js";
import { list as listDrafts } from "../store/drafts.js";
import { waiting as mediaWaiting } from "../store/media.js";
import { last, syncNow } from "../sync/run.js";
import { current } from "../store/field.js";
import { chip, formName, h, icon, t, when } from "./dom.js";
import { titleOf } from "./titles.js";

/**
 * @typedef {import("../store/changes.js").Change} Change
 * @typedef {import("../store/media.js").Media} Media
 */

/** Received lines shown; the records list has all. */
const SHOWN = 30;

/** @param {HTMLElement} place */
export async function mount(place) {
  const [changes, files, drafts, records, run] = await Promise.all([log(), mediaWaiting(), listDrafts(), current(), last()]);
  const titles = new Map(records.map((record) => [record.record, titleOf(record)]));
  const waiting = changes.filter((change) => !change.received && !change.refused);
  const refused = changes.filter((change) => change.refused);
  const received = changes.filter((change) => change.received).reverse();
  const button = h("button.main", { type: "button", id: "sync-now", onclick: () => void syncNow({ asked: true }) }, t("phone.send_now"));
  place.replaceChildren(
    summary(waiting.length + refused.length, files.length, received.length, drafts.length),
    stateOf(run),
    h("div.buttons", null, button),
    section("refused", t("phone.list.refused"), refused.map((change) => line(change, titles))),
    section("files", t("phone.list.files"), files.filter(isHeld).map((file) => fileLine(file, changes, titles))),
    section("waiting", t("phone.list.waiting"), waiting.map((change) => line(change, titles))),
    section("received", t("phone.list.received"), received.slice(0, SHOWN).map((change) => line(change, titles))),
  );
}

/** @param {number} waiting @param {number} files @param {number} received @param {number} drafts */
function summary(waiting, files, received, drafts) {
  const stat = (/** @type {string} */ key, /** @type {number} */ n) =>
    h("div.stat", { "data-count": key }, h("b", null, String(n)), h("span", null, t(`phone.stat.${key}`)));
  return h("div.stats", null, stat("waiting", waiting), stat("received", received), stat("files", files), stat("drafts", drafts));
}

/** @param {import("../sync/run.js").Run | null} run */
function stateOf(run) {
  if (!run) return h("p.note", { role: "status" }, t("phone.never"));
  if (run.state === "sending") return h("p.note", { role: "status" }, t("phone.sending"));
  if (run.state === "done") return h("p.note.ok", { role: "status" }, h("span", null, t("phone.done"), " ", when(run.at)));
  if (run.state === "refused" && run.problem) {
    return h("p.note.bad", { role: "status" }, h("span", null, `${run.problem.message} ${run.problem.remedy}`), " ", h("span.small", null, run.problem.code));
  }
  return h("p.note.warn", { role: "status" }, h("span", null, t("phone.unreachable"), " ", when(run.at)));
}

/** @param {string} id @param {string} title @param {HTMLElement[]} lines */
function section(id, title, lines) {
  if (lines.length === 0) return "";
  return h("section.section", { "aria-labelledby": id }, h("h2", { id }, `${title} `), h("ul.lines", { "data-list": id }, lines));
}

/** @param {Media} file */
const isHeld = (file) => file.refused !== undefined || file.unreadable === true;

/** A file that did not go out, the record it belongs to, and why. @param {Media} file @param {Change[]} changes @param {Map<string, string>} titles */
function fileLine(file, changes, titles) {
  const change = changes.find(({ number }) => number === file.change);
  const why = file.refused ? `${file.refused.message} ${file.refused.remedy} (${file.refused.code})` : t("phone.file.unreadable");
  return h("li", { "data-file": file.sha256 }, h("div.line", null,
    h("span.what", null, h("span", null, (change && (titles.get(change.record) ?? formName(change.formId))) ?? ""), h("span.small", null, icon("warn"), why)),
    file.refused ? chip("refused", "warn", t("state.refused")) : chip("waiting", "clock", t("state.waiting"))));
}

/** @param {Change} change @param {Map<string, string>} titles */
function line(change, titles) {
  const state = change.received
    ? chip("received", "check", t("state.received"))
    : change.refused ? chip("refused", "warn", t("state.refused")) : chip("waiting", "clock", t("state.waiting"));
  const text = change.received ? [t("phone.received_at"), " ", when(change.received)] : [t("phone.made_at"), " ", when(change.made)];
  return h("li", { "data-record": change.record, "data-number": String(change.number) }, h("div.line", null,
    h("span.what", null, h("span", null, titles.get(change.record) ?? formName(change.formId)),
      h("span.small.muted", null, formName(change.formId), " · ", text),
      change.refused && h("span.small", null, icon("warn"), `${change.refused.message} ${change.refused.remedy} (${change.refused.code})`)),
    state));
}

