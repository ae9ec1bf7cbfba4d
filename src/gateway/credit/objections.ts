import { type Answer, no, refused, type Words, yes } from '../../kernel/problem.ts'
import { audit } from '../store/audit.ts'
import {
  accountOf,
  decisionById,
  forgetAdmission,
  holdAccount,
  insertDecision,
  insertObjection,
  openObjections,
  type PatronRef,
  saveAdmission,
  settleObjection,
} from '../store/credit.ts'
import { note, settleTier, waysOf } from './accounts.ts'
import { admit } from './joining.ts'
import { type JoinWay, packAt } from './pack.ts'
import type { CreditParts } from './parts.ts'
import { tierOf } from './tiers.ts'
import { decisionWords, problemWords } from './words.ts'

export interface Objection {
  readonly decisionId: string
  readonly patronId: string
  readonly at: number
  /** In the reader's own words. */
  readonly text: string
}

/** What staff decide about a decision: a person may say no, a rule may not. */
export interface Review {
  readonly libraryId: string
  readonly decisionId: string
  readonly by: string
  readonly reason: string
  readonly result: 'admitted' | 'refused' | 'unchanged'
}

const dayMillis = 86_400_000

/** Readers object, staff answer with a reason; each answer is a decision of its own and is audited. */
export const objections = (parts: CreditParts) => ({
  object: (who: PatronRef, decisionId: string, text: string): Promise<Answer<void>> =>
    parts.store.tx(async tx => {
      const now = parts.clock.now()
      const decision = await decisionById(tx, who.libraryId, decisionId)
      if (decision?.patron_id !== who.patronId)
        return no(refused('unknown-decision', problemWords.unknownDecision))
      const row = { library_id: who.libraryId, patron_id: who.patronId, decision_id: decisionId, at: now }
      const fresh = await insertObjection(tx, {
        ...row,
        sealed: parts.personal.seal(text.slice(0, 2000)),
        state: 'open',
        answered_at: null,
        answered_by: null,
      })
      if (!fresh) return no(refused('already-objected', problemWords.alreadyObjected))
      await note(tx, parts, who, 'credit-objected', now, { decisionId })
      return yes(undefined)
    }),

  open: async (libraryId: string, limit = 100): Promise<readonly Objection[]> =>
    (await openObjections(parts.store.db, libraryId, limit)).map(row => ({
      decisionId: row.decision_id,
      patronId: row.patron_id,
      at: row.at,
      text: parts.personal.open(row.sealed),
    })),

  /** Gives the id of the new decision; an unchanged one stays as it is and only the objection is answered. */
  review: (review: Review): Promise<Answer<string>> =>
    parts.store.tx(async tx => {
      const { libraryId, decisionId, by, reason, result } = review
      const now = parts.clock.now()
      const before = await decisionById(tx, libraryId, decisionId)
      if (!before) return no(refused('unknown-decision', problemWords.unknownDecision))
      const who = { libraryId, patronId: before.patron_id }
      await holdAccount(tx, who)
      const way = before.way as JoinWay
      const state = result === 'unchanged' ? 'rejected' : 'upheld'
      await settleObjection(tx, libraryId, decisionId, { state, answered_at: now, answered_by: by })
      await note(tx, parts, who, 'credit-reviewed', now, { decisionId, result })
      const data = { patronId: who.patronId, result }
      await audit(tx, {
        libraryId,
        at: now,
        actor: by,
        action: 'decision-reviewed',
        subject: decisionId,
        reason,
        data,
      })
      if (result === 'unchanged') return yes(decisionId)
      const { packs, zone } = parts.policyOf(libraryId)
      const pack = packAt(packs, now, zone)
      const row = { library_id: libraryId, patron_id: who.patronId, at: now, way }
      if (result === 'admitted') {
        const expires_at = now + pack.admissionDays * dayMillis
        await saveAdmission(tx, { ...row, outcome: 'yes', reference: by, expires_at })
        await admit(tx, parts, who, way, pack, now)
      } else await forgetAdmission(tx, who, way)
      const account = await accountOf(tx, who)
      const standing = { balance: account?.balance ?? 0, redemptions: account?.redemptions ?? 0 }
      await settleTier(tx, parts, who, standing, now)
      const tier = tierOf({ ...standing, ways: await waysOf(tx, who, now) }, pack)
      const words: Words = decisionWords.overridden(reason)
      const id = parts.ids.next()
      await insertDecision(tx, {
        ...row,
        id,
        actor: by,
        inputs: '{}',
        pack_name: pack.name,
        pack_version: pack.version,
        result,
        tier: result === 'admitted' ? (tier?.id ?? null) : null,
        rules: JSON.stringify([{ rule: 'overridden', text: words }]),
        reason: JSON.stringify(words),
        overrides: decisionId,
      })
      return yes(id)
    }),
})
