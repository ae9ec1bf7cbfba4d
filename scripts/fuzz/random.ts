/** Chance that can be played again: one generator for each case, drawn from the run's seed and the case's number. */
export class Chance {
  #state: number

  constructor(seed: number, number: number) {
    this.#state = (Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b)) >>> 0
    for (let i = 0; i < 4; i++) this.next()
  }

  /** 32 bits (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let t = this.#state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return (t ^ (t >>> 14)) >>> 0
  }
  /** A whole number from 0 up to, not including, `end`. */
  below(end: number): number {
    return this.next() % end
  }
  of<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }
  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0
  }
}
