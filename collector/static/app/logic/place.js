/** Reading an answer by the name of its question. Twin of `find` and `place_of` in `collector/visit/roster.py`. */

/**
 * The answer of the question `name` outside repeats; "" when there is none. Forms never give a name twice.
 * @param {Readonly<Record<string, string>>} answers flat map
 * @param {string} name
 */
export function find(answers, name) {
  const ending = `/${name}`;
  for (const [path, value] of Object.entries(answers)) {
    if (path.endsWith(ending) && !path.includes("[")) return value;
  }
  return "";
}

/**
 * The village that a record belongs to: its `village_code`, asked or worked out from the employer.
 * @param {Readonly<Record<string, string>>} answers flat map
 * @returns {string} village code, "" when the record names none
 */
export function placeOf(answers) {
  return find(answers, "village_code");
}
