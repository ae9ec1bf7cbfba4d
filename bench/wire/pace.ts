/** Latencies in milliseconds. */
export interface Latency {
  readonly p50: number
  readonly p99: number
  readonly count: number
  /** A second, over the whole time. */
  readonly rate: number
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0

const latencyOf = (taken: readonly number[], seconds: number): Latency => {
  const sorted = taken.toSorted((a, b) => a - b)
  return { p50: at(sorted, 0.5), p99: at(sorted, 0.99), count: taken.length, rate: taken.length / seconds }
}

/** As many at once as there are `workers`, each asking again as soon as it is answered. */
export const flatOut = async <T>(
  workers: readonly T[],
  seconds: number,
  ask: (worker: T) => Promise<unknown>,
): Promise<Latency> => {
  const taken: number[] = []
  const begun = performance.now()
  const end = begun + seconds * 1000
  await Promise.all(
    workers.map(async worker => {
      for (let now = performance.now(); now < end; ) {
        await ask(worker)
        const then = performance.now()
        taken.push(then - now)
        now = then
      }
    }),
  )
  return latencyOf(taken, (performance.now() - begun) / 1000)
}

/**
 * So many a second, evenly, whether or not the earlier ones have been answered; each is timed from the moment it
 * was due, so that a stall counts against all who had to wait for its end. A request takes a free worker, or waits
 * for one.
 */
export const atRate = async <T>(
  workers: readonly T[],
  perSecond: number,
  seconds: number,
  ask: (worker: T, number: number) => Promise<unknown>,
): Promise<Latency> => {
  const free = [...workers]
  const due: number[] = []
  const taken: number[] = []
  const total = Math.round(perSecond * seconds)
  const begun = performance.now()
  let issued = 0
  let started = 0
  let failed: unknown
  await new Promise<void>((resolve, reject) => {
    const run = (worker: T): void => {
      const since = due.shift()
      if (since === undefined) {
        free.push(worker)
        return
      }
      ask(worker, started++).then(() => {
        taken.push(performance.now() - since)
        if (taken.length === total) resolve()
        run(worker)
      }, reject)
    }
    const tick = (): void => {
      const now = performance.now()
      for (; issued < total && begun + (issued * 1000) / perSecond <= now; issued++)
        due.push(begun + (issued * 1000) / perSecond)
      while (due.length > 0 && free.length > 0) run(free.shift()!)
      if (issued < total && failed === undefined) setTimeout(tick, 1)
    }
    tick()
  })
  return latencyOf(taken, (performance.now() - begun) / 1000)
}
