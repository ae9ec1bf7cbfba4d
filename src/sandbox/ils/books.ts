import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import type {
  Account,
  Bib,
  Branch,
  Fine,
  Hold,
  IlsSeed,
  Item,
  Loan,
  Patron,
  PatronCategory,
  Payment,
} from './model.ts'

/** The library's books while it runs: records are replaced, never changed in place. */
export interface Books {
  readonly institution: string
  readonly libraryName: string
  readonly timeZone: string
  readonly shelfDays: number
  readonly accounts: readonly Account[]
  readonly branches: ReadonlyMap<string, Branch>
  readonly categories: ReadonlyMap<string, PatronCategory>
  readonly patrons: Map<string, Patron>
  readonly bibs: Map<string, Bib>
  readonly items: Map<string, Item>
  /** Barcodes of each title. */
  readonly copies: Map<string, string[]>
  /** By barcode: an item is charged to at most one patron. */
  readonly loans: Map<string, Loan>
  holds: Hold[]
  fines: Fine[]
  payments: Payment[]
  lastNumber: number
}

/** Opens the books; throws an `Error` that names every reference which leads nowhere. */
export const openBooks = (seed: IlsSeed): Books => {
  const books: Books = {
    institution: seed.institution,
    libraryName: seed.libraryName,
    timeZone: seed.timeZone ?? 'Asia/Shanghai',
    shelfDays: seed.shelfDays ?? 5,
    accounts: seed.accounts ?? [],
    branches: new Map(seed.branches.map(b => [b.code, b])),
    categories: new Map(seed.categories.map(c => [c.code, c])),
    patrons: new Map(seed.patrons.map(p => [p.card, p])),
    bibs: new Map(seed.bibs.map(b => [b.id, b])),
    items: new Map(seed.items.map(i => [i.barcode, i])),
    copies: new Map(),
    loans: new Map((seed.loans ?? []).map(l => [l.barcode, l])),
    holds: [...(seed.holds ?? [])],
    fines: [...(seed.fines ?? [])],
    payments: [...(seed.payments ?? [])],
    lastNumber: seed.lastNumber ?? 0,
  }
  for (const item of seed.items) {
    const list = books.copies.get(item.bibId)
    if (list) list.push(item.barcode)
    else books.copies.set(item.bibId, [item.barcode])
  }
  const faults = referencesToNothing(books)
  if (faults.length > 0) throw new Error(`the sandbox library does not add up: ${faults.join('; ')}`)
  return books
}

const referencesToNothing = (books: Books): string[] => {
  const faults: string[] = []
  const need = (known: ReadonlyMap<string, unknown>, key: string, where: string): void => {
    if (!known.has(key)) faults.push(`${where} names ${key}`)
  }
  for (const p of books.patrons.values()) {
    need(books.categories, p.category, `patron ${p.card}`)
    need(books.branches, p.homeBranch, `patron ${p.card}`)
  }
  for (const i of books.items.values()) {
    need(books.bibs, i.bibId, `item ${i.barcode}`)
    need(books.branches, i.permanentLocation, `item ${i.barcode}`)
    need(books.branches, i.currentLocation, `item ${i.barcode}`)
  }
  for (const l of books.loans.values()) {
    need(books.items, l.barcode, `loan ${l.barcode}`)
    need(books.patrons, l.card, `loan ${l.barcode}`)
  }
  for (const h of books.holds) {
    need(books.bibs, h.bibId, `hold ${h.number}`)
    need(books.patrons, h.card, `hold ${h.number}`)
    need(books.branches, h.pickup, `hold ${h.number}`)
  }
  for (const f of books.fines) need(books.patrons, f.card, `fine ${f.id}`)
  return faults
}

/** The books as plain data; `openBooks` of it gives the same library. */
export const saveBooks = (books: Books): IlsSeed => ({
  institution: books.institution,
  libraryName: books.libraryName,
  timeZone: books.timeZone,
  shelfDays: books.shelfDays,
  accounts: books.accounts,
  branches: [...books.branches.values()],
  categories: [...books.categories.values()],
  patrons: [...books.patrons.values()],
  bibs: [...books.bibs.values()],
  items: [...books.items.values()],
  loans: [...books.loans.values()],
  holds: [...books.holds],
  fines: [...books.fines],
  payments: [...books.payments],
  lastNumber: books.lastNumber,
})

export const nextNumber = (books: Books): number => ++books.lastNumber

export const patchItem = (books: Books, barcode: string, patch: Partial<Item>): void => {
  const item = books.items.get(barcode)
  if (item) books.items.set(barcode, { ...item, ...patch })
}

export const titleOf = (books: Books, barcode: string): string => {
  const item = books.items.get(barcode)
  return (item && books.bibs.get(item.bibId)?.title) ?? ''
}

export const loansOf = (books: Books, card: string): Loan[] =>
  [...books.loans.values()].filter(l => l.card === card)

export const holdsOf = (books: Books, card: string): Hold[] => books.holds.filter(h => h.card === card)

export const unpaidOf = (books: Books, card: string): Fine[] =>
  books.fines.filter(f => f.card === card && f.paid < f.amount)

export const owedBy = (books: Books, card: string): Fen =>
  unpaidOf(books, card).reduce((sum, f) => sum + f.amount - f.paid, 0)

const dateIn = (books: Books, at: Millis): Temporal.PlainDate =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(books.timeZone).toPlainDate()

/** 23:59:59 of the day that lies `days` after the day of `at`, local time. */
export const endOfDay = (books: Books, at: Millis, days: number): Millis =>
  dateIn(books, at).add({ days }).toZonedDateTime({ timeZone: books.timeZone, plainTime: '23:59:59' })
    .epochMilliseconds

/** Calendar days from the day of `from` to the day of `to`, local time; never below 0. */
export const daysBetween = (books: Books, from: Millis, to: Millis): number =>
  Math.max(0, dateIn(books, from).until(dateIn(books, to)).days)
