import { describe, expect, it } from 'vitest'
import { createBreaker } from '../../../../src/adapters/ils/sip2/breaker.ts'
import { ManualClock } from '../../../../src/kernel/clock.ts'
import { seededRandom } from '../../../../src/kernel/ids.ts'

const settings = { threshold: 3, first: 1_000, longest: 20_000 }
const most = () => new Uint8Array([255])
const least = () => new Uint8Array([0])

const waits = (random: () => Uint8Array, failures: number): number[] => {
  const breaker = createBreaker(new ManualClock(0), random, settings)
  return Array.from({ length: failures }, () => {
    breaker.failed()
    return breaker.wait()
  })
}

describe('the breaker', () => {
  it('waits twice as long after each failure, up to a limit, with half of it left to chance', () => {
    expect(waits(least, 7)).toEqual([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000])
    expect(waits(most, 7)).toEqual([998, 1_996, 3_992, 7_984, 15_969, 19_961, 19_961])
    const drawn = new Set(Array.from({ length: 50 }, (_, i) => waits(seededRandom(`${i}`) as never, 1)[0]))
    expect(drawn.size).toBeGreaterThan(20)
  })

  it('refuses from the third failure in a row until its wait is over, then lets one try decide', async () => {
    const clock = new ManualClock(0)
    const breaker = createBreaker(clock, least, settings)
    for (let i = 0; i < 2; i++) breaker.failed()
    expect([breaker.refusing(), breaker.ready(), breaker.proving()]).toEqual([false, false, false])
    breaker.failed()
    expect(breaker.refusing()).toBe(true)
    await clock.advance(2_000)
    expect([breaker.refusing(), breaker.ready(), breaker.proving()]).toEqual([false, true, true])
    breaker.failed()
    expect([breaker.refusing(), breaker.wait()]).toEqual([true, 4_000])
    breaker.succeeded()
    expect([breaker.refusing(), breaker.ready(), breaker.proving(), breaker.failures]).toEqual([
      false,
      true,
      false,
      0,
    ])
  })

  it('refuses at once when more tries would do harm', () => {
    const breaker = createBreaker(new ManualClock(0), least, settings)
    breaker.failed(true)
    expect(breaker.refusing()).toBe(true)
  })
})
