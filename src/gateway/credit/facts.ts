import type { Millis } from '../../kernel/clock.ts'

/**
 * Something a reader did, or that befell a loan, with its own date. Facts arrive in any order, late and twice;
 * the id decides what is the same fact.
 */
export type Fact = FactBase & FactDetail

export interface FactBase {
  /** Unique for the reader: `borrowed:<lineId>`, `event:<eventId>`. */
  readonly id: string
  /** When it happened. For `overdue`: until when the item is known to have been out; for `returned`: the hand-in. */
  readonly at: Millis
  /** What a reader reads as its proof: an order number, an event's name. No names of people. */
  readonly evidence: string
}

export type FactDetail =
  | { readonly kind: 'joined' }
  | { readonly kind: 'borrowed' | 'damaged' | 'lost'; readonly loanId: string }
  | { readonly kind: 'overdue' | 'returned'; readonly loanId: string; readonly dueAt: Millis }
  | { readonly kind: 'event-attended' | 'volunteered' | 'redeemed' | 'second-card' }
  /** The fact with that id does not count: a mistake, an objection that was upheld, a lost item found again. */
  | { readonly kind: 'void'; readonly factId: string }

/** Kinds of facts that a rule can give points for. */
export const ruleIds = [
  'joined',
  'borrowed',
  'event-attended',
  'volunteered',
  'redeemed',
  'overdue',
  'damaged',
  'lost',
  'second-card',
] as const
export type RuleId = (typeof ruleIds)[number]
