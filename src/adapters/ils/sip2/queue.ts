/** Requests of people who wait go before work in the background. */
export type Priority = 'person' | 'work'

/** A bounded line of two priorities: each in order of arrival, people's before work's. */
export class PriorityQueue<T extends { readonly priority: Priority }> {
  readonly #limit: number
  readonly #lines: Readonly<Record<Priority, T[]>> = { person: [], work: [] }

  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#lines.person.length + this.#lines.work.length
  }

  get first(): T | undefined {
    return this.#lines.person[0] ?? this.#lines.work[0]
  }

  all(): T[] {
    return [...this.#lines.person, ...this.#lines.work]
  }

  /**
   * Takes `entry` in and gives what had to stay out: nothing, the entry itself, or the latest work, whose place
   * a person's request takes when the queue is full.
   */
  push(entry: T): T | undefined {
    const out =
      this.size < this.#limit ? undefined : entry.priority === 'person' ? this.#lines.work.pop() : entry
    if (this.size < this.#limit && out !== entry) {
      this.#lines[entry.priority].push(entry)
      return out
    }
    return entry
  }

  /** Whether it was there. */
  remove(entry: T): boolean {
    const line = this.#lines[entry.priority]
    const at = line.indexOf(entry)
    if (at >= 0) line.splice(at, 1)
    return at >= 0
  }
}
