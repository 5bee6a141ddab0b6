/** Starts of forms that a team brought itself. Twin of `collector/visit/own.py`. */

/**
 * @typedef {object} OwnForm  as the field package has it
 * @property {string} title
 * @property {boolean} [own]                     none of the built-in ones
 * @property {Record<string, string>} [place]    county, township, village: where it asks for them
 */

/**
 * The forms that a team brought, by title.
 * @param {Readonly<Record<string, OwnForm>>} forms by form id
 * @returns {[string, OwnForm][]} form id and form
 */
export function ownForms(forms) {
  return Object.entries(forms).filter(([, form]) => form.own).sort(([a, one], [b, two]) => compare(one.title, two.title) || compare(a, b));
}

/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A start of a form in a village, with the place filled in where the form asks for it.
 * @param {string} id @param {OwnForm} form @param {import("./roster.js").Place} place
 * @returns {import("./roster.js").Start}
 */
export function ownStart(id, { place: paths = {} }, place) {
  /** @type {Record<string, string>} */
  const values = { county: place.county, township: place.township, village: place.village };
  const known = Object.entries(paths).filter(([part]) => values[part]);
  return { form: id, prefill: Object.fromEntries(known.map(([part, path]) => [path, /** @type {string} */ (values[part])])), kind: "" };
}
