/** A draft in a list: called by its name once it has one, so that two drafts can be told apart. */

import { draftAddress } from "./addresses.js";
import { chip, formName, h, icon, t, when } from "./dom.js";
import { nameOf } from "./titles.js";

/** @param {import("../store/drafts.js").DraftContent} content @param {string} [village] where it was begun, in words */
export function draftLine({ draft, answers }, village) {
  const form = formName(draft.form);
  const name = nameOf({ form_id: draft.form, answers });
  return h("li", { "data-draft": draft.id }, h("a", { href: draftAddress(draft) },
    h("span.what", null, h("span", null, name || form),
      h("span.small.muted", null, name && `${form} · `, village && `${village} · `, when(draft.updated))),
    chip("phone", "pen", t("state.phone")), icon("go", "go")));
}
