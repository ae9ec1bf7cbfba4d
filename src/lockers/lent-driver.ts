import { no, unreachable } from '../kernel/problem.ts'
import type { LineState, LockerDriver, Sleeps, TellsEvents, TellsLine } from './locker.ts'

/** Extra power: the line can be given away for a while. */
export interface Lendable {
  /** Closes the driver, so that somebody else may speak on the line; the function makes it anew. */
  lend(): Promise<() => void>
}

type Lent = LockerDriver & Partial<TellsLine & TellsEvents>

type Lender = LockerDriver & TellsLine & Partial<TellsEvents & Sleeps> & Lendable

/**
 * A driver that is made again after each lending. While the line is lent everything is refused and nothing sent; whoever
 * hears its cabinets begins anew when it is back. `asleep`: processes take turns at the line; its converter, which may
 * serve one connection only, is left alone until this one is woken.
 */
export const lendable = (make: () => Lent, { asleep = false } = {}): Lender => {
  let driver: Lent | undefined = make()
  let [closed, lent, awake] = [false, false, !asleep]
  const { name } = driver
  const tells = driver.onEvent !== undefined
  const silent: LineState = { up: false, echo: 'unknown', sent: 0, received: 0, stray: 0 }
  const part = async (): Promise<void> => {
    const parted = driver
    driver = undefined
    await parted?.close()
  }
  const meet = (): void => {
    if (!closed && !lent && awake) driver ??= make()
  }
  const gone = () => no(lent ? lineLent : lineAsleep)
  if (asleep) void part()
  return {
    name,
    open: async (...asked) => driver?.open(...asked) ?? gone(),
    read: async (...asked) => driver?.read(...asked) ?? gone(),
    line: () => driver?.line?.() ?? silent,
    ...(tells ? { onEvent: listener => driver?.onEvent?.(listener) ?? (() => {}) } : {}),
    close: async () => {
      closed = true
      await driver?.close()
    },
    ...(asleep
      ? {
          wake: () => {
            awake = true
            meet()
          },
          sleep: () => {
            awake = false
            return part()
          },
        }
      : {}),
    lend: async () => {
      lent = true
      await part()
      return () => {
        lent = false
        meet()
      }
    },
  }
}

const lineAsleep = unreachable('locker-line-asleep', {
  zh: '书柜线路正由另一个进程管理，请稍后再试。',
  en: 'Another process has the line to this locker; try again in a moment.',
})

export const lineLent = unreachable('locker-line-lent', {
  zh: '馆员正在调试这条线路，请稍后再来。',
  en: 'Staff are setting this line up at the moment; please come back a little later.',
})
