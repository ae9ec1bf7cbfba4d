import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/gateway/orders/engine.ts'
import {
  type Evidence,
  readEvidence,
  vocabulary,
  type What,
  whats,
} from '../../../src/gateway/orders/evidence.ts'
import type { Context } from '../../../src/gateway/orders/guards.ts'
import { newLine } from '../../../src/gateway/orders/new-line.ts'
import type { Line, LineStatus, Order } from '../../../src/gateway/orders/order.ts'
import { defaultPolicy } from '../../../src/gateway/orders/policy.ts'
import { states } from '../../../src/gateway/orders/states.ts'

const hour = 3_600_000

/** What may follow what, as the description of a line's life says it: written by hand, apart from the table. */
const mayFollow: Record<LineStatus, readonly LineStatus[]> = {
  requested: ['confirmed', 'seeking', 'cancelling', 'closed'],
  confirmed: ['picking', 'cancelling'],
  picking: ['found', 'seeking', 'cancelling'],
  seeking: ['requested', 'closed', 'cancelling'],
  found: ['charged', 'packed', 'checkout_refused', 'seeking', 'cancelling'],
  checkout_refused: ['found', 'seeking', 'cancelling'],
  charged: ['packed', 'checkout_refused', 'seeking', 'cancelling'],
  packed: ['shipped', 'in_locker', 'at_branch', 'cancelling'],
  shipped: ['delivered', 'in_locker', 'at_branch', 'seeking', 'charged', 'found', 'recovered'],
  in_locker: ['collected', 'expired', 'at_branch', 'seeking'],
  at_branch: ['collected', 'expired', 'seeking'],
  expired: ['recovered', 'collected'],
  recovered: ['discharged'],
  delivered: ['on_loan', 'seeking'],
  collected: ['on_loan', 'seeking'],
  on_loan: [
    'return_requested',
    'return_in_locker',
    'return_at_branch',
    'transferring',
    'missing',
    'seeking',
    'discharged',
  ],
  transferring: ['closed', 'on_loan'],
  return_requested: [
    'return_shipped',
    'return_in_locker',
    'return_at_branch',
    'on_loan',
    'missing',
    'discharged',
  ],
  return_shipped: ['received', 'missing'],
  return_in_locker: ['received', 'missing'],
  return_at_branch: ['received', 'missing'],
  missing: ['on_loan', 'received', 'return_in_locker', 'return_at_branch', 'closed', 'discharged'],
  received: ['discharged'],
  discharged: ['closed'],
  cancelling: ['closed', 'discharged'],
  closed: [],
}

/** What must have happened in the same round before a line can be there. */
const needs: { readonly [S in LineStatus]?: readonly (readonly LineStatus[])[] } = {
  found: [['picking', 'charged', 'shipped']],
  packed: [['found', 'charged']],
  shipped: [['packed']],
  in_locker: [['packed']],
  at_branch: [['packed']],
  delivered: [['shipped']],
  collected: [['in_locker', 'at_branch']],
  on_loan: [['delivered', 'collected']],
  return_shipped: [['on_loan'], ['return_requested']],
  received: [['on_loan']],
}

const order: Order = {
  id: 'o',
  number: '20261123-0001',
  libraryId: 'home',
  patronId: 'p1',
  delivery: { way: 'locker', lockerId: 'k' },
  fee: { tariff: 0, tierDiscount: 0, concession: 0, subsidy: 0, due: 0, why: [] },
  feeState: 'granted',
  promisedAt: null,
  createdAt: 0,
  version: 1,
  lines: [],
}

const fresh = (): Line =>
  newLine({
    id: 'l',
    orderId: 'o',
    libraryId: 'home',
    recordId: 'r',
    position: 0,
    parcel: 1,
    fallbackBranchId: 'b',
    at: 0,
    supply: {
      record: { title: '三体', author: null, clc: null },
      copy: {
        supplierId: 'home',
        branchId: 'b',
        barcode: 'B1',
        shelving: 'open',
        callNumber: null,
        location: null,
      },
      shelving: 'open',
      branchId: 'b',
      ranking: [],
    },
  })

/** One draw of the random run: which word, by whom, about which round and parcel, and how late. */
interface Draw {
  readonly words: 'forward' | 'fitting' | 'any'
  readonly pick: number
  readonly round: 'none' | 'now' | 'before'
  readonly parcel: 'right' | 'old' | 'none'
  readonly late: number
  readonly coin: boolean
  readonly claim: Context['claim']
}
const often = <T extends string>(usual: T, weight: number, ...others: T[]): fc.Arbitrary<T> =>
  fc.constantFrom(...Array<T>(weight).fill(usual), ...others)
