import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { EventTable } from './ground.ts'
import { preparedInsert } from './prepared.ts'

/** Something that happened; never changed, never removed, without personal data. */
export interface Event {
  readonly libraryId: string
  /** Time-ordered; also the position in a stream. */
  readonly id: string
  readonly orderId: string | null
  readonly lineId: string | null
  readonly kind: string
  readonly at: Millis
  readonly recordedAt: Millis
  /** `reader:<id>`, `staff:<id>`, `locker:<id>`, `gateway`, `ils` ... */
  readonly actor: string
  readonly source: string
  readonly data: Readonly<Record<string, unknown>>
}

const insert = preparedInsert('event', [
  ...(['library_id', 'id', 'order_id', 'line_id', 'kind'] as const),
  ...(['at', 'recorded_at', 'actor', 'source', 'data'] as const),
])

/** Rows of one INSERT: both databases limit the number of bound values. */
const batch = 100

export const appendEvents = async (tx: Tx, events: readonly Event[]): Promise<void> => {
  for (let i = 0; i < events.length; i += batch)
    await insert(
      tx,
      events.slice(i, i + batch).map(e => ({
        library_id: e.libraryId,
        id: e.id,
        order_id: e.orderId,
        line_id: e.lineId,
        kind: e.kind,
        at: e.at,
        recorded_at: e.recordedAt,
        actor: e.actor,
        source: e.source,
        data: JSON.stringify(e.data),
      })),
    )
}

/** An order's events, oldest first. */
export const eventsOf = async (db: Db, libraryId: string, orderId: string): Promise<readonly Event[]> =>
  (
    await db
      .selectFrom('event')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('order_id', '=', orderId)
      .orderBy('id')
      .execute()
  ).map(fromRow)

/** A library's events after a position, in order. */
export const eventsAfter = async (
  db: Db,
  libraryId: string,
  after: string,
  limit: number,
): Promise<readonly Event[]> =>
  (
    await db
      .selectFrom('event')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(limit)
      .execute()
  ).map(fromRow)

/** Events of some kinds that happened in `from <= at < to`, by time. */
export const eventsBetween = async (
  db: Db,
  libraryId: string,
  kinds: readonly string[],
  from: Millis,
  to: Millis,
): Promise<readonly Event[]> =>
  (
    await db
      .selectFrom('event')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('kind', 'in', kinds)
      .where('at', '>=', from)
      .where('at', '<', to)
      .orderBy('at')
      .orderBy('id')
      .execute()
  ).map(fromRow)

const fromRow = (r: Selectable<EventTable>): Event => ({
  libraryId: r.library_id,
  id: r.id,
  orderId: r.order_id,
  lineId: r.line_id,
  kind: r.kind,
  at: r.at,
  recordedAt: r.recorded_at,
  actor: r.actor,
  source: r.source,
  data: JSON.parse(r.data) as Record<string, unknown>,
})
