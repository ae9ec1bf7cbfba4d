import { no, unreachable } from '../kernel/problem.ts'
import type { LineState, LockerDriver, TellsEvents, TellsLine } from './locker.ts'

/** Extra power: the line can be given away for a while. */
export interface Lendable {
  /** Closes the driver, so that somebody else may speak on the line; the function makes it anew. */
  lend(): Promise<() => void>
}

type Lent = LockerDriver & Partial<TellsLine & TellsEvents>

/**
 * A driver that is made again after each lending. While the line is lent everything is refused and nothing sent; whoever
 * hears its cabinets begins anew when it is back.
 */
export const lendable = (make: () => Lent): LockerDriver & TellsLine & Partial<TellsEvents> & Lendable => {
  let driver: Lent | undefined = make()
  let closed = false
  const { name } = driver
  const silent: LineState = { up: false, echo: 'unknown', sent: 0, received: 0, stray: 0 }
  return {
    name,
    open: async (...asked) => driver?.open(...asked) ?? no(lineLent),
    read: async (...asked) => driver?.read(...asked) ?? no(lineLent),
    line: () => driver?.line?.() ?? silent,
    ...(driver.onEvent ? { onEvent: listener => driver?.onEvent?.(listener) ?? (() => {}) } : {}),
    close: async () => {
      closed = true
      await driver?.close()
    },
    lend: async () => {
      const lent = driver
      driver = undefined
      await lent?.close()
      return () => {
        if (!closed) driver ??= make()
      }
    },
  }
}

export const lineLent = unreachable('locker-line-lent', {
  zh: '馆员正在调试这条线路，请稍后再来。',
  en: 'Staff are setting this line up at the moment; please come back a little later.',
})
