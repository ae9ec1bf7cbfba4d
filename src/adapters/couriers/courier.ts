import type { Millis } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'

/** A carrier of parcels. Our parcel number is the idempotency key: booking twice gives the same waybill. */
export interface Courier {
  readonly name: string
  book(parcel: Parcel): Promise<Answer<Booking>>
  cancel(parcelNumber: string): Promise<Answer<void>>
}

/** Extra power: asks where a parcel is; used to check a push that carries no signature, and for polling. */
export interface TracksParcels {
  track(parcel: {
    readonly number: string
    readonly waybill: string
    readonly phoneTail: string
  }): Promise<Answer<readonly Sighting[]>>
}
/** Extra power: reads a webhook body of this carrier; pure, throws nothing. */
export interface ReadsPushes {
  /** Its pushes prove by themselves who sent them, and `readPush` has checked that; left out where they do not. */
  readonly pushesAreSigned?: true
  readPush(body: string, contentType: string): Answer<readonly Sighting[]>
  /** The exact body and type this carrier wants back, for taken and for failed. */
  ack(taken: boolean): { readonly body: string; readonly contentType: string; readonly status: number }
}

export interface Contact {
  readonly name: string
  readonly phone: string
  readonly province: string
  readonly city: string
  readonly district: string
  readonly address: string
}
export interface Parcel {
  /** <= 64 characters of [A-Za-z0-9-]; ours, unique for ever. */
  readonly number: string
  readonly from: Contact
  readonly to: Contact
  readonly contents: readonly { readonly name: string; readonly count: number }[]
  readonly weightGrams: number
  /** True for a return: the courier comes to the reader. */
  readonly callForPickup: boolean
  readonly pickupFrom?: Millis
}
export interface Booking {
  readonly waybill: string
  /** True when the carrier had this parcel already. */
  readonly already: boolean
}

/** Where a parcel was seen. `unknown` is shown to staff and counted, and never moves an order. */
export type SightingKind =
  | 'accepted'
  | 'picked-up'
  | 'in-transit'
  | 'out-for-delivery'
  | 'signed'
  | 'rejected'
  | 'problem'
  | 'returning'
  | 'returned'
  | 'cancelled'
  | 'unknown'
export interface Sighting {
  /** The carrier's id of the event, unique for it; the evidence id is built from it. */
  readonly id: string
  readonly parcelNumber?: string
  readonly waybill: string
  readonly kind: SightingKind
  readonly at: Millis
  readonly their: { readonly code: string; readonly text: string }
}
