import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { LockerKey } from './locker-tables.ts'

/** Rows of `0010-locker-presence`. */
export interface LockerPresenceTables {
  locker_presence: LockerPresenceTable
}

export interface LockerPresenceTable {
  library_id: string
  locker_id: string
  nonce: string
  patron_library_id: string
  patron_id: string
  at: Millis
  until: Millis
  visit_id: string | null
  ended_at: Millis | null
}

/** A reader of any library of the consortium. */
export interface PatronKey {
  readonly libraryId: string
  readonly patronId: string
}

/** A reader who stands, or stood, before a cabinet with a phone. */
export interface Presence {
  readonly key: LockerKey
  readonly nonce: string
  readonly patron: PatronKey
  readonly at: Millis
  readonly until: Millis
  /** The last door that was opened for it. */
  readonly visitId: string | null
  readonly endedAt: Millis | null
}

const toPresence = (r: Selectable<LockerPresenceTable>): Presence => ({
  key: { libraryId: r.library_id, lockerId: r.locker_id },
  nonce: r.nonce,
  patron: { libraryId: r.patron_library_id, patronId: r.patron_id },
  at: r.at,
  until: r.until,
  visitId: r.visit_id,
  endedAt: r.ended_at,
})

/** Whose code of a screen it was; undefined while nobody has used it. */
export const presenceOfCode = async (
  db: Db,
  key: LockerKey,
  nonce: string,
): Promise<Presence | undefined> => {
  const row = await db
    .selectFrom('locker_presence')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('nonce', '=', nonce)
    .executeTakeFirst()
  return row && toPresence(row)
}

/** The last one at a cabinet that nobody has ended. */
export const presenceAt = async (db: Db, key: LockerKey): Promise<Presence | undefined> => {
  const row = await db
    .selectFrom('locker_presence')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('ended_at', 'is', null)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toPresence(row)
}

/** How many codes of a cabinet's screen were used since then. */
export const presencesSince = async (db: Db, key: LockerKey, since: Millis): Promise<number> => {
  const { used } = await db
    .selectFrom('locker_presence')
    .select(({ fn }) => fn.countAll<number | string>().as('used'))
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('at', '>=', since)
    .executeTakeFirstOrThrow()
  return Number(used)
}

/** Where a reader stands, unless it was ended. */
export const presenceOf = async (db: Db, patron: PatronKey): Promise<Presence | undefined> => {
  const row = await db
    .selectFrom('locker_presence')
    .selectAll()
    .where('patron_library_id', '=', patron.libraryId)
    .where('patron_id', '=', patron.patronId)
    .where('ended_at', 'is', null)
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row && toPresence(row)
}

/** False: somebody has used the code. */
export const insertPresence = async (
  tx: Tx,
  { key, nonce, patron, at, until }: Pick<Presence, 'key' | 'nonce' | 'patron' | 'at' | 'until'>,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('locker_presence')
    .values({
      library_id: key.libraryId,
      locker_id: key.lockerId,
      nonce,
      patron_library_id: patron.libraryId,
      patron_id: patron.patronId,
      at,
      until,
      visit_id: null,
      ended_at: null,
    })
    .onConflict(c => c.columns(['library_id', 'locker_id', 'nonce']).doNothing())
    .executeTakeFirstOrThrow()
  return numInsertedOrUpdatedRows === 1n
}

export const changePresence = async (
  tx: Tx,
  { key, nonce }: Pick<Presence, 'key' | 'nonce'>,
  change: { readonly until: Millis; readonly visitId?: string },
): Promise<void> => {
  await tx
    .updateTable('locker_presence')
    .set({
      until: change.until,
      // A door has opened for them: they stand there, whatever was said meanwhile.
      ...(change.visitId === undefined ? {} : { visit_id: change.visitId, ended_at: null }),
    })
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('nonce', '=', nonce)
    .execute()
}

/** Wherever the reader stood: they stand there no longer. */
export const endPresence = async (tx: Tx, patron: PatronKey, now: Millis): Promise<void> => {
  await tx
    .updateTable('locker_presence')
    .set({ ended_at: now })
    .where('patron_library_id', '=', patron.libraryId)
    .where('patron_id', '=', patron.patronId)
    .where('ended_at', 'is', null)
    .execute()
}

/** For so long it is known which codes were used: far longer than any of them counts. */
export const presenceKept: Millis = 3_600_000

/** Removes who stood anywhere and has been gone since. */
export const sweepPresence = async (db: Db, goneSince: Millis): Promise<void> => {
  await db.deleteFrom('locker_presence').where('until', '<', goneSince).execute()
}
