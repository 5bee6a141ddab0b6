/** Addresses of the app's pages. */

import { lang } from "./dom.js";

/** @param {string} code */
export const visitAddress = (code) => `/${lang}/visit/${encodeURIComponent(code)}`;

/** @param {import("../logic/roster.js").Start} start */
export const startAddress = (start) =>
  `/${lang}/fill/${start.form}?prefill=${encodeURIComponent(JSON.stringify(start.prefill))}`;

/** @param {{form: string, id: string}} draft */
export const draftAddress = (draft) => `/${lang}/fill/${draft.form}?draft=${encodeURIComponent(draft.id)}`;

/** The village in the address of a visit. */
export const villageHere = () => decodeURIComponent(location.pathname.split("/")[3] ?? "");