const draws: fc.Arbitrary<readonly Draw[]> = fc.array(
  fc.record({
    words: often('forward', 8, 'fitting', 'any'),
    pick: fc.nat(1000),
    round: often('now', 8, 'none', 'before'),
    parcel: often('right', 8, 'old', 'none'),
    late: fc.nat(48),
    coin: fc.boolean(),
    claim: often('free', 6, 'this', 'other'),
  }),
  { minLength: 20, maxLength: 80, size: 'max' },
)

const dataFor = (what: What, line: Line, draw: Draw): Record<string, unknown> => {
  const outward = line.parcelNumber ?? 'P0'
  const right = states[line.status].rank < 110 ? outward : (line.returnParcelNumber ?? 'Q0')
  const old = line.parcelsBack.at(-1) ?? 'P-old'
  const parcel = draw.parcel === 'none' ? {} : { parcelNumber: draw.parcel === 'right' ? right : old }
  const door = { lockerId: 'k', compartmentId: 'c' }
  const table: { readonly [W in What]?: Record<string, unknown> } = {
    submitted: { checked: draw.coin },
    'patron-refused': { code: 'x' },
    'hold-placed': { own: draw.coin },
    'hold-refused': { code: 'x' },
    'item-found': { barcode: draw.coin ? (line.barcode ?? 'B1') : 'B9' },
    'item-not-found': { reason: '' },
    'copy-assigned': { supplierId: draw.coin ? 'home' : 'away', branchId: 'b', barcode: `B${draw.pick}` },
    'checked-out': { dueAt: 1000, dueText: 'soon' },
    'checkout-refused': { code: 'x', why: draw.coin ? 'item' : 'patron' },
    'effect-dropped': { effect: draw.coin ? 'ils.checkin' : 'ils.place-hold' },
    'effect-failed': { effect: 'courier.book', code: 'x', zh: '', en: '' },
    'trouble-settled': { byHand: draw.coin },
    packed: { parcelNumber: draw.parcel === 'old' ? old : `P${draw.pick}` },
    'courier-booked': { parcelNumber: outward, waybill: 'w' },
    shipped: { ...parcel, via: 'courier' },
    'compartment-reserved': door,
    'no-compartment': { lockerId: 'k' },
    'locker-offline': { lockerId: 'k', deskId: 'b' },
    'place-refused': { lockerId: 'k', deskId: 'b' },
    'put-in-locker': { ...door, ...parcel },
    'door-jammed': door,
    'at-branch': { branchId: 'b', ...parcel },
    'sent-back': { ...parcel, fault: draw.coin ? 'carrier' : 'reader' },
    renewed: { dueText: '' },
    'renewal-refused': { code: 'x' },
    'return-requested': {
      way: draw.coin ? { way: 'courier', courier: 'sf', addressId: 'a' } : { way: 'branch', branchId: 'b' },
    },
    'returned-in-locker': door,
    'returned-at-branch': { branchId: 'b' },
    received: { branchId: 'b', damaged: draw.coin },
    'checked-in': { alert: draw.coin },
    'checkin-refused': { code: 'x' },
    'cancel-requested': { by: (['reader', 'staff', 'timeout'] as const)[draw.pick % 3] },
    'transfer-requested': { toPatronId: 'p2' },
    'transfer-refused': { code: 'x' },
    'found-again': { where: draw.coin ? 'reader' : 'library' },
    delivered: parcel,
    collected: parcel,
    'carrier-lost': parcel,
    'refused-damaged': parcel,
    'return-picked-up': parcel,
  }
  const round =
    draw.round === 'none' ? {} : { round: Math.max(0, line.round - (draw.round === 'before' ? 1 : 0)) }
  return { ...(table[what] ?? {}), ...round }
}

/** Words that end a line or send it round again: drawn less often, so that runs come to the end of the way. */
const setbacks: readonly What[] = [
  ...(['cancel-requested', 'item-not-found', 'patron-refused', 'hold-refused', 'no-copy-left'] as const),
  ...([
    'wrong-item',
    'carrier-lost',
    'refused-damaged',
    'reported-lost',
    'claimed-returned',
    'lost-paid',
  ] as const),
  ...(['seen-returned', 'checkout-refused', 'pickup-expired'] as const),
]

const must = (holds: boolean, say: () => string): void => {
  if (!holds) throw new Error(say())
}

const evidenceFor = (line: Line, draw: Draw, now: number, n: number): Evidence => {
  const fitting = Object.keys(states[line.status].next) as What[]
  const forward = fitting.filter(w => !setbacks.includes(w))
  const words =
    draw.words === 'any' || fitting.length === 0
      ? whats
      : draw.words === 'forward' && forward.length > 0
        ? forward
        : fitting
  const what = words[draw.pick % words.length]!
  const answer = readEvidence({
    id: `e${n}`,
    libraryId: 'home',
    orderId: 'o',
    lineId: 'l',
    source: vocabulary[what].from[0]!,
    what,
    at: now - draw.late * hour,
    receivedAt: now,
    data: dataFor(what, line, draw),
  })
  if (!answer.ok) throw new Error(`the test made bad evidence: ${JSON.stringify(answer.problem)}`)
  return answer.value
}

