import type { Millis } from '../../kernel/clock.ts'
import { type Books, endOfDay, holdsOf, loansOf, nextNumber, patchItem } from './books.ts'
import type { Hold } from './model.ts'
import { type Ruling, refuse, rule } from './ruling.ts'

export interface HoldOrder {
  readonly card: string
  readonly barcode?: string
  /** Bib number or exact title. */
  readonly title?: string
  readonly pickup?: string
  readonly expiresAt?: Millis
  /** Only this very copy will do. */
  readonly thisCopy?: boolean
}
export interface HoldPlaced {
  readonly hold: Hold
  readonly available: boolean
  readonly position: number
  readonly title: string
}

/** Queue of one title, those served already first. */
export const queueOf = (books: Books, bibId: string): Hold[] => books.holds.filter(h => h.bibId === bibId)

const free = (books: Books, barcode: string): boolean => {
  const item = books.items.get(barcode)
  if (!item?.forLoan || books.loans.has(barcode)) return false
  return item.status === 'available' || item.status === 'waiting-to-be-reshelved'
}

/**
 * Whether someone else has the better right to this copy: it waits or travels for them, they asked for this
 * very copy, or so many stand in the queue before `card` that the other free copies do not suffice.
 */
export const claimedByOther = (books: Books, barcode: string, card: string): boolean => {
  const item = books.items.get(barcode)
  if (!item) return false
  const queue = queueOf(books, item.bibId)
  const kept = queue.find(h => h.copy === barcode)
  if (kept) return kept.card !== card
  const mine = queue.findIndex(h => h.card === card && h.state === 'queued')
  const ahead = (mine < 0 ? queue : queue.slice(0, mine)).filter(h => h.state === 'queued' && h.card !== card)
  if (ahead.some(h => h.barcode === barcode)) return true
  const spare = (books.copies.get(item.bibId) ?? []).filter(b => b !== barcode && free(books, b)).length
  return ahead.filter(h => h.barcode === undefined).length > spare
}

const bibOf = (books: Books, order: Pick<HoldOrder, 'barcode' | 'title'>): string | undefined => {
  if (order.barcode) return books.items.get(order.barcode)?.bibId
  if (!order.title) return undefined
  if (books.bibs.has(order.title)) return order.title
  for (const bib of books.bibs.values()) if (bib.title === order.title) return bib.id
  return undefined
}

const findHold = (books: Books, order: HoldOrder): Hold | undefined => {
  const bibId = bibOf(books, order)
  return holdsOf(books, order.card).find(h => h.bibId === bibId)
}

export const addHold = (books: Books, order: HoldOrder, now: Millis): Ruling<HoldPlaced> => {
  const patron = books.patrons.get(order.card)
  if (!patron) return refuse('unknown-card')
  if (order.barcode && !books.items.has(order.barcode)) return refuse('unknown-item')
  const bibId = bibOf(books, order)
  if (bibId === undefined) return refuse('unknown-title')
  const pickup = order.pickup || patron.homeBranch
  if (!books.branches.has(pickup)) return refuse('unknown-branch')
  if (findHold(books, order)) return refuse('hold-twice')
  const copies = books.copies.get(bibId) ?? []
  if (loansOf(books, order.card).some(l => copies.includes(l.barcode))) return refuse('hold-own-loan')
  const category = books.categories.get(patron.category)
  if (category && holdsOf(books, order.card).length >= category.maxHolds) return refuse('hold-limit')
  const hold: Hold = {
    number: nextNumber(books),
    card: order.card,
    bibId,
    ...(order.thisCopy && order.barcode ? { barcode: order.barcode } : {}),
    ...(order.barcode ? { named: order.barcode } : {}),
    pickup,
    at: now,
    ...(order.expiresAt === undefined ? {} : { expiresAt: order.expiresAt }),
    state: 'queued',
  }
  books.holds.push(hold)
  return rule(placed(books, hold))
}

const placed = (books: Books, hold: Hold): HoldPlaced => {
  const queue = queueOf(books, hold.bibId)
  const wanted = hold.barcode ? [hold.barcode] : (books.copies.get(hold.bibId) ?? [])
  return {
    hold,
    position: queue.findIndex(h => h.number === hold.number) + 1,
    available: wanted.some(b => free(books, b) && !claimedByOther(books, b, hold.card)),
    title: books.bibs.get(hold.bibId)?.title ?? '',
  }
}

