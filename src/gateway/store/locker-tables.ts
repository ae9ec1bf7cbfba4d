import type { Generated } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { CompartmentState, Contents } from '../../lockers/compartments.ts'
import type { CompartmentSize } from '../../lockers/locker.ts'

/** Rows of `0004-lockers`, `0008-locker-care` and `0011-locker-lines`. `library_id` is the library whose locker it is; an order may be another library's. */
export interface LockerTables {
  locker_compartment: CompartmentTable
  pickup_code: PickupCodeTable
  code_attempt: CodeAttemptTable
  door_visit: DoorVisitTable
  locker_event: LockerEventTable
  locker_evidence: LockerEvidenceTable
  locker_care: LockerCareTable
  bulk_opening: BulkOpeningTable
  line_ask: LineAskTable
  line_board: LineBoardTable
}

export interface CompartmentTable {
  library_id: string
  locker_id: string
  id: string
  label: string
  size: CompartmentSize
  row: number
  column: number
  board: number
  channel: number
  accessible: number
  /** 1: no longer in the settings; kept for what was in it. */
  gone: number
  state: CompartmentState
  since: Millis
  out_of_service: string | null
  /** Code of `words.ts`: what staff must look at. */
  alarm: string | null
  door: 'open' | 'closed' | 'unknown'
  door_at: Millis
  order_library_id: string | null
  order_id: string | null
  parcel: string | null
  line_ids: string | null
  wear: number
  last_used_at: Millis
  held_until: Millis
  visit_id: string | null
}

export interface PickupCodeTable {
  library_id: string
  locker_id: string
  id: string
  compartment_id: string
  order_library_id: string
  order_id: string
  parcel: string
  /** HMAC under the locker's key. */
  hash: string
  /** The code for its reader's own eyes, sealed as personal data are. */
  sealed: string
  created_at: Millis
  expires_at: Millis
  /** The visit it was typed for; free again when the door does not open. */
  visit_id: string | null
  used_at: Millis | null
  void_at: Millis | null
  /** 1: for somebody whom the reader sends. */
  for_other: Generated<number>
}

export interface CodeAttemptTable {
  library_id: string
  locker_id: string
  failures: number
  counted_at: Millis
  locked_until: Millis
}

export const purposes = ['deposit', 'collect', 'return', 'recover', 'empty', 'service', 'again'] as const
export type Purpose = (typeof purposes)[number]

export interface DoorVisitTable {
  library_id: string
  locker_id: string
  id: string
  compartment_id: string
  purpose: Purpose
  order_library_id: string | null
  order_id: string | null
  parcel: string | null
  line_ids: string | null
  actor: string
  reason: string | null
  code_id: string | null
  /** The visit that this one goes on from. */
  follows: string | null
  /** 1: whoever stood there said that nothing was put in. */
  nothing_in: number
  state: 'intended' | 'open' | 'jammed' | 'unclear' | 'done' | 'failed'
  outcome: string | null
  intended_at: Millis
  opened_at: Millis | null
  closed_at: Millis | null
  settled_at: Millis | null
}

/** Append-only: triggers refuse update and delete. */
export interface LockerEventTable {
  library_id: string
  locker_id: string
  id: string
  compartment_id: string | null
  kind: string
  at: Millis
  recorded_at: Millis
  actor: string
  visit_id: string | null
  order_library_id: string | null
  order_id: string | null
  data: string
}

/** What is still to be told to the orders; written with what happened, removed when told. */
export interface LockerEvidenceTable {
  library_id: string
  id: string
  locker_id: string
  body: string
  at: Millis
}

/** One row for a cabinet of which there is something to say. */
export interface LockerCareTable {
  library_id: string
  locker_id: string
  /** Why readers and couriers are not served, or null. */
  maintenance: string | null
  maintenance_by: string | null
  maintenance_at: Millis | null
  /** Free text of staff: cleaning, pests, smell; batteries and when they were changed. */
  sanitary: Generated<string>
  battery: Generated<string>
  noted_by: string | null
  noted_at: Millis | null
  /** Since when its deliveries go to the desk, or null. */
  turned_at: Millis | null
  /** Code of `words.ts`: trouble of the cabinet as a whole. */
  alarm: string | null
}

/** Many doors at once: one person asks, another agrees. */
export interface BulkOpeningTable {
  library_id: string
  locker_id: string
  id: string
  compartment_ids: string
  asked_by: string
  reason: string
  asked_at: Millis
  until: Millis
  decided_by: string | null
  decided_at: Millis | null
  outcome: 'opened' | 'refused' | null
}

/** One gateway asks another, which holds the line, to open a door or to look at a board. */
export interface LineAskTable {
  id: string
  line: string
  library_id: string
  locker_id: string
  board: number
  /** Null: only a look. */
  channel: number | null
  visit_id: string | null
  until: Millis
  state: 'asked' | 'taken' | 'done'
  answer: string | null
}

/** What the holder of a line sees of its boards, for gateways that do not hold it. */
export interface LineBoardTable {
  line: string
  board: number
  silent_since: Millis | null
}

/** Which locker is meant, wherever a row is looked up. */
export interface LockerKey {
  readonly libraryId: string
  readonly lockerId: string
}

/** What a row says of the parcel it is about. */
export const contentsOf = (r: {
  order_library_id: string | null
  order_id: string | null
  parcel: string | null
  line_ids: string | null
}): Contents | null =>
  r.order_library_id === null || r.order_id === null || r.parcel === null
    ? null
    : {
        libraryId: r.order_library_id,
        orderId: r.order_id,
        parcel: r.parcel,
        lineIds: JSON.parse(r.line_ids ?? '[]') as string[],
      }

export const contentColumns = (contents: Contents | null) => ({
  order_library_id: contents?.libraryId ?? null,
  order_id: contents?.orderId ?? null,
  parcel: contents?.parcel ?? null,
  line_ids: contents ? JSON.stringify(contents.lineIds) : null,
})
