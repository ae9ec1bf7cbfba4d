import { existsSync, readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chinaHolidays, noHolidays, withNotices } from '../../src/kernel/holidays.ts'
import { type CalendarSpec, WorkingTime } from '../../src/kernel/working-time.ts'

const at = (text: string): number =>
  Temporal.PlainDateTime.from(text).toZonedDateTime('Asia/Shanghai').epochMilliseconds
const text = (millis: number): string =>
  Temporal.Instant.fromEpochMilliseconds(millis)
    .toZonedDateTimeISO('Asia/Shanghai')
    .toPlainDateTime()
    .toString()

const nineToFive = [['09:00', '17:00']] as const
const office: CalendarSpec = {
  zone: 'Asia/Shanghai',
  weekly: { 1: nineToFive, 2: nineToFive, 3: nineToFive, 4: nineToFive, 5: nineToFive },
  holidays: chinaHolidays,
}
const closedMondays: CalendarSpec = {
  zone: 'Asia/Shanghai',
  weekly: { 2: nineToFive, 3: nineToFive, 4: nineToFive, 5: nineToFive, 6: nineToFive, 7: nineToFive },
  holidays: chinaHolidays,
  onHoliday: 'as-usual',
}

describe('deadline of n working days', () => {
  const deadline = (spec: CalendarSpec, from: string, days: number) =>
    text(new WorkingTime(spec).deadline(at(from), days))

  it('goes one open day forward at the same wall-clock time', () => {
    expect(deadline(office, '2026-11-24T10:30:00', 1)).toBe('2026-11-25T10:30:00')
    expect(deadline(office, '2026-11-27T10:30:00', 1)).toBe('2026-11-30T10:30:00')
  })
  it('starts at the next opening when the point is closed', () => {
    expect(deadline(office, '2026-11-24T18:00:00', 1)).toBe('2026-11-26T09:00:00')
    expect(deadline(office, '2026-11-24T17:00:00', 1)).toBe('2026-11-26T09:00:00')
    expect(deadline(office, '2026-11-28T12:00:00', 3)).toBe('2026-12-03T09:00:00')
  })
  it('counts from after the holiday week for an order at 23:59 before it', () => {
    // The National Day holiday of 2026 is 1..7 October; 10 October (Saturday) is a make-up workday.
    expect(deadline(office, '2026-09-30T23:59:00', 1)).toBe('2026-10-09T09:00:00')
    expect(deadline(office, '2026-09-30T23:59:00', 3)).toBe('2026-10-12T09:00:00')
  })
  it('works on a make-up Saturday with the hours of the working week', () => {
    const time = new WorkingTime(office)
    expect(time.isOpen(at('2026-10-10T10:00:00'))).toBe(true)
    expect(time.isOpen(at('2026-10-10T17:30:00'))).toBe(false)
    expect(deadline(office, '2026-10-09T16:00:00', 1)).toBe('2026-10-10T16:00:00')
  })
  it('leaves out the closed Mondays of a branch and keeps its weekends', () => {
    expect(deadline(closedMondays, '2026-11-22T15:00:00', 1)).toBe('2026-11-24T15:00:00')
    expect(deadline(closedMondays, '2026-11-23T10:00:00', 1)).toBe('2026-11-25T09:00:00')
  })
  it('clamps to the nearest moment inside the hours of the day it falls on', () => {
    const shortFriday = { ...office, weekly: { ...office.weekly, 5: [['09:00', '12:00']] as const } }
    expect(deadline(shortFriday, '2026-11-26T16:00:00', 1)).toBe('2026-11-27T12:00:00')
    const lunch = {
      ...office,
      weekly: {
        ...office.weekly,
        5: [
          ['09:00', '12:00'],
          ['14:00', '17:00'],
        ] as const,
      },
    }
    expect(deadline(lunch, '2026-11-26T13:30:00', 1)).toBe('2026-11-27T14:00:00')
    expect(deadline(lunch, '2026-11-26T12:30:00', 1)).toBe('2026-11-27T12:00:00')
  })
  it('skips a day closed by an exception', () => {
    const spec = { ...office, exceptions: { '2026-11-25': [] } }
    expect(deadline(spec, '2026-11-24T10:00:00', 1)).toBe('2026-11-26T10:00:00')
  })
})

