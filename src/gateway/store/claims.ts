import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { ItemClaimTable } from './order-tables.ts'
import { prepared } from './prepared.ts'

/** An item by the library that owns it. */
export interface ItemRef {
  readonly libraryId: string
  readonly barcode: string
}
/** The open line that has an item. */
export interface ClaimHolder {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
}

/** Who has the item: an open line, nobody, or nobody because it is kept out of the offer. */
export interface ItemClaim extends ClaimHolder {
  readonly why: 'line' | string
}

const claimRow = prepared((db, v: ItemRef) =>
  db
    .selectFrom('item_claim')
    .selectAll()
    .where('library_id', '=', v.libraryId)
    .where('barcode', '=', v.barcode),
)

export const claimOf = async (db: Db, item: ItemRef, now: Millis): Promise<ItemClaim | undefined> => {
  const [row] = (await claimRow(db, { ...item })).rows
  if (!row || (row.until !== null && row.until <= now)) return undefined
  return { libraryId: row.order_library_id, orderId: row.order_id, lineId: row.line_id, why: row.why }
}

/** Lines that have an item of this barcode, whatever its library. */
export const claimsOfBarcode = async (
  db: Db,
  barcode: string,
): Promise<readonly (ClaimHolder & { readonly supplierId: string; readonly why: string })[]> =>
  (await db.selectFrom('item_claim').selectAll().where('barcode', '=', barcode).execute()).map(r => ({
    supplierId: r.library_id,
    libraryId: r.order_library_id,
    orderId: r.order_id,
    lineId: r.line_id,
    why: r.why,
  }))

/** Barcodes of one library that are not on offer: with a line, or withdrawn. */
export const claimedAmong = async (
  db: Db,
  libraryId: string,
  barcodes: readonly string[],
  now: Millis,
): Promise<ReadonlySet<string>> => {
  const [barcode] = barcodes
  if (barcode === undefined) return new Set()
  if (barcodes.length === 1) return new Set((await claimOf(db, { libraryId, barcode }, now)) ? barcodes : [])
  const rows = await db
    .selectFrom('item_claim')
    .select('barcode')
    .where('library_id', '=', libraryId)
    .where('barcode', 'in', barcodes)
    .where(e => e.or([e('until', 'is', null), e('until', '>', now)]))
    .execute()
  return new Set(rows.map(r => r.barcode))
}

type ClaimValues = Omit<ItemClaimTable, 'why' | 'until'>

const take = prepared((db, v: ClaimValues) =>
  db
    .insertInto('item_claim')
    .values({ ...claimValues(v), why: 'line', until: null })
    .onConflict(c =>
      c
        .columns(['library_id', 'barcode'])
        .doUpdateSet({ ...claimValues(v), why: 'line', until: null })
        .where(e => e.or([e('item_claim.why', '<>', 'line'), e('item_claim.line_id', '=', v.line_id)])),
    ),
)

const claimValues = (v: ClaimValues) => ({
  library_id: v.library_id,
  barcode: v.barcode,
  order_library_id: v.order_library_id,
  order_id: v.order_id,
  line_id: v.line_id,
})

/**
 * Takes the item for a line; false when another open line has it. An item that was withdrawn and is in
 * somebody's hand again is taken like a free one.
 */
export const takeItem = async (tx: Tx, item: ItemRef, holder: ClaimHolder): Promise<boolean> => {
  const { changed } = await take(tx, {
    library_id: item.libraryId,
    barcode: item.barcode,
    order_library_id: holder.libraryId,
    order_id: holder.orderId,
    line_id: holder.lineId,
  })
  return changed > 0
}

const release = prepared((db, v: ItemRef & { readonly lineId: string }) =>
  db
    .deleteFrom('item_claim')
    .where('library_id', '=', v.libraryId)
    .where('barcode', '=', v.barcode)
    .where('line_id', '=', v.lineId)
    .where('why', '=', 'line'),
)

/** Gives the item up if this line has it. */
export const releaseItem = async (tx: Tx, item: ItemRef, lineId: string): Promise<void> => {
  await release(tx, { ...item, lineId })
}

/** Gives the item up and keeps it out of the offer until then. */
export const withdrawItem = async (
  tx: Tx,
  item: ItemRef,
  lineId: string,
  why: string,
  until: Millis,
): Promise<void> => {
  await tx
    .updateTable('item_claim')
    .set({ why, until })
    .where('library_id', '=', item.libraryId)
    .where('barcode', '=', item.barcode)
    .where('line_id', '=', lineId)
    .execute()
}

/** The item was seen in its place: it is on offer again. */
export const offerAgain = async (tx: Tx, item: ItemRef): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('item_claim')
    .where('library_id', '=', item.libraryId)
    .where('barcode', '=', item.barcode)
    .where('why', '<>', 'line')
    .executeTakeFirst()
  return numDeletedRows > 0n
}
