import type { Clock } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import {
  type Books,
  holdsOf,
  loansOf,
  openBooks,
  owedBy,
  patchItem,
  saveBooks,
  titleOf,
  unpaidOf,
} from './books.ts'
import { charge, type FeeOrder, payFee } from './fines.ts'
import {
  addHold,
  changeHold,
  deleteHold,
  expireHolds,
  type HoldOrder,
  type HoldPlaced,
  queueOf,
} from './holds.ts'
import {
  type CheckinOrder,
  type CheckoutOrder,
  checkIn,
  checkOut,
  type Lent,
  renewLoan,
  type TakenBack,
} from './loans.ts'
import {
  type ActName,
  acts,
  type Fine,
  type Hold,
  type IlsSeed,
  type IlsSnapshot,
  type Item,
  type ItemStatus,
  type Loan,
  type Patron,
} from './model.ts'
import { blockPatron, enablePatron, overdueOf, patronStatus, standing } from './patrons.ts'
import { type Ruling, refuse, rule } from './ruling.ts'
import type { Reason } from './words.ts'

/** How often an act changed something, was refused, or found nothing to change (a book that was in already). */
export type ActCounts = Readonly<Record<ActName, Readonly<Record<Tally, number>>>>
type Tally = 'done' | 'refused' | 'idle'

export interface PatronView {
  readonly patron: Patron
  /** 14 characters, `Y` or blank. */
  readonly status: string
  readonly why?: Reason
  readonly pinMatches: boolean
  readonly owed: Fen
  readonly loans: readonly Loan[]
  readonly overdue: readonly string[]
  readonly holds: readonly Hold[]
  readonly fines: readonly Fine[]
}
export interface ItemView {
  readonly item: Item
  readonly title: string
  readonly loan?: Loan
  readonly queue: readonly Hold[]
}

/** The library system without its wire: every decision is taken here, at once, one after the other. */
export class IlsState {
  readonly #clock: Pick<Clock, 'now'>
  readonly #seed: IlsSeed
  readonly #counts: Record<ActName, Record<Tally, number>>
  #books: Books

  /** Starts a library from what `toJSON` gave. */
  static fromJSON(saved: IlsSeed, clock: Pick<Clock, 'now'>): IlsState {
    return new IlsState(saved, clock)
  }

  constructor(seed: IlsSeed, clock: Pick<Clock, 'now'>) {
    this.#clock = clock
    this.#seed = seed
    this.#books = openBooks(seed)
    this.#counts = Object.fromEntries(acts.map(a => [a, { done: 0, refused: 0, idle: 0 }])) as Record<
      ActName,
      Record<Tally, number>
    >
  }

  get institution(): string {
    return this.#books.institution
  }
  get libraryName(): string {
    return this.#books.libraryName
  }
  get timeZone(): string {
    return this.#books.timeZone
  }