describe('elapsed working days', () => {
  it('divides open seconds by those of the standard day', () => {
    const time = new WorkingTime(office)
    expect(time.standardDaySeconds).toBe(8 * 3600)
    expect(time.elapsedDays(at('2026-11-24T16:00:00'), at('2026-11-25T10:00:00'))).toBe(0.25)
    expect(time.elapsedDays(at('2026-11-27T16:00:00'), at('2026-11-30T10:00:00'))).toBe(0.25)
  })
  it('leaves out the hours of an emergency closure', () => {
    const closures = [{ from: at('2026-11-24T10:00:00'), to: at('2026-11-24T14:00:00') }]
    const time = new WorkingTime({ ...office, closures })
    expect(time.openSeconds(at('2026-11-24T09:00:00'), at('2026-11-24T17:00:00'))).toBe(4 * 3600)
    expect(time.isOpen(at('2026-11-24T11:00:00'))).toBe(false)
  })
  it('is 0 when the clock of the server went backward between the two', () => {
    expect(new WorkingTime(office).elapsedDays(at('2026-11-25T10:00:00'), at('2026-11-24T10:00:00'))).toBe(0)
  })
})

describe('the public holidays', () => {
  it('are not asked for on days on which they change nothing', () => {
    const known = { ...chinaHolidays, covers: (year: number) => year < 2027 }
    const time = new WorkingTime({ ...closedMondays, holidays: known })
    expect(text(time.nextOpen(at('2026-12-31T20:00:00')))).toBe('2027-01-01T09:00:00')
    expect(() => time.nextOpen(at('2027-01-03T20:00:00'))).toThrow(/2027/)
  })
  it('are refused for a year whose notice is not known', () => {
    const time = new WorkingTime({
      ...office,
      holidays: { covers: year => year < 2027, kind: () => 'plain' },
    })
    expect(() => time.deadline(at('2026-12-31T16:00:00'), 1)).toThrow(/2027/)
    const told = withNotices(
      { covers: year => year < 2027, kind: () => 'plain' },
      { '2027': { off: ['2027-01-01'], makeUp: [] } },
    )
    expect(text(new WorkingTime({ ...office, holidays: told }).deadline(at('2026-12-31T16:00:00'), 1))).toBe(
      '2027-01-04T16:00:00',
    )
  })

  const folder = new URL('../../../shared/data/holidays/', import.meta.url)
  const present = existsSync(folder)
  if (!present) console.log('skipped: ../shared/data/holidays is not there')
  it.skipIf(!present)('agree with the published notices of 2019 to 2026', () => {
    const time = new WorkingTime(office)
    let days = 0
    for (const file of readdirSync(folder).filter(name => /^\d{4}\.json$/.test(name))) {
      const year = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        year: number
        days: { date: string; isOffDay: boolean }[]
      }
      expect(chinaHolidays.covers(year.year)).toBe(true)
      for (const day of year.days) {
        days += 1
        expect([day.date, time.isOpen(at(`${day.date}T10:00:00`))]).toEqual([day.date, !day.isOffDay])
      }
    }
    expect(days).toBeGreaterThan(200)
  })
})

describe('whatever the calendar', () => {
  const zones = fc.constantFrom('Asia/Shanghai', 'America/New_York', 'Europe/London', 'UTC')
  const hours = fc.constantFrom(
    nineToFive,
    [['00:00', '24:00']] as const,
    [
      ['08:30', '12:00'],
      ['13:00', '20:00'],
    ] as const,
    [] as const,
  )
  const spec = fc.record({ zone: zones, a: hours, b: hours }).map(
    ({ zone, a, b }): CalendarSpec => ({
      zone,
      weekly: { 1: nineToFive, 2: a, 3: b, 4: a, 6: b, 7: a },
      holidays: noHolidays,
    }),
  )
  const instant = fc.integer({ min: at('2024-01-01T00:00:00'), max: at('2026-12-31T00:00:00') })

  it('a deadline lies inside or at the edge of open time and never before its start', () => {
    fc.assert(
      fc.property(spec, instant, fc.integer({ min: 0, max: 9 }), (calendar, start, days) => {
        const time = new WorkingTime(calendar)
        const deadline = time.deadline(start, days)
        expect(deadline).toBeGreaterThanOrEqual(start)
        expect(time.isOpen(deadline) || time.isOpen(deadline - 1)).toBe(true)
      }),
    )
  })
  it('open seconds add up over any cut, also over spans of years', () => {
    fc.assert(
      fc.property(spec, fc.tuple(instant, instant, instant), (calendar, instants) => {
        const [a, b, c] = instants.sort((x, y) => x - y) as [number, number, number]
        const time = new WorkingTime(calendar)
        expect(time.openSeconds(a, c)).toBeCloseTo(time.openSeconds(a, b) + time.openSeconds(b, c), 3)
      }),
    )
  })
})
