import { describe, expect, it } from 'vitest'
import { chinaHolidays } from '../../src/kernel/holidays.ts'
import { type CalendarSpec, WorkingTime } from '../../src/kernel/working-time.ts'
import { linesBehind } from '../../src/reports/behind.ts'
import { computeReport, type Figure } from '../../src/reports/compute.ts'
import type { FactSource, LineFact } from '../../src/reports/facts.ts'
import { acquisition, processing, ready, rejection } from '../../src/reports/indicators.ts'

const at = (text: string): number =>
  Temporal.PlainDateTime.from(text).toZonedDateTime('Asia/Shanghai').epochMilliseconds
const local = (millis: number): string =>
  Temporal.Instant.fromEpochMilliseconds(millis)
    .toZonedDateTimeISO('Asia/Shanghai')
    .toPlainDateTime()
    .toString()

const hours = [['09:00', '17:00']] as const
const workdays: CalendarSpec = {
  zone: 'Asia/Shanghai',
  weekly: { 1: hours, 2: hours, 3: hours, 4: hours, 5: hours },
  holidays: chinaHolidays,
}
const closedMondays: CalendarSpec = {
  ...workdays,
  weekly: { 2: hours, 3: hours, 4: hours, 5: hours, 6: hours, 7: hours },
  onHoliday: 'as-usual',
}
const calendars: Record<string, WorkingTime> = {
  main: new WorkingTime(workdays),
  'closed-mondays': new WorkingTime(closedMondays),
  flooded: new WorkingTime({
    ...workdays,
    closures: [{ from: at('2026-11-24T09:00:00'), to: at('2026-11-24T17:00:00') }],
  }),
}
const timeOf = (branchId: string): WorkingTime => calendars[branchId]!

let count = 0
const line = (facts: Partial<Omit<LineFact, 'submittedAt'>> & { submitted: string }): LineFact => {
  const submittedAt = at(facts.submitted)
  const { submitted: _, ...rest } = facts
  count += 1
  return {
    lineId: `line-${count}`,
    orderNumber: `20261124-${count}`,
    libraryId: 'gusu',
    supplierId: 'gusu',
    branchId: 'main',
    title: '平江图志',
    shelving: 'open',
    submittedAt,
    confirmedAt: submittedAt,
    foundAt: null,
    notFoundAt: null,
    readyAt: null,
    inHandAt: null,
    closedAt: null,
    outcome: null,
    ...rest,
  }
}

const sourceOf = (lines: readonly LineFact[]): FactSource => ({
  async *lines() {
    yield* lines
  },
  async *compartments() {},
  compartmentStateAt: async () => new Map(),
})
const period = { from: at('2026-11-01T00:00:00'), to: at('2026-12-01T00:00:00') }
const reportOf = async (lines: readonly LineFact[], query = period): Promise<Record<string, Figure>> => {
  const report = await computeReport(sourceOf(lines), query, [], timeOf, () => 0)
  return Object.fromEntries(report.figures.map(figure => [figure.id, figure]))
}

