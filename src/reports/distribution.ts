/**
 * A distribution in constant memory: values are kept in bins of 0.1 % relative width (and exactly while they are
 * few), so that a million lines need no more room than a thousand. The maximum is exact.
 */
export class Distribution {
  #exact: number[] | null = []
  readonly #bins = new Map<number, number>()
  #count = 0
  #max: number | null = null

  get count(): number {
    return this.#count
  }

  get max(): number | null {
    return this.#max
  }

  add(value: number): void {
    this.#count += 1
    this.#max = this.#max === null ? value : Math.max(this.#max, value)
    const bin = binOf(value)
    this.#bins.set(bin, (this.#bins.get(bin) ?? 0) + 1)
    this.#exact?.push(value)
    if (this.#exact && this.#exact.length > 5000) this.#exact = null
  }

  /** Nearest-rank quantile, 0 < q <= 1; null when there is nothing. */
  quantile(q: number): number | null {
    if (this.#count === 0) return null
    const rank = Math.max(1, Math.ceil(q * this.#count))
    if (this.#exact) return [...this.#exact].sort((a, b) => a - b)[rank - 1]!
    let seen = 0
    for (const bin of [...this.#bins.keys()].sort((a, b) => a - b)) {
      seen += this.#bins.get(bin)!
      if (seen >= rank) return Math.min(valueAt(bin), this.#max!)
    }
    return this.#max
  }
}

const width = Math.log(1.001)
const binOf = (value: number): number =>
  value <= 0 ? Number.MIN_SAFE_INTEGER : Math.round(Math.log(value) / width)
const valueAt = (bin: number): number => (bin === Number.MIN_SAFE_INTEGER ? 0 : Math.exp(bin * width))
