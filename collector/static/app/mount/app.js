/** What every page starts: enrolment after sign-in, sync, the service worker, and the parts of this page. */

import { get } from "../store/db.js";
import { head } from "../store/field.js";
import { device } from "../store/identity.js";
import { tally } from "../store/waiting.js";
import { callForms } from "./dom.js";
import { enrolled, mark } from "./owner.js";
import { mount as mountStatus } from "./status.js";

/** @type {Record<string, () => Promise<{mount: (place: HTMLElement) => Promise<void> | void}>>} */
const PARTS = {
  villages: () => import("./villages.js"),
  visit: () => import("./visit.js"),
  records: () => import("./records.js"),
  outbox: () => import("./outbox.js"),
  device: () => import("./device.js"),
  person: () => import("./person.js"),
};

/** Scripts of one page each, by the element that they fill; nobody need be enrolled for them. @type {Record<string, () => Promise<unknown>>} */
const ALONE = {
  "self-test": () => import("./self_test.js"),
  code: () => import("./invitation.js"),
};

/** Pages that are drawn again when a round of sync brought something; never one with a form open. */
const LIVE = ["outbox", "villages", "visit", "records", "device"];

async function boot() {
  // Plain http on a name of the local network: no crypto, no service worker. The pages work on the server alone.
  if (!globalThis.isSecureContext || !("indexedDB" in globalThis)) return;
  keepPlaceOfLanguages();
  if (!(await enrolled())) {
    if (await device()) (await import("../sync/run.js")).start(); // what waits on this phone goes out whoever is signed in
    return;
  }
  // Signing in as the same person again took the mark away.
  if (document.body.dataset.person) await mark(true);
  document.documentElement.dataset.enrolled = "";
  await draw();
  // From now on this page can be opened without a network, which the page of the device says.
  navigator.serviceWorker?.addEventListener("controllerchange", () => void redraw());
  if (await isSyncWanted()) {
    const sync = await import("../sync/run.js");
    sync.onChange(() => void redraw());
    sync.start();
  }
  await (await import("./offline.js")).keepOffline();
}

/** An open form needs nothing of the hub: there a round of sync waits for a reason, something to send or no field package yet. */
async function isSyncWanted() {
  return document.getElementById("fill") === null || (await get("meta", "field_tag")) === undefined || isAnythingWaiting();
}

async function isAnythingWaiting() {
  const { waiting, files } = await tally();
  return waiting + files > 0;
}

/** A page that came from the phone does not know its own address: its links to other languages are set here. */
function keepPlaceOfLanguages() {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-lang-switch]"))) {
    link.href = `/${link.hreflang.slice(0, 2)}/${location.pathname.split("/").slice(2).join("/")}${location.search}`;
  }
}

/** @returns {Promise<void>} */
async function draw() {
  callForms((await head())?.forms ?? {});
  const status = /** @type {HTMLElement | null} */ (document.querySelector('[data-mount="status"]'));
  if (status) await mountStatus(status);
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-mount]"))) {
    const part = PARTS[place.dataset.mount ?? ""];
    if (part) await drawPart(place, (await part()).mount);
  }
}

/** What was drawn last in a place. @type {WeakMap<HTMLElement, string>} */
const drawn = new WeakMap();

/**
 * Draws a part beside the page and puts it in only when it is another: a page must not change under a finger.
 * @param {HTMLElement} place @param {(place: HTMLElement) => Promise<void> | void} mount
 */
async function drawPart(place, mount) {
  const fresh = /** @type {HTMLElement} */ (place.cloneNode(false));
  await mount(fresh);
  const html = fresh.innerHTML;
  if (html !== "" && html !== drawn.get(place)) place.replaceChildren(...fresh.childNodes);
  drawn.set(place, html);
  place.dataset.mounted = "";
}

let drawing = false;
let wanted = false;

/** Draws again, one at a time; what comes meanwhile is drawn once after it. */
async function redraw() {
  wanted = true;
  if (drawing) return;
  drawing = true;
  try {
    while (wanted) {
      wanted = false;
      const typing = document.activeElement instanceof HTMLInputElement;
      const places = [...document.querySelectorAll("[data-mount]")].map((place) => /** @type {HTMLElement} */ (place).dataset.mount ?? "");
      if (!typing && places.some((place) => LIVE.includes(place))) await draw();
      else await drawStatus();
    }
  } finally {
    drawing = false;
  }
}

async function drawStatus() {
  const status = /** @type {HTMLElement | null} */ (document.querySelector('[data-mount="status"]'));
  if (status) await mountStatus(status);
}

for (const [id, load] of Object.entries(ALONE)) if (document.getElementById(id)) void load();
void boot();
