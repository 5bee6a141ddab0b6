/** Building pages: elements, texts of the catalogue, icons, times. Text is only ever set as text. */

/** Read when the first text is wanted: scripts may start before the page is whole. @type {Record<string, string> | undefined} */
let texts;

/** @returns {Record<string, string>} */
const catalogue = () => (texts ??= JSON.parse(document.getElementById("catalogue")?.textContent ?? "{}"));

/** The language of this page, "zh" or "en". */
export const lang = document.documentElement.dataset.lang === "en" ? "en" : "zh";

/**
 * The text of a key; `{name}` is filled from `params`. A key without a text is a fault that tests look for.
 * @param {string} key @param {Record<string, string | number>} [params]
 */
export function t(key, params = {}) {
  const text = catalogue()[key];
  if (text === undefined) throw new Error(`no text for ${key}`);
  return text.replace(/\{(\w+)\}/g, (_, name) => String(params[name] ?? ""));
}

/** @param {string} key */
export const hasText = (key) => key in catalogue();

/** The text of `key.one` or `key.other`. @param {string} key @param {number} n */
export const tn = (key, n) => t(`${key}.${n === 1 ? "one" : "other"}`, { n });

/**
 * What waits to be sent: records and files are different things, so each is counted with its name.
 * @param {number} records @param {number} files
 */
export function waitingText(records, files) {
  const parts = [records > 0 && tn("phone.waiting_records", records), files > 0 && tn("phone.waiting_files", files)];
  return t("phone.waiting_what", { what: parts.filter(Boolean).join(t("phone.and")) });
}

/** @typedef {Node | string | null | undefined | false} Child */

/**
 * An element: attributes by name; a function is listened to (`onclick`), `false` leaves the attribute out.
 * @param {string} tag tag and classes, such as "span.chip.received"
 * @param {Record<string, string | boolean | ((event: Event) => void)> | null} attributes
 * @param {...(Child | Child[])} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(/** @type {string} */ (name));
  if (classes.length > 0) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** @type {Record<string, string>} */
const PATHS = {
  back: "m15 5-7 7 7 7",
  check: "m5 12.5 4.5 4.5L19 7.5",
  clock: "M12 3.5a8.5 8.5 0 1 0 .01 0M12 7v5.2l3.3 2",
  go: "m9 5 7 7-7 7",
  pen: "m4.5 19.5.9-4L16 4.9a1.7 1.7 0 0 1 2.4 0l.7.7a1.7 1.7 0 0 1 0 2.4L8.5 18.6z",
  plus: "M12 5v14M5 12h14",
  search: "M10.5 4a6.5 6.5 0 1 0 .01 0M15.5 15.5l5 5",
  villages: "M3 11.5 12 4l9 7.5M5.5 10v9.5h13V10M10 19.5v-5h4v5",
  warn: "M12 4 2.8 19.5h18.4zM12 10v4.2M12 16.8v.2",
};

/** A drawn sign; decorative, the words stand beside it. @param {keyof typeof PATHS & string} name @param {string} [extra] */
export function icon(name, extra = "") {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(svg.namespaceURI, "path");
  path.setAttribute("d", /** @type {string} */ (PATHS[name]));
  svg.append(path);
  return svg;
}

/** @param {string} iso */
export function when(iso) {
  const format = new Intl.DateTimeFormat(lang === "zh" ? "zh-CN" : "en-GB", { dateStyle: "medium", timeStyle: "short" });
  return h("time", { datetime: iso }, format.format(new Date(iso)));
}

/** A small mark of state: always a sign and words. @param {string} kind @param {string} sign @param {string} text */
export const chip = (kind, sign, text) => h(`span.chip.${kind}`, null, icon(sign), text);

const SIGNS = /** @type {Record<string, string>} */ ({
  received: "check", approved: "check", edited: "pen", has_issues: "warn", rejected: "warn",
});

/** What the hub says of a record. @param {string} review */
export const reviewChip = (review) => (review ? chip(review, SIGNS[review] ?? "clock", t(`review.${review}`)) : null);

/**
 * Where a record stands, in words: waiting here, refused, or received by the hub and what it says.
 * @param {{standing: string, review: string}} record
 */
export function standingChip({ standing, review }) {
  if (standing === "waiting") return chip("waiting", "clock", t("state.waiting"));
  if (standing === "refused") return chip("refused", "warn", t("state.refused"));
  return reviewChip(review || "received");
}

/** @param {string} code result of a visit */
export const resultText = (code) => (hasText(`result.${code}`) ? t(`result.${code}`) : code);

/** Titles of the forms that the hub hands out, by form id. @type {Readonly<Record<string, {title?: string}>>} */
let handedOut = {};

/** Forms that have no name in the catalogue are called as the field package calls them. @param {typeof handedOut} forms */
export function callForms(forms) {
  handedOut = forms;
}

/** @param {string} form */
export const formName = (form) => (hasText(`form.${form}`) ? t(`form.${form}`) : handedOut[form]?.title || form);
