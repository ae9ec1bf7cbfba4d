import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, unreachable, yes } from '../../kernel/problem.ts'
import type { Store } from '../store/db.ts'
import { doneAfter, holdOn, lastLoanBefore } from '../store/ils-queue.ts'
import type { Claim } from '../store/outbox.ts'
import type { Personal } from '../store/personal.ts'
import { type HappenedKind, type HappenedPayload, itemSequence } from './happened.ts'
import { isIn, isOut, type Look, lookAt } from './look.ts'
import { conflict, underWay } from './words.ts'

export interface TellDeps {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly personal: Personal
  readonly ils: (libraryId: string) => Ils
}

/** What a try leaves behind for the next one, beside its problem. */
interface Noted extends Problem {
  /** When the loan that was there before we acted falls due; null when that was not told. */
  readonly seenDue?: Millis | null
}

interface Telling {
  readonly deps: TellDeps
  readonly claim: Claim
  readonly payload: HappenedPayload
  readonly ils: Ils
  readonly act: { readonly key: string; readonly repeated: boolean; readonly priority: 'work' }
  /** Undefined until something has been noted. */
  readonly seenDue: Millis | null | undefined
}

/**
 * Tells a library system what has happened. It is asked first what it knows: what it has already is done, what it
 * contradicts is a conflict for a person, and a loan newer than a return is never taken back.
 */
export const tellHappened =
  (deps: TellDeps): ((claim: Claim) => Promise<Answer<void>>) =>
  async claim => {
    const payload = claim.payload as HappenedPayload
    const telling: Telling = {
      deps,
      claim,
      payload,
      ils: deps.ils(claim.libraryId),
      act: { key: claim.key, repeated: claim.repeated || payload.maybeDone, priority: 'work' },
      seenDue: (claim.lastProblem as Noted | null)?.seenDue,
    }
    const card = payload.card === null ? undefined : deps.personal.open(payload.card)
    const answer = await tellers[claim.kind as HappenedKind](telling, card)
    return answer.ok ? answer : no(patient(masked(answer.problem, card)))
  }

/** Wrong settings are mended some day, and what has happened stays true: only a no is for a person. */
const patient = (problem: Problem): Problem =>
  problem.kind === 'misconfigured' ? { ...problem, retry: 'later' } : problem

const masked = (problem: Problem, card: string | undefined): Problem =>
  card !== undefined && problem.their?.text?.includes(card)
    ? { ...problem, their: { ...problem.their, text: problem.their.text.replaceAll(card, '***') } }
    : problem

type Teller = (telling: Telling, card: string | undefined) => Promise<Answer<void>>

const checkout: Teller = async (telling, card = '') => {
  const { payload, ils, act, deps, claim } = telling
  const { barcode, when, dueAt } = payload
  const later = await doneAfter(deps.store.db, claim, itemSequence(claim.libraryId, barcode))
  if (later.lent || later.back) return no(conflict('overtaken'))
  const before = await lookAt(ils, barcode, card)
  if (!before.ok) return before
  const found = before.value
  if (!found.known) return no(conflict('item-unknown', found))
  if (isOut(found)) {
    if (found.holder !== 'same')
      return no(conflict(found.holder === 'other' ? 'charged-to-other' : 'charged-to-somebody', found))
    const longer = !act.repeated && dueAt !== null && found.dueAt !== undefined && dueAt > found.dueAt
    return longer ? renew(telling, card) : yes(undefined)
  }
  if (!(await hold(telling))) return no(lost)
  const answer = await ils.checkout({
    ...act,
    card,
    barcode,
    at: when,
    noBlock: true,
    ...(dueAt === null ? {} : { dueAt }),
  })
  return answer.ok ? yes(undefined) : settle(telling, answer.problem, card, look => look.holder === 'same')
}

