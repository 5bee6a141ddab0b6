/** Opening a record on this phone: for reading and mending, in its form. */

import { list } from "../store/drafts.js";
import { current } from "../store/field.js";
import { draftAddress } from "./addresses.js";
import { lang } from "./dom.js";

/**
 * Goes to the form with the record's answers; a draft begins only when something is changed there. A record of
 * somebody else opens on the server's page, as this phone holds only what its roster needs.
 * @param {import("../store/field.js").Current} record
 */
export async function openRecord(record) {
  if (!record.own) {
    location.assign(`/${lang}/record/${record.record}`);
    return;
  }
  const open = (await list()).find((draft) => draft.record === record.record);
  location.assign(open ? draftAddress(open) : `/${lang}/fill/${record.form_id}?record=${record.record}`);
}

/**
 * A record as the beginning of its next edit: what the person sees now is what the change is compared with.
 * @param {string} name
 * @returns {Promise<import("./fill_start.js").ServerState>} {} when this phone has no such record of its own
 */
export async function editOf(name) {
  const record = (await current()).find((one) => one.record === name && one.own);
  if (!record) return {};
  const { form, answers, reasons, heads } = record;
  return { form, record: name, parents: heads, base: answers, baseReasons: reasons, answers, reasons };
}
