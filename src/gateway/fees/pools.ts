import type { Millis } from '../../kernel/clock.ts'
import type { Fen } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Db, Tx } from '../store/db.ts'

/** Money that pays readers' postage, so much a local day. */
export interface Pool {
  readonly id: string
  readonly name: Words
  readonly perDay: Fen
  /** All of a day's money is there from its first moment. */
  readonly policy: 'at-once'
  /** The most one reader gets in a period. */
  readonly perReader: { readonly period: 'day' | 'month' | 'year'; readonly amount: Fen } | null
}

export interface GrantRequest {
  readonly libraryId: string
  readonly pool: Pool
  /** IANA zone of the library: whose midnight begins a day. */
  readonly zone: string
  readonly patronId: string
  /** The order; one grant for ever. */
  readonly key: string
  readonly wanted: Fen
}

/**
 * Reserves up to `wanted` in the caller's transaction and answers how much: whatever the day and the reader's
 * share leave, perhaps 0. If the order is rolled back, so is its grant. The same key gives the same grant.
 * Right at either isolation; where many come at once, in `createTurns` or at `read committed`.
 */
export const reserve = async (tx: Tx, request: GrantRequest, now: Millis): Promise<Fen> => {
  const { libraryId, pool, patronId, key } = request
  const day = localDay(now, request.zone)
  const period = periodOf(pool, day)
  const left = await holdDay(tx, libraryId, pool, day)
  const known = await grantOf(tx, libraryId, key)
  if (known) return known.state === 'returned' ? 0 : known.amount
  const share = await holdReader(tx, libraryId, pool, patronId, period)
  const amount = Math.max(0, Math.min(request.wanted, left, share))
  if (amount === 0) return 0
  const row = { library_id: libraryId, key, pool_id: pool.id, patron_id: patronId, day, period, amount }
  await tx
    .insertInto('subsidy_grant')
    .values({ ...row, state: 'reserved', at: now })
    .execute()
  await move(tx, row, amount)
  return amount
}

/** What `reserve` would answer now for a new order, taking nothing: whoever orders first gets it. */
export const onOffer = async (db: Db, request: Omit<GrantRequest, 'key'>, now: Millis): Promise<Fen> => {
  const { libraryId, pool, patronId } = request
  const day = localDay(now, request.zone)
  const { amount, granted } = await poolOn(db, libraryId, pool, day)
  const known = await db
    .selectFrom('subsidy_reader')
    .select('granted')
    .where('library_id', '=', libraryId)
    .where('pool_id', '=', pool.id)
    .where('patron_id', '=', patronId)
    .where('period', '=', periodOf(pool, day))
    .executeTakeFirst()
  const share = pool.perReader === null ? request.wanted : pool.perReader.amount - (known?.granted ?? 0)
  return Math.max(0, Math.min(request.wanted, Math.max(amount, pool.perDay) - granted, share))
}

/** The order was dispatched: the grant is spent. False when there is none, or it was given back. */
export const confirm = async (tx: Tx, libraryId: string, key: string): Promise<boolean> => {
  await settle(tx, libraryId, key, 'confirmed')
  return (await grantOf(tx, libraryId, key))?.state === 'confirmed'
}

/** The order was cancelled before dispatch: the money can be granted again. Answers how much came back. */
export const giveBack = async (tx: Tx, libraryId: string, key: string): Promise<Fen> => {
  const row = await settle(tx, libraryId, key, 'returned')
  if (!row) return 0
  await move(tx, row, -row.amount)
  return row.amount
}

/** The order became cheaper before dispatch: keeps `amount` of the grant. Answers how much came back. */
export const shrink = async (tx: Tx, libraryId: string, key: string, amount: Fen): Promise<Fen> => {
  const row = await grantOf(tx, libraryId, key)
  if (row?.state !== 'reserved' || amount >= row.amount) return 0
  if (amount <= 0) return giveBack(tx, libraryId, key)
  const { numUpdatedRows } = await tx
    .updateTable('subsidy_grant')
    .set({ amount })
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .where('state', '=', 'reserved')
    .where('amount', '=', row.amount)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return 0
  await move(tx, row, amount - row.amount)
  return row.amount - amount
}

