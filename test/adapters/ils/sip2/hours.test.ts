import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClosingRules, closingCalendar } from '../../../../src/adapters/ils/sip2/hours.ts'
import { sip2Settings } from '../../../../src/adapters/ils/sip2/settings.ts'

const zone = 'Asia/Shanghai'
const at = (text: string): number => Temporal.Instant.from(`${text}:00+08:00`).epochMilliseconds
const calendar = (rules: Partial<ClosingRules>, timeZone = zone) =>
  closingCalendar({ daily: [], weekly: [], dates: [], except: [], ...rules }, timeZone)

describe('the calendar of planned closings', () => {
  it('never closes without rules', () => {
    expect(calendar({}).closedAt(at('2026-11-22T03:00'))).toBeUndefined()
    expect(calendar({}).next(at('2026-11-22T03:00'))).toBeUndefined()
  })

  it('closes every night past midnight, and says when it opens', () => {
    const nights = calendar({ daily: [{ from: '23:00', to: '01:30' }] })
    expect(nights.closedAt(at('2026-11-22T22:59'))).toBeUndefined()
    expect(nights.closedAt(at('2026-11-22T23:00'))).toEqual({
      from: at('2026-11-22T23:00'),
      to: at('2026-11-23T01:30'),
    })
    expect(nights.closedAt(at('2026-11-23T01:29'))?.to).toBe(at('2026-11-23T01:30'))
    expect(nights.closedAt(at('2026-11-23T01:30'))).toBeUndefined()
    expect(nights.next(at('2026-11-23T12:00'))?.from).toBe(at('2026-11-23T23:00'))
  })

  it('closes on some days of the week only, named by the day on which the closing begins', () => {
    const sundays = calendar({ weekly: [{ days: ['sun'], from: '22:00', to: '06:00' }] })
    expect(sundays.closedAt(at('2026-11-23T05:59'))?.to).toBe(at('2026-11-23T06:00'))
    expect(sundays.closedAt(at('2026-11-22T05:59'))).toBeUndefined()
    expect(sundays.closedAt(at('2026-11-24T05:59'))).toBeUndefined()
  })

  it('closes for single dates as whole days, and to the minute', () => {
    const once = calendar({
      dates: [
        { from: '2026-12-31', to: '2027-01-01' },
        { from: '2026-12-05T20:00', to: '2026-12-06T08:30' },
      ],
    })
    expect(once.closedAt(at('2027-01-01T23:59'))).toEqual({
      from: at('2026-12-31T00:00'),
      to: at('2027-01-02T00:00'),
    })
    expect(once.closedAt(at('2026-12-06T08:29'))?.to).toBe(at('2026-12-06T08:30'))
    expect(once.closedAt(at('2026-12-06T08:30'))).toBeUndefined()
    expect(once.next(at('2026-06-01T00:00'))?.from).toBe(at('2026-12-05T20:00'))
  })

  it('stays open on the nights that are excepted', () => {
    const nights = calendar({ daily: [{ from: '23:00', to: '01:30' }], except: ['2026-11-22'] })
    expect(nights.closedAt(at('2026-11-22T00:30'))).toBeDefined()
    expect(nights.closedAt(at('2026-11-22T23:30'))).toBeUndefined()
    expect(nights.closedAt(at('2026-11-23T00:30'))).toBeUndefined()
    expect(nights.closedAt(at('2026-11-23T23:30'))).toBeDefined()
  })

  it('takes closings that touch for one', () => {
    const both = calendar({
      daily: [{ from: '23:00', to: '01:30' }],
      weekly: [{ days: ['mon'], from: '01:30', to: '05:00' }],
    })
    expect(both.closedAt(at('2026-11-22T23:30'))?.to).toBe(at('2026-11-23T05:00'))
  })

  it('goes by the clock on the wall where clocks are changed', () => {
    const nights = calendar({ daily: [{ from: '23:00', to: '04:00' }] }, 'Europe/Berlin')
    const night = nights.closedAt(Temporal.Instant.from('2026-03-29T00:30:00+01:00').epochMilliseconds)
    expect(night!.to - night!.from).toBe(4 * 3_600_000)
  })

  it('gives the same answer however often and in whatever order it is asked', () => {
    const rules: Partial<ClosingRules> = {
      daily: [{ from: '23:00', to: '01:30' }],
      weekly: [{ days: ['wed', 'sat'], from: '12:00', to: '24:00' }],
      dates: [{ from: '2026-11-26T10:00', to: '2026-11-26T11:00' }],
      except: ['2026-11-24'],
    }
    const begin = at('2026-11-20T00:00')
    const minute = fc.integer({ min: 0, max: 10 * 24 * 60 }).map(n => begin + n * 60_000)
    fc.assert(
      fc.property(fc.array(minute, { minLength: 1, maxLength: 20 }), times => {
        const asked = calendar(rules)
        for (const time of times) {
          expect(asked.closedAt(time)).toEqual(calendar(rules).closedAt(time))
          expect(asked.next(time)).toEqual(calendar(rules).next(time))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('is refused where a date does not exist', () => {
    const settings = { name: 'ils:a', host: 'h', port: 1 }
    const closing = (dates: unknown) => sip2Settings.safeParse({ ...settings, closing: dates }).success
    expect(closing({ dates: [{ from: '2026-02-30', to: '2026-03-01' }] })).toBe(false)
    expect(closing({ except: ['2026-13-01'] })).toBe(false)
    expect(closing({ weekly: [{ days: ['sun'], from: '02:00', to: '06:00' }] })).toBe(true)
    expect(closing({ dates: [{ from: '2026-12-31T20:00', to: '2027-01-01' }] })).toBe(true)
  })
})
