import { describe, expect, it } from 'vitest'
import type { Libraries } from '../../../src/gateway/libraries.ts'
import { promisedTimes } from '../../../src/gateway/orders/context.ts'
import type { Line, Order } from '../../../src/gateway/orders/order.ts'
import { defaultPolicy } from '../../../src/gateway/orders/policy.ts'
import { chinaHolidays } from '../../../src/kernel/holidays.ts'
import { WorkingTime } from '../../../src/kernel/working-time.ts'

const everyDay = (from: string, to: string): WorkingTime => {
  const span = [[from, to]] as const
  return new WorkingTime({
    zone: 'Asia/Shanghai',
    weekly: { 1: span, 2: span, 3: span, 4: span, 5: span, 6: span, 7: span },
    holidays: chinaHolidays,
    onHoliday: 'as-usual',
  })
}

const collectUntil = (hours: WorkingTime): string => {
  const libraries = {
    get: () => ({ zone: 'Asia/Shanghai', policy: { ...defaultPolicy, pickupDays: 3 } }),
    locker: () => ({ hours }),
  } as unknown as Libraries
  const line = { lockerId: 'one', branchId: 'main' } as Line
  const at = Temporal.Instant.from('2026-11-23T10:00:00+08:00').epochMilliseconds
  const until = promisedTimes(libraries).collectUntil(line, { libraryId: 'gusu' } as Order, at)
  return Temporal.Instant.fromEpochMilliseconds(until).toZonedDateTimeISO('Asia/Shanghai').toString()
}

describe('the end of the pick-up time', () => {
  it('is when the place closes on the last open day', () => {
    expect(collectUntil(everyDay('09:00', '21:00'))).toContain('2026-11-26T21:00:00')
  })

  it('is the last minute of that day where the place never closes', () => {
    expect(collectUntil(everyDay('00:00', '24:00'))).toContain('2026-11-26T23:59:00')
  })
})
