import type { Contact, Courier } from '../../adapters/couriers/courier.ts'
import type { Ils } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Answer, Words } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import type { Db, Tx } from '../store/db.ts'
import type { CreditFact } from './effects.ts'
import type { Delivery, FeeBreakdown, Order } from './order.ts'

/** An act of an effect: its key is the same at every try, and `repeated` says that it may have happened. */
export interface EffectAct {
  readonly key: string
  readonly repeated: boolean
}

/** A copy that can be asked for. */
export interface Copy {
  readonly supplierId: string
  readonly branchId: string
  readonly barcode: string
  readonly shelving: 'open' | 'closed'
  readonly callNumber: string | null
  readonly location: string | null
}

export interface SupplyAsk {
  /** The reader's library. */
  readonly libraryId: string
  readonly recordId: string
  readonly delivery: Delivery
  /** Barcodes that are out of the question. */
  readonly tried: readonly string[]
  /** The branch that was asked before, whose other copies come first. */
  readonly branchId: string | null
}
/** One candidate with the figures that ranked it, kept on the request so that it can be explained. */
export interface RankedCopy extends Copy {
  readonly status: 'free' | 'unknown' | 'not-free'
  /** Lower is better. */
  readonly cost: number
  readonly figures: Readonly<Record<string, number>>
}
export interface SupplyAnswer {
  /** What the record is called; null when there is no such record. */
  readonly record: {
    readonly title: string
    readonly author: string | null
    readonly clc: string | null
  } | null
  readonly copy: Copy | null
  /** Shelving of the copy that would have been asked for, free or not. */
  readonly shelving: 'open' | 'closed'
  /** The branch of that copy. */
  readonly branchId: string | null
  readonly ranking: readonly RankedCopy[]
}
/** Where an item can come from: this branch, another branch, another library. Asks the ILSes under one deadline. */
export interface Supply {
  next(ask: SupplyAsk): Promise<SupplyAnswer>
}

/** A parcel that needs a compartment. */
export interface ParcelForLocker {
  readonly lockerId: string
  readonly libraryId: string
  readonly orderId: string
  readonly parcel: string
  readonly lineIds: readonly string[]
}
/** Compartments, as orders see them: one parcel, one compartment. They act in the transaction they are given. */
export interface Lockers {
  /** Keeps the smallest free compartment that fits; the same one when asked again for the parcel. */
  reserve(tx: Tx, parcel: ParcelForLocker): Promise<Answer<{ readonly compartmentId: string }>>
  /** The desk that takes what was meant for the cabinet while it is away. */
  deskFor(lockerId: string): string | undefined
  /** The parcel does not come, or is elsewhere by now. Nothing when it has no compartment. */
  release(tx: Tx, libraryId: string, parcel: string): Promise<void>
  /** The pick-up time is over: the reader's code is dead, the compartment waits for staff. */
  expire(tx: Tx, libraryId: string, parcel: string): Promise<void>
}

export interface Couriers {
  /** Throws `misconfigured/unknown-module`. */
  get(name: string): Courier
}

export interface FeeAsk {
  readonly libraryId: string
  readonly orderId: string
  readonly patronId: string
  readonly delivery: Delivery
  readonly items: number
  readonly parcels: number
  readonly at: Millis
}
/** Money and quota of an order: granted at placing, then settled or given back, once. */
export interface Fees {
  /** What it would cost now; takes nothing. */
  quote(db: Db, ask: FeeAsk): Promise<FeeBreakdown>
  /** Decides the price and takes the grant, in the transaction that places the order. */
  decide(tx: Tx, ask: FeeAsk): Promise<FeeBreakdown>
  settle(
    act: EffectAct & { readonly order: Order; readonly items: number; readonly itemsAsked: number },
  ): Promise<Answer<void>>
  refund(
    act: EffectAct & { readonly order: Order; readonly reason: 'not-dispatched' | 'never-arrived' },
  ): Promise<Answer<void>>
  releaseQuota(act: EffectAct & { readonly order: Order }): Promise<Answer<void>>
}

/** The library's own ledger, and what is told to credit platforms. */
export interface Credit {
  record(
    act: EffectAct & {
      readonly libraryId: string
      readonly patronId: string
      readonly orderId: string
      readonly lineId: string
      readonly fact: CreditFact
      readonly at: Millis
      readonly dueAt: Millis | null
    },
  ): Promise<Answer<void>>
}

/** What orders must know of a reader. Card numbers and addresses are looked up when they are used. */
export interface Readers {
  /** The reader's card at a library; undefined where there is none. */
  card(libraryId: string, patronId: string, atLibraryId: string): Promise<string | undefined>
  /** Read in the placing transaction. `maxItems`: null without a limit of ours. */
  standing(
    db: Db,
    libraryId: string,
    patronId: string,
  ): Promise<{ readonly frozenUntil: Millis | null; readonly maxItems: number | null }>
  /** Masked, as staff see it in a list. */
  maskedNames(libraryId: string, patronIds: readonly string[]): Promise<ReadonlyMap<string, string>>
  /** Undefined when it is gone, or is another reader's. */
  address(libraryId: string, patronId: string, addressId: string): Promise<Contact | undefined>
}

/** The library's card at another library; undefined when they have none. */
export type InstitutionCard = (borrowerId: string, supplierId: string) => string | undefined

/** Who a parcel of this branch comes from, and where its returns go. */
export type SenderOf = (branchId: string) => Contact

/** Channels beyond the reader's own page (SMS, official account ...); left out where there are none. */
export interface Notify {
  send(
    act: EffectAct & {
      readonly libraryId: string
      readonly patronId: string
      readonly notice: string
      readonly title: Words
      readonly body: Words
    },
  ): Promise<Answer<void>>
}

/** What changed, told after the commit to live pages. */
export interface Changed {
  readonly libraryId: string
  readonly orderId: string
  readonly patronId: string
  readonly version: number
  /** Libraries whose staff lists changed: those that supply, and those in whose house something lies or lay. */
  readonly suppliers: readonly string[]
  readonly message: boolean
}

export interface OrderPorts {
  readonly libraries: Libraries
  /** Throws `refused/unknown-library`. */
  readonly ils: (libraryId: string) => Ils
  readonly supply: Supply
  readonly lockers: Lockers
  readonly couriers: Couriers
  readonly sender: SenderOf
  readonly fees: Fees
  readonly credit: Credit
  readonly readers: Readers
  readonly institutionCard: InstitutionCard
  readonly notify?: Notify
  readonly changed?: (change: Changed) => void
}
