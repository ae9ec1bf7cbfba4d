import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dayOf, dayText, startOf } from '../../../src/gateway/credit/days.ts'
import type { Fact } from '../../../src/gateway/credit/facts.ts'
import { computeLedger, missingEntries, type Written } from '../../../src/gateway/credit/ledger.ts'
import type { PolicyPack } from '../../../src/gateway/credit/pack.ts'
import { jincheng } from '../../../src/gateway/credit/packs/jincheng.ts'

const zone = 'Asia/Shanghai'
const at = (text: string): number => Date.parse(`${text}+08:00`)
const borrowed = (loanId: string, when: string): Fact => ({
  id: `b-${loanId}`,
  kind: 'borrowed',
  loanId,
  at: at(when),
  evidence: loanId,
})
const simple = (
  kind: 'joined' | 'event-attended' | 'volunteered' | 'redeemed' | 'second-card',
  id: string,
  when: string,
) => ({ id, kind, at: at(when), evidence: id }) as const
const out = (loanId: string, due: string, until: string): Fact => ({
  id: `o-${loanId}-${until}`,
  kind: 'overdue',
  loanId,
  dueAt: at(due),
  at: at(until),
  evidence: loanId,
})
const returned = (loanId: string, due: string, handedIn: string): Fact => ({
  ...out(loanId, due, handedIn),
  id: `r-${loanId}`,
  kind: 'returned',
  loanId,
  dueAt: at(due),
})
const ledger = (...facts: Fact[]) => computeLedger(facts, jincheng, zone)
const balance = (...facts: Fact[]): number => ledger(...facts).at(-1)?.balance ?? 0

describe('the scheme of Jincheng', () => {
  it('gives 100 points for joining, once', () => {
    expect(balance(simple('joined', 'j1', '2026-03-01T10:00'))).toBe(100)
    expect(
      balance(simple('joined', 'j1', '2026-03-01T10:00'), simple('joined', 'j2', '2026-05-01T10:00')),
    ).toBe(100)
  })

  it('gives a point an item, at most 3 on one day of the library’s calendar', () => {
    const four = ['a', 'b', 'c', 'd'].map(id => borrowed(id, '2026-03-01T23:30'))
    expect(balance(...four)).toBe(3)
    expect(balance(...four, borrowed('e', '2026-03-02T00:10'))).toBe(4)
    expect(ledger(...four).map(entry => entry.limited)).toEqual([null, null, null, 'day'])
  })

  it('gives 5 for an event and 10 for volunteering', () => {
    expect(balance(simple('event-attended', 'e', '2026-03-01T10:00'))).toBe(5)
    expect(balance(simple('volunteered', 'v', '2026-03-01T10:00'))).toBe(10)
  })

  it('stops all gains together at 100 a calendar year; joining is not a gain', () => {
    const served = Array.from({ length: 12 }, (_, i) =>
      simple('volunteered', `v${i}`, `2026-${String(i + 1).padStart(2, '0')}-15T10:00`),
    )
    expect(balance(simple('joined', 'j', '2026-01-01T00:00'), ...served)).toBe(200)
    expect(ledger(...served).at(-1)).toMatchObject({ points: 0, limited: 'year' })
    expect(balance(...served, simple('volunteered', 'next', '2027-01-01T00:00'))).toBe(110)
  })

  it('counts the last gain of a year in part', () => {
    const served = Array.from({ length: 9 }, (_, i) =>
      simple('volunteered', `v${i}`, `2026-02-0${i + 1}T10:00`),
    )
    const events = ['e1', 'e2', 'e3'].map(id => simple('event-attended', id, '2026-05-01T10:00'))
    expect(balance(...served, borrowed('b', '2026-04-01T10:00'), ...events)).toBe(100)
  })

  it('ends a year at midnight of the library’s zone, not of Greenwich', () => {
    const served = Array.from({ length: 10 }, (_, i) => simple('volunteered', `v${i}`, '2026-06-01T10:00'))
    expect(balance(...served, simple('volunteered', 'late', '2026-12-31T23:59'))).toBe(100)
    expect(balance(...served, simple('volunteered', 'new', '2027-01-01T00:01'))).toBe(110)
  })

  it('takes a point for each item and day overdue, beginning the day after it was due', () => {
    expect(balance(returned('a', '2026-03-10T23:59', '2026-03-10T23:59'))).toBe(0)
    expect(balance(returned('a', '2026-03-10T12:00', '2026-03-10T20:00'))).toBe(0)
    expect(balance(returned('a', '2026-03-10T23:59', '2026-03-11T00:00'))).toBe(-1)
    expect(
      balance(
        returned('a', '2026-03-10T23:59', '2026-03-14T08:00'),
        out('b', '2026-03-10T23:59', '2026-03-12T00:00'),
      ),
    ).toBe(-6)
  })

  it('has no limit to overdue days', () => {
    expect(balance(out('a', '2026-01-01T00:00', '2026-12-31T00:00'))).toBe(-364)
  })

  it('takes 30 for damage each time, 50 for a loss once a loan, 20 for a second card', () => {
    const damage = (id: string): Fact => ({
      id,
      kind: 'damaged',
      loanId: 'a',
      at: at('2026-03-01T10:00'),
      evidence: 'a',
    })
    const loss = (id: string, when: string): Fact => ({
      id,
      kind: 'lost',
      loanId: 'a',
      at: at(when),
      evidence: 'a',
    })
    expect(balance(damage('d1'), damage('d2'))).toBe(-60)
    expect(balance(loss('l1', '2026-03-01T10:00'), loss('l2', '2026-03-02T10:00'))).toBe(-50)
    expect(balance(simple('second-card', 's', '2026-03-01T10:00'))).toBe(-20)
  })

  it('redeems 100 points for one more item, three times at most', () => {
    const redeemed = ['a', 'b', 'c', 'd'].map(id => simple('redeemed', id, '2026-03-01T10:00'))
    expect(ledger(...redeemed).map(entry => entry.points)).toEqual([-100, -100, -100, 0])
  })
})

