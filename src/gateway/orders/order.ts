import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'

/** Where a line is. The table of `states.ts` says what may follow what, and why. */
export const lineStatuses = [
  'requested',
  'confirmed',
  'picking',
  'seeking',
  'found',
  'checkout_refused',
  'charged',
  'packed',
  'shipped',
  'in_locker',
  'at_branch',
  'expired',
  'recovered',
  'delivered',
  'collected',
  'on_loan',
  'transferring',
  'return_requested',
  'return_shipped',
  'return_in_locker',
  'return_at_branch',
  'received',
  'discharged',
  'cancelling',
  'missing',
  'closed',
] as const
export type LineStatus = (typeof lineStatuses)[number]

/** How a line ended; null while it is open. `status` says where it is, this says how it went. */
export const lineOutcomes = [
  'returned',
  'not_supplied',
  'cancelled_by_reader',
  'cancelled_by_staff',
  'cancelled_by_timeout',
  'refused',
  'uncollected',
  'lost',
  'lost_in_transit',
  'transferred',
] as const
export type LineOutcome = (typeof lineOutcomes)[number]

export type Delivery =
  | { readonly way: 'home'; readonly courier: string; readonly addressId: string }
  | { readonly way: 'branch'; readonly branchId: string }
  | { readonly way: 'locker'; readonly lockerId: string }

export type ReturnWay =
  | { readonly way: 'courier'; readonly courier: string; readonly addressId: string }
  | { readonly way: 'branch'; readonly branchId: string }
  | { readonly way: 'locker'; readonly lockerId: string }

/** Every component of a price stays on the order, so that a bill explains itself. All in fen. */
export interface FeeBreakdown {
  readonly tariff: Fen
  readonly tierDiscount: Fen
  readonly concession: Fen
  readonly subsidy: Fen
  /** tariff - tierDiscount - concession - subsidy, never below 0. */
  readonly due: Fen
  readonly why: readonly { readonly zh: string; readonly en: string }[]
}

/** What went wrong on the way to the reader; never the reader's fault. */
export const mishaps = ['lost_in_transit', 'damaged_in_transit', 'sent_back', 'wrong_item'] as const
export type Mishap = (typeof mishaps)[number]

/** Something staff must look at. */
export interface Trouble {
  readonly code: string
  readonly zh: string
  readonly en: string
}

/** The cabinet cannot be reached or is being serviced; the door before the item does not open. */
export type OutageWhy = 'away' | 'jammed'

/** One item's work. Instants in `times` are set once, by the evidence that moved the line there. */
export interface Line {
  readonly id: string
  readonly orderId: string
  /** The library that took the request: its reader, its policy. */
  readonly libraryId: string
  /** Place in the order, from 0, and the parcel it is planned for, from 1. */
  readonly position: number
  readonly parcel: number
  /** The library that supplies the item now; another than `libraryId` in inter-library lending. */
  readonly supplierId: string
  /** The branch whose pick list it is on. */
  readonly branchId: string
  readonly recordId: string
  readonly title: string
  readonly author: string | null
  readonly clc: string | null
  /** The copy that is meant now; a scan of another copy of the title replaces it. */
  readonly barcode: string | null
  readonly callNumber: string | null
  readonly location: string | null
  /** Of the item that was asked for; another copy does not change it. */
  readonly shelving: 'open' | 'closed'
  readonly status: LineStatus
  readonly outcome: LineOutcome | null
  /** How it will end once everything is undone or settled. */
  readonly ending: LineOutcome | null
  /** Raised each time the line begins again with another copy. */
  readonly round: number
  /** Parcels of this line that came back or were given up: nothing said about them counts any more. */
  readonly parcelsBack: readonly string[]
  /** Barcodes already looked for in vain, or lost on the way. */
  readonly tried: readonly string[]
  /** True while a hold of this line stands in the ILS. */
  readonly held: boolean
  /** True when this copy had a hold that its check-out used up: undoing the check-out may bring it back. */
  readonly hadHold: boolean
  /** True while the item is charged to the reader in the ILS for this line. */
  readonly charged: boolean
  /** The ILS was away when the item had to go out: the check-out is owed, with its original date. */
  readonly chargeOwed: boolean
  /** Effects on the ILS that have not been answered yet, by kind. */
  readonly pending: readonly string[]
  readonly parcelNumber: string | null
  readonly lockerId: string | null
  readonly compartmentId: string | null
  /** The branch at whose desk it lies, or lay last: ready for its reader, or handed in. */
  readonly deskId: string | null
  /** The end of the pick-up time, while it lies ready. */
  readonly collectUntil: Millis | null
  /** Since when its reader cannot get at it, and why: until then the pick-up time stands still. Lines of old lack it. */
  readonly outage?: { readonly since: Millis; readonly why: readonly OutageWhy[] } | null
  readonly dueAt: Millis | null
  readonly renewals: number
  readonly returnWay: ReturnWay | null
  readonly returnParcelNumber: string | null
  /** When the reader handed it in, whoever scanned it later: overdue stops here. */
  readonly handedInAt: Millis | null
  /** The last time staff said that it is not there. */
  readonly notFoundAt: Millis | null
  readonly mishap: Mishap | null
  /** The reader who takes the loan over on the spot. */
  readonly transferTo: string | null
  /** How often this loan has gone from reader to reader. */
  readonly transfers: number
  /** Where the ILS wants the item to go after check-in. */
  readonly routing: { readonly type: string; readonly destination: string | null } | null
  /** What staff must look at, or null. */
  readonly trouble: Trouble | null
  /** What happens by itself next, unless something else happens before. */
  readonly timer: { readonly what: string; readonly at: Millis } | null
  /** How often it has moved, and when last. */
  readonly moves: number
  readonly movedAt: Millis
  /** How many effects it has had, and the order of the last one: both only rise. */
  readonly acts: number
  readonly lastAct: number
  /** Evidence that came too early and is kept. */
  readonly waiting: number
  readonly times: Readonly<
    Partial<Record<LineStatus | 'not_found' | 'received_by_staff' | 'renewed', Millis>>
  >
}

/**
 * What became of the fee and the grant of an order: `granted` at placing, then `spent` at the first dispatch or
 * `returned` when nothing was dispatched; `refunded` when it was dispatched and never arrived.
 */
export type FeeState = 'granted' | 'spent' | 'returned' | 'refunded'

export interface Order {
  readonly id: string
  /** What people read and say: date and a number, unique in the library. */
  readonly number: string
  readonly libraryId: string
  readonly patronId: string
  readonly delivery: Delivery
  readonly fee: FeeBreakdown
  readonly feeState: FeeState
  readonly promisedAt: Millis | null
  readonly createdAt: Millis
  /** Raised by one at every write; a writer that read an older one must read again. */
  readonly version: number
  readonly lines: readonly Line[]
}
