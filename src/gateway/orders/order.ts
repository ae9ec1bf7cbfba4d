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

/** One item's work. Instants in `times` are set once, by the evidence that moved the line there. */
export interface Line {
  readonly id: string
  readonly orderId: string
  /** The library that took the request: its reader, its policy. */
  readonly libraryId: string
  /** The library that supplies the item now; another than `libraryId` in inter-library lending. */
  readonly supplierId: string
  /** The branch whose pick list it is on. */
  readonly branchId: string
  readonly recordId: string
  readonly title: string
  /** The copy that is meant now; a scan of another copy of the title replaces it. */
  readonly barcode: string | null
  readonly shelving: 'open' | 'closed'
  readonly status: LineStatus
  readonly outcome: LineOutcome | null
  /** Barcodes already looked for in vain, or lost on the way. */
  readonly tried: readonly string[]
  /** True while a hold of this line stands in the ILS. */
  readonly held: boolean
  /** True while the item is charged to the reader in the ILS for this line. */
  readonly charged: boolean
  readonly parcelNumber: string | null
  readonly compartmentId: string | null
  readonly dueAt: Millis | null
  readonly returnWay: ReturnWay | null
  /** When the reader handed it in, whoever scanned it later: overdue stops here. */
  readonly handedInAt: Millis | null
  /** What staff must look at, or null. */
  readonly trouble: { readonly code: string; readonly zh: string; readonly en: string } | null
  readonly times: Readonly<
    Partial<Record<LineStatus | 'not_found' | 'received_by_staff' | 'renewed', Millis>>
  >
}

export interface Order {
  readonly id: string
  /** What people read and say: date and a number, unique in the library. */
  readonly number: string
  readonly libraryId: string
  readonly patronId: string
  readonly delivery: Delivery
  readonly fee: FeeBreakdown
  readonly createdAt: Millis
  /** Raised by one at every write; a writer that read an older one must read again. */
  readonly version: number
  readonly lines: readonly Line[]
}
