import type { Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'

/**
 * A credit provider. It says what it found; whether a reader is admitted is the gateway's decision.
 * Each provider sees only its own data: nothing here carries what another one told us.
 */
export interface CreditProvider {
  readonly name: string
  /** Admission against a threshold. `unknown` (no account, too little data) is never a refusal. */
  admit(request: AdmissionRequest): Promise<Answer<Admission>>
}

export interface AdmissionRequest {
  /** Ours, <= 64 of [A-Za-z0-9_], the same at every try of the same question within 24 h. */
  readonly key: string
  readonly person: CreditPerson
  /** The score the library asks for, 350..950. */
  readonly threshold: number
}
/** What identifies the person to this provider; used for the call and not kept by the driver. */
export type CreditPerson =
  | { readonly kind: 'identity-card'; readonly name: string; readonly number: string }
  | { readonly kind: 'platform-user'; readonly openId: string }

export interface Admission {
  readonly outcome: 'yes' | 'no' | 'unknown'
  /** The provider's number for the query, kept as evidence. */
  readonly reference: string
  readonly at: Millis
}

/** Extra power: the life of a loan is told to the provider (`zhima.credit.contract.borrow.*`). */
export interface RecordsLoans {
  recordLoan(loan: LoanNotice): Promise<Answer<void>>
  recordReturn(loan: LoanNotice): Promise<Answer<void>>
}
export interface LoanNotice {
  readonly key: string
  readonly borrowedAt: Millis
  readonly dueAt: Millis
  readonly items: readonly { readonly id: string; readonly title: string }[]
}