export const deleteHold = (books: Books, order: HoldOrder): Ruling<HoldPlaced> => {
  if (!books.patrons.has(order.card)) return refuse('unknown-card')
  const hold = findHold(books, order)
  if (!hold) return refuse('no-such-hold')
  const was = placed(books, hold)
  drop(books, hold)
  return rule({ ...was, available: false, position: 0 })
}

export const changeHold = (books: Books, order: HoldOrder): Ruling<HoldPlaced> => {
  if (!books.patrons.has(order.card)) return refuse('unknown-card')
  const hold = findHold(books, order)
  if (!hold) return refuse('no-such-hold')
  if (order.pickup && !books.branches.has(order.pickup)) return refuse('unknown-branch')
  const changed: Hold = {
    ...hold,
    ...(order.pickup ? { pickup: order.pickup } : {}),
    ...(order.expiresAt === undefined ? {} : { expiresAt: order.expiresAt }),
  }
  replaceHold(books, changed)
  return rule(placed(books, changed))
}

export const replaceHold = (books: Books, hold: Hold): void => {
  books.holds = books.holds.map(h => (h.number === hold.number ? hold : h))
}

const drop = (books: Books, hold: Hold): void => {
  books.holds = books.holds.filter(h => h.number !== hold.number)
  if (hold.copy !== undefined && !books.loans.has(hold.copy))
    patchItem(books, hold.copy, { status: 'waiting-to-be-reshelved' })
}

/**
 * The hold that a loan of this copy by this card satisfies leaves the queue and is given back as the caller may
 * restore it. A hold of someone else's that had this copy waits for another one.
 */
export const fillHold = (books: Books, barcode: string, card: string): Hold | undefined => {
  const robbed = books.holds.find(h => h.copy === barcode && h.card !== card)
  if (robbed) replaceHold(books, queuedAgain(robbed))
  const bibId = books.items.get(barcode)?.bibId
  const hold = holdsOf(books, card).find(h => h.bibId === bibId && (h.barcode ?? barcode) === barcode)
  if (!hold) return undefined
  books.holds = books.holds.filter(h => h.number !== hold.number)
  if (hold.copy === undefined || hold.copy === barcode) return hold
  patchItem(books, hold.copy, { status: 'waiting-to-be-reshelved' })
  return queuedAgain(hold)
}

const queuedAgain = ({ copy: _, shelfUntil: __, ...hold }: Hold): Hold => ({ ...hold, state: 'queued' })

/** An undone checkout gives the hold back at its old place in the queue. */
export const giveBackHold = (books: Books, hold: Hold): void => {
  const later = books.holds.findIndex(h => h.number > hold.number)
  books.holds.splice(later < 0 ? books.holds.length : later, 0, hold)
}

/** A copy has come in: the hold it is for from now on, kept here or sent to where it is fetched. */
export const catchForHold = (books: Books, barcode: string, here: string, now: Millis): Hold | undefined => {
  const bibId = books.items.get(barcode)?.bibId
  if (bibId === undefined) return undefined
  const queue = queueOf(books, bibId)
  const next =
    queue.find(h => h.copy === barcode) ??
    queue.find(h => h.state === 'queued' && (h.barcode ?? barcode) === barcode)
  if (!next) return undefined
  const caught: Hold =
    next.pickup === here
      ? { ...next, state: 'on-shelf', copy: barcode, shelfUntil: endOfDay(books, now, books.shelfDays) }
      : { ...next, state: 'in-transit', copy: barcode }
  replaceHold(books, caught)
  return caught
}

/** Ends holds whose time is over: the wish lapsed, or nobody fetched the book. */
export const expireHolds = (books: Books, now: Millis): void => {
  const over = books.holds.filter(
    h =>
      (h.state === 'queued' && (h.expiresAt ?? now) < now) ||
      (h.state === 'on-shelf' && (h.shelfUntil ?? now) < now),
  )
  for (const hold of over) drop(books, hold)
}
