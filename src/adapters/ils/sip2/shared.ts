import { type Field, field } from './codec.ts'
import type { AcsStatus } from './status.ts'

/** What the connections to one library system know together. */
export interface Shared {
  /** The latest 98, on whichever connection it came. */
  readonly status: AcsStatus | undefined
  /** Told every 98; `asked` when it answers our 99 or stands in place of an answer. */
  told(status: AcsStatus, asked: boolean): void
  readonly names: Names
}

const mostNames = 500

/**
 * Names of the readers met lately, by card: a refusal may name a reader though neither the request nor the
 * answer has the name in a field of its own. Kept in memory only, to mask by.
 */
export class Names {
  readonly #names = new Map<string, string>()

  learn(fields: readonly Field[]): void {
    const card = field({ fields }, 'AA')?.trim()
    const name = field({ fields }, 'AE')?.trim()
    if (!card || !name) return
    this.#names.delete(card)
    this.#names.set(card, name)
    if (this.#names.size > mostNames) this.#names.delete(this.#names.keys().next().value!)
  }

  /** The fields, and the name that belongs to their card. */
  with(fields: readonly Field[]): readonly Field[] {
    const card = field({ fields }, 'AA')?.trim()
    const name = card === undefined ? undefined : this.#names.get(card)
    return name === undefined ? fields : [...fields, ['AE', name]]
  }
}
