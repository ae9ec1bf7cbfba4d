import type { Clock, Millis } from '../../kernel/clock.ts'

/** Lets a caller wait until something is true of the orders, looking again at every change. */
export const createWatch = (clock: Clock, patience: Millis) => {
  const waiting = new Set<() => void>()
  return {
    changed: (): void => {
      for (const look of waiting) look()
    },
    /** Resolves when it is true, or when the patience is over. */
    until: async (isTrue: () => Promise<boolean>): Promise<void> => {
      if (patience <= 0) return
      let over = false
      const end = Promise.withResolvers<void>()
      const cancel = clock.after(patience, () => {
        over = true
        end.resolve()
      })
      try {
        for (;;) {
          const change = Promise.withResolvers<void>()
          waiting.add(change.resolve)
          try {
            if (over || (await isTrue())) return
            await Promise.race([change.promise, end.promise])
          } finally {
            waiting.delete(change.resolve)
          }
        }
      } finally {
        cancel()
      }
    },
  }
}
