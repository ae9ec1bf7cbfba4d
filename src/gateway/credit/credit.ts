import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import { type Answer, no, refused, type Words, yes } from '../../kernel/problem.ts'
import type { CreditJson, JoinResultJson } from '../http/api/reader.ts'
import { audit } from '../store/audit.ts'
import {
  accountOf,
  admissionsDue,
  depositsHeld,
  eraseDecisionInputs,
  forgetAdmission,
  forgetExpiredAdmissions,
  freezesDue,
  holdAccount,
  insertDeposit,
  type PatronRef,
  returnDeposit,
  revokeConsents,
} from '../store/credit.ts'
import type { Db, Tx } from '../store/db.ts'
import { aloneWith, liftFreeze, localDate, settleTier, takeFacts, waysOf } from './accounts.ts'
import type { Fact } from './facts.ts'
import { type JoinRequest, join } from './joining.ts'
import { type LoanToTell, tellLoan, tellReturn } from './loan-reports.ts'
import { objections } from './objections.ts'
import { packAt, ruleOf } from './pack.ts'
import type { CreditParts } from './parts.ts'
import { readCredit } from './reading.ts'
import { type Allowance, allowanceOf } from './tiers.ts'
import { decisionWords, problemWords } from './words.ts'

export interface Credit {
  join(request: JoinRequest): Promise<Answer<JoinResultJson>>
  /** What a reader sees of the own credit. */
  creditOf(who: PatronRef): Promise<CreditJson>
  /** What the reader may do now; undefined before joining. Reads inside the caller's transaction. */
  allowanceOf(db: Db, who: PatronRef): Promise<Allowance | undefined>
  /** Why credit keeps the reader from borrowing now, in words; empty when it does not. */
  blocksOf(db: Db, who: PatronRef): Promise<readonly Words[]>
  /** Takes facts in; those known already change nothing. */
  record(who: PatronRef, facts: readonly Fact[]): Promise<void>
  recordIn(tx: Tx, who: PatronRef, facts: readonly Fact[]): Promise<void>
  /** 100 points (or what the pack says) for one more item on loan. */
  redeem(who: PatronRef, key: string): Promise<Answer<void>>
  /** Stops queries at once and erases what came from the provider. */
  revoke(who: PatronRef, provider: string): Promise<boolean>
  /** The desk received a deposit; `id` makes it once. */
  takeDeposit(who: PatronRef, deposit: { id: string; amount: Fen; by: string }): Promise<void>
  giveBackDeposit(who: PatronRef, deposit: { id: string; by: string }): Promise<boolean>
  /** Staff take a fact back, with a reason; the ledger is corrected, not rewritten. */
  takeBack(who: PatronRef, factId: string, by: string, reason: string): Promise<void>
  readonly objections: ReturnType<typeof objections>
  tellLoan(loan: LoanToTell): Promise<Answer<'told' | 'not-needed'>>
  tellReturn(loan: LoanToTell): Promise<Answer<'told' | 'not-needed'>>
  /** Lifts freezes and drops answers that have run their time; to be called every few minutes. */
  sweep(limit?: number): Promise<number>
}

