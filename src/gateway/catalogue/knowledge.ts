import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Store } from '../store/db.ts'
import { type CopyKnowledge, keepKnowledge } from './record.ts'

export interface KnowledgeParts {
  readonly store: Store
  /** Measures the pause between two writes. */
  readonly wire: Pick<Clock, 'after'>
  readonly log: Pick<Log, 'warn'>
}

/** Keeps what library systems say about copies, without anybody waiting for it. */
export interface Knowledge {
  note(learned: readonly CopyKnowledge[]): void
  /** Writes what has not been written yet. */
  close(): Promise<void>
}

/**
 * What is learned in this time is written together; a search may be behind by as much. Everybody else waits while
 * it is written: longer pauses would make for longer waits.
 */
const pause: Millis = 250

/** The first word after a quiet time is written at once; what comes soon after it goes together with the next write. */
export const createKnowledge = ({ store, wire, log }: KnowledgeParts): Knowledge => {
  const waiting = new Map<string, CopyKnowledge>()
  let writing = Promise.resolve()
  let resting: (() => void) | undefined

  const write = (): void => {
    resting = undefined
    if (waiting.size === 0) return
    const learned = [...waiting.values()]
    waiting.clear()
    resting = wire.after(pause, write)
    const written = store
      .tx(tx => keepKnowledge(tx, learned))
      .catch(error => log.warn({ error: String(error) }, 'what is known of copies could not be kept'))
    writing = Promise.all([writing, written]).then(() => {})
  }
  return {
    note: learned => {
      for (const known of learned) {
        const key = `${known.libraryId}\n${known.barcode}`
        const other = waiting.get(key)
        if (!other || other.at <= known.at) waiting.set(key, known)
      }
      if (!resting) write()
    },
    close: async () => {
      resting?.()
      write()
      resting?.()
      await writing
    },
  }
}
