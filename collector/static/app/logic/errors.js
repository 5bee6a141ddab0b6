/** What goes wrong when an expression is worked out. */

/** An expression that has no value: a malformed date or pattern, an unknown function. `number` is the catalogue's. */
export class EvaluationError extends Error {
  /** @param {string} number @param {Record<string, string>} params what its text names */
  constructor(number, params) {
    super(`${number} ${Object.values(params)}`);
    this.number = number;
    this.params = params;
  }
}

/** Whether an error says that the stack is full. @param {unknown} error @returns {boolean} */
export const isTooMuch = (error) => error instanceof Error && /recursion|call stack/.test(error.message);
