import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { soonWords } from '../../../src/gateway/catalogue/promise-words.ts'

const zone = 'Asia/Shanghai'
const at = (text: string): number => Temporal.Instant.from(`${text}+08:00`).epochMilliseconds
// A Monday.
const now = at('2026-11-23T10:00:00')

describe('a moment to come, as people say it', () => {
  it.each([
    ['2026-11-23T17:00:00', '今天 17:00', 'today 17:00'],
    ['2026-11-24T09:05:00', '明天 09:05', 'tomorrow 09:05'],
    ['2026-11-25T09:00:00', '后天 09:00', 'Wednesday 09:00'],
    ['2026-11-26T09:00:00', '周四 09:00', 'Thursday 09:00'],
    ['2026-11-29T09:00:00', '周日 09:00', 'Sunday 09:00'],
    ['2026-11-30T09:00:00', '11月30日 09:00', '30 Nov 09:00'],
    ['2027-01-04T09:00:00', '2027年1月4日 09:00', '4 Jan 2027 09:00'],
    ['2026-11-22T09:00:00', '11月22日 09:00', '22 Nov 09:00'],
  ])('%s is %s', (then, zh, en) => {
    expect(soonWords(at(then), now, zone)).toEqual({ zh, en })
  })

  it('goes by the day of the library, not by hours apart', () => {
    const late = at('2026-11-23T23:30:00')
    expect(soonWords(at('2026-11-24T00:10:00'), late, zone, 'day').zh).toBe('明天')
    expect(soonWords(at('2026-11-23T23:50:00'), late, zone, 'day').zh).toBe('今天')
  })

  it('never names two days of the coming year alike', () => {
    const day = 86_400_000
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 400 }), (a, b) => {
        fc.pre(a !== b)
        const [one, other] = [a, b].map(days => soonWords(now + days * day, now, zone, 'day'))
        expect(one!.zh).not.toBe(other!.zh)
        expect(one!.en).not.toBe(other!.en)
      }),
    )
  })
})
