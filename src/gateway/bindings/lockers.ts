import type { Contents } from '../../lockers/compartments.ts'
import type { Lockers as LockerService } from '../lockers/lockers.ts'
import type { Lockers } from '../orders/ports.ts'
import type { Db } from '../store/db.ts'

/** Steps in which a line's item is in its parcel. */
const inParcel = ['packed', 'shipped', 'in_locker', 'expired'] as const

/** What is in a parcel now, from its label; undefined when nothing is. */
export const parcelOf = async (db: Db, parcelNumber: string): Promise<Contents | undefined> => {
  const rows = await db
    .selectFrom('order_line')
    .select(['library_id', 'order_id', 'id'])
    .where('parcel_number', '=', parcelNumber)
    .where('status', 'in', inParcel)
    .orderBy('id')
    .execute()
  const first = rows[0]
  if (!first) return undefined
  return {
    libraryId: first.library_id,
    orderId: first.order_id,
    parcel: parcelNumber,
    lineIds: rows.map(row => row.id),
  }
}

/** The reader has asked for doors within reach from a wheelchair. */
export const wantsWithinReach = async (db: Db, libraryId: string, orderId: string): Promise<boolean> =>
  (await db
    .selectFrom('lending_order')
    .innerJoin('patron', join =>
      join
        .onRef('patron.library_id', '=', 'lending_order.library_id')
        .onRef('patron.id', '=', 'lending_order.patron_id'),
    )
    .select('patron.id')
    .where('lending_order.library_id', '=', libraryId)
    .where('lending_order.id', '=', orderId)
    .where('patron.within_reach', '=', 1)
    .executeTakeFirst()) !== undefined

/** Compartments as the orders see them. What is in the parcel is read in the transaction that reserves for it. */
export const bindLockers = (
  lockers: Pick<LockerService, 'reserve' | 'release' | 'expire' | 'deskFor'>,
): Lockers => ({
  reserve: async (tx, asked) =>
    lockers.reserve(tx, {
      ...((await parcelOf(tx, asked.parcel)) ?? asked),
      lockerId: asked.lockerId,
      accessible: await wantsWithinReach(tx, asked.libraryId, asked.orderId),
    }),
  deskFor: lockers.deskFor,
  release: lockers.release,
  expire: lockers.expire,
})