describe('late facts', () => {
  it('stop overdue at the hand-in, though the scan came days later', () => {
    const known = out('a', '2026-03-10T23:59', '2026-03-20T00:00')
    expect(balance(known)).toBe(-10)
    expect(balance(known, returned('a', '2026-03-10T23:59', '2026-03-12T18:00'))).toBe(-2)
  })

  it('of a renewal leave the days before it and after the new due day', () => {
    expect(
      balance(
        out('a', '2026-03-10T23:59', '2026-03-12T10:00'),
        returned('a', '2026-03-31T23:59', '2026-04-01T10:00'),
      ),
    ).toBe(-3)
  })

  it('take a place of the day from a fact that came earlier but happened later', () => {
    const day = ['10', '11', '12'].map(hour => borrowed(hour, `2026-03-01T${hour}:00`))
    const written = ledger(...day)
    const late = borrowed('9', '2026-03-01T09:00')
    expect(missingEntries(ledger(...day, late), written)).toMatchObject([
      { key: 'borrowed:9', points: 1, correction: false },
      { key: 'borrowed:12', points: -1, correction: true },
    ])
  })

  it('void others, and the correction carries their date', () => {
    const loss: Fact = { id: 'l', kind: 'lost', loanId: 'a', at: at('2026-03-01T10:00'), evidence: 'a' }
    const written = ledger(loss)
    const upheld: Fact = {
      id: 'v',
      kind: 'void',
      factId: 'l',
      at: at('2026-04-01T10:00'),
      evidence: 'objection',
    }
    expect(missingEntries(ledger(loss, upheld), written)).toMatchObject([
      { key: 'lost:a', rule: 'lost', points: 50, at: at('2026-03-01T10:00'), correction: true },
    ])
  })
})

