import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { CreditJson } from '../http/api/reader.ts'
import { accountOf, consentsOf, decisionsOf, entriesOf, type PatronRef } from '../store/credit.ts'
import { waysOf } from './accounts.ts'
import type { RuleId } from './facts.ts'
import { packAt, ruleOf } from './pack.ts'
import type { CreditParts } from './parts.ts'
import { tierOf } from './tiers.ts'
import { ledgerWords } from './words.ts'

const shownEntries = 200
const shownDecisions = 50

/** A reader's credit as the reader sees it: newest first. */
export const readCredit = async (parts: CreditParts, who: PatronRef): Promise<CreditJson> => {
  const { db } = parts.store
  const { packs, zone } = parts.policyOf(who.libraryId)
  const now = parts.clock.now()
  const pack = packAt(packs, now, zone)
  const account = await accountOf(db, who)
  const balance = account?.balance ?? 0
  const until = account?.frozen_until ?? null
  const standing = { ways: await waysOf(db, who, now), balance, redemptions: account?.redemptions ?? 0 }
  const tier = tierOf(standing, pack)
  const name = (rule: string, at: Millis): Words =>
    ruleOf(packAt(packs, at, zone), rule as RuleId)?.name ?? { zh: rule, en: rule }
  return {
    balance,
    frozenUntil: until !== null && until > now ? iso(until, zone) : null,
    tier: tier ? { id: tier.id, name: tier.name } : null,
    entries: (await entriesOf(db, who, shownEntries)).map(row => ({
      id: row.id,
      at: iso(row.at, zone),
      rule: row.rule,
      name: row.correction === 1 ? ledgerWords.correction(name(row.rule, row.at)) : name(row.rule, row.at),
      points: row.points,
      evidence: row.evidence,
      balance: row.balance,
    })),
    decisions: (await decisionsOf(db, who, shownDecisions)).map(row => ({
      id: row.id,
      at: iso(row.at, zone),
      result: row.result,
      reason: JSON.parse(row.reason) as Words,
      packVersion: `${row.pack_name} ${row.pack_version}`,
    })),
    consents: (await consentsOf(db, who)).map(row => ({
      provider: row.provider,
      textVersion: row.text_version,
      at: iso(row.at, zone),
      revokedAt: row.revoked_at === null ? null : iso(row.revoked_at, zone),
    })),
  }
}

/** RFC 3339 with the library's offset. */
export const iso = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toString({ timeZone: zone, smallestUnit: 'second' })
