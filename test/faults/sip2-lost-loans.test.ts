import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Acs, startAcs } from '../adapters/ils/sip2/acs.ts'
import { fates, meet } from '../adapters/ils/sip2/fates.ts'

let acs: Acs
beforeAll(async () => {
  acs = await startAcs(() => {})
})
afterAll(() => acs.close())

const plans = fc.array(fc.constantFrom(...fates), { minLength: 1, maxLength: 7 })
const profiles = fc.record({ sendChecksum: fc.boolean(), retries: fc.integer({ min: 0, max: 2 }) })

/** How many stories; `LOST_ANSWERS=10000` tells more of them than each run of the tests has time for. */
const stories = Number(process.env.LOST_ANSWERS ?? 1200)

describe('a loan whose answers get lost, at length', () => {
  it('ends with gateway and library agreeing, and is never made twice', async () => {
    await fc.assert(
      fc.asyncProperty(plans, profiles, async (plan, profile) => {
        const { outcome, library } = await meet(acs, plan, profile, 'free')
        expect(outcome).toBe('lent')
        expect(library.loans.get('B1')).toBe('R1')
        expect(library.carriedOut).toBe(1)
      }),
      { numRuns: stories },
    )
  }, 2_400_000)

  it('of an item another reader has ends in a refusal, whatever is lost on the way', async () => {
    await fc.assert(
      fc.asyncProperty(plans, profiles, async (plan, profile) => {
        const { outcome, library } = await meet(acs, plan, profile, 'lent-to-another')
        expect(outcome).toBe('checkout-refused')
        expect(library.loans.get('B1')).toBe('R2')
        expect(library.carriedOut).toBe(0)
      }),
      { numRuns: stories / 4 },
    )
  }, 2_400_000)
})
