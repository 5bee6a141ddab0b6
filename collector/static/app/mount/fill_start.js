/** Where a form's page begins: a draft of this phone, an edit that the server began, or a new record. */

import { Form, Session } from "../logic/session.js";
import { hold, list, load as loadDraft } from "../store/drafts.js";
import { identity, known } from "../store/identity.js";
import { load as loadLists } from "../store/lists.js";
import { prepare } from "../logic/expressions.js";
import { placeOf } from "../logic/place.js";
import { lang, t } from "./dom.js";
import { say } from "./fill_save.js";

/**
 * @typedef {import("../store/identity.js").Device} Device
 * @typedef {import("../store/drafts.js").Draft} Draft
 * @typedef {import("../logic/form.js").FormJson} FormJson
 * @typedef {import("../store/drafts.js").DraftContent} DraftContent
 * @typedef {import("../store/versions.js").Moved} Moved
 * @typedef {{session: Session, draft: Draft | null, beginning: Partial<Draft> & {form: string, version: string}}} Begun
 * @typedef {object} ServerState  what the server's page was about, when it was not about a new record
 * @property {string} [form] form-version id that the answers were given in, where it may be another than the page's
 * @property {Moved | null} [moved]
 * @property {string} [record] @property {string[]} [parents]
 * @property {Record<string, string>} [base] @property {Record<string, string>} [baseReasons]
 * @property {Record<string, string>} [answers] @property {Record<string, string>} [reasons]
 */

/**
 * What a session needs and the page does not say: form, lists, the name of this device. It can begin while the page
 * is still on its way; only on a browser that somebody works with, as there alone is it of use.
 * @returns {Promise<{person: Device, json: FormJson, lists: import("../store/lists.js").Lists, deviceid: string} | null>}
 */
export async function gather() {
  const address = /** @type {HTMLLinkElement | null} */ (document.getElementById("form-json"))?.href;
  if (!address) return null;
  const fetched = fetchForm(address); // what the page has asked for already
  fetched.catch(() => undefined); // whoever waits for it below is told
  const { device, replica } = await known();
  if (!device) return null;
  const json = await fetched;
  const [lists] = await Promise.all([loadLists(json), prepare(json.expressions)]);
  return { person: device, json, lists, deviceid: replica || (await identity()).log.replica };
}

/**
 * @param {HTMLFormElement} form @param {Device} person
 * @param {ReturnType<typeof gather>} early begun before the page was whole, perhaps for somebody else
 * @returns {Promise<Begun | null>} null when the draft cannot be opened; the page then says why
 */
export async function start(form, person, early) {
  const query = new URLSearchParams(location.search);
  /** @type {ServerState} */
  const state = query.has("record")
    ? await (await import("./edit.js")).editOf(query.get("record") ?? "")
    : JSON.parse(document.getElementById("fill-state")?.textContent || "{}");
  const asked = query.get("draft") ?? (state.record ? await openDraft(state.record) : "");
  const content = asked ? await loadDraft(asked) : null;
  if (asked && !content) return closed(form, t("fill.draft_gone"));
  if (content && !(await hold(content.draft.id))) return closed(form, t("fill.draft_open"));
  const before = await early;
  const found = before?.person.person === person.person ? before : await gather();
  if (!found) throw new Error("nobody works with this browser");
  const { json, lists, deviceid } = found;
  const begun = { version: content?.draft.version ?? state.form, answers: content?.answers ?? state.answers, reasons: content?.reasons ?? state.reasons };
  const isOther = begun.answers && begun.version !== undefined && begun.version !== json.id;
  const given = {
    lists,
    context: context(person.username, deviceid),
    language: lang,
    message: (/** @type {string} */ number, /** @type {Record<string, string>} */ params) => t(`${number}.message`, params),
  };
  const { answers, reasons, draft, moved } = isOther
    ? await (await import("./fill_move.js")).move(json, given, begun, content?.draft)
    : { ...begun, draft: content?.draft, moved: state.moved ?? undefined };
  const session = new Session(new Form(json), { ...given, answers, reasons });
  if (!answers) prefill(session, query);
  const { record = "", parents = [], base = {}, baseReasons = {} } = state;
  return {
    session,
    draft: draft ?? null,
    beginning: { moved, form: json.form_id, version: json.id, village: placeOf(session.answers()) || (query.get("village") ?? ""), record, parents, base, baseReasons },
  };
}

/** The draft of an edit of a record that was begun on this phone before. @param {string} record @returns {Promise<string>} */
async function openDraft(record) {
  return (await list()).find((draft) => draft.record === record)?.id ?? "";
}

/** @param {string} address @returns {Promise<FormJson>} */
async function fetchForm(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

/** @param {string} username @param {string} deviceid @returns {import("../logic/session.js").Context} */
function context(username, deviceid) {
  return {
    now: localNow,
    random: () => crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32,
    uuid: () => crypto.randomUUID(),
    instanceId: () => Array.from(crypto.getRandomValues(new Uint8Array(6)), (byte) => (byte % 36).toString(36)).join(""),
    deviceid,
    username,
  };
}

/** Now, on the clock of this phone with its offset. @returns {string} */
function localNow() {
  const now = new Date();
  const minutes = -now.getTimezoneOffset();
  const local = new Date(now.getTime() + minutes * 60000).toISOString().slice(0, -1);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${local}${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
}

/**
 * What the address brings, in the order of the form: `?prefill={"/data/x":"y"}` or `?/data/x=y`. A path that this
 * version of the form does not have is left out.
 * @param {Session} session @param {URLSearchParams} query
 */
function prefill(session, query) {
  /** @type {Record<string, string>} */
  const given = { ...Object.fromEntries([...query].filter(([name]) => name.startsWith("/"))), ...JSON.parse(query.get("prefill") || "{}") };
  for (const { path, kind } of session.form.nodes) {
    if (kind === "question" && path in given && session.tree.items.has(path)) session.answer(path, String(given[path]));
  }
}

/** @param {HTMLFormElement} form @param {string} words @returns {null} */
function closed(form, words) {
  say("failed", words);
  for (const part of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll(":scope > .g, :scope > .q, :scope > .r, :scope > .fill-end"))) part.inert = true;
  return null;
}
