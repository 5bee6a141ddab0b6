/** The digits that the supervisor compares, until the hub says how it ended. Meanwhile forms and lists come. */

import { device, setDevice } from "../store/identity.js";
import { get, Refused, Unreachable } from "../sync/client.js";
import { syncNow } from "../sync/run.js";
import { h, icon, lang, t } from "./dom.js";
import { button, problem, show } from "./enrol_parts.js";
import { keepOffline } from "./offline.js";

/** @typedef {import("../store/identity.js").Device} Device */

const PAUSE = 2500; // milliseconds between two questions

/** @param {Device} held */
export async function watchStanding(held) {
  const status = h("p.note", { role: "status" }, t("enrol.waiting"));
  const digits = held.waiting ?? "";
  show(h("div.card", null, h("p", null, t("enrol.digits.lead", { name: held.name })),
    h("p.digits.num", { id: "digits" }, `${digits.slice(0, 3)} ${digits.slice(3)}`), h("p.small.muted", null, t("enrol.digits.what"))),
  status, button("enrol.villages", "villages"));
  void keepOffline();
  void syncNow();
  for (;;) {
    const said = await ask(held);
    if ((await device())?.token !== held.token) return; // another code was used here meanwhile
    if (said === "confirmed") return confirmed(held);
    if (said instanceof Refused) return show(problem(said.problem), button("enrol.sign_in", "signIn"));
    const words = t(said === "waiting" ? "enrol.waiting" : "enrol.offline");
    if (status.textContent !== words) status.textContent = words;
    await new Promise((resolve) => { setTimeout(resolve, PAUSE); });
  }
}

/** @param {Device} held @returns {Promise<string | Refused>} "" when the hub does not answer */
async function ask(held) {
  try {
    return (await get({ token: held.token, lang }, "enrol/standing")).standing;
  } catch (error) {
    if (error instanceof Refused) return error;
    if (!(error instanceof Unreachable)) throw error;
    return "";
  }
}

/** @param {Device} held */
async function confirmed(held) {
  const { waiting: _, ...rest } = held;
  await setDevice(rest);
  void syncNow({ asked: true });
  show(h("p.note.ok", { role: "status", id: "confirmed" }, h("span", null, icon("check"), " ", t("enrol.confirmed", { name: held.name }))),
    button("enrol.self_test", "selfTest", ".main"), button("enrol.villages", "villages"));
}
