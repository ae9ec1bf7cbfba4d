import type { Millis } from '../../kernel/clock.ts'
import type { FeeState } from '../orders/order.ts'

/** Rows of `0003-orders`. */
export interface OrderTables {
  lending_order: LendingOrderTable
  order_line: OrderLineTable
  item_claim: ItemClaimTable
  day_number: DayNumberTable
  parcel: ParcelTable
  message: MessageTable
  ill_request: IllRequestTable
}

export interface LendingOrderTable {
  library_id: string
  id: string
  number: string
  patron_id: string
  delivery: string
  fee: string
  fee_state: FeeState
  promised_at: Millis | null
  created_at: Millis
  version: number
  open_lines: number
}

/** The line itself is `body`; the columns beside it are what lists, look-ups and reports ask for. */
export interface OrderLineTable {
  library_id: string
  id: string
  order_id: string
  order_number: string
  patron_id: string
  supplier_id: string
  branch_id: string
  record_id: string
  title: string
  shelving: string
  status: string
  outcome: string | null
  barcode: string | null
  parcel_number: string | null
  return_parcel_number: string | null
  trouble: string | null
  /** The locker or desk where the item lies. */
  place_id: string | null
  due_at: Millis | null
  timer_what: string | null
  timer_at: Millis | null
  submitted_at: Millis
  confirmed_at: Millis | null
  found_at: Millis | null
  /** The last time staff said that it is not there. */
  not_found_at: Millis | null
  packed_at: Millis | null
  sent_at: Millis | null
  ready_at: Millis | null
  in_hand_at: Millis | null
  closed_at: Millis | null
  body: string
}

/** One row an item: the line that has it, or why it is kept out of the offer for a while. */
export interface ItemClaimTable {
  /** The library that owns the item. */
  library_id: string
  barcode: string
  order_library_id: string
  order_id: string
  line_id: string
  why: string
  until: Millis | null
}

export interface DayNumberTable {
  library_id: string
  day: string
  last: number
}

export interface ParcelTable {
  library_id: string
  number: string
  order_id: string
  courier: string
  waybill: string
  direction: 'out' | 'return'
  created_at: Millis
}

export interface MessageTable {
  library_id: string
  id: string
  patron_id: string
  order_id: string | null
  line_id: string | null
  notice: string
  title: string
  body: string
  at: Millis
  read_at: Millis | null
}

export interface IllRequestTable {
  library_id: string
  id: string
  order_id: string
  line_id: string
  supplier_id: string | null
  barcode: string | null
  outcome: string
  figures: string
  at: Millis
}
