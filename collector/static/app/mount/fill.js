/** The page of a form, with scripts on: a session on this phone, saved answer by answer, alive while one types. */

import { lang, t } from "./dom.js";
import { given, questionOf } from "./fill_controls.js";
import { Page } from "./fill_page.js";
import { mount as reasons } from "./fill_reasons.js";
import { Saver, say } from "./fill_save.js";
import { gather, start } from "./fill_start.js";
import { device } from "../store/identity.js";
import { enrolled } from "./owner.js";

// What only some forms or only the end of one needs is loaded when it is needed, or once there is time.
const files = () => import("./fill_files.js");
const position = () => import("./fill_position.js");
const ranges = () => import("./fill_range.js");
const ending = () => import("./fill_finish.js");

/** @param {Page} page @param {Saver} saver @param {HTMLFormElement} form @returns {Promise<void>} when all is shown */
function live(page, saver, form) {
  const { session } = page;
  let composing = false;
  /** @type {Set<string>} */
  const measuring = new Set();

  /** Shows and saves what followed from the last change. */
  const after = () => {
    if (session.flow.stale.size > 0) page.form.dispatchEvent(new Event("answered"));
    saver.note(); // the disk and the page are at work at the same time
    // Showing can take back choices that are offered no longer; then there is more to show.
    while (session.flow.stale.size > 0) {
      const stale = new Set(session.flow.stale);
      session.flow.stale.clear();
      page.show(stale);
    }
    saver.note();
    for (const path of session.positionsWanted()) if (!measuring.has(path)) void measure(path);
  };

  /** A form may ask where the phone is without showing a question (`setgeopoint`). @param {string} path */
  const measure = async (path) => {
    measuring.add(path);
    const value = await position().then(({ measured }) => measured(), () => ""); // offline without the code for it: nobody knows
    measuring.delete(path);
    session.located(path, value);
    after();
  };

  /** @param {HTMLElement} question @param {boolean} done the person has left it, or it is one tap */
  const validate = (question, done) => {
    const path = question.dataset.path ?? "";
    if (composing || (!done && !page.wrong.has(path)) || !session.tree.items.has(path)) return;
    const problem = session.problem(path);
    page.showError(path, problem && (problem.code !== "required" || page.wrong.has(path)) ? problem.message : "");
  };

  /** @param {HTMLElement} question @param {string} value */
  const answer = (question, value) => {
    const path = question.dataset.path ?? "";
    session.answer(path, value);
    const item = session.tree.items.get(path);
    if (item) {
      session.flow.stale.add(item.number);
      if (question.dataset.kind === "upload") void showFile(question, item.value);
    }
    after();
  };

  /** @param {HTMLElement} question @param {string} sha */
  const showFile = async (question, sha) => (await files()).show(question, sha, () => answer(question, ""));

  form.addEventListener("compositionstart", () => (composing = true));
  form.addEventListener("compositionend", (event) => {
    composing = false;
    const question = questionOf(event.target);
    if (question) validate(question, false);
  });
  form.addEventListener("input", (event) => {
    const question = questionOf(event.target);
    const control = /** @type {HTMLInputElement} */ (event.target);
    if (!question || control.type === "file" || control.type === "search") return;
    if (control.name.startsWith("reason:")) {
      session.reason(question.dataset.path ?? "", control.value);
      session.flow.stale.add(session.tree.items.get(question.dataset.path ?? "")?.number ?? 0);
      after();
      validate(question, true);
      return;
    }
    const value = given(question, session.tree.items.get(question.dataset.path ?? "")?.held() ?? "", session.context.now);
    if (value !== null) answer(question, value);
    validate(question, false);
  });
  form.addEventListener("change", (event) => {
    const question = questionOf(event.target);
    const control = /** @type {HTMLInputElement} */ (event.target);
    if (!question || control.type === "search") return;
    if (control.type === "file") void takeFile(question, control);
    else validate(question, true);
  });
  form.addEventListener("focusout", (event) => {
    // What was typed with full-width digits stands as it is stored, once one has left it.
    const question = questionOf(event.target);
    const item = question && session.tree.items.get(question.dataset.path ?? "");
    if (question && item) queueMicrotask(() => page.showValue(question, item));
  });

  /** @param {HTMLElement} question @param {HTMLInputElement} control */
  const takeFile = async (question, control) => {
    const path = question.dataset.path ?? "";
    const file = control.files?.[0];
    const item = session.tree.items.get(path);
    if (!file || !item) return;
    try {
      const [{ keep }, draft] = await Promise.all([files(), saver.flush()]);
      const sha = await keep(file, session.form.nodes[item.number].parameters?.["max-pixels"], draft.id);
      page.showError(path, "");
      control.value = "";
      answer(question, sha);
    } catch (error) {
      page.showError(path, t(error instanceof RangeError ? "fill.file.too_large" : "fill.file.failed"));
      if (!(error instanceof RangeError)) throw error;
    }
  };

  const finish = async () => {
    let end;
    try {
      end = await ending();
    } catch (error) {
      say("failed", t("fill.failed", { reason: error instanceof Error ? error.name : String(error) }));
      throw error;
    }
    if (end.check(page, saver)) await end.finish(page, saver);
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const pressed = /** @type {HTMLElement | null} */ (event.submitter);
    if (pressed?.dataset.add) {
      const path = session.addRepeat(pressed.dataset.add);
      after();
      page.place(path)?.scrollIntoView({ block: "start" });
    } else if (pressed?.dataset.remove) {
      if (!confirm(t("fill.remove_sure"))) return;
      session.removeRepeat(pressed.dataset.remove);
      after();
    } else if (pressed?.id === "finish") void finish();
  });
  form.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-locate]") : null;
    const question = button && questionOf(button);
    if (button instanceof HTMLButtonElement && question) void position().then(({ locate }) => locate(button, (value) => answer(question, value)));
  });

  for (const question of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll('.q[data-kind="upload"]'))) {
    const item = session.tree.items.get(question.dataset.path ?? "");
    if (item?.value) void showFile(question, item.value);
  }
  if (session.form.nodes.some(({ control }) => control === "range")) void ranges().then(({ attach }) => attach(form));
  takeOver(form);
  // The disk has the first answer to write before the page is gone over: most of it stands as the server rendered it.
  return new Promise((resolve) => setTimeout(() => {
    page.showAll();
    resolve(after());
  }));
}

