/** Opening what was begun with an earlier version of the form: its answers move, and what cannot is kept to be shown. */

import { carry } from "../logic/carry.js";
import { Form, Session } from "../logic/session.js";
import { formOf } from "../store/forms.js";
import { moveDraft } from "../store/versions.js";

/**
 * @typedef {import("../store/versions.js").Moved} Moved
 * @typedef {import("../store/drafts.js").Draft} Draft
 * @typedef {Record<string, string>} Answers
 */

/**
 * The answers in the version of this page. A draft is saved in it before anything is shown.
 * @param {import("../logic/form.js").FormJson} json @param {import("../logic/session.js").Given} given what a session is made with
 * @param {{version?: string, answers?: Answers, reasons?: Answers}} begun @param {Draft} [draft]
 * @returns {Promise<{answers: Answers, reasons: Answers, draft: Draft | undefined, moved: Moved | undefined}>}
 */
export async function move(json, given, { version = "", answers: held = {}, reasons: why = {} }, draft) {
  const before = await formOf(version);
  const form = new Form(json);
  const { left, carried, added, fresh, ...now } = carry(before && new Form(before), form, held, why, given.lists, draft?.moved?.left);
  const session = new Session(form, { ...given, ...now });
  session.begin(fresh);
  const [answers, { reasons }] = [{ ...session.answers(), ...session.extra }, now];
  const moved = { carried, added, left };
  if (draft) return { answers, reasons, moved, draft: await moveDraft(draft.id, json, moved, answers, reasons) };
  return { answers, reasons, moved, draft };
}
