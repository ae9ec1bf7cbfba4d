import { misconfigured, ProblemError } from './problem.ts'

/** Named modules of one kind: a repeated name stops the start, an unknown name lists the known ones. */
export class Registry<T extends { readonly name: string }> {
  readonly #kind: string
  readonly #entries = new Map<string, T>()

  constructor(kind: string, entries: readonly T[] = []) {
    this.#kind = kind
    for (const entry of entries) this.add(entry)
  }

  add(entry: T): void {
    if (this.#entries.has(entry.name))
      throw new Error(`two modules of kind ${this.#kind} are named ${entry.name}`)
    this.#entries.set(entry.name, entry)
  }

  get(name: string): T {
    const entry = this.#entries.get(name)
    if (entry) return entry
    const known = [...this.#entries.keys()].sort().join(', ')
    throw new ProblemError(
      misconfigured('unknown-module', {
        zh: `没有名为“${name}”的${this.#kind}；已有：${known}`,
        en: `there is no ${this.#kind} named "${name}"; known: ${known}`,
      }),
    )
  }

  all(): readonly T[] {
    return [...this.#entries.values()]
  }
}
