/** The page of the self-test: one line for each check, and one button. */

import { chip, h, t, tn } from "./dom.js";
import { look, NAMES, test } from "./self_checks.js";

/** @typedef {import("./self_checks.js").Result} Result */

const LOOKS = /** @type {const} */ ({ passed: ["received", "check"], failed: ["refused", "warn"], untested: ["waiting", "clock"] });

const place = /** @type {HTMLElement} */ (document.getElementById("self-test"));
const list = h("ul.lines", null);
const status = h("p.note", { role: "status", hidden: true });
const button = /** @type {HTMLButtonElement} */ (h("button.main.wide", { type: "button", id: "run-test", onclick: () => void run() }, t("selftest.run")));

/** @type {Partial<Record<string, Result>>} */
let results = {};

function draw() {
  list.replaceChildren(...NAMES.map((name) => {
    const { state, text, params } = results[name] ?? { state: "untested", text: "", params: {} };
    const [kind, sign] = LOOKS[state];
    return h("li", { "data-check": name, "data-state": state }, h("div.line", null,
      h("span.what", null, h("b", null, t(`selftest.${name}`)), text !== "" && h("span.small", null, t(`selftest.${text}`, params))),
      chip(kind, sign, t(`selftest.${state}`))));
  }));
}

async function run() {
  button.disabled = true;
  say("", t("selftest.running"));
  try {
    await test((name, result) => {
      results[name] = result;
      draw();
    });
    const left = NAMES.filter((name) => results[name]?.state !== "passed").length;
    say(left === 0 ? "ok" : "warn", left === 0 ? t("selftest.all") : tn("selftest.some", left));
    place.dataset.done = String(left);
  } finally {
    button.disabled = false;
  }
}

/** @param {string} kind @param {string} text */
function say(kind, text) {
  status.className = `note ${kind}`;
  status.textContent = text;
  status.hidden = false;
}

/** Without a secure address the server's words stay: nothing of this can pass there. */
async function start() {
  if (!globalThis.isSecureContext || !("indexedDB" in globalThis)) return;
  results = await look();
  draw();
  place.replaceChildren(button, status, list);
}

void start();
