import { sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Problem } from '../../kernel/problem.ts'
import type { Db, Tx } from './db.ts'
import type { Claim } from './outbox.ts'

// Written out, since SQLite finds partial indexes by literals only.
const ready = sql.lit('ready' as const)
const dead = sql.lit('dead' as const)

const lends = ['ils.checkout', 'ils.happened-checkout'] as const
const takesBack = ['ils.checkin', 'ils.transfer', 'ils.happened-checkin'] as const

/** What was done to the same item, and came after this act, and is in the library system already. */
export const doneAfter = async (
  db: Db,
  { id }: Pick<Claim, 'id'>,
  sequence: string,
): Promise<{ readonly lent: boolean; readonly back: boolean }> => {
  const rows = await db
    .selectFrom('outbox')
    .select('kind')
    .where('sequence', '=', sequence)
    .where('id', '>', id)
    .where('state', '=', 'done')
    .where('last_problem', 'is', null)
    .where('kind', 'in', [...lends, ...takesBack])
    .execute()
  const some = (kinds: readonly string[]): boolean => rows.some(({ kind }) => kinds.includes(kind))
  return { lent: some(lends), back: some(takesBack) }
}

/** The payload of the last loan of an item that was told before this act, unless it has come back since. */
export const lastLoanBefore = async (
  db: Db,
  { id }: Pick<Claim, 'id'>,
  sequence: string,
): Promise<unknown> => {
  const row = await db
    .selectFrom('outbox')
    .select(['kind', 'payload'])
    .where('sequence', '=', sequence)
    .where('id', '<', id)
    .where('state', '=', 'done')
    .where('last_problem', 'is', null)
    .where('kind', 'in', [...lends, ...takesBack])
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.kind === 'ils.happened-checkout' ? (JSON.parse(row.payload) as unknown) : undefined
}

/**
 * Lengthens a lease before something is done that must not be done by two, and leaves a note for the next try.
 * False: the lease had ended, and another worker holds it.
 */
export const holdOn = async (db: Db, claim: Claim, until: Millis, note?: Problem): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable('outbox')
    .set({ lease_until: until, ...(note ? { last_problem: JSON.stringify(note) } : {}) })
    .where('library_id', '=', claim.libraryId)
    .where('id', '=', claim.id)
    .where('fence', '=', claim.fence)
    .where('state', '=', ready)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** One act on a library system, as the page of its queue shows it. */
export interface QueuedAct {
  readonly libraryId: string
  readonly id: string
  readonly key: string
  readonly kind: string
  readonly payload: unknown
  readonly attempts: number
  readonly dueAt: Millis
  readonly createdAt: Millis
  readonly underWay: boolean
  readonly problem: Problem | null
  readonly orderId: string | null
  readonly orderNumber: string | null
  readonly title: string | null
}

const acts = (db: Db, libraryId: string) =>
  db
    .selectFrom('outbox as o')
    .leftJoin('order_line as l', join =>
      join.onRef('l.library_id', '=', 'o.library_id').onRef('l.id', '=', 'o.line_id'),
    )
    .select([
      'o.library_id',
      'o.id',
      'o.key',
      'o.kind',
      'o.payload',
      'o.attempts',
      'o.due_at',
      'o.created_at',
      'o.lease_until',
      'o.last_problem',
      'o.order_id',
      'l.order_number',
      'l.title',
    ])
    .where('o.queue', '=', `ils:${libraryId}`)

type ActRow = Awaited<ReturnType<ReturnType<typeof acts>['execute']>>[number]

const read = (r: ActRow, now: Millis): QueuedAct => ({
  libraryId: r.library_id,
  id: r.id,
  key: r.key,
  kind: r.kind,
  payload: JSON.parse(r.payload) as unknown,
  attempts: r.attempts,
  dueAt: r.due_at,
  createdAt: r.created_at,
  underWay: (r.lease_until ?? 0) > now,
  problem: r.last_problem === null ? null : (JSON.parse(r.last_problem) as Problem),
  orderId: r.order_id,
  orderNumber: r.order_number,
  title: r.title,
})