  /** The branch of the account, when user and password fit. A library without accounts lets everyone in. */
  login(user: string, password: string): { readonly branch?: string } | undefined {
    if (this.#books.accounts.length === 0) return {}
    const account = this.#books.accounts.find(a => a.user === user && a.password === password)
    if (!account) return undefined
    return account.branch === undefined ? {} : { branch: account.branch }
  }

  patron(card: string, pin = ''): PatronView | undefined {
    const books = this.#fresh()
    const patron = books.patrons.get(card)
    if (!patron) return undefined
    const now = this.#clock.now()
    const why = standing(books, patron, now)
    return {
      patron,
      status: patronStatus(books, card, now),
      ...(why ? { why } : {}),
      pinMatches: patron.pin === pin,
      owed: owedBy(books, card),
      loans: loansOf(books, card),
      overdue: overdueOf(books, card, now),
      holds: holdsOf(books, card),
      fines: unpaidOf(books, card),
    }
  }

  category(card: string) {
    return this.#books.categories.get(this.#books.patrons.get(card)?.category ?? '')
  }

  item(barcode: string): ItemView | undefined {
    const books = this.#fresh()
    const item = books.items.get(barcode)
    if (!item) return undefined
    const loan = books.loans.get(barcode)
    return {
      item,
      title: titleOf(books, barcode),
      ...(loan ? { loan } : {}),
      queue: queueOf(books, item.bibId),
    }
  }

  title(bibId: string): string {
    return this.#books.bibs.get(bibId)?.title ?? ''
  }

  /** The barcode that stands for a hold in lists: the copy it got, the one it named, or the title's first. */
  copyFor(hold: Hold): string {
    return hold.copy ?? hold.named ?? this.#books.copies.get(hold.bibId)?.[0] ?? ''
  }

  /** The loan of a patron by title, for a renewal without barcode. */
  loanByTitle(card: string, title: string): Loan | undefined {
    return loansOf(this.#books, card).find(l => titleOf(this.#books, l.barcode) === title)
  }

  checkout(order: CheckoutOrder): Ruling<Lent> {
    return this.#count('checkout', checkOut(this.#fresh(), order, this.#clock.now()))
  }
  checkin(order: CheckinOrder): Ruling<TakenBack> {
    return this.#count('checkin', checkIn(this.#fresh(), order, this.#clock.now()))
  }
  renew(order: CheckoutOrder): Ruling<Lent> {
    return this.#count('renew', renewLoan(this.#fresh(), order, this.#clock.now()))
  }
  renewAll(
    card: string,
  ): Ruling<{ readonly renewed: readonly string[]; readonly unrenewed: readonly string[] }> {
    const books = this.#fresh()
    if (!books.patrons.has(card)) return this.#count('renew-all', refuse('unknown-card'))
    const renewed: string[] = []
    const unrenewed: string[] = []
    for (const { barcode } of loansOf(books, card))
      (renewLoan(books, { card, barcode }, this.#clock.now()).ok ? renewed : unrenewed).push(barcode)
    return this.#count('renew-all', rule({ renewed, unrenewed }))
  }
  addHold(order: HoldOrder): Ruling<HoldPlaced> {
    return this.#count('hold-add', addHold(this.#fresh(), order, this.#clock.now()))
  }
  deleteHold(order: HoldOrder): Ruling<HoldPlaced> {
    return this.#count('hold-delete', deleteHold(this.#fresh(), order))
  }
  changeHold(order: HoldOrder): Ruling<HoldPlaced> {
    return this.#count('hold-change', changeHold(this.#fresh(), order))
  }
  payFee(order: FeeOrder): Ruling<{ transaction: string }> {
    return this.#count('fee-paid', payFee(this.#fresh(), order, this.#clock.now()))
  }
  block(card: string, reason: string): Ruling<void> {
    return this.#count('block', blockPatron(this.#books, card, reason))
  }
  enable(card: string): Ruling<void> {
    return this.#count('enable', enablePatron(this.#books, card))
  }
  updateItem(barcode: string, properties: string): Ruling<void> {
    if (!this.#books.items.has(barcode)) return this.#count('item-update', refuse('unknown-item'))
    patchItem(this.#books, barcode, { properties })
    return this.#count('item-update', rule(undefined))
  }

  /** What staff do at their own desk, without the wire. */
  readonly desk = {
    setStatus: (barcode: string, status: ItemStatus): void => patchItem(this.#books, barcode, { status }),
    setPatron: (card: string, patch: Partial<Patron>): void => {
      const patron = this.#books.patrons.get(card)
      if (patron) this.#books.patrons.set(card, { ...patron, ...patch })
    },
    charge: (card: string, amount: Fen, note: string, type = '01'): Fine =>
      charge(this.#books, { card, amount, type, at: this.#clock.now(), note }),
    lend: (card: string, barcode: string, at = this.#clock.now()): Ruling<Lent> =>
      checkOut(this.#fresh(), { card, barcode }, at),
    hold: (order: HoldOrder): Ruling<HoldPlaced> => addHold(this.#fresh(), order, this.#clock.now()),
    takeBack: (barcode: string, here: string): Ruling<TakenBack> =>
      checkIn(this.#fresh(), { barcode, here }, this.#clock.now()),
  }

  counts(): ActCounts {
    return structuredClone(this.#counts)
  }

  snapshot(): IlsSnapshot {
    const books = this.#fresh()
    const order = <T>(list: readonly T[], key: (value: T) => string): T[] =>
      [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1))
    return {
      loans: order(
        [...books.loans.values()].map(({ barcode, card, dueAt, renewals }) => ({
          barcode,
          card,
          dueAt,
          renewals,
        })),
        l => l.barcode,
      ),
      holds: books.holds.map(({ card, bibId, barcode, pickup, state }) => ({
        card,
        bibId,
        ...(barcode === undefined ? {} : { barcode }),
        pickup,
        state,
      })),
      holdShelf: order(
        books.holds.flatMap(h =>
          h.state === 'on-shelf' && h.copy !== undefined
            ? [{ barcode: h.copy, branch: h.pickup, card: h.card }]
            : [],
        ),
        h => h.barcode,
      ),
      owed: Object.fromEntries(
        [...new Set(books.fines.map(f => f.card))]
          .sort()
          .map(card => [card, owedBy(books, card)] as const)
          .filter(([, owed]) => owed > 0),
      ),
      paid: books.payments.map(({ card, amount }) => ({ card, amount })),
      blocked: [...books.patrons.values()]
        .filter(p => p.blocked !== undefined)
        .map(p => p.card)
        .sort(),
    }
  }

  /** Everything, to be saved; `restore` of it brings the same library back. */
  toJSON(): IlsSeed {
    return saveBooks(this.#fresh())
  }
  /** Replaces the whole library; throws when the data does not add up, and then changes nothing. */
  restore(saved: IlsSeed): void {
    this.#books = openBooks(saved)
  }
  /** Back to what it was started with. */
  reset(): void {
    this.restore(this.#seed)
  }

  #fresh(): Books {
    expireHolds(this.#books, this.#clock.now())
    return this.#books
  }

  #count<T>(act: ActName, ruling: Ruling<T>): Ruling<T> {
    const idle = ruling.ok && ruling.remarks.includes('was-not-on-loan')
    this.#counts[act][idle ? 'idle' : ruling.ok ? 'done' : 'refused'] += 1
    return ruling
  }
}
