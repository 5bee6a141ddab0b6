/** Places in the order of dependency that wait to be computed, each once, the first first (a binary heap). */

export class Waiting {
  /** @type {number[]} */
  #heap = [];
  /** @type {Set<number>} */
  #held = new Set();

  /** @param {number} place */
  add(place) {
    if (this.#held.has(place)) return;
    this.#held.add(place);
    const heap = this.#heap;
    let at = heap.push(place) - 1;
    for (let above = (at - 1) >> 1; at > 0 && heap[above] > place; above = (at - 1) >> 1) {
      heap[at] = heap[above];
      at = above;
    }
    heap[at] = place;
  }

  /** The first of them, taken out; undefined when none waits. @returns {number | undefined} */
  take() {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    this.#held.delete(first);
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  /** Puts a place where the first was, and lower until it stands before those below it. @param {number} place */
  #sink(place) {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      if (below + 1 < heap.length && heap[below + 1] < heap[below]) below += 1;
      if (below >= heap.length || heap[below] >= place) break;
      heap[at] = heap[below];
      at = below;
    }
    heap[at] = place;
  }
}
