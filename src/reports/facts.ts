import type { Millis } from '../kernel/clock.ts'
import type { WorkingTime } from '../kernel/working-time.ts'

/**
 * What reports count: recorded facts of one line, read from the order and its events. Two people who compute from
 * the same facts get the same figures.
 */
export interface LineFact {
  readonly lineId: string
  readonly orderNumber: string
  /** The library that took the request; inter-library lines count here. */
  readonly libraryId: string
  readonly supplierId: string
  /** The service point whose staff looked for the item, and whose calendar counts. */
  readonly branchId: string
  readonly title: string
  /** Shelving of the item when it was requested. */
  readonly shelving: 'open' | 'closed'
  readonly submittedAt: Millis
  readonly confirmedAt: Millis | null
  readonly foundAt: Millis | null
  /** The last time staff said "not found". */
  readonly notFoundAt: Millis | null
  /** Ready for the reader: compartment closed on it, laid out at the branch, or at the reader's door. */
  readonly readyAt: Millis | null
  /** In the reader's hands. */
  readonly inHandAt: Millis | null
  readonly closedAt: Millis | null
  readonly outcome: string | null
}

/** What happened at one compartment, for the use of lockers. Ascending in time for each compartment. */
export interface CompartmentFact {
  readonly lockerId: string
  readonly compartmentId: string
  readonly at: Millis
  readonly kind:
    | 'deposited'
    | 'collected'
    | 'returned'
    | 'emptied'
    | 'expired'
    | 'failed-opening'
    | 'out-of-service'
    | 'in-service'
}

export interface LockerSite {
  readonly lockerId: string
  readonly name: { readonly zh: string; readonly en: string }
  /** Compartments the cabinet has, and since when. */
  readonly compartments: readonly { readonly id: string; readonly since: Millis }[]
}

/** A span of time, `from` inclusive, `to` exclusive. */
export interface Period {
  readonly from: Millis
  readonly to: Millis
}

/** Where facts come from; streams, so that a year of a city is never held in memory. */
export interface FactSource {
  /** Lines with any counted moment in the period; the report decides which. */
  lines(query: Period & { readonly libraryId?: string }): AsyncIterable<LineFact>
  compartments(query: Period & { readonly lockerId: string }): AsyncIterable<CompartmentFact>
  /** State of each compartment just before `at`: occupied, out of service or neither. */
  compartmentStateAt(
    lockerId: string,
    at: Millis,
  ): Promise<ReadonlyMap<string, 'occupied' | 'out-of-service' | 'free'>>
}

/** Working time of a service point. */
export type WorkingTimeOf = (branchId: string) => WorkingTime
