import type { ManualClock } from '../../src/kernel/clock.ts'

const turnsAStep = 120
const step = 10

/** Turns of the event loop: everything on 127.0.0.1 that is under way arrives. */
export const turns = async (count = turnsAStep): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise<void>(resolve => setImmediate(resolve))
}

/** Moves a standing clock on in small steps beside a real broker and real clients in this process. */
export const brokerTime = (clock: ManualClock) => {
  const pass = async (by: number): Promise<void> => {
    const length = Math.max(step, Math.ceil(by / 200))
    for (let passed = 0; passed < by; passed += length) {
      await turns()
      await clock.advance(Math.min(length, by - passed))
    }
    await turns()
  }
  /** Lets time pass until it holds, in ever longer steps. */
  const reach = async (holds: () => boolean, within = 300_000): Promise<void> => {
    for (let passed = 0, length = step; !holds(); passed += length, length = step + Math.floor(passed / 20)) {
      if (passed > within) throw new Error('what was waited for did not happen')
      await turns()
      if (!holds()) await clock.advance(length)
    }
  }
  /** Lets time pass until the promise is settled. */
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    for (let passed = 0; !settled; passed += step) {
      if (passed > 120_000) throw new Error('nothing came of it in two minutes of the clock')
      await turns()
      if (!settled) await clock.advance(step)
    }
    return promise
  }
  return { pass, reach, during }
}
