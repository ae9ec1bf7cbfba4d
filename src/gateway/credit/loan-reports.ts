import { createHash } from 'node:crypto'
import type { LoanNotice } from '../../adapters/credit/credit.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, yes } from '../../kernel/problem.ts'
import { type PatronRef, saveTold, toldOf } from '../store/credit.ts'
import { waysOf } from './accounts.ts'
import { liveConsent } from './consents.ts'
import type { CreditParts } from './parts.ts'

export interface LoanToTell extends PatronRef {
  readonly lineId: string
  readonly barcode: string
  readonly title: string
  readonly borrowedAt: Millis
  readonly dueAt: Millis
}
const provider = 'zhima'

/** Tells the platform of a loan, when the reader was admitted by it and agreed. Safe to repeat. */
export const tellLoan = async (
  parts: CreditParts,
  loan: LoanToTell,
): Promise<Answer<'told' | 'not-needed'>> => {
  const now = parts.clock.now()
  const platform = parts.providersOf(loan.libraryId)[provider]
  if (!platform?.recordLoan) return yes('not-needed')
  if (await toldOf(parts.store.db, loan.libraryId, loan.lineId, provider)) return yes('told')
  const consent = await liveConsent(parts.store.db, loan, provider, 'loan-record', now)
  if (!consent || !(await waysOf(parts.store.db, loan, now)).includes(provider)) return yes('not-needed')
  const answer = await platform.recordLoan(notice(loan))
  if (!answer.ok) return answer
  await parts.store.tx(tx => saveTold(tx, { ...row(loan), loan_at: now, return_at: null }))
  return yes('told')
}

/**
 * Tells the platform that a loan is over. Whatever became of the consent: a loan it was told of and a return it
 * was not would become a false black mark on the reader.
 */
export const tellReturn = async (
  parts: CreditParts,
  loan: LoanToTell,
): Promise<Answer<'told' | 'not-needed'>> => {
  const platform = parts.providersOf(loan.libraryId)[provider]
  const told = await toldOf(parts.store.db, loan.libraryId, loan.lineId, provider)
  if (!told || !platform?.recordReturn) return yes('not-needed')
  if (told.return_at !== null) return yes('told')
  const answer = await platform.recordReturn(notice(loan))
  if (!answer.ok) return answer
  await parts.store.tx(tx => saveTold(tx, { ...told, return_at: parts.clock.now() }))
  return yes('told')
}

const row = ({ libraryId, patronId, lineId }: LoanToTell) => ({
  library_id: libraryId,
  patron_id: patronId,
  line_id: lineId,
  provider,
})

const notice = (loan: LoanToTell): LoanNotice => ({
  key: `L${createHash('sha256').update(`${loan.libraryId}|${loan.lineId}`).digest('hex').slice(0, 48)}`,
  borrowedAt: loan.borrowedAt,
  dueAt: loan.dueAt,
  items: [{ id: loan.barcode, title: loan.title }],
})
