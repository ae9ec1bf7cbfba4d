/**
 * One after the other for each key, within this process. A rush on one row would let serializable transactions
 * knock each other out; with turns only other processes compete.
 */
export const createTurns = () => {
  const tails = new Map<string, Promise<unknown>>()
  return {
    run: async <T>(key: string, act: () => Promise<T>): Promise<T> => {
      const before = tails.get(key) ?? Promise.resolve()
      const mine = before.then(act, act)
      const settled = mine.catch(() => {})
      tails.set(key, settled)
      try {
        return await mine
      } finally {
        if (tails.get(key) === settled) tails.delete(key)
      }
    },
    waiting: (): number => tails.size,
  }
}
