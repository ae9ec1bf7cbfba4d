import type { Insertable, Selectable, Updateable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Contents } from '../../lockers/compartments.ts'
import type { Db, Tx } from './db.ts'
import {
  contentColumns,
  contentsOf,
  type DoorVisitTable,
  type LockerKey,
  type Purpose,
} from './locker-tables.ts'

export interface Visit {
  readonly id: string
  readonly compartmentId: string
  readonly purpose: Purpose
  readonly contents: Contents | null
  readonly actor: string
  readonly reason: string | null
  readonly codeId: string | null
  readonly follows: string | null
  readonly nothingIn: boolean
  readonly state: DoorVisitTable['state']
  readonly outcome: string | null
  readonly intendedAt: Millis
  readonly openedAt: Millis | null
  readonly closedAt: Millis | null
  readonly settledAt: Millis | null
}

const toVisit = (r: Selectable<DoorVisitTable>): Visit => ({
  id: r.id,
  compartmentId: r.compartment_id,
  purpose: r.purpose,
  contents: contentsOf(r),
  actor: r.actor,
  reason: r.reason,
  codeId: r.code_id,
  follows: r.follows,
  nothingIn: r.nothing_in === 1,
  state: r.state,
  outcome: r.outcome,
  intendedAt: r.intended_at,
  openedAt: r.opened_at,
  closedAt: r.closed_at,
  settledAt: r.settled_at,
})

export const insertVisit = async (tx: Tx, key: LockerKey, visit: Visit): Promise<void> => {
  const row: Insertable<DoorVisitTable> = {
    library_id: key.libraryId,
    locker_id: key.lockerId,
    id: visit.id,
    compartment_id: visit.compartmentId,
    purpose: visit.purpose,
    ...contentColumns(visit.contents),
    actor: visit.actor,
    reason: visit.reason,
    code_id: visit.codeId,
    follows: visit.follows,
    nothing_in: visit.nothingIn ? 1 : 0,
    state: visit.state,
    outcome: visit.outcome,
    intended_at: visit.intendedAt,
    opened_at: visit.openedAt,
    closed_at: visit.closedAt,
    settled_at: visit.settledAt,
  }
  await tx.insertInto('door_visit').values(row).execute()
}

export type VisitChange = Partial<
  Pick<Visit, 'state' | 'outcome' | 'nothingIn' | 'openedAt' | 'closedAt' | 'settledAt'>
>

export const changeVisit = async (tx: Tx, key: LockerKey, id: string, change: VisitChange): Promise<void> => {
  const set: Updateable<DoorVisitTable> = {
    ...(change.state === undefined ? {} : { state: change.state }),
    ...(change.outcome === undefined ? {} : { outcome: change.outcome }),
    ...(change.nothingIn === undefined ? {} : { nothing_in: change.nothingIn ? 1 : 0 }),
    ...(change.openedAt === undefined ? {} : { opened_at: change.openedAt }),
    ...(change.closedAt === undefined ? {} : { closed_at: change.closedAt }),
    ...(change.settledAt === undefined ? {} : { settled_at: change.settledAt }),
  }
  await tx
    .updateTable('door_visit')
    .set(set)
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .execute()
}

export const visitById = async (db: Db, key: LockerKey, id: string): Promise<Visit | undefined> => {
  const row = await db
    .selectFrom('door_visit')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toVisit(row)
}

/** Whether somebody was at the door at that time, give or take what two clocks differ by. */
export const visitAround = async (
  db: Db,
  key: LockerKey,
  compartmentId: string,
  at: Millis,
  slack: Millis,
): Promise<boolean> =>
  (await db
    .selectFrom('door_visit')
    .select('id')
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('compartment_id', '=', compartmentId)
    .where('intended_at', '<=', at + slack)
    .where(e => e.or([e('settled_at', 'is', null), e('settled_at', '>=', at - slack)]))
    .limit(1)
    .executeTakeFirst()) !== undefined

/** Visits whose door has not come to rest yet. */
export const openVisits = async (db: Db, key: LockerKey): Promise<readonly Visit[]> =>
  (
    await db
      .selectFrom('door_visit')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where('settled_at', 'is', null)
      .orderBy('id')
      .execute()
  ).map(toVisit)
