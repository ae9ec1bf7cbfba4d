import type { Evidence } from './evidence.ts'
import type { Line, Order, ReturnWay } from './order.ts'
import type { OrderPolicy } from './policy.ts'
import { unrecorded } from './words.ts'

/** What the engine knows beside the line: nothing that it could ask for by itself. */
export interface Context {
  readonly policy: OrderPolicy
  /** Whose the item is that the evidence names: nobody's, this line's, or another open line's. */
  readonly claim: 'free' | 'this' | 'other'
  readonly times: PromisedTimes
}

/** Working time of the places of one line, as plain functions. */
export interface PromisedTimes {
  /** The first moment at or after `at` at which staff of the line's branch are there. */
  staffThere(line: Line, at: number): number
  /** The end of the pick-up time for an item that lies ready from `at`, by the opening hours of its place. */
  collectUntil(line: Line, order: Order, at: number): number
  /** The first closing time, at or after `at`, of the place where an item lies ready. */
  closingFrom(line: Line, order: Order, at: number): number
  /** `days` open days of the line's branch after `at`. */
  openDays(line: Line, at: number, days: number): number
}

/** A question about the line as it is after the evidence's own facts were noted, and as it was before. */
export type GuardFn = (line: Line, evidence: Evidence, context: Context, was: Line) => boolean

const settled = (line: Line): boolean =>
  line.pending.length === 0 && !line.held && !line.charged && !line.chargeOwed

/** Asked for again, it is the same wish. */
export const sameWay = (a: ReturnWay | null, b: ReturnWay): boolean =>
  a !== null && JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
const sorted = (way: ReturnWay) => Object.entries(way).toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Every condition that the table of states names. */
export const guards = {
  'charge at pack': (_l, _e, c) => c.policy.chargeAt === 'pack',
  'charge at collect': (_l, _e, c) => c.policy.chargeAt === 'collect',
  'checked already': (_l, e) => e.what === 'submitted' && e.data.checked,
  'no copy chosen': line => line.barcode === null && !line.pending.includes('ils.check-patron'),
  'copy is free': (_l, _e, c) => c.claim !== 'other',
  'copy is taken': (_l, _e, c) => c.claim === 'other',
  'staff are there': (line, e, c) => c.times.staffThere(line, e.at) <= e.at,
  'about the item': (_l, e) => e.what === 'checkout-refused' && e.data.why === 'item',
  'not by the reader': (_l, e) => e.what === 'cancel-requested' && e.data.by !== 'reader',
  "carrier's fault": (_l, e) => e.what === 'sent-back' && e.data.fault === 'carrier',
  'charge is owed': (_line, _e, _c, was) => was.chargeOwed,
  'charged or trusted': (line, _e, c) => c.policy.chargeAt === 'pack' || line.charged || line.chargeOwed,
  settled,
  'settled and free to go': line => settled(line) && line.routing === null,
  'settled and to be sent on': line => settled(line) && line.routing !== null,
  'nothing to send on': line => line.routing === null,
  'being taken over': (_line, _e, _c, was) => was.transferTo !== null,
  'going back to its reader': (_line, _e, _c, was) => was.transferTo === null,
  'may be transferred': (line, _e, c) =>
    line.transfers < c.policy.transfersPerLoan && line.charged && line.supplierId === line.libraryId,
  'may be renewed': (line, _e, c) =>
    line.renewals < c.policy.renewals && line.charged && !line.pending.includes('ils.renew'),
  'another way back': (_l, e, _c, was) =>
    e.what === 'return-requested' && !sameWay(was.returnWay, e.data.way),
  'within reach': line => !line.outage,
  'door had jammed': (_line, _e, _c, was) => was.outage?.why.includes('jammed') ?? false,
  'charge failed': line => unrecorded.includes(line.trouble?.code ?? ''),
  'loan is recorded': line => !unrecorded.includes(line.trouble?.code ?? ''),
  'with the reader': (_l, e) => e.what === 'found-again' && e.data.where === 'reader',
  'in the library': (_l, e) => e.what === 'found-again' && e.data.where === 'library',
} satisfies Record<string, GuardFn>

export type GuardName = keyof typeof guards
