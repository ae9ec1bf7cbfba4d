import { describe, expect, it } from 'vitest'
import type { Ils, IlsItem } from '../../../src/adapters/ils/ils.ts'
import { askAll, stateOf } from '../../../src/gateway/ill/candidates.ts'
import { byRank, greatCircle, rank } from '../../../src/gateway/ill/ranking.ts'
import type { Libraries } from '../../../src/gateway/libraries.ts'
import type { Copy } from '../../../src/gateway/orders/ports.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { no, refused, unreachable, yes } from '../../../src/kernel/problem.ts'

const words = { zh: '', en: '' }
const item = (more: Partial<IlsItem>) =>
  yes<IlsItem>({ barcode: '', title: '', status: 'available', messages: [], ...more })
const copy = (supplierId: string, barcode: string, branchId = `${supplierId}-main`): Copy => ({
  supplierId,
  branchId,
  barcode,
  shelving: 'open',
  callNumber: null,
  location: null,
})

describe('the state of a candidate', () => {
  it.each([
    ['free', item({})],
    ['free', item({ status: 'waiting-to-be-reshelved' })],
    ['not-free', item({ status: 'charged' })],
    ['not-free', item({ holdQueue: 1 })],
    ['not-free', item({ status: 'lost' })],
    ['unknown', item({ status: 'unknown' })],
    ['unknown', item({ status: 'other' })],
    ['unknown', undefined],
    ['unknown', no(unreachable('ils-down', words))],
    ['unknown', no(refused('ils-cannot-tell', words, { maybeDone: true }))],
    ['not-free', no(refused('item-unknown', words))],
  ] as const)('is %s', (state, answer) => {
    expect(stateOf(answer)).toBe(state)
  })

  it('of a silent library is unknown when the time is over, and a late answer changes nothing', async () => {
    const clock = new ManualClock('2026-11-23T02:00:00Z')
    const late = Promise.withResolvers<ReturnType<typeof item>>()
    const ils = (library: string): Ils =>
      ({ item: () => (library === 'quick' ? Promise.resolve(item({})) : late.promise) }) as unknown as Ils
    const copies = [copy('quick', 'Q'), copy('silent', 'S')]
    const asking = askAll(copies, ils, clock, 3000)
    await clock.advance(3000)
    const states = await asking
    late.resolve(item({ status: 'charged' }))
    await clock.advance(1)
    expect(copies.map(c => states.get(c))).toEqual(['free', 'unknown'])
  })
})

describe('the ranking', () => {
  const hours = (opensIn: number) => ({ nextOpen: (at: number) => at + opensIn * 3_600_000 })
  const branches: Record<string, unknown> = {
    'home-main': { id: 'home-main', libraryId: 'home', hours: hours(0), lat: 31.3, lng: 120.6 },
    'home-east': { id: 'home-east', libraryId: 'home', hours: hours(0), lat: 31.3, lng: 120.7 },
    'home-shut': { id: 'home-shut', libraryId: 'home', hours: hours(40), lat: 31.3, lng: 120.6 },
    'near-main': { id: 'near-main', libraryId: 'near', hours: hours(0) },
    'far-main': { id: 'far-main', libraryId: 'far', hours: hours(0), lat: 32, lng: 121 },
  }
  const libraries = {
    branch: (id: string) => branches[id],
    suppliersFor: () => ['near', 'far'],
  } as unknown as Libraries
  const ask = {
    libraryId: 'home',
    branchId: 'home-main',
    delivery: { way: 'branch', branchId: 'home-main' } as const,
    at: 0,
  }
  const order = (copies: readonly [Copy, 'free' | 'unknown' | 'not-free'][]): string[] =>
    copies
      .map(([c, status]) => rank(c, status, ask, libraries))
      .toSorted(byRank)
      .map(r => r.barcode)

  it('asks the same branch, then another branch, then the consortium in its own order', () => {
    expect(
      order([
        [copy('far', 'F'), 'free'],
        [copy('near', 'N'), 'free'],
        [copy('home', 'E', 'home-east'), 'free'],
        [copy('home', 'M'), 'free'],
      ]),
    ).toEqual(['M', 'E', 'N', 'F'])
  })

  it('prefers an open branch to one that is shut for long, and what is surely free to what may be', () => {
    expect(
      order([
        [copy('home', 'S', 'home-shut'), 'free'],
        [copy('home', 'E', 'home-east'), 'free'],
      ]),
    ).toEqual(['E', 'S'])
    expect(
      order([
        [copy('home', 'U'), 'unknown'],
        [copy('home', 'E', 'home-east'), 'free'],
        [copy('home', 'X'), 'not-free'],
      ]),
    ).toEqual(['E', 'U', 'X'])
  })

  it('keeps every figure, and they add up to the cost', () => {
    const ranked = rank(copy('far', 'F'), 'unknown', ask, libraries)
    const sum = Object.values(ranked.figures).reduce((a, b) => a + b, 0)
    expect(ranked.cost).toBeCloseTo(sum, 3)
    expect(Object.keys(ranked.figures)).toEqual([
      'branch',
      'library',
      'order',
      'distance',
      'opening',
      'unknown',
    ])
  })

  it('measures the great circle: Suzhou to Shanghai is some eighty kilometres', () => {
    expect(greatCircle(31.299, 120.585, 31.23, 121.474)).toBeCloseTo(84.9, 0)
    expect(greatCircle(31, 120, 31, 120)).toBe(0)
  })
})
