import type { Selectable } from 'kysely'
import type { Db, Tx } from './db.ts'
import type { ParcelTable } from './order-tables.ts'

/** Orders that have a line in, or coming back in, this parcel. */
export const ordersOfParcel = async (
  db: Db,
  parcelNumber: string,
): Promise<readonly { libraryId: string; orderId: string }[]> => {
  const rows = await db
    .selectFrom('order_line')
    .select(['library_id', 'order_id'])
    .distinct()
    .where(e => e.or([e('parcel_number', '=', parcelNumber), e('return_parcel_number', '=', parcelNumber)]))
    .execute()
  return rows.map(r => ({ libraryId: r.library_id, orderId: r.order_id }))
}

export const insertParcel = async (tx: Tx, parcel: ParcelTable): Promise<void> => {
  await tx
    .insertInto('parcel')
    .values(parcel)
    .onConflict(c => c.columns(['library_id', 'number']).doNothing())
    .execute()
}

export const parcelByWaybill = (
  db: Db,
  courier: string,
  waybill: string,
): Promise<Selectable<ParcelTable> | undefined> =>
  db
    .selectFrom('parcel')
    .selectAll()
    .where('courier', '=', courier)
    .where('waybill', '=', waybill)
    .executeTakeFirst()

export const parcelByNumber = (db: Db, number: string): Promise<Selectable<ParcelTable> | undefined> =>
  db.selectFrom('parcel').selectAll().where('number', '=', number).executeTakeFirst()
