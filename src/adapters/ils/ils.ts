import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import type { Answer } from '../../kernel/problem.ts'

/**
 * The library system as the gateway sees it. Every method answers within its deadline; a refusal by the ILS
 * is `no(refused(...))` with its own words in `their`, never an exception.
 *
 * Acts that change the ILS take an `Act`. When `repeated` is true the act may already have happened
 * (its first answer was lost, or we were killed in between): the driver first asks the ILS what is true and
 * only acts when it has not. An answer with `maybeDone` means that even asking failed; call again with
 * `repeated: true` later.
 */
export interface Ils {
  readonly name: string
  patron(query: PatronQuery): Promise<Answer<IlsPatron>>
  item(barcode: string): Promise<Answer<IlsItem>>
  checkout(act: Act & CheckoutRequest): Promise<Answer<LoanReceipt>>
  checkin(act: Act & CheckinRequest): Promise<Answer<CheckinReceipt>>
  renew(act: Act & RenewRequest): Promise<Answer<LoanReceipt>>
  placeHold(act: Act & HoldRequest): Promise<Answer<HoldReceipt>>
  cancelHold(act: Act & HoldRequest): Promise<Answer<void>>
  /** Whether acts can be carried out now, told without touching the wire. */
  health(): IlsHealth
  close(): Promise<void>
}

/** Extra powers, asked for with `can(ils, 'payFee')`. */
export interface PaysFees {
  payFee(act: Act & FeePayment): Promise<Answer<{ transaction?: string }>>
}
export interface BlocksPatrons {
  /** Message 01: makes the card unusable, with the reason a person will read. */
  block(act: Act & { card: string; reason: string }): Promise<Answer<void>>
}
export interface EnablesPatrons {
  /** Message 25: lifts a block; only where the ILS serves it. */
  enable(act: Act & { card: string }): Promise<Answer<void>>
}

/**
 * A message of a machine (self-check, gate, sorter) in plain shapes, as it is passed on. Dates of 18 characters are
 * in UTC and say so (`20261122   Z013000`); blank where there is none. The hold count of 64 is that of holds which
 * lie ready, whatever the library system counts there; amounts owed are positive.
 */
export interface RelayMessage {
  readonly command: string
  /** Pieces of the fixed part by name; `text` alone of a command that is not of the protocol. */
  readonly fixed: Readonly<Record<string, string>>
  readonly fields: readonly (readonly [id: string, value: string])[]
}
export interface RelayAnswer extends RelayMessage {
  /** What its due date means, where it can be read. */
  readonly dueAt?: Millis
  /** The answer was lost; asking showed that the act had happened, and this is made up of what was found. */
  readonly foundDone?: boolean
}
/**
 * Passes a machine's own message on. Institution, terminal password, sequence, checksum, charset and form of dates
 * are the link's; all else goes through, also fields that nobody knows, and commands that nobody knows. A refusal
 * in the library system's own message is an answer. Acts are never repeated blindly, as with the typed methods.
 */
export interface Relays {
  relay(message: RelayMessage, how: Act & { readonly within?: Millis }): Promise<Answer<RelayAnswer>>
  readonly relaying: {
    /** Whether the library system takes a command, as far as is known. */
    serves(command: string): boolean
    /** What its lists hold. */
    readonly lists: 'barcode' | 'title'
    /** Whether its list of holds has those that lie ready, or all. */
    readonly holds: 'waiting' | 'all'
  }
}

export interface Act {
  /** Our own key for this act, the same at every try. */
  readonly key: string
  /** True from the second try on. */
  readonly repeated: boolean
  /** Requests of people who wait go before work in the background. */
  readonly priority?: 'person' | 'work'
}

export interface PatronQuery {
  readonly card: string
  /** Asks the ILS to check it; never logged. */
  readonly pin?: string
  /** Which list of items comes along; SIP2 allows one a request. */
  readonly list?: PatronList
  readonly priority?: 'person' | 'work'
}
export type PatronList = 'holds' | 'overdue' | 'charged' | 'fines' | 'recalls' | 'unavailable-holds'

export interface IlsPatron {
  readonly card: string
  readonly name: string
  /** BL: the card is known. */
  readonly valid: boolean
  /** CQ, only when a non-empty PIN was sent and the ILS said so; null when the ILS does not tell. */
  readonly pinValid: boolean | null
  /** Reasons why the patron may not borrow, as named flags of message 24/64 plus text of the ILS. */
  readonly blocks: readonly PatronBlock[]
  readonly counts: {
    readonly holds?: number
    readonly overdue?: number
    readonly charged?: number
    readonly unavailableHolds?: number
  }
  readonly limits: { readonly holds?: number; readonly overdue?: number; readonly charged?: number }
  /** Owed, fen. */
  readonly owed: Fen
  /** Barcodes (or titles, where the dialect sends titles) of the list asked for, all pages joined. */
  readonly items: readonly string[]
  readonly itemsAre: 'barcode' | 'title'
  readonly email?: string
  readonly phone?: string
  readonly homeLibrary?: string
  readonly messages: readonly string[]
}

