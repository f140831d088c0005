// Random choices that a seed repeats.

export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** From 0 to 1, without 1. (mulberry32) */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** From 0 to `count`, without `count`. */
  below(count) {
    return Math.floor(this.next() * count);
  }

  /** True that often. */
  chance(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.below(list.length)];
  }

  /** One of `[[weight, value], ..]`. */
  weighted(choices) {
    const total = choices.reduce((sum, [weight]) => sum + weight, 0);
    let place = this.next() * total;
    for (const [weight, value] of choices) {
      place -= weight;
      if (place < 0) return value;
    }
    return choices.at(-1)[1];
  }
}
