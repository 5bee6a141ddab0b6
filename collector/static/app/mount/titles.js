/** What a record is called in a list. Twin of `collector/records/titles.py`. */

import { find } from "../logic/place.js";
import { t } from "./dom.js";

/** @type {Record<string, string[]>} */
const NAMED_BY = {
  business: ["business_name", "business_code"],
  inn: ["inn_name", "inn_code"],
  case_story: ["title"],
  event: ["event_name"],
  jobs: ["occupation_text"],
};

/** @param {{form_id: string, answers: Readonly<Record<string, string>>, title?: string}} record */
export function titleOf({ form_id: form, answers, title }) {
  for (const name of NAMED_BY[form] ?? []) {
    const found = find(answers, name);
    if (found) return found;
  }
  return title || answers["/data/meta/instanceName"] || t("records.unnamed");
}
