/** An instant as whole milliseconds since 1970-01-01T00:00:00Z. All stored times are of this type. */
export type Millis = number

/** Time is passed in; nothing else in the program reads the system's clock or sets a timer. */
export interface Clock {
  now(): Millis
  /** Calls `act` once, `delay` milliseconds from now, soon where that has passed; the returned function cancels it. */
  after(delay: Millis, act: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after: (delay, act) => {
    const timer = setTimeout(act, Math.min(Math.max(0, delay), 2 ** 31 - 1))
    timer.unref()
    return () => clearTimeout(timer)
  },
}

/** Keeps the process from ending while `work` is under way: sockets that come to nothing and our timers hold nothing. */
export const staying = async <T>(work: () => Promise<T>): Promise<T> => {
  const hold = setInterval(() => {}, 2 ** 31 - 1)
  try {
    return await work()
  } finally {
    clearInterval(hold)
  }
}

/** Resolves after `delay` of the clock's own time. */
export const pause = (clock: Clock, delay: Millis): Promise<void> =>
  new Promise(resolve => {
    clock.after(delay, resolve)
  })

interface Timer {
  at: Millis
  order: number
  act: () => void
}

/** A clock that stands still until it is told to advance: ten days run in milliseconds. */
export class ManualClock implements Clock {
  #now: Millis
  #order = 0
  #timers: Timer[] = []

  constructor(start: Millis | string) {
    this.#now = typeof start === 'string' ? Temporal.Instant.from(start).epochMilliseconds : start
  }

  now(): Millis {
    return this.#now
  }

  after(delay: Millis, act: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, delay), order: this.#order++, act }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(t => t !== timer)
    }
  }

  /** Moves on, firing what falls due in order of time; lets promises settle between two timers. */
  async advance(by: Millis): Promise<void> {
    const end = this.#now + by
    for (;;) {
      const next = this.#timers.filter(t => t.at <= end).sort((a, b) => a.at - b.at || a.order - b.order)[0]
      if (!next) break
      this.#timers = this.#timers.filter(t => t !== next)
      this.#now = Math.max(this.#now, next.at)
      next.act()
      await settle()
    }
    this.#now = end
    await settle()
  }

  /** Sets the clock, forward or backward, without firing anything: what an administrator's hand does. */
  jump(to: Millis): void {
    this.#now = to
  }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
