/** What the enrolling page shows, step by step: where to open it, the code, the tap, the digits, the end. */

import { open } from "../store/db.js";
import { device } from "../store/identity.js";
import { Refused, Unreachable } from "../sync/client.js";
import { readCode, typedCode } from "../sync/enrolment.js";
import { h, icon, t } from "./dom.js";
import { enrolByCode, HubDiffers } from "./enrol_code.js";
import { button, place, problem, show } from "./enrol_parts.js";
import { watchStanding } from "./enrol_wait.js";

/** @typedef {import("../sync/enrolment.js").Code} Code */

/** @param {string} given what stood in the fragment @param {boolean} inWeChat */
export async function run(given, inWeChat) {
  keepInLanguages(given);
  const code = readCode(given);
  if (inWeChat) return wechat(code);
  const lacks = await lacking();
  if (lacks) return onlineOnly(lacks);
  const held = await device();
  if (held?.waiting && !given) return watchStanding(held);
  if (!given) return ask();
  return code ? ready(code) : ask(true);
}

/** The other language's page gets the code when its link is tapped, and not before. @param {string} given */
function keepInLanguages(given) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-lang-switch]"))) {
    link.addEventListener("click", () => { link.hash = given; });
  }
}

/** What this browser does not have here, "" for nothing. */
async function lacking() {
  if (!globalThis.isSecureContext) return "secure";
  if (!("indexedDB" in globalThis) || !globalThis.crypto?.subtle || !navigator.locks) return "storage";
  // A private window may have it and refuse to open it.
  return open().then(() => "", () => "storage");
}

/** @param {string} lacks */
function onlineOnly(lacks) {
  show(h("div.note.warn", { id: "online-only", role: "status" }, h("h2", null, t("enrol.online.title")), h("p", null, t(`enrol.online.${lacks}`)), h("p", null, t("enrol.online.what"))),
    button("enrol.sign_in", "signIn"));
}

/** @param {Code | null} code */
function wechat(code) {
  const address = `${location.origin}${location.pathname}`;
  show(h("div.card", { id: "wechat" }, h("h2", null, t("enrol.wechat.title")), h("p", null, t("enrol.wechat.lead")),
    h("ol.steps", null, h("li", null, t("enrol.wechat.1")), h("li", null, t("enrol.wechat.2"))),
    h("dl.answers", null,
      h("div", null, h("dt", null, t("enrol.wechat.address")), h("dd.typed", null, address)),
      code && h("div", null, h("dt", null, t("enrol.wechat.code")), h("dd.typed", null, typedCode(code))))));
}

/** Asks for the code as it is typed. @param {boolean} [wrong] what was given is none */
function ask(wrong = false) {
  const input = /** @type {HTMLInputElement} */ (h("input", { id: "code", autocapitalize: "characters", autocomplete: "off", spellcheck: "false", required: true, maxlength: "80" }));
  const form = h("form.stack.card", { id: "type-code", onsubmit: (event) => {
    event.preventDefault();
    const code = readCode(input.value);
    if (code) return void ready(code);
    input.setAttribute("aria-invalid", "true");
    place.querySelector('[role="alert"]')?.remove();
    place.prepend(note("HW-3480"));
    input.focus();
  } }, h("p", null, t("enrol.type.lead")), h("div.field", null, h("label", { for: "code" }, t("enrol.type.code")), input),
  h("button.main.wide", null, t("enrol.type.go")));
  show(wrong && note("HW-3480"), form, button("enrol.sign_in", "signIn"));
}

/** A tap, for whatever opens addresses by itself must not use the code up. @param {Code} code @param {Node} [above] */
async function ready(code, above) {
  const held = await device();
  const begin = h("button.main.wide", { type: "button", id: "begin", onclick: () => void enrol(code) }, icon("check"), t(above ? "enrol.again" : "enrol.begin"));
  show(above ?? false, h("div.card", null,
    held !== null && held.name !== "" && h("p", null, t("enrol.held", { name: held.name }), " ", t("enrol.held.other")),
    h("p", null, t("enrol.ready")), begin), above !== undefined && other());
}

/** @returns {HTMLElement} */
const other = () => h("button.plain", { type: "button", onclick: () => ask() }, t("enrol.type"));

/** @param {Code} code */
async function enrol(code) {
  show(h("p.note", { role: "status" }, t("enrol.working")));
  try {
    await watchStanding(await enrolByCode(code));
  } catch (error) {
    if (error instanceof HubDiffers) await ready(code, note("HW-3485"));
    else if (error instanceof Refused) await ready(code, problem(error.problem));
    else if (error instanceof Unreachable) await ready(code, h("p.note.warn", { role: "alert" }, t("enrol.unreachable")));
    else throw error;
  }
}

/** A problem that this phone finds by itself. @param {string} code */
const note = (code) => problem({ code, message: t(`${code}.message`), remedy: t(`${code}.remedy`) });

