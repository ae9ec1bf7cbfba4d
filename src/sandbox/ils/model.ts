import type { CirculationStatus } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'

/**
 * Everything a library system knows, as plain data: what a sandbox is started with, what it can be saved as,
 * and what it starts from again. Lists that are left out are empty.
 */
export interface IlsSeed {
  /** AO: the library's code. */
  readonly institution: string
  readonly libraryName: string
  /** IANA name; due dates end at midnight there. `Asia/Shanghai` when absent. */
  readonly timeZone?: string
  readonly branches: readonly Branch[]
  readonly categories: readonly PatronCategory[]
  readonly patrons: readonly Patron[]
  readonly bibs: readonly Bib[]
  readonly items: readonly Item[]
  readonly accounts?: readonly Account[]
  readonly loans?: readonly Loan[]
  readonly holds?: readonly Hold[]
  readonly fines?: readonly Fine[]
  readonly payments?: readonly Payment[]
  /** Days a book waits on the hold shelf; 5 when absent. */
  readonly shelfDays?: number
  /** Last number given to a hold, fine or loan. */
  readonly lastNumber?: number
}

/** The user and password a terminal logs in with (93), and where it stands. */
export interface Account {
  readonly user: string
  readonly password: string
  readonly branch?: string
}

export interface Branch {
  readonly code: string
  readonly name: string
}

/** What patrons of one kind may do. A number that is reached blocks: `maxOwed: 1000` refuses at 10.00. */
export interface PatronCategory {
  readonly code: string
  readonly name: string
  readonly maxLoans: number
  readonly maxHolds: number
  readonly loanDays: number
  readonly maxRenewals: number
  readonly maxOverdue: number
  readonly maxOwed: Fen
  readonly finePerDay: Fen
  /** A fine for one loan never exceeds it; no limit when absent. */
  readonly fineCap?: Fen
  /** A renewal counts from the old due date (default) or from the day of renewal. */
  readonly renewFrom?: 'due' | 'today'
}

export interface Patron {
  readonly card: string
  readonly pin: string
  readonly name: string
  readonly category: string
  readonly expiresAt: Millis
  readonly homeBranch: string
  /** Why the card cannot be used. Cards made in stock for readers to come are blocked from the start. */
  readonly blocked?: string
  /** Made in stock, given to nobody yet. */
  readonly pool?: boolean
  readonly lost?: boolean
  readonly email?: string
  readonly phone?: string
  readonly address?: string
}

export interface Bib {
  readonly id: string
  readonly title: string
  readonly author?: string
}

export interface Item {
  readonly barcode: string
  readonly bibId: string
  readonly callNumber: string
  /** Branch codes. */
  readonly permanentLocation: string
  readonly currentLocation: string
  /** CK: `001` book, `006` CD and so on. */
  readonly mediaType: string
  readonly status: ItemStatus
  /** Reference works and the like stay in the house. */
  readonly forLoan: boolean
  /** Charged at checkout after the patron agreed (BO). */
  readonly loanFee?: Fen
  /** CH, as set by message 19. */
  readonly properties?: string
}

export type ItemStatus = Exclude<CirculationStatus, 'unknown' | 'charged-not-to-be-recalled' | 'recalled'>

export interface Loan {
  readonly number: number
  readonly barcode: string
  readonly card: string
  readonly at: Millis
  readonly dueAt: Millis
  readonly renewals: number
  /** The waiting hold that this loan satisfied, given back when the checkout is undone. */
  readonly filled?: Hold
}

/** A place in the queue of a title, or of one item where `barcode` is set. Order in the list is the queue. */
export interface Hold {
  readonly number: number
  readonly card: string
  readonly bibId: string
  readonly barcode?: string
  /** The copy the request named, also where any copy will do; stands for the hold in lists. */
  readonly named?: string
  readonly pickup: string
  readonly at: Millis
  readonly expiresAt?: Millis
  readonly state: 'queued' | 'in-transit' | 'on-shelf'
  /** The copy that travels or waits for this hold. */
  readonly copy?: string
  readonly shelfUntil?: Millis
}

export interface Fine {
  readonly id: string
  readonly card: string
  readonly amount: Fen
  readonly paid: Fen
  /** SIP2 fee type: `01` other, `04` overdue, `06` rental, `07` replacement. */
  readonly type: string
  readonly at: Millis
  readonly barcode?: string
  readonly note: string
}

export interface Payment {
  readonly transaction: string
  readonly card: string
  readonly amount: Fen
  readonly at: Millis
}

/** What can be compared with the gateway: no instants of its own making, sorted, free of numbers given here. */
export interface IlsSnapshot {
  readonly loans: readonly Pick<Loan, 'barcode' | 'card' | 'dueAt' | 'renewals'>[]
  readonly holds: readonly Pick<Hold, 'card' | 'bibId' | 'barcode' | 'pickup' | 'state'>[]
  /** Waiting to be fetched: which copy, where, for whom. */
  readonly holdShelf: readonly { readonly barcode: string; readonly branch: string; readonly card: string }[]
  /** What each patron owes, fen; only those who owe. */
  readonly owed: Readonly<Record<string, Fen>>
  readonly paid: readonly Pick<Payment, 'card' | 'amount'>[]
  readonly blocked: readonly string[]
}

/** Acts that change something; each is counted by how it ended. */
export const acts = [
  'checkout',
  'checkin',
  'renew',
  'renew-all',
  'hold-add',
  'hold-delete',
  'hold-change',
  'fee-paid',
  'block',
  'enable',
  'item-update',
] as const
export type ActName = (typeof acts)[number]
