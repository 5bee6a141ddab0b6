/** What a record is called in a list. Twin of `collector/records/titles.py`. */

import { find } from "../logic/place.js";
import { hasText, t } from "./dom.js";

/** @type {Record<string, string[]>} */
const NAMED_BY = {
  business: ["business_name", "business_code"],
  inn: ["inn_name", "inn_code"],
  case_story: ["title"],
  event: ["event_name"],
  jobs: ["occupation_text"],
  village_visit: ["visit_date"],
};

/** The name that the answers give; "" when nothing names it yet. @param {{form_id: string, answers: Readonly<Record<string, string>>}} record */
export function nameOf({ form_id: form, answers }) {
  for (const name of NAMED_BY[form] ?? []) {
    const found = find(answers, name);
    if (found) return found;
  }
  const kind = `support.${find(answers, "instrument")}`;
  if (form === "support" && hasText(kind)) return t("records.support", { kind: t(kind) });
  return "";
}

/** @param {{form_id: string, answers: Readonly<Record<string, string>>, title?: string}} record */
export function titleOf(record) {
  return nameOf(record) || record.title || find(record.answers, "meta/instanceName") || t("records.unnamed");
}