/** How a pool stands on a local day (`2026-11-23`). */
export const poolOn = async (
  db: Db,
  libraryId: string,
  pool: Pool,
  day: string,
): Promise<{ readonly amount: Fen; readonly granted: Fen }> =>
  (await db
    .selectFrom('subsidy_day')
    .select(['amount', 'granted'])
    .where('library_id', '=', libraryId)
    .where('pool_id', '=', pool.id)
    .where('day', '=', day)
    .executeTakeFirst()) ?? { amount: pool.perDay, granted: 0 }

const periodOf = ({ perReader }: Pool, day: string): string =>
  day.slice(0, { day: 10, month: 7, year: 4 }[perReader?.period ?? 'day'])

export const localDay = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate().toString()

const grantOf = (db: Db, libraryId: string, key: string) =>
  db
    .selectFrom('subsidy_grant')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .executeTakeFirst()

/** Only a reserved grant can be settled, so whoever comes first decides. */
const settle = (tx: Tx, libraryId: string, key: string, state: 'confirmed' | 'returned') =>
  tx
    .updateTable('subsidy_grant')
    .set({ state })
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .where('state', '=', 'reserved')
    .returningAll()
    .executeTakeFirst()

/** Holds the day's row until the transaction ends, so that two orders never see the same money. */
const holdDay = async (tx: Tx, libraryId: string, pool: Pool, day: string): Promise<Fen> => {
  const row = { library_id: libraryId, pool_id: pool.id, day }
  await tx
    .insertInto('subsidy_day')
    .values({ ...row, amount: pool.perDay, granted: 0 })
    .onConflict(c => c.columns(['library_id', 'pool_id', 'day']).doNothing())
    .execute()
  const { amount, granted } = await tx
    .updateTable('subsidy_day')
    .set(e => ({
      amount: e.case().when('granted', '>', pool.perDay).then(e.ref('granted')).else(pool.perDay).end(),
    }))
    .where('library_id', '=', libraryId)
    .where('pool_id', '=', pool.id)
    .where('day', '=', day)
    .returning(['amount', 'granted'])
    .executeTakeFirstOrThrow()
  return amount - granted
}

const holdReader = async (
  tx: Tx,
  libraryId: string,
  pool: Pool,
  patronId: string,
  period: string,
): Promise<Fen> => {
  await tx
    .insertInto('subsidy_reader')
    .values({ library_id: libraryId, pool_id: pool.id, patron_id: patronId, period, granted: 0 })
    .onConflict(c => c.columns(['library_id', 'pool_id', 'patron_id', 'period']).doNothing())
    .execute()
  const { granted } = await tx
    .updateTable('subsidy_reader')
    .set(e => ({ granted: e.ref('granted') }))
    .where('library_id', '=', libraryId)
    .where('pool_id', '=', pool.id)
    .where('patron_id', '=', patronId)
    .where('period', '=', period)
    .returning('granted')
    .executeTakeFirstOrThrow()
  return pool.perReader === null ? Number.MAX_SAFE_INTEGER : pool.perReader.amount - granted
}

interface Moved {
  readonly library_id: string
  readonly pool_id: string
  readonly patron_id: string
  readonly day: string
  readonly period: string
}
const move = async (tx: Tx, row: Moved, by: Fen): Promise<void> => {
  await tx
    .updateTable('subsidy_day')
    .set(e => ({ granted: e('granted', '+', by) }))
    .where('library_id', '=', row.library_id)
    .where('pool_id', '=', row.pool_id)
    .where('day', '=', row.day)
    .execute()
  await tx
    .updateTable('subsidy_reader')
    .set(e => ({ granted: e('granted', '+', by) }))
    .where('library_id', '=', row.library_id)
    .where('pool_id', '=', row.pool_id)
    .where('patron_id', '=', row.patron_id)
    .where('period', '=', row.period)
    .execute()
}
