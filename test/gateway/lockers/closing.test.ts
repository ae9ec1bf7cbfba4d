import { describe, expect, it } from 'vitest'
import { closesSoon } from '../../../src/gateway/lockers/closing.ts'
import { noHolidays } from '../../../src/kernel/holidays.ts'
import { type Hours, WorkingTime } from '../../../src/kernel/working-time.ts'

const at = (text: string): number => Date.parse(`${text}+08:00`)
const daily = (hours: readonly Hours[], exceptions = {}) =>
  new WorkingTime({
    zone: 'Asia/Shanghai',
    holidays: noHolidays,
    weekly: Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map(day => [day, hours])),
    exceptions,
  })

describe('a building that closes soon', () => {
  it('is told from half an hour before until it closes', () => {
    const hours = daily([['09:00', '21:00']])
    expect(closesSoon(hours, at('2026-11-23T20:29:59'))).toBe(undefined)
    expect(closesSoon(hours, at('2026-11-23T20:30:00'))).toBe(at('2026-11-23T21:00:00'))
    expect(closesSoon(hours, at('2026-11-23T20:59:59'))).toBe(at('2026-11-23T21:00:00'))
    expect(closesSoon(hours, at('2026-11-23T21:00:00'))).toBe(undefined)
  })

  it('closes for lunch, and early on a day with hours of its own', () => {
    const hours = daily(
      [
        ['09:00', '12:00'],
        ['13:00', '21:00'],
      ],
      { '2026-11-24': [['09:00', '10:00']], '2026-11-25': [] },
    )
    expect(closesSoon(hours, at('2026-11-23T11:45:00'))).toBe(at('2026-11-23T12:00:00'))
    expect(closesSoon(hours, at('2026-11-24T09:40:00'))).toBe(at('2026-11-24T10:00:00'))
    expect(closesSoon(hours, at('2026-11-25T11:45:00'))).toBe(undefined)
  })

  it('is none that is open day and night, except before a closed day', () => {
    const hours = daily([['00:00', '24:00']], { '2026-11-25': [] })
    expect(closesSoon(hours, at('2026-11-23T23:50:00'))).toBe(undefined)
    expect(closesSoon(hours, at('2026-11-24T23:50:00'))).toBe(at('2026-11-25T00:00:00'))
  })
})
