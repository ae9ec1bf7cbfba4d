import type { Millis } from '../../kernel/clock.ts'
import type { Door } from '../../lockers/locker.ts'
import type { Db } from './db.ts'
import type { LockerKey } from './locker-tables.ts'

/** Who holds a lease now. */
export const leaseOwner = async (db: Db, name: string, now: Millis): Promise<string | undefined> => {
  const row = await db.selectFrom('lease').selectAll().where('name', '=', name).executeTakeFirst()
  return row && row.until > now ? row.owner : undefined
}

/** Doors behind which books lie, or of which nobody knows; also of compartments that are no longer in the settings. */
export const holdingDoors = async (db: Db, lockers: readonly LockerKey[]): Promise<readonly Door[]> => {
  const found: Door[] = []
  for (const { libraryId, lockerId } of lockers) {
    const rows = await db
      .selectFrom('locker_compartment')
      .select(['board', 'channel'])
      .where('library_id', '=', libraryId)
      .where('locker_id', '=', lockerId)
      .where(e =>
        e.or([
          e('state', '!=', 'free'),
          e('order_id', 'is not', null),
          e('visit_id', 'is not', null),
          e('alarm', 'in', ['check-inside', 'wrong-item']),
          e('out_of_service', '=', 'check-inside'),
        ]),
      )
      .execute()
    found.push(...rows)
  }
  return found
}
