import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import { type Books, daysBetween, nextNumber, owedBy, unpaidOf } from './books.ts'
import type { Fine, Loan } from './model.ts'
import { type Ruling, refuse, rule } from './ruling.ts'

export interface FeeOrder {
  readonly card: string
  readonly amount: Fen | undefined
  /** CG: pays this fine only. */
  readonly fineId?: string
  /** BK of the terminal. */
  readonly transaction?: string
}

/** What a loan given back at `at` costs for being late. */
export const overdueFine = (books: Books, loan: Loan, at: Millis): Fen => {
  const category = books.categories.get(books.patrons.get(loan.card)?.category ?? '')
  if (!category) return 0
  const fine = daysBetween(books, loan.dueAt, at) * category.finePerDay
  return Math.min(fine, category.fineCap ?? fine)
}

export const charge = (
  books: Books,
  fine: Pick<Fine, 'card' | 'amount' | 'type' | 'at' | 'note' | 'barcode'>,
): Fine => {
  const charged: Fine = { ...fine, id: `F${nextNumber(books)}`, paid: 0 }
  books.fines.push(charged)
  return charged
}

/** Takes a payment, oldest fine first; more than is owed is refused. */
export const payFee = (books: Books, order: FeeOrder, now: Millis): Ruling<{ transaction: string }> => {
  if (!books.patrons.has(order.card)) return refuse('unknown-card')
  if (order.amount === undefined || order.amount <= 0) return refuse('amount-invalid')
  const owed = order.fineId
    ? unpaidOf(books, order.card)
        .filter(f => f.id === order.fineId)
        .reduce((sum, f) => sum + f.amount - f.paid, 0)
    : owedBy(books, order.card)
  if (owed === 0) return refuse('nothing-owed')
  if (order.amount > owed) return refuse('amount-too-large')
  let left = order.amount
  books.fines = books.fines.map(fine => {
    if (fine.card !== order.card || (order.fineId && fine.id !== order.fineId)) return fine
    const part = Math.min(left, fine.amount - fine.paid)
    left -= part
    return part > 0 ? { ...fine, paid: fine.paid + part } : fine
  })
  const transaction = order.transaction || `P${nextNumber(books)}`
  books.payments.push({ transaction, card: order.card, amount: order.amount, at: now })
  return rule({ transaction })
}
