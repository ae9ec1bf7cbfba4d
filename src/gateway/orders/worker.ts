import type { Millis } from '../../kernel/clock.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import { claim, endLeases, queuesDue } from '../store/outbox.ts'
import { type PerformDeps, perform } from './perform.ts'
import { fireTimers } from './timer-loop.ts'

export interface WorkerOptions extends PerformDeps {
  readonly log?: Log
  /** How long a claim lasts; must exceed the longest deadline of any party, with the questions before and after. */
  readonly lease?: Millis
  /** How often it looks without being woken. */
  readonly poll?: Millis
  /** Effects of one queue in work at once. */
  readonly concurrency?: number | ((queue: string) => number)
  /** No other process works on this store: what a dead one held is taken over at once. */
  readonly alone?: boolean
}

/** Performs effects and fires timers. Each queue has hands of its own, so that a dead party slows only itself. */
export interface Worker {
  start(): Promise<void>
  /** There is something new to do. */
  wake(): void
  /** Works until nothing is due now. For tests and for draining; throws what a boundary throws. */
  untilIdle(): Promise<void>
  /** Takes nothing new and waits for what is under way. */
  stop(): Promise<void>
}

export const createWorker = (options: WorkerOptions): Worker => {
  const { store, clock, log = noLog, poll = 1000 } = options
  const queues = new Map<string, Promise<number>>()
  let running = false
  let stopping = false
  let again = false
  let turning: Promise<void> | undefined
  let cancelPoll = (): void => {}

  const complain = (thrown: unknown): void =>
    log.error({ problem: thrown instanceof Error ? thrown.message : String(thrown) }, 'order worker stumbled')

  const turn = async (): Promise<void> => {
    do {
      again = false
      await look().then(fired => {
        again ||= fired > 0
      }, complain)
    } while (again && running)
  }
  const begin = (): void => {
    if (!running) return
    cancelPoll()
    turning ??= turn().finally(() => {
      turning = undefined
      if (running) cancelPoll = clock.after(poll, begin)
    })
  }
  const wake = (): void => {
    again = true
    begin()
  }

  /** One look around: sets hands to every queue with something due, and fires timers; how many fired. */
  const look = async (): Promise<number> => {
    const fired = await fireTimers(options, clock.now(), log)
    for (const queue of await queuesDue(store.db, clock.now())) {
      if (queues.has(queue)) continue
      const work = drain(options, queue, () => !stopping).finally(() => queues.delete(queue))
      // What is due but waits for another effect of its sequence gives no work, and must not wake us again.
      work.then(performed => {
        if (performed > 0) wake()
      }, complain)
      queues.set(queue, work)
    }
    return fired
  }

  return {
    start: async () => {
      if (options.alone) await store.tx(endLeases)
      stopping = false
      running = true
      begin()
    },
    wake,
    untilIdle: async () => {
      for (;;) {
        const fired = await look()
        const performed = await Promise.all(queues.values())
        if (fired === 0 && performed.every(count => count === 0)) return
      }
    },
    stop: async () => {
      running = false
      stopping = true
      cancelPoll()
      await turning
      await Promise.allSettled(queues.values())
    },
  }
}

/** Works one queue off: as soon as a hand is free it takes the next effect. How many there were. */
const drain = async (options: WorkerOptions, queue: string, goOn: () => boolean): Promise<number> => {
  const limit =
    typeof options.concurrency === 'function' ? options.concurrency(queue) : (options.concurrency ?? 4)
  const hands = new Set<Promise<unknown>>()
  const failures: unknown[] = []
  let performed = 0
  for (;;) {
    const free = limit - hands.size
    const claims = failures.length > 0 || free <= 0 || !goOn() ? [] : await take(options, queue, free)
    for (const claimed of claims) {
      const work: Promise<unknown> = perform(options, claimed)
        .catch(thrown => failures.push(thrown))
        .finally(() => hands.delete(work))
      hands.add(work)
      performed += 1
    }
    if (hands.size === 0) break
    await Promise.race(hands)
  }
  if (failures.length > 0) throw failures[0]
  return performed
}

const take = async (
  { store, clock, boundary, lease = 10 * 60_000 }: WorkerOptions,
  queue: string,
  limit: number,
) => {
  await boundary(`before claim ${queue}`)
  const claims = await claim(store, { queue, limit, lease }, clock.now())
  if (claims.length > 0) await boundary(`claimed ${queue}`)
  return claims
}
