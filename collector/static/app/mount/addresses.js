/** Addresses of the app's pages. */

import { lang } from "./dom.js";

/** @param {string} code */
export const visitAddress = (code) => `/${lang}/visit/${encodeURIComponent(code)}`;

/** The page of a form. @param {string} id form id */
export const formAddress = (id) => `/${lang}/fill/${encodeURIComponent(id)}`;

/** @param {import("../logic/roster.js").Start} start @param {string} [village] where it is begun, for a form that may not ask for it */
export const startAddress = (start, village) =>
  `${formAddress(start.form)}?prefill=${encodeURIComponent(JSON.stringify(start.prefill))}${village ? `&village=${encodeURIComponent(village)}` : ""}`;

/** @param {{form: string, id: string}} draft */
export const draftAddress = (draft) => `${formAddress(draft.form)}?draft=${encodeURIComponent(draft.id)}`;

/** The village in the address of a visit. */
export const villageHere = () => decodeURIComponent(location.pathname.split("/")[3] ?? "");
