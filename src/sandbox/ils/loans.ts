import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import { type Books, endOfDay, loansOf, nextNumber, patchItem, titleOf } from './books.ts'
import { charge, overdueFine } from './fines.ts'
import { catchForHold, claimedByOther, fillHold, giveBackHold } from './holds.ts'
import type { Hold, Item, ItemStatus, Loan, Patron } from './model.ts'
import { standing } from './patrons.ts'
import { type Ruling, refuse, rule } from './ruling.ts'
import type { Reason, Remark } from './words.ts'

export interface CheckoutOrder {
  readonly card: string
  readonly barcode: string
  /** It has happened already: no refusal, and its own dates count. */
  readonly noBlock?: boolean
  readonly at?: Millis
  readonly dueAt?: Millis
  readonly feeAcknowledged?: boolean
  /** The terminal does not want a loan of this very patron to be renewed instead. */
  readonly noRenewal?: boolean
}
export interface Lent {
  readonly loan: Loan
  readonly title: string
  readonly renewed: boolean
}
export interface CheckinOrder {
  readonly barcode: string
  readonly here: string
  readonly returnedAt?: Millis
  readonly noBlock?: boolean
  readonly cancel?: boolean
}
export interface TakenBack {
  readonly item: Item
  readonly title: string
  /** Who had it, when it was on loan. */
  readonly card?: string
  readonly fine: Fen
  /** CV, where the book must not simply be shelved. */
  readonly alert?: '01' | '02' | '04'
  readonly destination?: string
  readonly hold?: Hold
}

const lendable: readonly ItemStatus[] = [
  'available',
  'waiting-to-be-reshelved',
  'on-hold-shelf',
  'in-transit',
  'other',
]

/** Why this copy may not go to this patron; undefined when it may. */
const objection = (
  books: Books,
  patron: Patron,
  item: Item,
  order: CheckoutOrder,
  now: Millis,
): Reason | undefined => {
  const personal = standing(books, patron, now)
  if (personal) return personal
  if (!item.forLoan) return 'not-for-loan'
  if (books.loans.has(item.barcode)) return 'charged-to-other'
  if (!lendable.includes(item.status)) return 'not-available'
  const category = books.categories.get(patron.category)
  if (category && loansOf(books, patron.card).length >= category.maxLoans) return 'limit-reached'
  if (claimedByOther(books, item.barcode, patron.card)) return 'held-for-other'
  if ((item.loanFee ?? 0) > 0 && !order.feeAcknowledged) return 'fee-first'
  return undefined
}

export const checkOut = (books: Books, order: CheckoutOrder, now: Millis): Ruling<Lent> => {
  const patron = books.patrons.get(order.card)
  if (!patron) return refuse('unknown-card')
  const item = books.items.get(order.barcode)
  if (!item) return refuse('unknown-item')
  if (books.loans.get(order.barcode)?.card === order.card) {
    if (order.noRenewal && !order.noBlock) return refuse('on-loan-to-patron')
    const again = renewLoan(books, order, now)
    return again.ok ? rule(again.value, ['already-yours']) : again
  }
  const why = order.noBlock ? undefined : objection(books, patron, item, order, now)
  if (why) return refuse(why)
  const at = (order.noBlock ? order.at : undefined) ?? now
  const former = books.loans.get(order.barcode)
  if (former) chargeOverdue(books, former, at)
  const filled = fillHold(books, order.barcode, order.card)
  const loan: Loan = {
    number: nextNumber(books),
    barcode: order.barcode,
    card: order.card,
    at,
    dueAt: (order.noBlock ? order.dueAt : undefined) ?? endOfDay(books, at, loanDays(books, patron)),
    renewals: 0,
    ...(filled ? { filled } : {}),
  }
  books.loans.set(order.barcode, loan)
  patchItem(books, order.barcode, { status: 'charged' })
  if (item.loanFee && !order.noBlock)
    charge(books, {
      card: order.card,
      amount: item.loanFee,
      type: '06',
      at,
      barcode: order.barcode,
      note: titleOf(books, order.barcode),
    })
  return rule({ loan, title: titleOf(books, order.barcode), renewed: false })
}

const loanDays = (books: Books, patron: Patron): number =>
  books.categories.get(patron.category)?.loanDays ?? 0

