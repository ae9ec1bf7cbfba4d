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

const zone = 'Asia/Shanghai'
const librariesWith = (hours: WorkingTime): Libraries =>
  ({
    get: () => ({ zone, policy: { ...defaultPolicy, pickupDays: 3 } }),
    locker: () => ({ hours }),
  }) as unknown as Libraries
const line = { lockerId: 'one', branchId: 'main' } as Line
const order = { libraryId: 'gusu' } as Order
const millis = (text: string): number => Temporal.Instant.from(`${text}+08:00`).epochMilliseconds
const said = (at: number): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: 'never', offset: 'never', smallestUnit: 'minute' })

/** Of an item that lies ready from that moment. */
const collectUntil = (hours: WorkingTime, from = '2026-11-23T10:00:00'): string =>
  said(promisedTimes(librariesWith(hours)).collectUntil(line, order, millis(from)))
const closingFrom = (hours: WorkingTime, at: string): string =>
  said(promisedTimes(librariesWith(hours)).closingFrom(line, order, millis(at)))

/** Closed on Mondays and on public holidays; open till five on Sundays; shut for the day of stock-taking. */
const branchLike = (holidays = chinaHolidays): WorkingTime => {
  const day = [['09:00', '20:00']] as const
  return new WorkingTime({
    zone,
    weekly: { 1: [], 2: day, 3: day, 4: day, 5: day, 6: day, 7: [['09:00', '17:00']] },
    holidays,
    exceptions: { '2026-11-26': [], '2026-11-28': [['13:00', '15:30']] },
  })
}

describe('the end of the pick-up time', () => {
  it('is when the place closes on the last open day', () => {
    expect(collectUntil(everyDay('09:00', '21:00'))).toBe('2026-11-26T21:00')
  })

  it('is the last minute of that day where the place never closes', () => {
    expect(collectUntil(everyDay('00:00', '24:00'))).toBe('2026-11-26T23:59')
  })

  it('counts open days only: not the closed day of the week, nor one shut by exception, and ends early where the day does', () => {
    expect(collectUntil(branchLike(), '2026-11-21T15:00:00')).toBe('2026-11-25T20:00')
    expect(collectUntil(branchLike(), '2026-11-25T15:00:00')).toBe('2026-11-29T17:00')
    expect(collectUntil(branchLike(), '2026-11-24T21:30:00')).toBe('2026-11-29T17:00')
    expect(collectUntil(branchLike(), '2026-11-24T15:00:00')).toBe('2026-11-28T15:30')
  })

  it('is never in a holiday in which the place is closed, and is in one in which it is open', () => {
    expect(collectUntil(branchLike(), '2026-09-29T15:00:00')).toBe('2026-10-09T20:00')
    expect(collectUntil(everyDay('09:00', '21:00'), '2026-09-30T15:00:00')).toBe('2026-10-03T21:00')
  })
})

describe('the closing time to which an outage moves it', () => {
  it('is that of the same day, or of the next open one', () => {
    const hours = everyDay('09:00', '21:00')
    expect(closingFrom(hours, '2026-11-27T10:00:00')).toBe('2026-11-27T21:00')
    expect(closingFrom(hours, '2026-11-27T21:00:00')).toBe('2026-11-27T21:00')
    expect(closingFrom(hours, '2026-11-27T21:00:01')).toBe('2026-11-28T21:00')
    expect(closingFrom(hours, '2026-11-27T03:00:00')).toBe('2026-11-27T21:00')
    expect(closingFrom(branchLike(), '2026-11-25T20:30:00')).toBe('2026-11-27T20:00')
    expect(closingFrom(branchLike(), '2026-10-01T12:00:00')).toBe('2026-10-08T20:00')
  })

  it('is the end of the day where the place never closes', () => {
    const hours = everyDay('00:00', '24:00')
    expect(closingFrom(hours, '2026-11-27T10:00:00')).toBe('2026-11-27T23:59')
    expect(closingFrom(hours, '2026-11-27T23:59:30')).toBe('2026-11-28T23:59')
  })
})