/**
 * What was given while the scripts were still on their way counts like any other answer: the page is there to be used
 * from its first paint. @param {HTMLFormElement} form
 */
function takeOver(form) {
  for (const control of form.elements) {
    const given = control instanceof HTMLSelectElement
      // The empty first choice is nobody's answer: the page of a draft comes without its answers.
      ? control.value !== "" && [...control.options].some((option) => option.selected && !option.defaultSelected)
      : control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox")
        ? control.checked !== control.defaultChecked && (control.type === "checkbox" || control.checked)
        : (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement)
          && control.type !== "file" && control.value !== control.defaultValue;
    if (given && /** @type {HTMLInputElement} */ (control).name) control.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** Links to the other language take the draft along, once everything is saved. @param {Saver} saver */
function keepWhenSwitching(saver) {
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll("a[data-lang-switch]"))) {
    link.addEventListener("click", (event) => {
      if (!saver.draft) return;
      event.preventDefault();
      const { form, id } = saver.draft;
      const other = link.hreflang.slice(0, 2);
      void saver.flush().then(() => location.assign(`/${other}/fill/${form}?draft=${encodeURIComponent(id)}`));
    });
  }
}

/** Once there is a record to finish, the code for it is here too, whatever becomes of the network. */
function prepare() {
  const idle = globalThis.requestIdleCallback ?? setTimeout;
  idle(() => {
    // A failure shows when the thing is wanted and asked for again.
    for (const load of [ending, files, position]) load().catch(() => undefined);
  });
}

/** The page may still be on its way when this script starts; what can be done without it is done meanwhile. */
async function mount() {
  const canHold = globalThis.isSecureContext && "indexedDB" in globalThis;
  const early = canHold ? gather() : Promise.resolve(null);
  early.catch(() => undefined); // whoever waits for it below is told; on a page without a session nobody does
  if (document.readyState === "loading") await new Promise((resolve) => document.addEventListener("DOMContentLoaded", resolve, { once: true }));
  const form = /** @type {HTMLFormElement | null} */ (document.getElementById("fill"));
  if (!form) return;
  reasons(form);
  const { person: signedIn = "", enrol } = document.body.dataset;
  const person = canHold && (!signedIn || enrol !== undefined) ? await enrolled(async () => (await early.catch(() => null))?.person ?? device()) : null;
  if (!person) {
    // Nobody has signed in on this browser yet: the server's page stands. A desk: the server does the thinking.
    if (signedIn) (await import("./fill_desk.js")).mount(form);
    return;
  }
  const begun = await start(form, person, early);
  if (!begun) return;
  const { session, draft, beginning } = begun;
  session.flow.stale.clear();
  const saver = new Saver(session, draft, beginning, (made) => {
    history.replaceState(null, "", `/${lang}/fill/${made.form}?draft=${encodeURIComponent(made.id)}`);
    prepare();
  });
  session.flow.values.clear();
  if (draft) {
    say("saved", t("fill.saved"));
    prepare();
  }
  await live(new Page(form, session), saver, form);
  if (saver.moved) (await import("./fill_moved.js")).mount(form, saver);
  keepWhenSwitching(saver);
  form.dataset.live = "";
}

// The rest of the page (what waits for the hub, sync, the service worker) leaves the form the first go.
void mount().finally(() => import("./app.js"));
