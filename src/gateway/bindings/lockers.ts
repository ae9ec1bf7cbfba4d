import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { Contents } from '../../lockers/compartments.ts'
import type { Lockers as LockerService } from '../lockers/lockers.ts'
import type { Lockers } from '../orders/ports.ts'
import type { Db, Store } from '../store/db.ts'

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

const gone = refused('parcel-gone', {
  zh: '这个包裹里已经没有书了。',
  en: 'There is nothing left in this parcel.',
})

/** Compartments as the orders see them: by the label of the parcel. */
export const bindLockers = (
  store: Store,
  lockers: Pick<LockerService, 'reserve' | 'release' | 'expire'>,
): Lockers => {
  const owner = async (db: Db, parcelNumber: string): Promise<string | undefined> =>
    (
      await db
        .selectFrom('locker_compartment')
        .select('order_library_id')
        .where('parcel', '=', parcelNumber)
        .executeTakeFirst()
    )?.order_library_id ?? undefined
  return {
    reserve: ({ lockerId, parcelNumber }) =>
      store.tx(async (tx): Promise<Answer<{ compartmentId: string }>> => {
        const parcel = await parcelOf(tx, parcelNumber)
        return parcel ? lockers.reserve(tx, { ...parcel, lockerId }) : no(gone)
      }),
    release: async ({ parcelNumber }) => {
      await store.tx(async tx => {
        const libraryId = await owner(tx, parcelNumber)
        if (libraryId !== undefined) await lockers.release(tx, libraryId, parcelNumber)
      })
      return yes(undefined)
    },
    expire: async ({ parcelNumber }) => {
      await store.tx(async tx => {
        const libraryId = await owner(tx, parcelNumber)
        if (libraryId !== undefined) await lockers.expire(tx, libraryId, parcelNumber)
      })
      return yes(undefined)
    },
  }
}
