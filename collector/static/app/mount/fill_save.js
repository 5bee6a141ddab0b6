/** Saves every answer as it is given: one transaction after the other, what comes meanwhile goes with the next. */

import { begin, hold, save } from "../store/drafts.js";
import { keep } from "../store/forms.js";
import { decided } from "../store/versions.js";
import { t } from "./dom.js";

/**
 * @typedef {import("../logic/session.js").Session} Session
 * @typedef {import("../store/drafts.js").Draft} Draft
 * @typedef {import("../store/drafts.js").DraftChanges} DraftChanges
 */

/** After a failed save, milliseconds until the next try. */
const AGAIN = 3000;

export class Saver {
  /** @type {DraftChanges} */
  #pending = {};
  /** @type {Promise<void> | null} */
  #running = null;
  #wanted = false;
  #kept = false;

  /**
   * @param {Session} session
   * @param {Draft | null} draft null until there is something to save
   * @param {Partial<Draft> & {form: string, version: string}} beginning
   * @param {(draft: Draft) => void} begun
   */
  constructor(session, draft, beginning, begun) {
    this.session = session;
    this.draft = draft;
    this.beginning = beginning;
    this.begun = begun;
    addEventListener("beforeunload", (event) => {
      if (this.#wanted || this.#running) event.preventDefault();
    });
  }

  /** Takes up what has changed in the session and saves it. */
  note() {
    const { flow, tree, reasonOf } = this.session;
    for (const { path, number, instance } of flow.values) {
      if (!instance && !this.session.form.isLeaf(number)) continue;
      const item = tree.items.get(path);
      this.#pending[path] = { value: item ? item.instance ? item.order : item.held() : "", reason: item ? reasonOf.get(path) ?? "" : "" };
    }
    if (flow.values.size === 0) return;
    flow.values.clear();
    this.#wanted = true;
    void this.#start();
  }

  /** Resolves when all is on the disk; begins the draft if nothing had been given yet. @returns {Promise<Draft>} */
  async flush() {
    this.#wanted ||= this.draft === null;
    await this.#start();
    if (!this.draft || this.#wanted) throw new Error("not saved");
    return this.draft;
  }

  /** One round of saving at a time; what is noted while it ends begins the next. @returns {Promise<void>} */
  #start() {
    this.#running ??= this.#run().then((failed) => {
      this.#running = null;
      if (failed) setTimeout(() => void this.#start(), AGAIN);
      else if (this.#wanted) return this.#start();
      return undefined;
    });
    return this.#running;
  }

  /** @returns {Promise<boolean>} whether it failed; then everything still waits to be saved */
  async #run() {
    while (this.#wanted) {
      this.#wanted = false;
      const batch = this.#pending;
      this.#pending = {};
      say("saving", t("fill.saving"));
      if (!(await this.#tried(() => this.#store(batch)))) {
        this.#pending = { ...batch, ...this.#pending };
        this.#wanted = true;
        return true;
      }
    }
    if (!this.draft) return false;
    say("saved", t("fill.saved"));
    return !(await this.#tried(() => this.#keep()));
  }

  /** @param {() => Promise<void>} work @returns {Promise<boolean>} whether it was done; if not, the page says why */
  async #tried(work) {
    try {
      await work();
      return true;
    } catch (error) {
      say("failed", t("fill.failed", { reason: error instanceof Error ? error.name : String(error) }));
      return false;
    }
  }

  /** The form is kept once there is an answer in it, after the answer. */
  async #keep() {
    if (!this.#kept) await keep(this.session.form.json);
    this.#kept = true;
  }

  /** @param {DraftChanges} batch */
  async #store(batch) {
    if (this.draft) {
      await save(this.draft.id, batch);
      return;
    }
    const id = crypto.randomUUID();
    const [draft, release] = await Promise.all([this.#begin(id), hold(id)]);
    this.draft = draft;
    this.release = release ?? undefined;
    this.begun(draft);
  }

  /** What the form has no place for belongs to the draft too: an edit must not take it from the record. @param {string} id */
  #begin(id) {
    const { session } = this;
    return begin({ ...this.beginning, id }, { ...session.extra, ...session.answers() }, Object.fromEntries(session.reasonOf));
  }

  /** What an earlier version left with this draft. @returns {import("../store/versions.js").Moved | undefined} */
  get moved() {
    return (this.draft ?? this.beginning).moved;
  }

  /** Saves what the person decided of it. @param {import("../store/versions.js").Moved | undefined} moved */
  async decide(moved) {
    (this.draft ?? this.beginning).moved = moved;
    const draft = await this.flush();
    draft.moved = moved;
    await decided(draft.id, moved ?? null);
  }
}

/** The state of saving, in words. @param {"saving" | "saved" | "failed" | "open"} state @param {string} text */
export function say(state, text) {
  const place = document.getElementById("save-state");
  if (!place) return;
  place.dataset.state = state;
  if (place.textContent !== text) place.textContent = text;
}