describe('packs', () => {
  it('apply from their own first day on', () => {
    const stricter: PolicyPack = {
      ...jincheng,
      version: '2027.1',
      from: '2027-01-01',
      points: jincheng.points.map(rule => (rule.rule === 'lost' ? { ...rule, points: -80 } : rule)),
    }
    const lost = (loanId: string, when: string): Fact => ({
      id: loanId,
      kind: 'lost',
      loanId,
      at: at(when),
      evidence: '',
    })
    const facts = [lost('a', '2026-12-31T23:59'), lost('b', '2027-01-01T00:00')]
    const entries = computeLedger(facts, [stricter, jincheng], zone)
    expect(entries.map(entry => [entry.points, entry.packVersion])).toEqual([
      [-50, '2026.1'],
      [-80, '2027.1'],
    ])
  })
})

/** Coarse, so that many facts share an instant. */
const instant = fc.integer({ min: 0, max: 120 }).map(step => at('2026-12-10T00:00') + step * 6 * 3_600_000)
const loanId = fc.constantFrom('l1', 'l2', 'l3')
const span = fc.integer({ min: -3, max: 40 }).map(days => days * 86_400_000)
const detail = fc.oneof(
  fc.record({
    kind: fc.constantFrom('joined', 'event-attended', 'volunteered', 'redeemed', 'second-card'),
    at: instant,
  }),
  fc.record({ kind: fc.constantFrom('borrowed', 'damaged', 'lost'), at: instant, loanId }),
  fc
    .record({ kind: fc.constantFrom('overdue', 'returned'), dueAt: instant, loanId, span })
    .map(({ span: by, ...fact }) => ({ ...fact, at: fact.dueAt + by })),
  fc.record({ kind: fc.constant('void'), at: instant, factId: fc.integer({ min: 0, max: 12 }).map(String) }),
)
const facts: fc.Arbitrary<Fact[]> = fc
  .array(detail, { maxLength: 30 })
  .map(list => list.map((fact, i) => ({ ...fact, id: String(i), evidence: `e${i}` }) as Fact))

describe('whatever the facts', () => {
  it('the ledger is the same in every order of arrival and with repeats', () => {
    fc.assert(
      fc.property(
        facts.chain(list =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          expect(computeLedger([...shuffled, ...list], jincheng, zone)).toEqual(
            computeLedger(list, jincheng, zone),
          )
        },
      ),
    )
  })

  it('no day gives more than 3 for borrowing and no year more than 100 of gains', () => {
    fc.assert(
      fc.property(facts, list => {
        const sums = new Map<string, number>()
        for (const entry of computeLedger(list, jincheng, zone)) {
          const day = dayText(dayOf(entry.at, zone))
          if (entry.rule === 'borrowed') sums.set(day, (sums.get(day) ?? 0) + entry.points)
          if (['borrowed', 'event-attended', 'volunteered'].includes(entry.rule))
            sums.set(day.slice(0, 4), (sums.get(day.slice(0, 4)) ?? 0) + entry.points)
        }
        for (const [span, sum] of sums) expect(sum).toBeLessThanOrEqual(span.length === 4 ? 100 : 3)
      }),
    )
  })

  it('entries written as facts arrive, with their corrections, add up to the ledger of all of them', () => {
    fc.assert(
      fc.property(facts, list => {
        const written: Written[] = []
        for (let known = 1; known <= list.length; known++)
          written.push(...missingEntries(computeLedger(list.slice(0, known), jincheng, zone), written))
        const computed = computeLedger(list, jincheng, zone)
        expect(missingEntries(computed, written)).toEqual([])
        expect(written.reduce((sum, entry) => sum + entry.points, 0)).toBe(computed.at(-1)?.balance ?? 0)
      }),
    )
  })

  it('the balance runs with the points', () => {
    fc.assert(
      fc.property(facts, list => {
        let sum = 0
        for (const entry of computeLedger(list, jincheng, zone)) {
          sum += entry.points
          expect(entry.balance).toBe(sum)
        }
      }),
    )
  })
})

it('knows the first instant of a local day, also where clocks change', () => {
  expect(startOf(dayOf(at('2026-03-01T23:59'), zone), zone)).toBe(at('2026-03-01T00:00'))
  const spring = dayOf(Date.parse('2026-03-29T12:00:00+02:00'), 'Europe/Berlin')
  expect(startOf(spring + 1, 'Europe/Berlin') - startOf(spring, 'Europe/Berlin')).toBe(23 * 3_600_000)
})
