import type { Clock, Millis } from '../../kernel/clock.ts'

/** Ids seen lately, so that a packet delivered twice counts once; bounded in number and in time. */
export interface Seen {
  /** True the first time. */
  first(id: string): boolean
}

export const createSeen = (clock: Pick<Clock, 'now'>, room: number, life: Millis): Seen => {
  const seen = new Map<string, Millis>()
  return {
    first: id => {
      const now = clock.now()
      const before = seen.get(id)
      if (before !== undefined && now - before <= life) return false
      seen.delete(id)
      seen.set(id, now)
      for (const [oldest, at] of seen) {
        if (seen.size <= room && now - at <= life) break
        seen.delete(oldest)
      }
      return true
    },
  }
}