const contextOf = (chargeAt: 'pack' | 'collect', claim: Context['claim']): Context => ({
  policy: { ...defaultPolicy, chargeAt },
  claim,
  times: {
    staffThere: (_line, at) => at,
    collectUntil: (_line, _order, at) => at + 72 * hour,
    closingFrom: (_line, _order, at) => Math.ceil(at / (24 * hour)) * 24 * hour,
    openDays: (_line, at, days) => at + days * 24 * hour,
  },
})

describe('no step is skipped or goes backward, whatever comes in whatever order', () => {
  const run = (chargeAt: 'pack' | 'collect', all: readonly Draw[]): readonly LineStatus[] => {
    let line = fresh()
    const walked: LineStatus[] = ['requested']
    let round: LineStatus[] = ['requested']
    all.forEach((draw, n) => {
      const evidence = evidenceFor(line, draw, (n + 1) * hour, n)
      const before = JSON.stringify(line)
      const context = contextOf(chargeAt, draw.claim)
      const verdict = advance(line, { ...order, lines: [line] }, evidence, context)
      must(JSON.stringify(line) === before, () => 'a line is never changed in place')
      const twin = advance(line, { ...order, lines: [line] }, evidence, context)
      must(JSON.stringify(twin) === JSON.stringify(verdict), () => 'the same question has the same answer')
      if (verdict.is !== 'moved') return
      const next = verdict.line
      must(verdict.move.from === line.status, () => `came from ${verdict.move.from}, was ${line.status}`)
      let at = line.status
      for (const status of verdict.move.path) {
        must(mayFollow[at].includes(status), () => `${at} -> ${status} on ${evidence.what}`)
        for (const either of needs[status] ?? [])
          must(
            either.some(s => round.includes(s)),
            () => `${status} without ${either.join('/')} after ${round.join(',')}`,
          )
        at = status
        walked.push(status)
        round.push(status)
      }
      if (next.round > line.round) round = ['requested']
      must(next.status === at, () => `says ${next.status}, walked to ${at}`)
      for (const [key, value] of Object.entries(line.times))
        must(
          key === 'renewed' || next.times[key as LineStatus] === value,
          () => `the time of ${key} was changed`,
        )
      must(next.round >= line.round && next.lastAct >= line.lastAct, () => 'counters only rise')
      must(new Set(verdict.effects.map(e => e.key)).size === verdict.effects.length, () => 'keys are unique')
      must(
        (next.status === 'closed') === (next.outcome !== null),
        () => `${next.status} with ${next.outcome}`,
      )
      line = next
    })
    return walked
  }

  it.each(['pack', 'collect'] as const)('when charged at %s', { timeout: 60_000 }, chargeAt => {
    const reached = new Set<LineStatus>()
    fc.assert(
      fc.property(draws, all => {
        for (const status of run(chargeAt, all)) reached.add(status)
      }),
      { numRuns: 250 },
    )
    // A run that never got anywhere would prove nothing.
    const never = chargeAt === 'collect' ? ['charged'] : []
    const all = Object.keys(states).filter(s => !never.includes(s) && s !== 'checkout_refused')
    expect([...reached]).toEqual(expect.arrayContaining(all))
  })

  it('the same id twice is not the engine’s to see, but the same fact twice moves a line once', () => {
    let line = fresh()
    const say = (what: What, data: Record<string, unknown>): string => {
      const answer = readEvidence({
        id: what,
        libraryId: 'home',
        orderId: 'o',
        lineId: 'l',
        source: vocabulary[what].from[0]!,
        what,
        at: 1,
        receivedAt: 1,
        data,
      })
      if (!answer.ok) throw new Error(JSON.stringify(answer.problem))
      const verdict = advance(line, { ...order, lines: [line] }, answer.value, contextOf('pack', 'free'))
      if (verdict.is === 'moved') line = verdict.line
      return verdict.is === 'moved' ? verdict.line.status : verdict.reason
    }
    expect(say('submitted', { checked: true })).toBe('requested')
    expect(say('packed', { parcelNumber: 'P1' })).toBe('early')
    expect(say('hold-placed', { own: false })).toBe('picking')
    expect(say('item-found', { barcode: 'B1' })).toBe('found')
    expect(say('item-found', { barcode: 'B1' })).toBe('late')
    expect(say('checked-out', { dueText: '' })).toBe('charged')
    expect(say('checked-out', { dueText: '' })).toBe('not-now')
    expect(say('packed', { parcelNumber: 'P1' })).toBe('packed')
    expect(say('packed', { parcelNumber: 'P1' })).toBe('late')
    expect(say('put-in-locker', { lockerId: 'k', compartmentId: 'c', parcelNumber: 'P9' })).toBe('parcel')
  })
})
