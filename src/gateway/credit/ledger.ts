import type { Millis } from '../../kernel/clock.ts'
import { type Day, dayOf, dayText, startOf, yearOf } from './days.ts'
import type { Fact, RuleId } from './facts.ts'
import { type PolicyPack, packOn, ruleOf } from './pack.ts'

/** One line of the ledger, under the rule of the pack in force on its day. */
export interface LedgerEntry {
  /** What it is about, the same however often it is computed: a fact, or one item on one day. */
  readonly key: string
  readonly rule: RuleId
  readonly at: Millis
  readonly evidence: string
  readonly points: number
  /** Why a gain counts less than its rule says. */
  readonly limited: 'day' | 'year' | 'times' | null
  readonly packVersion: string
  /** After this entry. */
  readonly balance: number
}

interface Candidate {
  readonly key: string
  readonly rule: RuleId
  readonly at: Millis
  readonly day: Day
  readonly evidence: string
}

/**
 * The ledger of one reader. The same facts give the same ledger, whatever order they arrived in and however
 * often. Days and years are those of `zone`. An item is overdue on each day after its due day, up to the day it
 * was handed in, whoever scanned it later.
 */
export const computeLedger = (
  facts: readonly Fact[],
  packs: PolicyPack | readonly PolicyPack[],
  zone: string,
): readonly LedgerEntry[] => {
  const history = Array.isArray(packs) ? (packs as readonly PolicyPack[]) : [packs as PolicyPack]
  const counting = alive(facts)
  const candidates = [...single(counting, zone), ...overdue(counting, zone)].sort(byTime)
  const used = new Map<string, number>()
  const spent = (name: string): number => used.get(name) ?? 0
  const spend = (name: string, amount: number): void => {
    used.set(name, spent(name) + amount)
  }
  let balance = 0
  return candidates.flatMap(({ key, rule, at, day, evidence }) => {
    const pack = packOn(history, day)
    const terms = ruleOf(pack, rule)
    if (!terms) return []
    const { points, limited } = allowed(terms.points, {
      times: (terms.times ?? Infinity) - spent(`times ${rule}`),
      day: (terms.perDay ?? Infinity) - spent(`day ${rule} ${day}`),
      year: terms.countsToYear ? pack.yearlyGain - spent(`year ${yearOf(day)}`) : Infinity,
    })
    if (limited !== 'times') spend(`times ${rule}`, 1)
    spend(`day ${rule} ${day}`, points)
    if (terms.countsToYear) spend(`year ${yearOf(day)}`, points)
    balance += points
    return [{ key, rule, at, evidence, points, limited, packVersion: pack.version, balance }]
  })
}

type Limit = NonNullable<LedgerEntry['limited']>

/** Cuts a gain to what its limits leave; a penalty is only stopped by a rule that counts a number of times. */
const allowed = (
  points: number,
  left: Readonly<Record<Limit, number>>,
): { points: number; limited: Limit | null } => {
  if (left.times <= 0) return { points: 0, limited: 'times' }
  const most = Math.max(0, Math.min(left.day, left.year))
  if (points <= most) return { points, limited: null }
  return { points: most, limited: left.day <= left.year ? 'day' : 'year' }
}

const byTime = (a: Candidate, b: Candidate): number =>
  a.at - b.at || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

/** Each fact once, without the voided ones. */
const alive = (facts: readonly Fact[]): readonly Fact[] => {
  const voided = new Set(facts.flatMap(fact => (fact.kind === 'void' ? [fact.factId] : [])))
  const byId = new Map(facts.map(fact => [fact.id, fact]))
  return [...byId.values()].filter(fact => fact.kind !== 'void' && !voided.has(fact.id))
}

/** A loan is borrowed once and lost once, however many facts say so: the earliest counts. */
const single = (facts: readonly Fact[], zone: string): readonly Candidate[] => {
  const earliest = new Map<string, Fact>()
  for (const fact of facts) {
    if (fact.kind === 'overdue' || fact.kind === 'returned' || fact.kind === 'void') continue
    const key = fact.kind === 'borrowed' || fact.kind === 'lost' ? `${fact.kind}:${fact.loanId}` : fact.id
    const known = earliest.get(key)
    if (!known || fact.at < known.at || (fact.at === known.at && fact.id < known.id)) earliest.set(key, fact)
  }
  return [...earliest].map(([key, { kind, at, evidence }]) => ({
    key,
    rule: kind as RuleId,
    at,
    day: dayOf(at, zone),
    evidence,
  }))
}

/** The days each loan was out too long: all that any fact speaks of, but none after the hand-in. */
const overdue = (facts: readonly Fact[], zone: string): readonly Candidate[] => {
  const loans = new Map<string, { days: Set<Day>; handedIn: Day; evidence: string }>()
  for (const fact of facts) {
    if (fact.kind !== 'overdue' && fact.kind !== 'returned') continue
    const loan = loans.get(fact.loanId) ?? { days: new Set(), handedIn: Infinity, evidence: fact.evidence }
    loans.set(fact.loanId, loan)
    const last = dayOf(fact.at, zone)
    for (let day = dayOf(fact.dueAt, zone) + 1; day <= last; day++) loan.days.add(day)
    if (fact.kind === 'returned') loan.handedIn = Math.min(loan.handedIn, last)
    if (fact.evidence < loan.evidence) loan.evidence = fact.evidence
  }
  return [...loans].flatMap(([loanId, { days, handedIn, evidence }]) =>
    [...days]
      .filter(day => day <= handedIn)
      .map(day => ({
        key: `overdue:${loanId}:${dayText(day)}`,
        rule: 'overdue' as const,
        at: startOf(day, zone),
        day,
        evidence,
      })),
  )
}

/** What the ledger's table holds of an entry. */
export type Written = Omit<LedgerEntry, 'balance' | 'limited'>

/** What must be written so that the written ledger tells the computed one: new entries and dated corrections. */
export const missingEntries = (
  computed: readonly LedgerEntry[],
  written: readonly Written[],
): readonly (Written & { readonly correction: boolean })[] => {
  const sums = new Map<string, { points: number; first: Written }>()
  for (const entry of written) {
    const known = sums.get(entry.key)
    sums.set(entry.key, { points: (known?.points ?? 0) + entry.points, first: known?.first ?? entry })
  }
  const wanted = new Set(computed.map(entry => entry.key))
  const changed = computed.flatMap(({ balance: _, limited: __, ...entry }) => {
    const known = sums.get(entry.key)
    if (!known) return [{ ...entry, correction: false }]
    const points = entry.points - known.points
    return points === 0 ? [] : [{ ...entry, points, correction: true }]
  })
  const gone = [...sums].flatMap(([key, { points, first }]) =>
    wanted.has(key) || points === 0 ? [] : [{ ...first, points: -points, correction: true }],
  )
  return [...changed, ...gone]
}
