/** What every page starts: enrolment after sign-in, sync, the service worker, and the parts of this page. */

import { device } from "../store/identity.js";
import { onChange, start as startSync } from "../sync/run.js";
import { enrol } from "./enrol.js";
import { keepOffline } from "./offline.js";
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

/** Pages that are drawn again when a round of sync brought something; never one with a form open. */
const LIVE = ["outbox", "villages", "visit", "records", "device"];

async function boot() {
  // Plain http on a name of the local network: no crypto, no service worker. The pages work on the server alone.
  if (!globalThis.isSecureContext || !("indexedDB" in globalThis)) return;
  await enrol();
  const held = await device();
  if (!held) return; // a supervisor's browser, or nobody has signed in yet: the server's page stands
  if (held.signedOut || (document.body.dataset.person && document.body.dataset.person !== held.person)) {
    startSync();
    return;
  }
  document.documentElement.dataset.enrolled = "";
  await draw();
  onChange(() => void redraw());
  startSync();
  await keepOffline();
}

/** @returns {Promise<void>} */
async function draw() {
  const status = /** @type {HTMLElement | null} */ (document.querySelector('[data-mount="status"]'));
  if (status) await mountStatus(status);
  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-mount]"))) {
    const part = PARTS[place.dataset.mount ?? ""];
    if (!part) continue;
    await (await part()).mount(place);
    place.dataset.mounted = "";
  }
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

void boot();
