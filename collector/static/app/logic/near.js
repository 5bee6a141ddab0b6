/** Units offered as choices: those of the record's own village first. Twin of `near_first` in `collector/entities.py`. */

/** Digits of a village code that name its township. */
const TOWNSHIP = 9;

/**
 * The choices, those of the village first, then of its township, then the rest; within each as they were.
 * @param {[string, string][]} choices value and label
 * @param {readonly Readonly<Record<string, string>>[]} rows  of the list they come from; without `village_code` nothing moves
 * @param {string} value    column with the value of a choice
 * @param {string} village  code, "" when it is not known
 * @returns {[string, string][]}
 */
export function nearFirst(choices, rows, value, village) {
  if (village === "" || !rows.some((row) => row.village_code)) return choices;
  const places = new Map(rows.map((row) => [row[value], row.village_code ?? ""]));
  /** @param {string} unit */
  const distance = (unit) => {
    const place = places.get(unit) ?? "";
    return place === village ? 0 : place.slice(0, TOWNSHIP) === village.slice(0, TOWNSHIP) ? 1 : 2;
  };
  return [...choices].sort(([a], [b]) => distance(a) - distance(b));
}
