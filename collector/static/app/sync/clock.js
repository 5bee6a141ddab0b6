/**
 * Hybrid logical clock: 16 lower-case hexadecimal digits, 12 of milliseconds since 1970 and 4 of counter
 * (docs/data-model.md, "Change"). Text order is clock order.
 */

const COUNTER_LIMIT = 0xffff;

/**
 * @param {number} milliseconds
 * @param {number} counter
 */
function format(milliseconds, counter) {
  return milliseconds.toString(16).padStart(12, "0") + counter.toString(16).padStart(4, "0");
}

/**
 * The next clock of a replica: later than all it has seen, and never before the wall clock.
 * @param {string} seen the latest clock seen, or "" at the start
 * @param {number} now milliseconds since 1970
 * @returns {string}
 */
export function tick(seen, now) {
  const wall = Math.max(0, Math.trunc(now));
  if (seen === "") return format(wall, 0);
  const milliseconds = Number.parseInt(seen.slice(0, 12), 16);
  const counter = Number.parseInt(seen.slice(12), 16);
  if (wall > milliseconds) return format(wall, 0);
  return counter < COUNTER_LIMIT ? format(milliseconds, counter + 1) : format(milliseconds + 1, 0);
}

/**
 * The wall time inside a clock.
 * @param {string} clock
 * @returns {number} milliseconds since 1970
 */
export function milliseconds(clock) {
  return Number.parseInt(clock.slice(0, 12), 16);
}
