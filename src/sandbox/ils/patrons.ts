import { type PatronBlock, patronBlocks } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Books, loansOf, owedBy } from './books.ts'
import type { Patron } from './model.ts'
import { type Ruling, refuse, rule } from './ruling.ts'
import type { Reason } from './words.ts'

/** Why the patron may not borrow now; undefined when nothing stands against it. */
export const standing = (books: Books, patron: Patron, now: Millis): Reason | undefined => {
  const category = books.categories.get(patron.category)
  if (patron.lost) return 'card-lost'
  if (patron.blocked !== undefined) return 'card-blocked'
  if (patron.expiresAt < now) return 'card-expired'
  if (!category) return undefined
  if (owedBy(books, patron.card) >= category.maxOwed) return 'fines-owed'
  if (overdueOf(books, patron.card, now).length >= category.maxOverdue) return 'overdue-held'
  return undefined
}

export const overdueOf = (books: Books, card: string, now: Millis): readonly string[] =>
  loansOf(books, card)
    .filter(l => l.dueAt < now)
    .map(l => l.barcode)

const flagsOf: Partial<Record<Reason, readonly PatronBlock[]>> = {
  'card-lost': ['charge-denied', 'renewal-denied', 'recall-denied', 'hold-denied', 'card-lost'],
  'card-blocked': ['charge-denied', 'renewal-denied', 'recall-denied', 'hold-denied'],
  'card-expired': ['charge-denied', 'renewal-denied', 'hold-denied'],
  'fines-owed': ['charge-denied', 'renewal-denied', 'excessive-fines'],
  'overdue-held': ['charge-denied', 'too-many-overdue'],
}

/** The 14 positions of the patron status, as 24 and 64 carry them. */
export const patronStatus = (books: Books, card: string, now: Millis): string => {
  const patron = books.patrons.get(card)
  if (!patron) return 'YYYY          '
  const reason = standing(books, patron, now)
  const flags = new Set<PatronBlock>(reason ? (flagsOf[reason] ?? []) : [])
  const category = books.categories.get(patron.category)
  if (category && loansOf(books, card).length >= category.maxLoans) flags.add('too-many-charged')
  return patronBlocks.map(block => (flags.has(block) ? 'Y' : ' ')).join('')
}

/** Blocks the card for everything (message 01). */
export const blockPatron = (books: Books, card: string, reason: string): Ruling<void> => {
  const patron = books.patrons.get(card)
  if (!patron) return refuse('unknown-card')
  books.patrons.set(card, { ...patron, blocked: reason })
  return rule(undefined)
}

/** Lifts every block; a card from the stock becomes one in use (message 25). */
export const enablePatron = (books: Books, card: string): Ruling<void> => {
  const patron = books.patrons.get(card)
  if (!patron) return refuse('unknown-card')
  const { blocked: _, lost: __, pool: ___, ...rest } = patron
  books.patrons.set(card, rest)
  return rule(undefined)
}
