import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Libraries } from '../libraries.ts'

export interface LinkWatch {
  /** Something of a library's link has changed: told a moment later, and at most every two seconds. */
  changed(libraryId: string): void
  start(): void
  stop(): void
}

const quiet: Millis = 2000
/** What is told of must be saved by then. */
const moment: Millis = 300
const look: Millis = 5000

/** Tells when a library system comes or goes, and when its queue moves, so that pages look again. */
export const watchLinks = (
  clock: Clock,
  libraries: Pick<Libraries, 'all'>,
  ils: (libraryId: string) => Ils,
  publish: (libraryId: string) => void,
): LinkWatch => {
  const states = new Map<string, string>()
  const pending = new Map<string, () => void>()
  const lastTold = new Map<string, Millis>()
  let stopLooking = (): void => {}

  const tell = (libraryId: string): void => {
    pending.delete(libraryId)
    lastTold.set(libraryId, clock.now())
    publish(libraryId)
  }
  const changed = (libraryId: string): void => {
    if (pending.has(libraryId)) return
    const wait = (lastTold.get(libraryId) ?? Number.NEGATIVE_INFINITY) + quiet - clock.now()
    const due = Math.max(moment, wait)
    pending.set(
      libraryId,
      clock.after(due, () => tell(libraryId)),
    )
  }
  const lookAround = (): void => {
    for (const { id } of libraries.all()) {
      const { state, link } = ils(id).health()
      const now = `${state} ${link?.breaker ?? ''}`
      if ((states.get(id) ?? now) !== now) changed(id)
      states.set(id, now)
    }
    stopLooking = clock.after(look, lookAround)
  }
  return {
    changed,
    start: lookAround,
    stop: () => {
      stopLooking()
      for (const cancel of pending.values()) cancel()
      pending.clear()
    },
  }
}
