/** Who is signed in on this device, where the page came without a server that could say so. */

import { device } from "../store/identity.js";
import { h, t } from "./dom.js";

/** @param {HTMLElement} place */
export async function mount(place) {
  const held = await device();
  if (!held || document.body.dataset.person) return; // the server knows better, and offers to sign out
  place.replaceChildren(h("p.title", null, held.name), h("p.small.muted", null, t("phone.signed_in")));
}
