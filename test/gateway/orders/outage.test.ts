import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { advance } from '../../../src/gateway/orders/engine.ts'
import { type Evidence, readEvidence, type What } from '../../../src/gateway/orders/evidence.ts'
import type { Context } from '../../../src/gateway/orders/guards.ts'
import { newLine } from '../../../src/gateway/orders/new-line.ts'
import type { Line, Order } from '../../../src/gateway/orders/order.ts'
import { defaultPolicy } from '../../../src/gateway/orders/policy.ts'

const hour = 3_600_000
const day = 24 * hour

/** The place closes at the end of each day of 24 hours. */
const context: Context = {
  policy: defaultPolicy,
  claim: 'free',
  times: {
    staffThere: (_line, at) => at,
    collectUntil: (_line, _order, at) => Math.floor(at / day) * day + 4 * day,
    closingFrom: (_line, _order, at) => Math.ceil(at / day) * day,
    openDays: (_line, at, days) => at + days * day,
  },
}
const made = newLine({
  id: 'l',
  orderId: 'o',
  libraryId: 'home',
  recordId: 'r',
  position: 0,
  parcel: 1,
  supply: { copy: null, branchId: 'main', shelving: 'open' } as never,
  fallbackBranchId: 'main',
  at: 0,
})
const order = { id: 'o', libraryId: 'home', patronId: 'p', feeState: 'spent', lines: [] } as unknown as Order
const inLocker: Line = {
  ...made,
  status: 'in_locker',
  barcode: 'B1',
  charged: true,
  parcelNumber: 'P1',
  lockerId: 'one',
  compartmentId: 'A01',
  collectUntil: 4 * day,
}

let told = 0
const say = (what: What, at: number, data: object = {}): Evidence => {
  told += 1
  const source = what === 'pickup-expired' || what === 'reminded' ? 'timer' : 'locker'
  const raw = {
    id: `e${told}`,
    libraryId: 'home',
    orderId: 'o',
    lineId: 'l',
    source,
    what,
    at,
    receivedAt: at,
    data,
  }
  const answer = readEvidence(raw as never)
  if (!answer.ok) throw new Error(JSON.stringify(answer.problem))
  return answer.value
}
const gone = (at: number) => say('locker-offline', at, { lockerId: 'one' })
const back = (at: number) => say('locker-online', at)
const jams = (at: number) => say('door-jammed', at, { lockerId: 'one', compartmentId: 'A01' })
const works = (at: number) => say('door-works', at)

const heard = (line: Line, ...all: readonly Evidence[]): { line: Line; tell: string[] } => {
  const tell: string[] = []
  for (const evidence of all) {
    const verdict = advance(line, { ...order, lines: [line] }, evidence, context)
    if (verdict.is !== 'moved') continue
    line = verdict.line
    tell.push(...verdict.tell)
  }
  return { line, tell }
}

describe('the pick-up time of a book that cannot be reached', () => {
  it('ends later by as long as the cabinet was away, when the place then closes; its reader is told once', () => {
    const { line, tell } = heard(inLocker, gone(day), back(day + 30 * hour))
    expect(line.collectUntil).toBe(6 * day)
    expect(line.outage).toBe(null)
    expect(tell).toEqual(['locker-away', 'locker-back'])
    expect(line.timer).toEqual({
      what: 'pick-up reminder',
      at: 6 * day - defaultPolicy.pickupReminderHours * hour,
    })
  })

  it('does not run out meanwhile, however long it lasts', () => {
    const { line } = heard(inLocker, gone(day))
    expect(line.timer).toBe(null)
    const expired = heard(line, say('pickup-expired', 30 * day), back(31 * day))
    expect(expired.line.status).toBe('in_locker')
    expect(expired.line.collectUntil).toBe(34 * day)
  })

  it('stands still while the door is jammed, and the reader hears when it works again', () => {
    const { line, tell } = heard(inLocker, jams(day), jams(day + hour), works(day + 10 * hour))
    expect(line.collectUntil).toBe(5 * day)
    expect(line.trouble).toBe(null)
    expect(tell.at(-1)).toBe('door-works')
    expect(heard(line, works(2 * day)).line.collectUntil).toBe(5 * day)
  })

  it('counts a jam within an absence as one outage, told when both are over', () => {
    const { line, tell } = heard(
      inLocker,
      gone(day),
      jams(day + 2 * hour),
      back(day + 5 * hour),
      works(2 * day),
    )
    expect(line.collectUntil).toBe(5 * day)
    expect(tell).toEqual(['locker-away', 'door-jammed', 'door-works'])
  })

  it('is over with the collection: nothing is left of the outage', () => {
    const { line } = heard(inLocker, jams(day), say('collected', 2 * day, { lockerId: 'one' }))
    expect(line).toMatchObject({ status: 'on_loan', outage: null, collectUntil: null })
  })

  it('is not moved for a book that was put in after the cabinet came back', () => {
    expect(heard(inLocker, back(2 * day)).line.collectUntil).toBe(4 * day)
  })

  it('is never shortened, and one outage counts once, whatever is told how often and in which order', () => {
    const word = fc.constantFrom(gone, back, jams, works)
    fc.assert(
      fc.property(fc.array(fc.tuple(word, fc.nat(20 * day)), { maxLength: 25 }), all => {
        let line = inLocker
        let [first, last] = [Number.POSITIVE_INFINITY, 0]
        for (const [make, at] of all) {
          const evidence = make(at)
          const next = heard(line, evidence, evidence).line
          expect(next.collectUntil!).toBeGreaterThanOrEqual(line.collectUntil!)
          if (!line.outage) expect(next.collectUntil).toBe(line.collectUntil)
          if (line.outage && !next.outage) {
            const lost = Math.max(0, at - line.outage.since)
            const wanted =
              lost === 0 ? line.collectUntil! : Math.ceil((line.collectUntil! + lost) / day) * day
            expect(next.collectUntil).toBe(wanted)
          }
          first = Math.min(first, at)
          last = Math.max(last, at)
          line = next
        }
      }),
    )
  })

  it('is extended by no more than the outages lasted, up to one closing each, in their own order', () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 72 }), fc.integer({ min: 1, max: 72 })), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(spans, all => {
        let at = hour
        let lost = 0
        let line = inLocker
        for (const [away, well] of all) {
          line = heard(
            line,
            gone(at),
            gone(at + hour / 2),
            back(at + away * hour),
            back(at + away * hour),
          ).line
          lost += away * hour
          at += (away + well) * hour
        }
        expect(line.collectUntil!).toBeGreaterThanOrEqual(4 * day + lost)
        expect(line.collectUntil!).toBeLessThanOrEqual(4 * day + lost + all.length * day)
      }),
    )
  })
})
