import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Tx } from '../store/db.ts'
import type { PolicyPack } from './pack.ts'

/** Makes a card unusable, and usable again, in the library system; told inside the deciding transaction. */
export interface CardControl {
  /** `key` is the same at every try, one for each freeze. */
  block(tx: Tx, order: CardOrder & { readonly until: Millis; readonly why: Words }): Promise<void>
  enable(tx: Tx, order: CardOrder): Promise<void>
}
export interface CardOrder {
  readonly libraryId: string
  readonly patronId: string
  readonly key: string
}

const dayMillis = 86_400_000

export interface BalanceChange {
  readonly before: number
  readonly after: number
  readonly frozenUntil: Millis | null
  readonly now: Millis
}

/**
 * What a change of the balance does to the card. Falling below the limit, or further below it, freezes a card
 * that is not frozen; one that is frozen keeps its day; rising to the limit (an objection upheld) lifts at once.
 */
export const freezeAfter = (
  { before, after, frozenUntil, now }: BalanceChange,
  rule: PolicyPack['freeze'],
): { readonly freezeUntil: Millis } | 'lift' | 'leave' => {
  const frozen = frozenUntil !== null && frozenUntil > now
  if (after >= rule.below) return frozenUntil === null ? 'leave' : 'lift'
  if (frozen || after >= before) return 'leave'
  return { freezeUntil: now + rule.days * dayMillis }
}