/** What waits for a library's system, in the order in which it is told. */
export const waitingActs = async (
  db: Db,
  libraryId: string,
  page: { readonly after?: string | undefined; readonly limit: number },
  now: Millis,
): Promise<readonly QueuedAct[]> => {
  let query = acts(db, libraryId).where('o.state', '=', ready).orderBy('o.id').limit(page.limit)
  if (page.after !== undefined) query = query.where('o.id', '>', page.after)
  return (await query.execute()).map(row => read(row, now))
}

/** What happened and the library system said no to, oldest first. */
export const refusedActs = async (
  db: Db,
  libraryId: string,
  limit: number,
  now: Millis,
): Promise<readonly QueuedAct[]> =>
  (
    await acts(db, libraryId)
      .where('o.state', '=', dead)
      .where('o.kind', 'like', 'ils.happened-%')
      .orderBy('o.id')
      .limit(limit)
      .execute()
  ).map(row => read(row, now))

/** What happened and waits, or was refused; undefined when it is settled, or another library's. */
export const happenedAct = async (
  db: Db,
  libraryId: string,
  id: string,
  now: Millis,
): Promise<QueuedAct | undefined> => {
  const row = await acts(db, libraryId)
    .where('o.state', '<>', 'done')
    .where('o.kind', 'like', 'ils.happened-%')
    .where('o.library_id', '=', libraryId)
    .where('o.id', '=', id)
    .executeTakeFirst()
  return row && read(row, now)
}

/**
 * Staff have settled it by hand (`told`), or decided that nothing is to be done: then it keeps its problem, and is
 * not taken for something the library system knows. False while it is being told.
 */
export const putAway = async (
  tx: Tx,
  { libraryId, id, told }: { readonly libraryId: string; readonly id: string; readonly told: boolean },
  now: Millis,
): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set(e => ({
      state: 'done' as const,
      lease_until: null,
      last_problem: told ? null : e.fn.coalesce('last_problem', e.val(dropped)),
    }))
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .where('state', '<>', 'done')
    .where(e => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const dropped = JSON.stringify({ kind: 'refused', code: 'dropped', retry: 'never' })

/** A library without a link has asked its staff to do the same by hand: nobody needs to any more. */
export const forgetManualTask = async (tx: Tx, libraryId: string, key: string): Promise<void> => {
  await tx
    .deleteFrom('manual_task')
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .where('state', '=', 'waiting')
    .execute()
}

/** What people call orders, by their ids. */
export const orderNumbers = async (
  db: Db,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> =>
  orderIds.length === 0
    ? new Map()
    : new Map(
        (
          await db
            .selectFrom('order_line')
            .select(['order_id', 'order_number'])
            .distinct()
            .where('order_id', 'in', orderIds)
            .execute()
        ).map(row => [row.order_id, row.order_number]),
      )

/** How much waits in each queue, and since when; by kind. */
export const backlog = async (
  db: Db,
): Promise<
  readonly {
    readonly queue: string
    readonly kind: string
    readonly count: number
    readonly oldest: Millis
  }[]
> =>
  (
    await db
      .selectFrom('outbox')
      .select(e => [
        'queue',
        'kind',
        e.fn.countAll<number>().as('count'),
        e.fn.min<number>('created_at').as('oldest'),
      ])
      .where('state', '=', ready)
      .groupBy(['queue', 'kind'])
      .execute()
  ).map(({ queue, kind, count, oldest }) => ({ queue, kind, count: Number(count), oldest: Number(oldest) }))

/** How many conflicts wait for staff at each library. */
export const conflictCounts = async (db: Db): Promise<ReadonlyMap<string, number>> =>
  new Map(
    (
      await db
        .selectFrom('outbox')
        .select(e => ['queue', e.fn.countAll<number>().as('count')])
        .where('state', '=', dead)
        .where('kind', 'like', 'ils.happened-%')
        .groupBy('queue')
        .execute()
    ).map(({ queue, count }) => [queue.replace(/^ils:/, ''), Number(count)]),
  )
