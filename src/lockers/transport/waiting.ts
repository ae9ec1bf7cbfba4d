import type { Clock, Millis } from '../../kernel/clock.ts'

/** Questions that wait for an answer carrying their id. */
export interface Waiting<T> {
  /** Resolves with what `hear` makes of the answers, with `late` after so long, or with `down`. */
  for(id: string, patience: Millis): Promise<T | 'late' | 'down'>
  /** False: nobody waits for it; it came late, twice, or from nowhere. */
  answer(id: string, value: T): boolean
  /** The other side is at it: wait so long from now. */
  more(id: string, patience: Millis): boolean
  readonly size: number
  down(): void
}

export const createWaiting = <T>(clock: Clock): Waiting<T> => {
  const waiting = new Map<string, { tell(value: T | 'late' | 'down'): void; cancel(): void }>()
  const settle = (id: string, value: T | 'late' | 'down'): boolean => {
    const one = waiting.get(id)
    if (!one) return false
    waiting.delete(id)
    one.cancel()
    one.tell(value)
    return true
  }
  return {
    for: (id, patience) =>
      new Promise(tell => {
        waiting.set(id, { tell, cancel: clock.after(patience, () => settle(id, 'late')) })
      }),
    answer: settle,
    more: (id, patience) => {
      const one = waiting.get(id)
      if (!one) return false
      one.cancel()
      waiting.set(id, { ...one, cancel: clock.after(patience, () => settle(id, 'late')) })
      return true
    },
    get size() {
      return waiting.size
    },
    down: () => {
      for (const id of [...waiting.keys()]) settle(id, 'down')
    },
  }
}
