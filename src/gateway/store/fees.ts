import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'

/** Rows of the fee part of `0005-credit-and-fees`. Amounts in fen. */
export interface FeeTables {
  subsidy_day: SubsidyDayTable
  subsidy_reader: SubsidyReaderTable
  subsidy_grant: SubsidyGrantTable
  fee_account: FeeAccountTable
  fee_entry: FeeEntryTable
}
/** What a pool has for one local day, and what of it is given away; `granted` never exceeds `amount`. */
export interface SubsidyDayTable {
  library_id: string
  pool_id: string
  day: string
  amount: Fen
  granted: Fen
}
/** What one reader has of a pool in a period. */
export interface SubsidyReaderTable {
  library_id: string
  pool_id: string
  patron_id: string
  period: string
  granted: Fen
}
export interface SubsidyGrantTable {
  library_id: string
  /** The order it is for. */
  key: string
  pool_id: string
  patron_id: string
  day: string
  period: string
  amount: Fen
  state: 'reserved' | 'confirmed' | 'returned'
  at: Millis
}
/** What one order has cost so far; `refunded` never exceeds `charged`. */
export interface FeeAccountTable {
  library_id: string
  order_id: string
  patron_id: string
  charged: Fen
  refunded: Fen
}
/** Append-only. */
export interface FeeEntryTable {
  library_id: string
  key: string
  order_id: string
  kind: 'charge' | 'refund'
  amount: Fen
  breakdown: string | null
  reason: string
  at: Millis
}
