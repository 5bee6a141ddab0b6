/** Opening a record on this phone: for reading and mending, as a draft of its next edit. */

import { begin, list } from "../store/drafts.js";
import { draftAddress } from "./addresses.js";
import { lang } from "./dom.js";

/**
 * Goes to the form with the record's answers. A record of somebody else opens on the server's page, as this
 * phone holds only what its roster needs.
 * @param {import("../store/field.js").Current} record
 */
export async function openRecord(record) {
  if (!record.own) {
    location.assign(`/${lang}/record/${record.record}`);
    return;
  }
  const open = (await list()).find((draft) => draft.record === record.record);
  const { answers, reasons } = record;
  const draft = open ?? await begin({
    form: record.form_id, version: record.form, village: record.village, record: record.record,
    parents: record.heads, base: answers, baseReasons: reasons,
  }, answers, reasons);
  location.assign(draftAddress(draft));
}
