/**
 * The page of a form where no replica lives in the browser: a supervisor's desk, or plain http in a hotspot. The
 * server works out what follows from each answer, and keeps the draft; the page takes over what it says.
 */

import { t } from "./dom.js";
import { say } from "./fill_save.js";

/** @typedef {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} Control */

/** @param {HTMLFormElement} form */
export function mount(form) {
  /** @type {Promise<void> | null} */
  let running = null;
  let wanted = false;

  const run = async () => {
    try {
      while (wanted) {
        wanted = false;
        say("saving", t("fill.saving"));
        await update(form);
      }
    } catch (error) {
      say("failed", t("fill.failed", { reason: error instanceof Error ? error.message : String(error) }));
      wanted = false;
    } finally {
      running = null;
    }
  };
  form.addEventListener("change", (event) => {
    if (/** @type {HTMLInputElement} */ (event.target).type === "search") return;
    wanted = true;
    running ??= run();
  });
  void import("./fill_range.js").then(({ attach }) => attach(form));
  form.dataset.live = "desk";
}

/** @param {HTMLFormElement} form @returns {Control[]} */
const controls = (form) => /** @type {Control[]} */ ([...form.elements].filter((element) => /** @type {Control} */ (element).name));

/** What tells a control of one page from the same control of the next. @param {Control} control */
const keyOf = (control) => (control.type === "radio" || control.type === "checkbox" ? `${control.name}=${control.value}` : control.name);

/** @param {Control} control */
const stateOf = (control) => (control instanceof HTMLInputElement && /^(radio|checkbox)$/.test(control.type) ? String(control.checked) : control.value);

/** @param {HTMLFormElement} form @returns {Map<string, string>} */
const snapshot = (form) => new Map(controls(form).map((control) => [keyOf(control), stateOf(control)]));

/** Posts the answers and shows the page that comes back. @param {HTMLFormElement} form */
async function update(form) {
  const sent = snapshot(form);
  const body = new FormData(form);
  body.set("action", "update");
  const response = await fetch(form.action, { method: "POST", body });
  const text = await response.text();
  const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("fill");
  if (!(fresh instanceof HTMLFormElement)) throw new Error(String(response.status));
  const meanwhile = new Map([...snapshot(form)].filter(([key, state]) => sent.get(key) !== state));
  const focused = document.activeElement instanceof HTMLElement && form.contains(document.activeElement) ? document.activeElement : null;
  const key = focused && keyOf(/** @type {Control} */ (focused));
  const selection = focused instanceof HTMLInputElement && focused.type === "text" ? focused.selectionStart : null;
  form.replaceChildren(...fresh.childNodes);
  if (response.ok) history.replaceState(null, "", response.url);
  for (const control of controls(form)) {
    const state = meanwhile.get(keyOf(control));
    if (state !== undefined && control instanceof HTMLInputElement && /^(radio|checkbox)$/.test(control.type)) control.checked = state === "true";
    else if (state !== undefined && control.type !== "file") control.value = state;
    if (key && keyOf(control) === key) {
      control.focus({ preventScroll: true });
      if (selection !== null && control instanceof HTMLInputElement) control.setSelectionRange(selection, selection);
    }
  }
}