describe('order processing time', () => {
  it('of an order at 23:59 before a holiday week starts at the first opening after it', () => {
    const span = processing(
      line({ submitted: '2026-09-30T23:59:00', foundAt: at('2026-10-08T11:00:00') }),
      timeOf,
    )
    expect(span && [local(span.from), local(span.deadline!), span.workingDays, span.onTime]).toEqual([
      '2026-10-08T09:00:00',
      '2026-10-09T09:00:00',
      0.25,
      true,
    ])
  })
  it('counts a make-up Saturday as a working day', () => {
    const span = processing(
      line({ submitted: '2026-10-09T16:00:00', foundAt: at('2026-10-12T09:30:00') }),
      timeOf,
    )
    expect(span && [local(span.deadline!), span.workingDays, span.onTime]).toEqual([
      '2026-10-10T16:00:00',
      1.1875,
      false,
    ])
  })
  it('of a branch closed on Mondays leaves the Monday out', () => {
    const span = processing(
      line({
        submitted: '2026-11-22T16:00:00',
        branchId: 'closed-mondays',
        foundAt: at('2026-11-24T12:00:00'),
      }),
      timeOf,
    )
    expect(span && [span.workingDays, span.onTime]).toEqual([0.5, true])
  })
  it('leaves out the hours of an emergency closure', () => {
    const span = processing(
      line({ submitted: '2026-11-23T16:00:00', branchId: 'flooded', foundAt: at('2026-11-25T10:00:00') }),
      timeOf,
    )
    expect(span && [span.workingDays, span.onTime]).toEqual([0.25, true])
  })
  it('of a line found only after a first "not found" on another copy ends when it was found', () => {
    const fact = line({
      submitted: '2026-11-24T09:00:00',
      notFoundAt: at('2026-11-24T11:00:00'),
      foundAt: at('2026-11-24T13:00:00'),
    })
    expect(processing(fact, timeOf)?.workingDays).toBe(0.5)
    expect(rejection(fact)).toEqual({ at: at('2026-11-24T13:00:00'), rejected: false })
  })
  it('is nothing when staff found it before the point opened', () => {
    const span = processing(
      line({ submitted: '2026-11-24T08:00:00', foundAt: at('2026-11-24T08:30:00') }),
      timeOf,
    )
    expect(span && [span.workingDays, span.onTime]).toEqual([0, true])
  })
  it('found early counts when it was found, though the point opens only in the next month', async () => {
    const lines = [line({ submitted: '2026-11-30T20:00:00', foundAt: at('2026-11-30T21:00:00') })]
    expect((await reportOf(lines)).processing).toMatchObject({ numerator: 1, denominator: 1, value: 0 })
  })
  it('is known at the end of a year, though the holidays of the next are not announced', () => {
    const time = new WorkingTime({ ...workdays, holidays: { ...chinaHolidays, covers: year => year < 2027 } })
    const last = line({ submitted: '2026-12-31T15:00:00', foundAt: at('2026-12-31T16:00:00') })
    expect(processing(last, () => time)).toMatchObject({ workingDays: 0.125, deadline: null, onTime: true })
    const late = line({ submitted: '2026-12-31T22:00:00', foundAt: at('2026-12-31T23:00:00') })
    expect(processing(late, () => time)).toMatchObject({ workingDays: 0, onTime: true })
  })
  it('is never negative after a clock change of the server', () => {
    const span = processing(
      line({ submitted: '2026-11-24T10:00:00', foundAt: at('2026-11-24T09:30:00') }),
      timeOf,
    )
    expect(span && [span.workingDays, span.onTime]).toEqual([0, true])
  })
})

describe('acquisition time', () => {
  it('of a reader who collects on day 7 is late, while the line was ready in time', () => {
    const fact = line({
      submitted: '2026-11-16T10:00:00',
      readyAt: at('2026-11-17T17:00:00'),
      inHandAt: at('2026-11-25T10:00:00'),
    })
    expect(acquisition(fact, timeOf)).toMatchObject({ workingDays: 7, onTime: false })
    expect(ready(fact, timeOf)).toMatchObject({ workingDays: 1.875, onTime: true })
  })
})

