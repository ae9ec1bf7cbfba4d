import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hereCode, hereStep, judgeHereCode, readHereCode } from '../../src/lockers/here-code.ts'

const key = new Uint8Array(32).fill(7)
const now = 1_790_000_010_000
const judge = (text: string, at: number, by = key) => {
  const code = readHereCode(text)
  return code && judgeHereCode(by, code, at)
}

describe('the code on a cabinet’s screen', () => {
  it('counts in its half minute and the next, and never longer than a minute', () => {
    fc.assert(
      fc.property(fc.nat(3_600_000), fc.nat(200_000), (start, later) => {
        const made = now + start
        const code = hereCode(key, 'guanqian', '000001', made)
        const steps = Math.floor((made + later) / hereStep) - Math.floor(made / hereStep)
        const judged = judge(code, made + later)
        expect(judged).toBe(steps <= 1 ? 'fresh' : 'stale')
        if (later >= 60_000) expect(judged).toBe('stale')
      }),
    )
  })

  it('is forged under another key, for another locker, with another nonce, from the future, or cut', () => {
    const code = hereCode(key, 'guanqian', '000001', now)
    const [head, , nonce, proof] = code.split('.')
    expect(judge(code, now)).toBe('fresh')
    expect(judge(code, now, new Uint8Array(32).fill(8))).toBe('forged')
    expect(judge([head, 'xiangcheng', nonce, proof].join('.'), now)).toBe('forged')
    expect(judge([head, 'guanqian', '000002', proof].join('.'), now)).toBe('forged')
    expect(judge(hereCode(key, 'guanqian', '000001', now + hereStep), now)).toBe('forged')
    expect(judge(code.slice(0, -1), now)).toBe('forged')
    expect(judge(code, now + 3_600_000)).toBe('forged')
  })

  it('is told from whatever else a camera reads', () => {
    fc.assert(fc.property(fc.string(), text => judge(text, now) !== 'fresh'))
    for (const text of ['', 'SQ1.guanqian.x.y', 'SQH1.guanqian.12.p', 'SQH1..123456.p', 'SQH1.a.123456.p.q'])
      expect(readHereCode(text), text).toBe(undefined)
  })
})
