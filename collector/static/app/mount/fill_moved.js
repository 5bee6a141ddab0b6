/** What became of a draft's answers in a newer version of its form, in words; what is left stays until it is let go of. */

import { lying, undecided } from "../logic/carry_left.js";
import { load } from "../store/media.js";
import { h, lang, t, tn } from "./dom.js";

/**
 * @typedef {import("../logic/carry.js").Left} Left
 * @typedef {import("./fill_save.js").Saver} Saver
 */

/** @param {HTMLFormElement} form @param {Saver} saver */
export function mount(form, saver) {
  const place = h("section.moved", { id: "moved", "aria-label": t("moved.title") });
  document.getElementById("moved")?.remove();
  document.getElementById("problems")?.after(place);
  const draw = () => {
    place.hidden = !saver.moved;
    place.replaceChildren(...(saver.moved ? content(saver, draw) : []));
  };
  form.addEventListener("answered", draw);
  draw();
}

/** @param {Saver} saver @param {() => void} draw @returns {HTMLElement[]} */
function content(saver, draw) {
  const { carried, added, left } = /** @type {import("../store/versions.js").Moved} */ (saver.moved);
  const open = new Set(undecided(saver.session, left));
  /** @param {Left[]} rest */
  const decide = async (rest) => {
    await saver.decide(rest.length > 0 ? { carried, added, left: rest } : undefined);
    draw();
  };
  /** @param {Left[]} rest @param {string} question */
  const letGo = (rest, question) => confirm(question) && void decide(rest);
  return [
    h("h2", null, t("moved.title")),
    h("p", null, tn("moved.carried", carried), added > 0 && ` ${tn("moved.added", added)}`),
    ...(left.length === 0 ? [] : [
      h("p", null, h("b", null, t("moved.left"))),
      h("ul", null, ...left.map((item) => line(saver, item, open.has(item), () =>
        letGo(left.filter((each) => each !== item), t("moved.sure", { label: inWords(item.label) }))))),
    ]),
    left.length === 0
      ? h("button.button.quiet", { type: "button", onclick: () => void decide([]) }, t("moved.seen"))
      : left.length > 1 && h("button.button.quiet", { type: "button", onclick: () => letGo([], t("moved.sure_all")) }, t("moved.let_go_all")),
  ].filter((each) => each instanceof HTMLElement);
}

/** @param {Saver} saver @param {Left} item @param {boolean} open it keeps the record from being finished @param {() => void} letGo */
function line(saver, item, open, letGo) {
  const { form, tree } = saver.session;
  const stays = lying(form, item);
  const asked = tree.items.get(item.path)?.hidden === false && item.why !== "calculated";
  const label = inWords(item.label);
  return h("li", { "data-left": item.path, "data-open": open },
    h("p", null, t(`moved.${item.why}`, { label, value: valueOf(item) })),
    item.type.startsWith("file:") && item.value !== "" && picture(item),
    h("p.small", null, t(stays ? "moved.stays" : open ? "moved.again" : "moved.answered")),
    h("div.moved-do", null,
      asked && h("a.button.quiet", { href: `#${encodeURIComponent(item.path)}`, onclick: (event) => go(event, item.path) }, t("moved.go")),
      h("button.button.quiet", { type: "button", onclick: letGo, "aria-label": `${t("moved.let_go")}: ${label}` }, t("moved.let_go"))));
}

/** An answer in words, or why there was none. @param {Left} item @returns {string} */
function valueOf({ value, reason, shown, type }) {
  if (reason) return t(`fill.reason.${reason}`);
  if (type === "trigger") return t("moved.confirmed");
  return type.startsWith("file:") ? t("moved.file") : inWords(shown) || value;
}

/** A text in the language of the page, else in any. @param {Record<string, string>} texts @returns {string} */
export const inWords = (texts) => texts[lang] ?? texts[""] ?? Object.values(texts)[0] ?? "";

/** The photo or recording itself, where this phone has it. @param {Left} item */
function picture({ value }) {
  const place = h("div.upload", null);
  void load(value).then((media) => {
    if (!media) return;
    const src = URL.createObjectURL(media.blob);
    if (media.type.startsWith("image/")) place.append(h("img", { src, alt: t("fill.photo.kept") }));
    else if (media.type.startsWith("audio/")) place.append(h("audio", { src, controls: true }));
  });
  return place;
}

/** @param {Event} event @param {string} path */
function go(event, path) {
  const place = document.querySelector(`.q[data-path="${CSS.escape(path)}"]`);
  if (!(place instanceof HTMLElement) || place.hidden) return;
  event.preventDefault();
  place.scrollIntoView({ block: "center" });
  /** @type {HTMLElement | null} */ (place.querySelector("input:not([type=hidden]), select, textarea"))?.focus({ preventScroll: true });
}
