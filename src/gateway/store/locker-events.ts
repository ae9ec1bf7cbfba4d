import type { Millis } from '../../kernel/clock.ts'
import type { Contents } from '../../lockers/compartments.ts'
import type { Db, Tx } from './db.ts'
import type { LockerKey } from './locker-tables.ts'

export interface LockerEvent {
  readonly id: string
  readonly compartmentId: string | null
  readonly kind: string
  readonly at: Millis
  readonly actor: string
  readonly visitId: string | null
  readonly contents: Contents | null
  readonly data: Readonly<Record<string, unknown>>
}

export const appendLockerEvent = async (
  tx: Tx,
  key: LockerKey,
  event: LockerEvent,
  now: Millis,
): Promise<void> => {
  await tx
    .insertInto('locker_event')
    .values({
      library_id: key.libraryId,
      locker_id: key.lockerId,
      id: event.id,
      compartment_id: event.compartmentId,
      kind: event.kind,
      at: event.at,
      recorded_at: now,
      actor: event.actor,
      visit_id: event.visitId,
      order_library_id: event.contents?.libraryId ?? null,
      order_id: event.contents?.orderId ?? null,
      data: JSON.stringify(event.data),
    })
    .execute()
}

/** The same for what may be told several times; false when it is known. */
export const appendOnce = async (
  tx: Tx,
  key: LockerKey,
  event: LockerEvent,
  now: Millis,
): Promise<boolean> => {
  const known = await tx
    .selectFrom('locker_event')
    .select('id')
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', event.id)
    .executeTakeFirst()
  if (known) return false
  await appendLockerEvent(tx, key, event, now)
  return true
}

/** An event as it is read back. */
export type LockerEventView = Omit<LockerEvent, 'contents'> & { readonly orderId: string | null }

/** A locker's history, or one of its compartments', newest first. */
export const lockerEvents = async (
  db: Db,
  key: LockerKey,
  { since = 0, limit, compartmentId }: { since?: Millis; limit: number; compartmentId?: string },
): Promise<readonly LockerEventView[]> =>
  (
    await db
      .selectFrom('locker_event')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where('at', '>=', since)
      .$if(compartmentId !== undefined, q => q.where('compartment_id', '=', compartmentId ?? ''))
      .orderBy('at', 'desc')
      .orderBy('id', 'desc')
      .limit(limit)
      .execute()
  ).map(r => ({
    id: r.id,
    compartmentId: r.compartment_id,
    kind: r.kind,
    at: r.at,
    actor: r.actor,
    visitId: r.visit_id,
    orderId: r.order_id,
    data: JSON.parse(r.data) as Record<string, unknown>,
  }))

/** Keeps evidence until it is told; one id once. */
export const keepEvidence = async (
  tx: Tx,
  key: LockerKey,
  evidence: { readonly id: string; readonly at: Millis; readonly [more: string]: unknown },
): Promise<void> => {
  await tx
    .insertInto('locker_evidence')
    .values({
      library_id: key.libraryId,
      id: evidence.id,
      locker_id: key.lockerId,
      body: JSON.stringify(evidence),
      at: evidence.at,
    })
    .onConflict(c => c.columns(['library_id', 'id']).doNothing())
    .execute()
}

/** What is still to be told of a locker, in the order it happened. */
export const untoldEvidence = async (
  db: Db,
  key: LockerKey,
  limit: number,
): Promise<readonly { readonly id: string; readonly body: unknown }[]> =>
  (
    await db
      .selectFrom('locker_evidence')
      .select(['id', 'body'])
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .orderBy('at')
      .orderBy('id')
      .limit(limit)
      .execute()
  ).map(row => ({ id: row.id, body: JSON.parse(row.body) as unknown }))

/** Which lockers have something to tell, as `library/locker`: one question, however many lockers there are. */
export const lockersWithUntold = async (db: Db): Promise<ReadonlySet<string>> => {
  const rows = await db.selectFrom('locker_evidence').select(['library_id', 'locker_id']).distinct().execute()
  return new Set(rows.map(row => `${row.library_id}/${row.locker_id}`))
}

export const forgetEvidence = async (db: Db, key: LockerKey, id: string): Promise<void> => {
  await db
    .deleteFrom('locker_evidence')
    .where('library_id', '=', key.libraryId)
    .where('id', '=', id)
    .execute()
}
