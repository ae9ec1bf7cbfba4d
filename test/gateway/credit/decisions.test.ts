import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDay } from '../../../src/gateway/credit/days.ts'
import { type DecisionInputs, decide } from '../../../src/gateway/credit/decisions.ts'
import { freezeAfter } from '../../../src/gateway/credit/freeze.ts'
import { joinWays, packOn, policyPack } from '../../../src/gateway/credit/pack.ts'
import { jincheng } from '../../../src/gateway/credit/packs/jincheng.ts'
import { allowanceOf, tierOf } from '../../../src/gateway/credit/tiers.ts'

const inputs = (more: Partial<DecisionInputs>): DecisionInputs => ({
  way: 'zhima',
  depositHeld: false,
  balance: 100,
  admittedBy: [],
  ...more,
})

describe('a decision', () => {
  it.each([
    [inputs({ platform: 'yes' }), 'admitted', 'platform-yes', 'credit'],
    [inputs({ platform: 'no' }), 'other-way', 'platform-no', undefined],
    [inputs({ platform: 'unknown' }), 'other-way', 'platform-unknown', undefined],
    [inputs({ platform: 'unreachable' }), 'other-way', 'platform-unreachable', undefined],
    [inputs({ way: 'card' }), 'admitted', 'card-good', 'basic'],
    [inputs({ way: 'deposit' }), 'other-way', 'deposit-missing', undefined],
    [inputs({ way: 'deposit', depositHeld: true }), 'admitted', 'deposit-held', 'deposit'],
    [inputs({ way: 'card', balance: 180 }), 'admitted', 'card-good', 'gold'],
    [inputs({ way: 'card', balance: -5 }), 'admitted', 'card-good', 'basic'],
    [inputs({ way: 'card', admittedBy: ['zhima'] }), 'admitted', 'card-good', 'credit'],
  ] as const)('on %o', (given, result, rule, tier) => {
    const decision = decide(given, jincheng)
    expect(decision.result).toBe(result)
    expect(decision.rules[0]?.rule).toBe(rule)
    expect(decision.tier?.id).toBe(tier)
  })

  it('says the threshold and never a score', () => {
    expect(decide(inputs({ platform: 'no' }), jincheng).reason.zh).toContain('550')
  })

  it('offers the platform again when it only could not be reached', () => {
    expect(decide(inputs({ platform: 'unreachable' }), jincheng).otherWays).toContain('zhima')
    expect(decide(inputs({ platform: 'no' }), jincheng).otherWays).toEqual(['card', 'deposit'])
  })

  it('is never a dead end, and never refuses by rule, whatever the inputs and the pack', () => {
    const ways = fc.subarray([...jincheng.ways], { minLength: 2 })
    const given = fc.record({
      way: fc.constantFrom(...joinWays),
      platform: fc.constantFrom('yes', 'no', 'unknown', 'unreachable'),
      depositHeld: fc.boolean(),
      balance: fc.integer({ min: -500, max: 500 }),
      admittedBy: fc.subarray([...joinWays]),
    }) as fc.Arbitrary<DecisionInputs>
    fc.assert(
      fc.property(ways, given, (offered, question) => {
        const decision = decide(question, policyPack.parse({ ...jincheng, ways: offered }))
        expect(decision.reason.zh).not.toBe('')
        expect(decision.reason.en).not.toBe('')
        expect(decision.result).not.toBe('refused')
        if (decision.result === 'admitted') expect(decision.tier).not.toBeNull()
        else expect(decision.otherWays.length).toBeGreaterThan(0)
      }),
    )
  })
})

describe('tiers', () => {
  it('are told from the best', () => {
    expect(tierOf({ ways: ['card'], balance: 179, redemptions: 0 }, jincheng)?.id).toBe('basic')
    expect(tierOf({ ways: ['zhima'], balance: 180, redemptions: 0 }, jincheng)?.id).toBe('gold')
    expect(tierOf({ ways: [], balance: 500, redemptions: 0 }, jincheng)).toBeUndefined()
  })

  it('give one more item for each redemption', () => {
    const basic = { ways: ['card'] as const, balance: 10 }
    expect(allowanceOf({ ...basic, redemptions: 0 }, jincheng)?.maxItems).toBe(5)
    expect(allowanceOf({ ...basic, redemptions: 2 }, jincheng)?.maxItems).toBe(7)
  })
})

describe('a pack', () => {
  const wrong = (change: object) => policyPack.safeParse({ ...jincheng, ...change }).success
  it('must leave a way on and a tier for everybody', () => {
    expect(wrong({})).toBe(true)
    expect(wrong({ ways: jincheng.ways.slice(0, 1) })).toBe(false)
    expect(wrong({ tiers: jincheng.tiers.filter(tier => tier.id !== 'basic') })).toBe(false)
    expect(wrong({ points: [...jincheng.points, jincheng.points[0]] })).toBe(false)
    expect(wrong({ surprise: 1 })).toBe(false)
  })

  it('is the newest that has begun', () => {
    const next = { ...jincheng, version: '2027.1', from: '2027-01-01' }
    expect(packOn([next, jincheng], parseDay('2026-12-31')).version).toBe('2026.1')
    expect(packOn([next, jincheng], parseDay('2027-01-01')).version).toBe('2027.1')
    expect(packOn([next], parseDay('2020-01-01')).version).toBe('2027.1')
  })
})

describe('a freeze', () => {
  const rule = jincheng.freeze
  const day = 86_400_000
  it.each([
    [{ before: 3, after: 0, frozenUntil: null, now: 0 }, 'leave'],
    [{ before: 3, after: -1, frozenUntil: null, now: 0 }, { freezeUntil: 30 * day }],
    [{ before: -1, after: -2, frozenUntil: 30 * day, now: day }, 'leave'],
    [{ before: -1, after: -2, frozenUntil: 30 * day, now: 31 * day }, { freezeUntil: 61 * day }],
    [{ before: -2, after: -1, frozenUntil: null, now: 0 }, 'leave'],
    [{ before: -2, after: 0, frozenUntil: 30 * day, now: day }, 'lift'],
  ] as const)('after %o', (change, outcome) => {
    expect(freezeAfter(change, rule)).toEqual(outcome)
  })
})