/** Everything about readers' credit that needs the store. */
export const createCredit = (parts: CreditParts): Credit => {
  const { store, clock, policyOf } = parts
  const alone = <T>(who: PatronRef, act: (tx: Tx, now: Millis) => Promise<T>): Promise<T> =>
    aloneWith(store, who, tx => act(tx, clock.now()))
  const packNow = (libraryId: string, now: Millis) => {
    const { packs, zone } = policyOf(libraryId)
    return packAt(packs, now, zone)
  }
  const retier = async (tx: Tx, who: PatronRef, now: Millis): Promise<void> => {
    const account = await holdAccount(tx, who)
    await settleTier(tx, parts, who, account, now)
  }
  const recordIn: Credit['recordIn'] = (tx, who, facts) => takeFacts(tx, parts, who, facts, clock.now())

  return {
    join: request => join(parts, request),
    creditOf: who => readCredit(parts, who),
    allowanceOf: async (db, who) => {
      const now = clock.now()
      const account = await accountOf(db, who)
      const standing = {
        ways: await waysOf(db, who, now),
        balance: account?.balance ?? 0,
        redemptions: account?.redemptions ?? 0,
      }
      return allowanceOf(standing, packNow(who.libraryId, now))
    },
    blocksOf: async (db, who) => {
      const until = (await accountOf(db, who))?.frozen_until ?? null
      if ((await waysOf(db, who, clock.now())).length === 0) return [problemWords.notJoined]
      if (until === null || until <= clock.now()) return []
      return [decisionWords.frozen(localDate(until, policyOf(who.libraryId).zone))]
    },
    record: (who, facts) => alone(who, tx => recordIn(tx, who, facts)),
    recordIn,
    redeem: (who, key) =>
      alone(who, async (tx, now) => {
        const account = await holdAccount(tx, who)
        const rule = ruleOf(packNow(who.libraryId, now), 'redeemed')
        if (!rule || account.redemptions >= (rule.times ?? Infinity))
          return no(refused('redeemed-out', problemWords.redeemedOut))
        if (account.balance + rule.points < 0) return no(refused('too-few-points', problemWords.tooFewPoints))
        const fact: Fact = { id: `redeemed:${key}`, kind: 'redeemed', at: now, evidence: key }
        await recordIn(tx, who, [fact])
        return yes(undefined)
      }),
    revoke: (who, provider) =>
      alone(who, async (tx, now) => {
        if (!(await revokeConsents(tx, who, provider, now))) return false
        await forgetAdmission(tx, who, provider)
        const text = decisionWords.erased()
        await eraseDecisionInputs(tx, who, provider, { rule: 'erased', text })
        await retier(tx, who, now)
        return true
      }),
    takeDeposit: (who, { id, amount, by }) =>
      alone(who, async (tx, now) => {
        const row = { library_id: who.libraryId, patron_id: who.patronId, id, amount }
        await insertDeposit(tx, { ...row, received_at: now, returned_at: null })
        await record(tx, who, now, by, 'deposit-received', id, { amount })
        await retier(tx, who, now)
      }),
    giveBackDeposit: (who, { id, by }) =>
      alone(who, async (tx, now) => {
        if (!(await returnDeposit(tx, who, id, now))) return false
        if ((await depositsHeld(tx, who)).length === 0) await forgetAdmission(tx, who, 'deposit')
        await record(tx, who, now, by, 'deposit-returned', id, {})
        await retier(tx, who, now)
        return true
      }),
    takeBack: (who, factId, by, reason) =>
      alone(who, async (tx, now) => {
        await recordIn(tx, who, [{ id: `void:${factId}`, kind: 'void', factId, at: now, evidence: factId }])
        await record(tx, who, now, by, 'credit-fact-taken-back', factId, {}, reason)
      }),
    objections: objections(parts),
    tellLoan: loan => tellLoan(parts, loan),
    tellReturn: loan => tellReturn(parts, loan),
    sweep: async (limit = 200) => {
      const now = clock.now()
      const frozen = await freezesDue(store.db, now, limit)
      for (const who of frozen) await alone(who, tx => liftIfDue(tx, parts, who, now))
      const stale = await admissionsDue(store.db, now, limit)
      for (const who of stale)
        await alone(who, async tx => {
          await forgetExpiredAdmissions(tx, who, now)
          await retier(tx, who, now)
        })
      return frozen.length + stale.length
    },
  }
}

const liftIfDue = async (tx: Tx, parts: CreditParts, who: PatronRef, now: Millis): Promise<void> => {
  const account = await holdAccount(tx, who)
  if (account.frozen_until !== null && account.frozen_until <= now)
    await liftFreeze(tx, parts, who, account.freezes, now)
}

const record = (
  tx: Tx,
  who: PatronRef,
  at: Millis,
  actor: string,
  action: string,
  subject: string,
  data: Readonly<Record<string, unknown>>,
  reason = '',
): Promise<void> =>
  audit(tx, {
    libraryId: who.libraryId,
    at,
    actor,
    action,
    subject,
    reason,
    data: { patronId: who.patronId, ...data },
  })