/** Renews the patron's own loan; one that is overdue pays for the days so far. */
export const renewLoan = (books: Books, order: CheckoutOrder, now: Millis): Ruling<Lent> => {
  const loan = books.loans.get(order.barcode)
  if (!books.patrons.has(order.card)) return refuse('unknown-card')
  if (!books.items.has(order.barcode)) return refuse('unknown-item')
  if (!loan) return refuse('not-on-loan')
  const patron = books.patrons.get(loan.card)
  if (loan.card !== order.card || !patron) return refuse('loan-of-other')
  const category = books.categories.get(patron.category)
  if (!order.noBlock) {
    const personal = standing(books, patron, now)
    if (personal) return refuse(personal)
    if (category && loan.renewals >= category.maxRenewals) return refuse('renewals-exhausted')
    if (claimedByOther(books, order.barcode, order.card)) return refuse('held-for-other')
  }
  const from = category?.renewFrom === 'today' ? now : Math.max(loan.dueAt, now)
  const dueAt = (order.noBlock ? order.dueAt : undefined) ?? endOfDay(books, from, loanDays(books, patron))
  if (!order.noBlock && dueAt <= loan.dueAt) return refuse('renewal-gains-nothing')
  chargeOverdue(books, loan, now)
  const renewed: Loan = { ...loan, dueAt, renewals: loan.renewals + 1 }
  books.loans.set(order.barcode, renewed)
  return rule({ loan: renewed, title: titleOf(books, order.barcode), renewed: true })
}

const chargeOverdue = (books: Books, loan: Loan, at: Millis): Fen => {
  const amount = overdueFine(books, loan, at)
  if (amount > 0)
    charge(books, {
      card: loan.card,
      amount,
      type: '04',
      at,
      barcode: loan.barcode,
      note: titleOf(books, loan.barcode),
    })
  return amount
}

/** Takes a copy back. Overdue days count to `returnedAt`; where it goes next is told by `alert`. */
export const checkIn = (books: Books, order: CheckinOrder, now: Millis): Ruling<TakenBack> => {
  const item = books.items.get(order.barcode)
  if (!item) return refuse('unknown-item')
  const loan = books.loans.get(order.barcode)
  if (order.cancel) return undo(books, item, loan)
  books.loans.delete(order.barcode)
  const handedIn = Math.min(order.returnedAt ?? now, now)
  const fine = loan ? chargeOverdue(books, loan, Math.max(handedIn, loan.at)) : 0
  const here = books.branches.has(order.here) ? order.here : item.currentLocation
  const hold = catchForHold(books, order.barcode, here, now)
  const route = routeOf(item, hold, here)
  patchItem(books, order.barcode, { currentLocation: here, status: route.status })
  const remarks: Remark[] = loan ? [] : ['was-not-on-loan']
  if (fine > 0) remarks.push('fine-charged')
  if (route.remark) remarks.push(route.remark)
  return rule(
    {
      item: books.items.get(order.barcode) ?? item,
      title: titleOf(books, order.barcode),
      fine,
      ...(loan ? { card: loan.card } : {}),
      ...(route.alert ? { alert: route.alert, destination: route.destination } : {}),
      ...(hold ? { hold } : {}),
    },
    remarks,
  )
}

interface Route {
  readonly status: ItemStatus
  readonly destination: string
  readonly alert?: '01' | '02' | '04'
  readonly remark?: Remark
}

const routeOf = (item: Item, hold: Hold | undefined, here: string): Route => {
  if (hold?.state === 'on-shelf')
    return { status: 'on-hold-shelf', destination: hold.pickup, alert: '01', remark: 'hold-here' }
  if (hold) return { status: 'in-transit', destination: hold.pickup, alert: '02', remark: 'hold-elsewhere' }
  if (item.permanentLocation !== here)
    return { status: 'in-transit', destination: item.permanentLocation, alert: '04', remark: 'send-home' }
  return { status: 'available', destination: here }
}

/** BI in a checkin: the checkout never took place; a hold it had filled is back where it was. */
const undo = (books: Books, item: Item, loan: Loan | undefined): Ruling<TakenBack> => {
  if (!loan) return refuse('not-on-loan')
  books.loans.delete(item.barcode)
  if (loan.filled) giveBackHold(books, loan.filled)
  const kept = loan.filled?.copy === item.barcode ? loan.filled.state : 'queued'
  const status = kept === 'on-shelf' ? 'on-hold-shelf' : kept === 'in-transit' ? 'in-transit' : 'available'
  patchItem(books, item.barcode, { status })
  const title = titleOf(books, item.barcode)
  return rule({ item: { ...item, status }, title, card: loan.card, fine: 0 }, ['undone'])
}
