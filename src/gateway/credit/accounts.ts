import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import {
  admissionsOf,
  type CreditAccountTable,
  type CreditFactTable,
  depositsHeld,
  entriesOf,
  factsOf,
  holdAccount,
  insertEntries,
  insertFact,
  type PatronRef,
  saveAccount,
  savePatronCredit,
} from '../store/credit.ts'
import type { Db, Store, Tx } from '../store/db.ts'
import { appendEvents } from '../store/events.ts'
import type { Fact, FactDetail, RuleId } from './facts.ts'
import { type CardControl, freezeAfter } from './freeze.ts'
import { computeLedger, missingEntries } from './ledger.ts'
import { type JoinWay, joinWays, type PolicyPack, packAt } from './pack.ts'
import { type Standing, tierOf } from './tiers.ts'
import { decisionWords } from './words.ts'

/** A library's own rules. */
export interface LibraryPolicy {
  /** IANA; its days and years are those of the rules. */
  readonly zone: string
  /** In any order; each applies from its own day on. */
  readonly packs: readonly PolicyPack[]
}

export interface AccountParts {
  readonly ids: Pick<Ids, 'next'>
  readonly cards: CardControl
  readonly policyOf: (libraryId: string) => LibraryPolicy
}

/**
 * A transaction with one reader's account in hand: whoever else wants it waits, so that every statement sees what
 * the one before left and nobody has to begin again.
 */
export const aloneWith = <T>(store: Store, who: PatronRef, act: (tx: Tx) => Promise<T>): Promise<T> =>
  store.tx(
    async tx => {
      await holdAccount(tx, who)
      return act(tx)
    },
    { isolation: 'read committed' },
  )

/**
 * Takes facts in, in the caller's transaction: those that are new are stored, the ledger is computed again from
 * all of them, and what changed is appended. The card is frozen or freed as the pack says. Facts already known
 * change nothing.
 */
export const takeFacts = async (
  tx: Tx,
  parts: AccountParts,
  who: PatronRef,
  facts: readonly Fact[],
  now: Millis,
): Promise<void> => {
  const account = await holdAccount(tx, who)
  let news = 0
  for (const fact of facts) if (await insertFact(tx, factRow(who, fact, now))) news++
  if (news === 0) return
  const { zone, packs } = parts.policyOf(who.libraryId)
  const computed = computeLedger((await factsOf(tx, who)).map(readFact), packs, zone)
  const written = (await entriesOf(tx, who)).map(readEntry)
  let balance = account.balance
  const rows = missingEntries(computed, written).map(entry => {
    balance += entry.points
    return {
      library_id: who.libraryId,
      patron_id: who.patronId,
      id: parts.ids.next(),
      key: entry.key,
      rule: entry.rule,
      at: entry.at,
      recorded_at: now,
      evidence: entry.evidence,
      points: entry.points,
      correction: entry.correction ? 1 : 0,
      pack_version: entry.packVersion,
      balance,
    }
  })
  await insertEntries(tx, rows)
  const redemptions = computed.filter(entry => entry.rule === 'redeemed' && entry.points < 0).length
  await saveAccount(tx, who, { balance, redemptions })
  await settleFreeze(tx, parts, who, account, balance, now)
  await settleTier(tx, parts, who, { balance, redemptions }, now)
}

const settleFreeze = async (
  tx: Tx,
  parts: AccountParts,
  who: PatronRef,
  account: Selectable<CreditAccountTable>,
  after: number,
  now: Millis,
): Promise<void> => {
  const { packs, zone } = parts.policyOf(who.libraryId)
  const change = { before: account.balance, after, frozenUntil: account.frozen_until, now }
  const next = freezeAfter(change, packAt(packs, now, zone).freeze)
  if (next === 'lift') await liftFreeze(tx, parts, who, account.freezes, now)
  if (typeof next === 'string') return
  const freezes = account.freezes + 1
  await saveAccount(tx, who, { frozen_until: next.freezeUntil, freezes })
  await savePatronCredit(tx, who, { frozen_until: next.freezeUntil })
  await note(tx, parts, who, 'credit-frozen', now, { until: next.freezeUntil })
  await parts.cards.block(tx, {
    ...who,
    key: `freeze:${who.patronId}:${freezes}`,
    until: next.freezeUntil,
    why: decisionWords.frozen(localDate(next.freezeUntil, zone)),
  })
}

/** Ends the freeze with that number: because it is over, or because its reason is gone. */
export const liftFreeze = async (
  tx: Tx,
  parts: AccountParts,
  who: PatronRef,
  freezes: number,
  now: Millis,
): Promise<void> => {
  await saveAccount(tx, who, { frozen_until: null })
  await savePatronCredit(tx, who, { frozen_until: null })
  await note(tx, parts, who, 'credit-unfrozen', now, {})
  await parts.cards.enable(tx, { ...who, key: `unfreeze:${who.patronId}:${freezes}` })
}

/** Writes the tier that follows from what is now known of the reader. */
export const settleTier = async (
  tx: Tx,
  parts: AccountParts,
  who: PatronRef,
  account: { readonly balance: number; readonly redemptions: number },
  now: Millis,
): Promise<void> => {
  const { packs, zone } = parts.policyOf(who.libraryId)
  const standing: Standing = { ...account, ways: await waysOf(tx, who, now) }
  await savePatronCredit(tx, who, { tier: tierOf(standing, packAt(packs, now, zone))?.id ?? null })
}

/** By which ways the reader is admitted now. */
export const waysOf = async (db: Db, who: PatronRef, now: Millis): Promise<readonly JoinWay[]> => {
  const rows = (await admissionsOf(db, who)).filter(
    row => row.outcome === 'yes' && (row.expires_at === null || row.expires_at > now),
  )
  const deposit = (await depositsHeld(db, who)).length > 0
  return joinWays.filter(way => rows.some(row => row.way === way) && (way !== 'deposit' || deposit))
}

export const note = (
  tx: Tx,
  parts: Pick<AccountParts, 'ids'>,
  { libraryId, patronId }: PatronRef,
  kind: string,
  now: Millis,
  data: Readonly<Record<string, unknown>>,
): Promise<void> =>
  appendEvents(tx, [
    {
      libraryId,
      id: parts.ids.next(),
      orderId: null,
      lineId: null,
      kind,
      at: now,
      recordedAt: now,
      actor: 'gateway',
      source: 'credit',
      data: { patronId, ...data },
    },
  ])

export const localDate = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString()

const factRow = ({ libraryId, patronId }: PatronRef, fact: Fact, now: Millis): CreditFactTable => {
  const { id, at, evidence, ...detail } = fact
  return {
    library_id: libraryId,
    patron_id: patronId,
    id,
    at,
    recorded_at: now,
    evidence,
    detail: JSON.stringify(detail),
  }
}
const readFact = (row: Selectable<CreditFactTable>): Fact => ({
  id: row.id,
  at: row.at,
  evidence: row.evidence,
  ...(JSON.parse(row.detail) as FactDetail),
})
const readEntry = (row: Awaited<ReturnType<typeof entriesOf>>[number]) => ({
  key: row.key,
  rule: row.rule as RuleId,
  at: row.at,
  evidence: row.evidence,
  points: row.points,
  packVersion: row.pack_version,
})
