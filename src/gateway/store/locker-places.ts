import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { LockerKey } from './locker-tables.ts'

/** Rows of `0012-locker-places`. */
export interface LockerPlaceTables {
  locker_place: PlaceTable
}

/**
 * `wanted`: to be asked for, and perhaps asked for already where `tries` is not 0; `asked`: the vendor has the wish;
 * `kept`: he said yes; `leaving`: to be let go; `refused`, `over`: nothing more comes of it.
 */
export type PlaceState = 'wanted' | 'asked' | 'kept' | 'leaving' | 'refused' | 'over'

interface PlaceTable {
  library_id: string
  locker_id: string
  /** Ours, as the vendor knows it. */
  reference: string
  board: number
  order_library_id: string
  parcel: string
  state: PlaceState
  /** The vendor's. */
  number: string | null
  until: Millis | null
  asked_at: Millis | null
  tries: number
  /** When it is to be seen to next. */
  due_at: Millis
  created_at: Millis
}

/** A place at the vendor of a cabinet. */
export interface StoredPlace {
  readonly reference: string
  readonly board: number
  /** Of whose order the parcel is. */
  readonly libraryId: string
  readonly parcel: string
  readonly state: PlaceState
  readonly number: string | null
  readonly until: Millis | null
  readonly askedAt: Millis | null
  readonly tries: number
  readonly dueAt: Millis
  readonly createdAt: Millis
}

const toPlace = (r: Selectable<PlaceTable>): StoredPlace => ({
  reference: r.reference,
  board: r.board,
  libraryId: r.order_library_id,
  parcel: r.parcel,
  state: r.state,
  number: r.number,
  until: r.until,
  askedAt: r.asked_at,
  tries: r.tries,
  dueAt: r.due_at,
  createdAt: r.created_at,
})

const living = ['wanted', 'asked', 'kept', 'leaving'] as const

/** Those of which something may still come, the oldest first. */
export const livingPlaces = async (db: Db, key: LockerKey): Promise<readonly StoredPlace[]> =>
  (
    await db
      .selectFrom('locker_place')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where('state', 'in', living)
      .orderBy('created_at')
      .orderBy('reference')
      .execute()
  ).map(toPlace)

export const placeByReference = async (
  db: Db,
  key: LockerKey,
  reference: string,
): Promise<StoredPlace | undefined> => {
  const row = await db
    .selectFrom('locker_place')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('reference', '=', reference)
    .executeTakeFirst()
  return row && toPlace(row)
}

/** For so long after it was first wanted a place of which nothing more comes can be looked up. */
const remembered: Millis = 90 * 86_400_000

/** Also forgets the cabinet's places that have long been over. */
export const insertPlace = async (
  tx: Tx,
  key: LockerKey,
  one: Pick<StoredPlace, 'reference' | 'board' | 'libraryId' | 'parcel' | 'createdAt'>,
): Promise<void> => {
  await tx
    .deleteFrom('locker_place')
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('state', 'not in', living)
    .where('created_at', '<', one.createdAt - remembered)
    .execute()
  await tx
    .insertInto('locker_place')
    .values({
      library_id: key.libraryId,
      locker_id: key.lockerId,
      reference: one.reference,
      board: one.board,
      order_library_id: one.libraryId,
      parcel: one.parcel,
      state: 'wanted',
      number: null,
      until: null,
      asked_at: null,
      tries: 0,
      due_at: one.createdAt,
      created_at: one.createdAt,
    })
    .execute()
}

export type PlaceChange = Partial<
  Pick<StoredPlace, 'state' | 'number' | 'until' | 'askedAt' | 'tries' | 'dueAt'>
>

export const changePlace = async (
  tx: Tx,
  key: LockerKey,
  reference: string,
  change: PlaceChange,
): Promise<void> => {
  await tx
    .updateTable('locker_place')
    .set({
      ...(change.state === undefined ? {} : { state: change.state }),
      ...(change.number === undefined ? {} : { number: change.number }),
      ...(change.until === undefined ? {} : { until: change.until }),
      ...(change.askedAt === undefined ? {} : { asked_at: change.askedAt }),
      ...(change.tries === undefined ? {} : { tries: change.tries }),
      ...(change.dueAt === undefined ? {} : { due_at: change.dueAt }),
    })
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('reference', '=', reference)
    .execute()
}
