import type { Insertable, Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { BulkOpeningTable, LockerCareTable, LockerKey } from './locker-tables.ts'

/** What staff and the gateway have to say of a cabinet as a whole. */
export interface LockerCare {
  /** Why readers and couriers are not served; null while they are. */
  readonly maintenance: { readonly reason: string; readonly by: string; readonly at: Millis } | null
  /** Free text. */
  readonly sanitary: string
  readonly battery: string
  readonly noted: { readonly by: string; readonly at: Millis } | null
  /** Since when its deliveries go to the desk, because it cannot be reached. */
  readonly turnedAt: Millis | null
  /** Code of `alarmWords`, or null. */
  readonly alarm: string | null
}

const untouched: LockerCare = {
  maintenance: null,
  sanitary: '',
  battery: '',
  noted: null,
  turnedAt: null,
  alarm: null,
}

const toCare = (r: Selectable<LockerCareTable>): LockerCare => ({
  maintenance:
    r.maintenance === null
      ? null
      : { reason: r.maintenance, by: r.maintenance_by ?? '', at: r.maintenance_at ?? 0 },
  sanitary: r.sanitary,
  battery: r.battery,
  noted: r.noted_by === null ? null : { by: r.noted_by, at: r.noted_at ?? 0 },
  turnedAt: r.turned_at,
  alarm: r.alarm,
})

export const careOf = async (db: Db, key: LockerKey): Promise<LockerCare> => {
  const row = await db
    .selectFrom('locker_care')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .executeTakeFirst()
  return row ? toCare(row) : untouched
}

export interface Cared {
  readonly maintenance: boolean
  readonly turned: boolean
}

/** Lockers in maintenance and those turned away, as `library/locker`: one question, however many lockers there are. */
export const lockersCaredFor = async (db: Db): Promise<ReadonlyMap<string, Cared>> => {
  const rows = await db
    .selectFrom('locker_care')
    .select(['library_id', 'locker_id', 'maintenance', 'turned_at'])
    .where(e => e.or([e('maintenance', 'is not', null), e('turned_at', 'is not', null)]))
    .execute()
  return new Map(
    rows.map(row => [
      `${row.library_id}/${row.locker_id}`,
      { maintenance: row.maintenance !== null, turned: row.turned_at !== null },
    ]),
  )
}

/** Changes what is given, and leaves the rest. */
export const changeCare = async (tx: Tx, key: LockerKey, change: Partial<LockerCare>): Promise<void> => {
  const { maintenance, noted } = change
  const set: Omit<Insertable<LockerCareTable>, 'library_id' | 'locker_id'> = {
    ...(maintenance === undefined
      ? {}
      : {
          maintenance: maintenance?.reason ?? null,
          maintenance_by: maintenance?.by ?? null,
          maintenance_at: maintenance?.at ?? null,
        }),
    ...(change.sanitary === undefined ? {} : { sanitary: change.sanitary }),
    ...(change.battery === undefined ? {} : { battery: change.battery }),
    ...(noted === undefined ? {} : { noted_by: noted?.by ?? null, noted_at: noted?.at ?? null }),
    ...(change.turnedAt === undefined ? {} : { turned_at: change.turnedAt }),
    ...(change.alarm === undefined ? {} : { alarm: change.alarm }),
  }
  await tx
    .insertInto('locker_care')
    .values({ library_id: key.libraryId, locker_id: key.lockerId, ...set })
    .onConflict(c => c.columns(['library_id', 'locker_id']).doUpdateSet(set))
    .execute()
}

/** Many doors that one person wants open, and a second one agrees to or not. */
export interface BulkOpening {
  readonly id: string
  readonly compartmentIds: readonly string[]
  readonly askedBy: string
  readonly reason: string
  readonly askedAt: Millis
  /** Nobody can agree any more after this. */
  readonly until: Millis
  readonly decidedBy: string | null
  readonly outcome: 'opened' | 'refused' | null
}

const toBulk = (r: Selectable<BulkOpeningTable>): BulkOpening => ({
  id: r.id,
  compartmentIds: JSON.parse(r.compartment_ids) as string[],
  askedBy: r.asked_by,
  reason: r.reason,
  askedAt: r.asked_at,
  until: r.until,
  decidedBy: r.decided_by,
  outcome: r.outcome,
})

export const insertBulk = async (
  tx: Tx,
  key: LockerKey,
  one: Omit<BulkOpening, 'decidedBy' | 'outcome'>,
): Promise<void> => {
  await tx
    .insertInto('bulk_opening')
    .values({
      library_id: key.libraryId,
      locker_id: key.lockerId,
      id: one.id,
      compartment_ids: JSON.stringify(one.compartmentIds),
      asked_by: one.askedBy,
      reason: one.reason,
      asked_at: one.askedAt,
      until: one.until,
    })
    .execute()
}

export const bulkById = async (db: Db, key: LockerKey, id: string): Promise<BulkOpening | undefined> => {
  const row = await db
    .selectFrom('bulk_opening')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toBulk(row)
}

/** Wishes that nobody has decided on and that still can be. */
export const openBulks = async (db: Db, key: LockerKey, now: Millis): Promise<readonly BulkOpening[]> =>
  (
    await db
      .selectFrom('bulk_opening')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where('outcome', 'is', null)
      .where('until', '>', now)
      .orderBy('asked_at')
      .execute()
  ).map(toBulk)

/** True for the one who decides first. */
export const decideBulk = async (
  tx: Tx,
  key: LockerKey,
  id: string,
  { by, at, outcome }: { by: string; at: Millis; outcome: 'opened' | 'refused' },
): Promise<boolean> => {
  const done = await tx
    .updateTable('bulk_opening')
    .set({ decided_by: by, decided_at: at, outcome })
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .where('outcome', 'is', null)
    .executeTakeFirst()
  return done.numUpdatedRows === 1n
}