const checkin: Teller = async (telling, card) => {
  const { payload, ils, act, deps, claim } = telling
  const { barcode, when, location } = payload
  const sequence = itemSequence(claim.libraryId, barcode)
  const later = await doneAfter(deps.store.db, claim, sequence)
  if (later.lent) return yes(undefined)
  const whose = card ?? (await borrowerBefore(telling, sequence))
  const before = await lookAt(ils, barcode, whose)
  if (!before.ok) return before
  const found = before.value
  if (!found.known) return no(conflict('item-unknown', found))
  if (isIn(found) || found.holder === 'other') return yes(undefined)
  const sure = found.holder === 'same' || !isOut(found)
  if (!sure && act.repeated && !sameLoan(telling, found)) return no(conflict('may-be-lent-again', found))
  if (!(await hold(telling, sure ? undefined : found))) return no(lost)
  const answer = await ils.checkin({
    ...act,
    barcode,
    returnedAt: when,
    at: when,
    noBlock: true,
    ...(whose === undefined ? {} : { card: whose }),
    ...(found.dueAt === undefined ? {} : { dueBefore: found.dueAt }),
    ...(location === null ? {} : { location }),
  })
  return answer.ok ? yes(undefined) : settle(telling, answer.problem, whose, isIn, found.dueAt)
}

const renew: Teller = async (telling, card = '') => {
  const { payload, ils, act, deps, claim } = telling
  const { barcode, when, dueAt } = payload
  const later = await doneAfter(deps.store.db, claim, itemSequence(claim.libraryId, barcode))
  if (later.lent || later.back) return no(conflict('overtaken'))
  const before = await lookAt(ils, barcode, card)
  if (!before.ok) return before
  const found = before.value
  if (!found.known) return no(conflict('item-unknown', found))
  if (isIn(found)) return no(conflict('not-on-loan', found))
  if (found.holder === 'other') return no(conflict('charged-to-other', found))
  const enough = (look: Look): boolean =>
    dueAt !== null && look.dueAt !== undefined && look.dueAt >= dueAt && look.holder !== 'other'
  if (enough(found)) return yes(undefined)
  const seen = telling.seenDue ?? (act.repeated ? (dueAt === null ? undefined : dueAt - 1) : found.dueAt)
  if (!(await hold(telling, telling.seenDue === undefined ? found : undefined))) return no(lost)
  const answer = await ils.renew({
    ...act,
    card,
    barcode,
    ...(found.title === '' ? {} : { title: found.title }),
    at: when,
    noBlock: true,
    ...(dueAt === null ? {} : { dueAt }),
    ...(seen === undefined ? {} : { dueBefore: seen }),
  })
  return answer.ok
    ? yes(undefined)
    : settle(telling, answer.problem, card, enough, telling.seenDue ?? found.dueAt)
}

const tellers: Readonly<Record<HappenedKind, Teller>> = {
  'ils.happened-checkout': checkout,
  'ils.happened-checkin': checkin,
  'ils.happened-renew': renew,
}

/** A no is looked into: what it says no to may stand already. Anything else is tried again, with what was seen. */
const settle = async (
  { ils, payload }: Telling,
  problem: Problem,
  card: string | undefined,
  stands: (look: Look) => boolean,
  seenDue?: Millis,
): Promise<Answer<void>> => {
  const noted = seenDue === undefined ? {} : { seenDue }
  if (problem.kind !== 'refused') return no({ ...problem, ...noted })
  const after = await lookAt(ils, payload.barcode, card)
  if (!after.ok) return no({ ...after.problem, ...noted, maybeDone: true })
  if (stands(after.value)) return yes(undefined)
  const name = problem.code === 'ils-may-be-lent-again' ? 'may-be-lent-again' : 'refused'
  return no(conflict(name, after.value, problem.their))
}

const sameLoan = ({ seenDue }: Telling, found: Look): boolean =>
  seenDue !== undefined && seenDue === (found.dueAt ?? null)

/** How long one act and the questions after it may take. */
const holding: Millis = 10 * 60_000

/**
 * Comes before every act: nobody else tries it meanwhile. What was seen is written down, so that the loan of that
 * moment can be told from a newer one should the answer be lost.
 */
const hold = ({ deps, claim, act }: Telling, found?: Look): Promise<boolean> => {
  const last = claim.lastProblem ?? unreachable('under-way', underWay, { maybeDone: act.repeated })
  const note: Noted | undefined = found && { ...last, seenDue: found.dueAt ?? null }
  return holdOn(deps.store.db, claim, deps.clock.now() + holding, note)
}

const lost: Problem = unreachable('lease-lost', underWay)

/** Who had it by what we have told ourselves, for returns into a slot that asks nobody. */
const borrowerBefore = async ({ deps, claim }: Telling, sequence: string): Promise<string | undefined> => {
  const loan = (await lastLoanBefore(deps.store.db, claim, sequence)) as HappenedPayload | undefined
  return loan?.card ? deps.personal.open(loan.card) : undefined
}
