/** My villages with what is on this phone. */

import { roster } from "../logic/roster.js";
import { current, head } from "../store/field.js";
import { visitAddress } from "./addresses.js";
import { chip, h, icon, lang, t, tn, waitingText } from "./dom.js";
import { ownSection } from "./own_forms.js";
import { progress } from "./visit.js";

/** More than anybody scrolls through; the search finds the others. */
const SHOWN = 30;

/** @param {HTMLElement} place */
export async function mount(place) {
  const field = await head();
  if (!field) return;
  const records = await current();
  const list = h("ul.cards", null);
  const more = h("p.muted", { role: "status" });
  const box = /** @type {HTMLInputElement} */ (
    h("input", { id: "q", type: "search", placeholder: t("villages.search"), enterkeyhint: "search", oninput: () => show() }));

  function show() {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    const found = (field?.villages ?? []).filter((village) => {
      const text = Object.values(village).join("\n").toLowerCase();
      return words.every((word) => text.includes(word));
    });
    const shown = found.slice(0, SHOWN);
    list.replaceChildren(...shown.map((village) => h("li", null, card(village, records))));
    more.textContent = found.length === 0
      ? words.length > 0 ? t("villages.none", { q: box.value }) : t("villages.none_mine")
      : found.length > SHOWN ? t("villages.more", { shown: SHOWN, all: found.length }) : "";
  }

  show();
  const search = h("form.search", { role: "search", onsubmit: (event) => event.preventDefault() },
    h("label.sr", { for: "q" }, t("villages.search")), box,
    h("button", { type: "submit" }, icon("search"), h("span.sr", null, t("villages.find"))));
  place.replaceChildren(search, list, more, await ownSection(field, null));
}

/** @param {import("../store/field.js").Village} village @param {import("../store/field.js").Current[]} records */
function card(village, records) {
  const { visit, counts, lines } = roster(village, records.filter((one) => one.village === village.village));
  const waiting = records.filter((one) => one.village === village.village && one.standing === "waiting").length;
  const todo = lines.filter((line) => !line.done).length;
  return h("a.card", { href: visitAddress(village.village) },
    h("span.row", null, h("span.title", null, village[`label_${lang}`]),
      visitChip(visit, counts.returned)),
    h("span.small.muted", null, village[`where_${lang}`]),
    progress("businesses", counts.businesses, counts.businesses_listed),
    progress("inns", counts.inns, counts.inns_listed),
    todo > 0 && h("span.small", null, tn("villages.todo", todo)),
    waiting > 0 && h("span.small", null, waitingText(waiting, 0)));
}

/** @param {import("../logic/roster.js").Visit | null} visit @param {number} returned */
function visitChip(visit, returned) {
  if (returned > 0) return chip("has_issues", "warn", tn("villages.returned", returned));
  if (!visit) return h("span.chip", null, t("villages.not_visited"));
  return visit.result === "complete"
    ? chip("received", "check", t("villages.visited"))
    : chip("waiting", "clock", t("villages.tried"));
}
