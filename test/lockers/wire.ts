import type { ManualClock } from '../../src/kernel/clock.ts'
import { until } from '../harness/until.ts'

interface Ear {
  traffic(): { readonly sent: number; readonly received: number }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/**
 * Moves a standing clock on beside real sockets: a millisecond at a time, and only when every byte that was sent
 * has arrived. So a board's 20 ms are 20 ms of the clock however slow the machine is.
 */
export const wireTime = (clock: ManualClock, near: Ear, far: Ear) => {
  const quiet = async (): Promise<void> => {
    for (let turns = 0; turns < 400; turns++) {
      const [here, there] = [near.traffic(), far.traffic()]
      if (here.sent === there.received && here.received === there.sent) return
      await turn()
    }
  }
  const pass = async (by: number): Promise<void> => {
    for (let passed = 0; passed < by; passed++) {
      await quiet()
      await clock.advance(1)
    }
    await quiet()
  }
  /** Lets time pass until the promise is settled. */
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    for (let passed = 0; !settled; passed++) {
      if (passed > 120_000) throw new Error('nothing came of it in two minutes of the clock')
      await pass(1)
    }
    return promise
  }
  return { pass, during, until }
}