describe('rejection', () => {
  it('counts a line that the reader cancelled after "not found", when that was said', async () => {
    const fact = line({
      submitted: '2026-11-23T10:00:00',
      notFoundAt: at('2026-11-24T10:00:00'),
      closedAt: at('2026-12-02T10:00:00'),
      outcome: 'cancelled_by_reader',
    })
    expect(rejection(fact)).toEqual({ at: at('2026-11-24T10:00:00'), rejected: true })
    expect((await reportOf([fact]))['rejection-open']).toMatchObject({
      value: 1,
      numerator: 1,
      denominator: 1,
    })
  })
  it('leaves out what the reader cancelled before an outcome, and what the ILS refused to this reader', () => {
    const own = { closedAt: at('2026-11-24T10:00:00') }
    expect(
      rejection(line({ submitted: '2026-11-23T10:00:00', outcome: 'cancelled_by_reader', ...own })),
    ).toBeNull()
    expect(
      rejection(
        line({
          submitted: '2026-11-23T10:00:00',
          foundAt: at('2026-11-23T11:00:00'),
          outcome: 'refused',
          ...own,
        }),
      ),
    ).toBeNull()
  })
  it('counts in the period in which the outcome fell, not in which it was asked for', async () => {
    const lines = [
      line({
        submitted: '2026-10-30T10:00:00',
        outcome: 'not_supplied',
        closedAt: at('2026-11-03T10:00:00'),
        notFoundAt: at('2026-11-02T10:00:00'),
      }),
      line({ submitted: '2026-11-30T10:00:00', foundAt: at('2026-12-01T10:00:00') }),
    ]
    expect((await reportOf(lines))['rejection-open']).toMatchObject({ numerator: 1, denominator: 1 })
  })
  it('keeps open and closed shelves apart, each with its bound', async () => {
    const found = { submitted: '2026-11-23T10:00:00', foundAt: at('2026-11-23T11:00:00') }
    const missed = {
      submitted: '2026-11-23T10:00:00',
      outcome: 'not_supplied',
      closedAt: at('2026-11-24T11:00:00'),
    }
    const lines = [
      ...Array.from({ length: 9 }, () => line(found)),
      line(missed),
      ...Array.from({ length: 9 }, () => line({ ...found, shelving: 'closed' })),
      line({ ...missed, shelving: 'closed' }),
    ]
    const figures = await reportOf(lines)
    expect(figures['rejection-open']).toMatchObject({ value: 0.1, bound: 0.1, met: true })
    expect(figures['rejection-closed']).toMatchObject({ value: 0.1, bound: 0.01, met: false })
  })
  it('of an order split over two libraries counts each line at the library that took it, and the ILL line apart too', async () => {
    const lines = [
      line({ submitted: '2026-11-23T10:00:00', foundAt: at('2026-11-23T11:00:00') }),
      line({
        submitted: '2026-11-23T10:00:00',
        supplierId: 'wujiang',
        branchId: 'closed-mondays',
        foundAt: at('2026-11-24T11:00:00'),
      }),
    ]
    expect((await reportOf(lines))['rejection-open']?.parts).toEqual([
      { name: 'closed-mondays', value: 0, count: 1 },
      { name: 'ill', value: 0, count: 1 },
      { name: 'main', value: 0, count: 1 },
    ])
  })
})

describe('the parts of a time', () => {
  it('are times as the figure is: the median of each service point', async () => {
    const found = (branchId: string, text: string) =>
      line({ submitted: '2026-11-24T09:00:00', branchId, foundAt: at(text) })
    const { processing: figure } = await reportOf([
      found('main', '2026-11-24T10:00:00'),
      found('closed-mondays', '2026-11-24T13:00:00'),
    ])
    expect(figure?.parts).toEqual([
      { name: 'closed-mondays', value: 0.5, count: 1 },
      { name: 'main', value: 0.125, count: 1 },
    ])
  })
})

describe('an empty period', () => {
  it('has no figures, which is not 0 %', async () => {
    const figures = await reportOf([])
    for (const id of ['processing', 'acquisition', 'rejection-open', 'rejection-closed']) {
      expect(figures[id]).toMatchObject({ value: null, met: null, denominator: 0 })
      expect(figures[id]?.say.zh).toContain('没有')
    }
  })
})

describe('the lines behind a figure', () => {
  it('are as many as its denominator, for every figure', async () => {
    const lines = [
      line({
        submitted: '2026-11-23T10:00:00',
        foundAt: at('2026-11-23T11:00:00'),
        readyAt: at('2026-11-23T15:00:00'),
        inHandAt: at('2026-11-24T11:00:00'),
      }),
      line({
        submitted: '2026-11-23T10:00:00',
        outcome: 'not_supplied',
        notFoundAt: at('2026-11-24T09:00:00'),
        closedAt: at('2026-11-24T11:00:00'),
      }),
      line({ submitted: '2026-11-23T10:00:00', shelving: 'closed', foundAt: at('2026-10-23T11:00:00') }),
    ]
    const figures = await reportOf(lines)
    for (const id of ['processing', 'acquisition', 'ready', 'rejection-open', 'rejection-closed'] as const) {
      const behind = await Array.fromAsync(linesBehind(id, sourceOf(lines), period, timeOf))
      expect([id, behind.length]).toEqual([id, figures[id]?.denominator])
    }
  })
})