/** The 14 positions of the patron status field, in order. */
export const patronBlocks = [
  'charge-denied',
  'renewal-denied',
  'recall-denied',
  'hold-denied',
  'card-lost',
  'too-many-charged',
  'too-many-overdue',
  'too-many-renewals',
  'too-many-claims-returned',
  'too-many-lost',
  'excessive-fines',
  'excessive-fees',
  'recall-overdue',
  'too-many-billed',
] as const
export type PatronBlock = (typeof patronBlocks)[number]

export const circulationStatuses = [
  'other',
  'on-order',
  'available',
  'charged',
  'charged-not-to-be-recalled',
  'in-process',
  'recalled',
  'on-hold-shelf',
  'waiting-to-be-reshelved',
  'in-transit',
  'claimed-returned',
  'lost',
  'missing',
] as const
export type CirculationStatus = (typeof circulationStatuses)[number] | 'unknown'

export interface IlsItem {
  readonly barcode: string
  readonly title: string
  readonly status: CirculationStatus
  readonly dueAt?: Millis
  readonly holdQueue?: number
  readonly location?: string
  readonly permanentLocation?: string
  readonly callNumber?: string
  readonly messages: readonly string[]
}

export interface CheckoutRequest {
  readonly card: string
  readonly pin?: string
  readonly barcode: string
  /** When it happened; `noBlock` tells the ILS that it has happened already and cannot be refused. */
  readonly at: Millis
  readonly noBlock?: boolean
  readonly dueAt?: Millis
}
export interface LoanReceipt {
  readonly barcode: string
  readonly title: string
  /** Undefined when the ILS sent none that can be read; `dueText` is always its own text. */
  readonly dueAt?: Millis
  readonly dueText: string
  /** The patron had the item already. */
  readonly wasRenewal: boolean
  readonly transaction?: string
  readonly messages: readonly string[]
  /** True when the answer was lost and asking showed that the act had happened. */
  readonly foundDone?: boolean
}
export interface CheckinRequest {
  readonly barcode: string
  /** When the reader handed it in; overdue counts to here. */
  readonly returnedAt: Millis
  readonly at: Millis
  readonly noBlock?: boolean
  /** Current location code (AP). */
  readonly location?: string
  /** BI = Y: undoes a failed checkout. */
  readonly cancel?: boolean
  /** Who had it, where that is known: a loan of anybody else is a newer one, and is never taken back. */
  readonly card?: string
  /** When the loan to be taken back fell due, where that is known. */
  readonly dueBefore?: Millis
}
export interface CheckinReceipt {
  readonly barcode: string
  readonly title?: string
  readonly card?: string
  readonly permanentLocation: string
  /** The item must not simply be shelved. */
  readonly alert: boolean
  /** CV: why. */
  readonly alertType?: 'hold-here' | 'hold-elsewhere' | 'hold-ill' | 'send-elsewhere' | 'other'
  /** CT: where it must go. */
  readonly destination?: string
  readonly messages: readonly string[]
  readonly foundDone?: boolean
  /** It had been taken back, and is lent to somebody else by now; nothing was done. */
  readonly lentSince?: boolean
}
export interface RenewRequest {
  readonly card: string
  readonly barcode: string
  readonly title?: string
  readonly at: Millis
  /** The due date before, so that a repeated act can see whether it has been renewed. */
  readonly dueBefore?: Millis
  /** It has happened already; `dueAt` is what the reader was promised. */
  readonly noBlock?: boolean
  readonly dueAt?: Millis
}
export interface HoldRequest {
  readonly card: string
  readonly pin?: string
  readonly barcode?: string
  readonly title?: string
  readonly at: Millis
  readonly pickupLocation?: string
  readonly expiresAt?: Millis
}
export interface HoldReceipt {
  readonly available: boolean
  readonly queuePosition?: number
  readonly messages: readonly string[]
  readonly foundDone?: boolean
}
export interface FeePayment {
  readonly card: string
  readonly amount: Fen
  readonly feeId?: string
  readonly at: Millis
  /** Owed before, so that a repeated act can see whether it has been paid. */
  readonly owedBefore?: Fen
}

export interface IlsHealth {
  /** `closed-hours`: planned downtime (night batch). */
  readonly state: 'up' | 'degraded' | 'down' | 'closed-hours' | 'not-started'
  readonly since: Millis
  readonly queue: number
  readonly say?: { readonly zh: string; readonly en: string }
  /** In planned closed hours: when they end. */
  readonly opensAt?: Millis
  /** The next planned closing. */
  readonly closesNext?: { readonly from: Millis; readonly to: Millis }
  /** Of systems at the other end of a line. */
  readonly link?: {
    readonly connections: number
    readonly mostConnections: number
    readonly inFlight: number
    /** `open`: requests are refused at once; `half-open`: the next one decides. */
    readonly breaker: 'closed' | 'half-open' | 'open'
  }
}
