import type { Selectable, Updateable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Compartment } from '../../lockers/compartments.ts'
import type { Db, Tx } from './db.ts'
import { type CompartmentTable, contentColumns, contentsOf, type LockerKey } from './locker-tables.ts'

export type { LockerKey, LockerTables } from './locker-tables.ts'

export interface StoredCompartment extends Compartment {
  readonly since: Millis
  readonly alarm: string | null
  readonly doorAt: Millis
}

const toCompartment = (r: Selectable<CompartmentTable>): StoredCompartment => ({
  id: r.id,
  label: r.label,
  size: r.size,
  row: r.row,
  column: r.column,
  board: r.board,
  channel: r.channel,
  accessible: r.accessible === 1,
  state: r.state,
  outOfService: r.out_of_service,
  door: r.door,
  contents: contentsOf(r),
  wear: r.wear,
  lastUsedAt: r.last_used_at,
  heldUntil: r.held_until,
  visitId: r.visit_id,
  since: r.since,
  alarm: r.alarm,
  doorAt: r.door_at,
})

/** The layout as the settings have it now. */
export type LayoutEntry = Pick<
  Compartment,
  'id' | 'label' | 'size' | 'row' | 'column' | 'board' | 'channel' | 'accessible'
>

/** Takes the layout over: new doors free and unknown, known ones where they are now, absent ones set aside. */
export const syncLayout = async (
  tx: Tx,
  key: LockerKey,
  layout: readonly LayoutEntry[],
  now: Millis,
): Promise<void> => {
  const known = await tx
    .selectFrom('locker_compartment')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .execute()
  const rows = new Map(known.map(row => [row.id, row]))
  for (const { accessible, ...entry } of layout) {
    const place = { ...entry, accessible: accessible ? 1 : 0, gone: 0 }
    const row = rows.get(entry.id)
    if (row && Object.entries(place).every(([column, value]) => row[column as keyof typeof row] === value))
      continue
    await tx
      .insertInto('locker_compartment')
      .values({
        ...place,
        library_id: key.libraryId,
        locker_id: key.lockerId,
        state: 'free',
        since: now,
        door: 'unknown',
        door_at: now,
        wear: 0,
        last_used_at: 0,
        held_until: 0,
      })
      .onConflict(c => c.columns(['library_id', 'locker_id', 'id']).doUpdateSet(place))
      .execute()
  }
  await tx
    .updateTable('locker_compartment')
    .set({ gone: 1 })
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where(
      'id',
      'not in',
      layout.map(entry => entry.id),
    )
    .execute()
}

export const compartmentsOf = async (db: Db, key: LockerKey): Promise<readonly StoredCompartment[]> =>
  (
    await db
      .selectFrom('locker_compartment')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where('gone', '=', 0)
      .orderBy('row')
      .orderBy('column')
      .orderBy('id')
      .execute()
  ).map(toCompartment)

export const compartmentById = async (
  db: Db,
  key: LockerKey,
  id: string,
): Promise<StoredCompartment | undefined> => {
  const row = await db
    .selectFrom('locker_compartment')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toCompartment(row)
}

/** Where a parcel lies or is expected, in whichever locker. */
export const findParcel = async (
  db: Db,
  orderLibraryId: string,
  parcel: string,
): Promise<{ readonly key: LockerKey; readonly compartment: StoredCompartment } | undefined> => {
  const row = await db
    .selectFrom('locker_compartment')
    .selectAll()
    .where('order_library_id', '=', orderLibraryId)
    .where('parcel', '=', parcel)
    .executeTakeFirst()
  return (
    row && {
      key: { libraryId: row.library_id, lockerId: row.locker_id },
      compartment: toCompartment(row),
    }
  )
}

/** Compartments of an order, in whichever locker. */
export const compartmentsOfOrder = async (
  db: Db,
  orderLibraryId: string,
  orderId: string,
): Promise<readonly { readonly key: LockerKey; readonly compartment: StoredCompartment }[]> =>
  (
    await db
      .selectFrom('locker_compartment')
      .selectAll()
      .where('order_library_id', '=', orderLibraryId)
      .where('order_id', '=', orderId)
      .orderBy('parcel')
      .execute()
  ).map(row => ({
    key: { libraryId: row.library_id, lockerId: row.locker_id },
    compartment: toCompartment(row),
  }))

/** What may change of a compartment; `since` goes with a change of state. */
export type CompartmentChange = Partial<
  Pick<
    StoredCompartment,
    | 'state'
    | 'contents'
    | 'outOfService'
    | 'alarm'
    | 'door'
    | 'doorAt'
    | 'wear'
    | 'lastUsedAt'
    | 'heldUntil'
    | 'visitId'
    | 'since'
  >
>

const changeColumns = (change: CompartmentChange): Updateable<CompartmentTable> => ({
  ...(change.state === undefined ? {} : { state: change.state }),
  ...(change.since === undefined ? {} : { since: change.since }),
  ...(change.contents === undefined ? {} : contentColumns(change.contents)),
  ...(change.outOfService === undefined ? {} : { out_of_service: change.outOfService }),
  ...(change.alarm === undefined ? {} : { alarm: change.alarm }),
  ...(change.door === undefined ? {} : { door: change.door }),
  ...(change.doorAt === undefined ? {} : { door_at: change.doorAt }),
  ...(change.wear === undefined ? {} : { wear: change.wear }),
  ...(change.lastUsedAt === undefined ? {} : { last_used_at: change.lastUsedAt }),
  ...(change.heldUntil === undefined ? {} : { held_until: change.heldUntil }),
  ...(change.visitId === undefined ? {} : { visit_id: change.visitId }),
})

export const changeCompartment = async (
  tx: Tx,
  key: LockerKey,
  id: string,
  change: CompartmentChange,
): Promise<void> => {
  await tx
    .updateTable('locker_compartment')
    .set(changeColumns(change))
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .execute()
}
