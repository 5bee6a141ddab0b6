/** Finishing a record: everything is checked, what is wrong is shown with a way to it, else it becomes a change. */

import { kept, undecided } from "../logic/carry_left.js";
import { placeOf } from "../logic/place.js";
import { finalise, NotEnrolled } from "../store/changes.js";
import { visitAddress } from "./addresses.js";
import { h, lang, t } from "./dom.js";
import { inWords } from "./fill_moved.js";
import { say } from "./fill_save.js";
import { remember } from "./saved.js";

/**
 * @typedef {import("./fill_page.js").Page} Page
 * @typedef {import("./fill_save.js").Saver} Saver
 */

/**
 * Shows all problems at their questions and in the list above the form; the first one comes into sight.
 * @param {Page} page @param {Saver} saver @returns {boolean} whether there are none
 */
export function check(page, saver) {
  const { session } = page;
  const wrong = session.problems().filter(({ path }) => page.place(path));
  const open = undecided(session, saver.moved?.left ?? []).filter(({ path }) => !wrong.some((problem) => problem.path === path));
  /** @type {{path: string, message: string, label?: string}[]} */
  const found = [...wrong, ...open.map(({ path, label }) => ({ path, message: t("moved.undecided"), label: inWords(label) }))];
  const paths = new Set(found.map(({ path }) => path));
  for (const path of [...page.wrong]) if (!paths.has(path)) page.showError(path, "");
  for (const { path, message } of found) page.showError(path, message);
  const box = /** @type {HTMLElement} */ (document.getElementById("problems"));
  box.hidden = found.length === 0;
  if (found.length === 0) return true;
  const title = box.querySelector("h2");
  if (title) title.textContent = t("fill.problems", { n: found.length });
  box.querySelector("ol")?.replaceChildren(...found.map(({ path, message, label = "" }) => h("li", null,
    h("a", { href: `#${encodeURIComponent(path)}`, onclick: (event) => go(event, page, path) }, label || session.label(path) || path),
    h("span", null, message))));
  box.scrollIntoView({ block: "start" });
  box.focus({ preventScroll: true });
  return false;
}

/** @param {Event} event @param {Page} page @param {string} path */
function go(event, page, path) {
  event.preventDefault();
  const place = page.place(path) ?? document.getElementById("moved") ?? undefined;
  // What is longer than the screen begins at its question, not in the middle of its choices.
  place?.scrollIntoView({ block: place.offsetHeight > innerHeight / 2 ? "start" : "center" });
  /** @type {HTMLElement | null | undefined} */ (place?.querySelector("input:not([type=hidden]), select, textarea"))?.focus({ preventScroll: true });
}

/**
 * Makes the record a change and goes to the visit it belongs to. An earlier failure loses nothing: the draft stands.
 * @param {Page} page @param {Saver} saver
 */
export async function finish(page, saver) {
  const { session } = page;
  const { id, form_id, layout } = session.form.json;
  const button = /** @type {HTMLButtonElement} */ (document.getElementById("finish"));
  button.disabled = true;
  try {
    const draft = await saver.flush();
    const { answers, reasons } = session.finalise();
    const beside = kept(session, saver.moved?.left ?? []);
    const { change, record } = await finalise(draft.id, {
      form: { id, form_id, layout },
      answers: { ...session.extra, ...beside.answers, ...answers },
      reasons: { ...beside.reasons, ...reasons },
      title: session.instanceName(),
      entities: session.entities(),
    });
    session.flow.values.clear();
    remember({ record, changed: change !== "" });
    const village = placeOf(answers) || draft.village;
    location.assign(village && !draft.record ? visitAddress(village) : `/${lang}/records`);
  } catch (error) {
    button.disabled = false;
    say("failed", error instanceof NotEnrolled ? t("fill.sign_in") : t("fill.failed", { reason: error instanceof Error ? error.name : String(error) }));
    if (!(error instanceof NotEnrolled)) throw error;
  }
}
