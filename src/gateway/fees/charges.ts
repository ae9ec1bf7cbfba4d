import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'
import type { FeeBreakdown } from '../orders/order.ts'
import type { Db, Tx } from '../store/db.ts'

export interface Charge {
  readonly libraryId: string
  readonly orderId: string
  readonly patronId: string
  /** `<orderId>:borrow`, `<orderId>:return:<n>`: charged once. */
  readonly key: string
  readonly fee: FeeBreakdown
  readonly reason: Words
}
export interface Refund {
  readonly libraryId: string
  readonly orderId: string
  readonly key: string
  readonly amount: Fen | 'all'
  readonly reason: Words
}
export interface Bill {
  readonly charged: Fen
  readonly refunded: Fen
  readonly entries: readonly {
    readonly key: string
    readonly kind: 'charge' | 'refund'
    readonly amount: Fen
    readonly fee: FeeBreakdown | null
    readonly reason: Words
    readonly at: Millis
  }[]
}

/** Puts what is due on the order's account; 0 is kept too, since its parts explain the bill. Once for a key. */
export const charge = async (tx: Tx, { fee, ...what }: Charge, now: Millis): Promise<void> => {
  const { libraryId, orderId, patronId } = what
  await tx
    .insertInto('fee_account')
    .values({ library_id: libraryId, order_id: orderId, patron_id: patronId, charged: 0, refunded: 0 })
    .onConflict(c => c.columns(['library_id', 'order_id']).doNothing())
    .execute()
  const row = { ...what, kind: 'charge', amount: fee.due, breakdown: JSON.stringify(fee) } as const
  if (!(await insert(tx, row, now))) return
  await tx
    .updateTable('fee_account')
    .set(e => ({ charged: e('charged', '+', fee.due) }))
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .execute()
}

/**
 * Gives money back, at most what was charged and not given back yet; answers how much. Once for a key: a repeat
 * answers what the first did.
 */
export const refund = async (tx: Tx, what: Refund, now: Millis): Promise<Fen> => {
  const { libraryId, orderId, key } = what
  const account = await tx
    .updateTable('fee_account')
    .set(e => ({ refunded: e.ref('refunded') }))
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .returning(['charged', 'refunded'])
    .executeTakeFirst()
  const known = await tx
    .selectFrom('fee_entry')
    .select('amount')
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .executeTakeFirst()
  if (known) return known.amount
  if (!account) return 0
  const left = account.charged - account.refunded
  const amount = what.amount === 'all' ? left : Math.max(0, Math.min(what.amount, left))
  await insert(
    tx,
    { libraryId, orderId, key, reason: what.reason, kind: 'refund', amount, breakdown: null },
    now,
  )
  await tx
    .updateTable('fee_account')
    .set({ refunded: account.refunded + amount })
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .execute()
  return amount
}

/** What an order has cost so far, oldest entry first. */
export const billOf = async (db: Db, libraryId: string, orderId: string): Promise<Bill> => {
  const account = await db
    .selectFrom('fee_account')
    .select(['charged', 'refunded'])
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .executeTakeFirst()
  const rows = await db
    .selectFrom('fee_entry')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .orderBy('at')
    .orderBy('key')
    .execute()
  return {
    charged: account?.charged ?? 0,
    refunded: account?.refunded ?? 0,
    entries: rows.map(({ key, kind, amount, breakdown, reason, at }) => ({
      key,
      kind,
      amount,
      fee: breakdown === null ? null : (JSON.parse(breakdown) as FeeBreakdown),
      reason: JSON.parse(reason) as Words,
      at,
    })),
  }
}

interface Entry {
  readonly libraryId: string
  readonly orderId: string
  readonly key: string
  readonly kind: 'charge' | 'refund'
  readonly amount: Fen
  readonly breakdown: string | null
  readonly reason: Words
}
const insert = async (tx: Tx, entry: Entry, at: Millis): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('fee_entry')
    .values({
      library_id: entry.libraryId,
      key: entry.key,
      order_id: entry.orderId,
      kind: entry.kind,
      amount: entry.amount,
      breakdown: entry.breakdown,
      reason: JSON.stringify(entry.reason),
      at,
    })
    .onConflict(c => c.columns(['library_id', 'key']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}
