import { describe, expect, it } from 'vitest'
import type { CompartmentFact, FactSource } from '../../src/reports/facts.ts'
import { lockerUsage } from '../../src/reports/locker-usage.ts'

const hour = 3_600_000
const site = {
  lockerId: 'guanqian',
  name: { zh: '观前街柜', en: 'Guanqian Street' },
  compartments: [
    { id: 'a', since: 0 },
    { id: 'b', since: 0 },
  ],
}
const source = (
  facts: readonly CompartmentFact[],
  before: [string, 'occupied' | 'out-of-service'][] = [],
): FactSource => ({
  async *lines() {},
  async *compartments() {
    yield* facts
  },
  compartmentStateAt: async () => new Map(before),
})
const fact = (kind: CompartmentFact['kind'], compartmentId: string, at: number): CompartmentFact => ({
  kind,
  compartmentId,
  at,
  lockerId: 'guanqian',
})
const usage = (of: FactSource, to = 24 * hour) =>
  lockerUsage(site, { from: 0, to }, of, at => Math.floor(at / hour) % 24)

describe('locker usage', () => {
  it('weighs occupancy by time', async () => {
    const got = await usage(source([fact('deposited', 'a', 6 * hour), fact('collected', 'a', 18 * hour)]))
    expect(got).toMatchObject({ deposits: 1, collections: 1, occupancy: 0.25, turnover: 0.5 })
    expect(got.byHour[6]).toBe(1)
    expect(got.byHour[18]).toBe(1)
  })
  it('takes what was occupied before the period and is so after it', async () => {
    expect((await usage(source([], [['a', 'occupied']]))).occupancy).toBe(0.5)
  })
  it('leaves out-of-service time out of both halves', async () => {
    const got = await usage(
      source([fact('deposited', 'a', 0), fact('out-of-service', 'b', 0), fact('collected', 'a', 12 * hour)]),
    )
    expect(got.occupancy).toBe(0.5)
  })
  it('is nothing, not 0, when every compartment was out of service', async () => {
    const got = await usage(
      source(
        [],
        [
          ['a', 'out-of-service'],
          ['b', 'out-of-service'],
        ],
      ),
    )
    expect([got.occupancy, got.turnover]).toEqual([null, null])
  })
  it('counts expired pick-ups and failed openings without freeing or filling anything', async () => {
    const got = await usage(
      source([fact('deposited', 'a', 0), fact('expired', 'a', hour), fact('failed-opening', 'a', hour)]),
    )
    expect(got).toMatchObject({ expired: 1, failedOpenings: 1, occupancy: 0.5 })
  })
})
