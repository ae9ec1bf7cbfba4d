import { describe, expect, it } from 'vitest'
import {
  daysUntil,
  inGroups,
  offsetOf,
  sayDay,
  sayDuration,
  sayExactly,
  sayMoney,
  sayOnPaper,
  sayWhen,
} from '../../src/web/base/say.ts'

const now = Date.parse('2026-11-22T10:15:00+08:00')

describe('dates as people say them', () => {
  it.each([
    ['2026-11-22T17:00:00+08:00', '今天 17:00', 'today 17:00'],
    ['2026-11-23T00:00:00+08:00', '明天 00:00', 'tomorrow 00:00'],
    ['2026-11-24T09:30:00+08:00', '后天 09:30', 'Tuesday 09:30'],
    ['2026-11-26T09:30:00+08:00', '周四 09:30', 'Thursday 09:30'],
    ['2026-11-28T23:59:00+08:00', '周六 23:59', 'Saturday 23:59'],
    ['2026-11-29T00:00:00+08:00', '11月29日 00:00', '29 Nov 00:00'],
    ['2026-11-21T23:59:00+08:00', '昨天 23:59', 'yesterday 23:59'],
    ['2026-11-19T12:00:00+08:00', '11月19日 12:00', '19 Nov 12:00'],
    ['2027-01-03T08:00:00+08:00', '2027年1月3日 08:00', '3 Jan 2027 08:00'],
  ])('%s is %s', (iso, zh, en) => {
    expect(sayWhen(iso, now, 'zh')).toBe(zh)
    expect(sayWhen(iso, now, 'en')).toBe(en)
  })

  it('counts days in the zone the time was written in, whatever the zone of the machine', () => {
    const justAfterMidnight = Date.parse('2026-11-22T00:05:00+08:00')
    expect(sayDay('2026-11-21T23:55:00+08:00', justAfterMidnight, 'zh')).toBe('昨天')
    expect(sayDay('2026-11-21T16:05:00Z', justAfterMidnight, 'zh')).toBe('今天')
    expect(daysUntil('2026-12-04T23:59:00+08:00', now)).toBe(12)
    expect(daysUntil('2026-11-20T23:59:00+08:00', now)).toBe(-2)
  })

  it('reads offsets east and west, and takes a time without one for Chinese', () => {
    expect(offsetOf('2026-11-22T10:00:00Z')).toBe(0)
    expect(offsetOf('2026-11-22T10:00:00-03:30')).toBe(-210)
    expect(offsetOf('2026-11-22T10:00:00')).toBe(480)
  })

  it('says a date on paper without a word that is wrong the next day', () => {
    expect(sayOnPaper('2026-11-23T10:00:00+08:00')).toBe('11-23 10:00')
  })

  it('gives the exact time with its weekday', () => {
    expect(sayExactly('2026-11-22T17:00:00+08:00', 'zh')).toBe('2026-11-22 17:00 (周日)')
  })
})

describe('codes', () => {
  it.each([
    ['482913', '482 913'],
    ['93003701', '9300 3701'],
    ['1234567', '123 456 7'],
    ['', ''],
  ])('%s is read as %s', (code, groups) => {
    expect(inGroups(code)).toBe(groups)
  })
})

describe('money and durations', () => {
  it.each([
    [0, '¥0.00'],
    [5, '¥0.05'],
    [500, '¥5.00'],
    [123_456, '¥1234.56'],
    [-350, '-¥3.50'],
  ])('%d fen is %s', (fen, text) => {
    expect(sayMoney(fen)).toBe(text)
  })

  it('says minutes below an hour and both above, without a sign', () => {
    expect(sayDuration(2700, 'zh')).toBe('45 分')
    expect(sayDuration(11_400, 'zh')).toBe('3 时 10 分')
    expect(sayDuration(-3660, 'en')).toBe('1 h 01')
  })
})
