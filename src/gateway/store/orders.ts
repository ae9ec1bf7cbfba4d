import type { Insertable, Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import { placeOf } from '../orders/lying.ts'
import type { Delivery, FeeBreakdown, Line, Order } from '../orders/order.ts'
import type { Db, Tx } from './db.ts'
import type { LendingOrderTable, OrderLineTable } from './order-tables.ts'

export type { OrderTables } from './order-tables.ts'

const first = (...instants: (Millis | undefined)[]): Millis | null => {
  const known = instants.filter(i => i !== undefined)
  return known.length === 0 ? null : Math.min(...known)
}

const lineRow = (line: Line, order: Order): Insertable<OrderLineTable> => {
  const t = line.times
  return {
    library_id: line.libraryId,
    id: line.id,
    order_id: line.orderId,
    order_number: order.number,
    patron_id: order.patronId,
    supplier_id: line.supplierId,
    branch_id: line.branchId,
    record_id: line.recordId,
    title: line.title,
    shelving: line.shelving,
    status: line.status,
    outcome: line.outcome,
    barcode: line.barcode,
    parcel_number: line.parcelNumber,
    return_parcel_number: line.returnParcelNumber,
    trouble: line.trouble?.code ?? null,
    place_id: placeOf(line),
    due_at: line.dueAt,
    timer_what: line.timer?.what ?? null,
    timer_at: line.timer?.at ?? null,
    submitted_at: order.createdAt,
    confirmed_at: t.confirmed ?? null,
    found_at: t.found ?? null,
    not_found_at: line.notFoundAt,
    packed_at: t.packed ?? null,
    sent_at: first(t.shipped, t.in_locker, t.at_branch),
    ready_at: first(t.in_locker, t.at_branch, t.delivered),
    in_hand_at: first(t.collected, t.delivered),
    closed_at: t.closed ?? null,
    body: JSON.stringify(line),
  }
}

const openLines = (lines: readonly Line[]): number => lines.filter(l => l.status !== 'closed').length

/** Writes a new order with its lines. */
export const insertOrder = async (tx: Tx, order: Order): Promise<void> => {
  await tx
    .insertInto('lending_order')
    .values({
      library_id: order.libraryId,
      id: order.id,
      number: order.number,
      patron_id: order.patronId,
      delivery: JSON.stringify(order.delivery),
      fee: JSON.stringify(order.fee),
      fee_state: order.feeState,
      promised_at: order.promisedAt,
      created_at: order.createdAt,
      version: order.version,
      open_lines: openLines(order.lines),
    })
    .execute()
  await tx
    .insertInto('order_line')
    .values(order.lines.map(line => lineRow(line, order)))
    .execute()
}

/** Somebody else wrote the order since it was read: the transaction runs again. */
export class OrderChanged extends Error {
  /** PostgreSQL's code for "run it again", which `Store.tx` honours. */
  readonly code = '40001'
}

/** Writes the lines that changed and raises the version by one. Throws `OrderChanged`. */
export const saveOrder = async (tx: Tx, order: Order, changed: readonly Line[]): Promise<void> => {
  const { numUpdatedRows } = await tx
    .updateTable('lending_order')
    .set({
      fee_state: order.feeState,
      version: order.version + 1,
      open_lines: openLines(order.lines),
    })
    .where('library_id', '=', order.libraryId)
    .where('id', '=', order.id)
    .where('version', '=', order.version)
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) throw new OrderChanged(`order ${order.id} was changed meanwhile`)
  for (const line of changed) {
    const { library_id, id, order_id, ...row } = lineRow(line, order)
    await tx
      .updateTable('order_line')
      .set(row)
      .where('library_id', '=', library_id)
      .where('order_id', '=', order_id)
      .where('id', '=', id)
      .execute()
  }
}

const fromRows = (row: Selectable<LendingOrderTable>, bodies: readonly { body: string }[]): Order => ({
  id: row.id,
  number: row.number,
  libraryId: row.library_id,
  patronId: row.patron_id,
  delivery: JSON.parse(row.delivery) as Delivery,
  fee: JSON.parse(row.fee) as FeeBreakdown,
  feeState: row.fee_state,
  promisedAt: row.promised_at,
  createdAt: row.created_at,
  version: row.version,
  lines: bodies.map(b => JSON.parse(b.body) as Line).sort((a, b) => a.position - b.position),
})

export const orderById = async (db: Db, libraryId: string, orderId: string): Promise<Order | undefined> => {
  const row = await db
    .selectFrom('lending_order')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', '=', orderId)
    .executeTakeFirst()
  if (!row) return undefined
  const bodies = await db
    .selectFrom('order_line')
    .select('body')
    .where('library_id', '=', libraryId)
    .where('order_id', '=', orderId)
    .execute()
  return fromRows(row, bodies)
}

/** Which order a line is in, whoever's it is. */
export const placeOfLine = (
  db: Db,
  lineId: string,
): Promise<
  { library_id: string; order_id: string; supplier_id: string; place_id: string | null } | undefined
> =>
  db
    .selectFrom('order_line')
    .select(['library_id', 'order_id', 'supplier_id', 'place_id'])
    .where('id', '=', lineId)
    .executeTakeFirst()

/** Several orders with all their lines, in the order of the ids given. */
export const ordersByIds = async (
  db: Db,
  libraryId: string,
  ids: readonly string[],
): Promise<readonly Order[]> => {
  if (ids.length === 0) return []
  const rows = await db
    .selectFrom('lending_order')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', 'in', ids)
    .execute()
  const lines = await db
    .selectFrom('order_line')
    .select(['order_id', 'body'])
    .where('library_id', '=', libraryId)
    .where('order_id', 'in', ids)
    .execute()
  const byId = new Map(
    rows.map(r => [
      r.id,
      fromRows(
        r,
        lines.filter(l => l.order_id === r.id),
      ),
    ]),
  )
  return ids.flatMap(id => byId.get(id) ?? [])
}

/** A reader's orders, newest first; `before` is the id of the last one seen. */
export const ordersOfPatron = async (
  db: Db,
  who: { readonly libraryId: string; readonly patronId: string },
  page: { readonly state: 'open' | 'closed'; readonly before?: string; readonly limit: number },
): Promise<readonly Order[]> => {
  let query = db
    .selectFrom('lending_order')
    .select('id')
    .where('library_id', '=', who.libraryId)
    .where('patron_id', '=', who.patronId)
    .where('open_lines', page.state === 'open' ? '>' : '=', 0)
    .orderBy('id', 'desc')
    .limit(page.limit)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  const ids = (await query.execute()).map(r => r.id)
  return ordersByIds(db, who.libraryId, ids)
}

/** Open lines of a reader: for limits and for duplicates. */
export const openLinesOf = (
  db: Db,
  libraryId: string,
  patronId: string,
): Promise<readonly { record_id: string; status: string }[]> =>
  db
    .selectFrom('order_line')
    .select(['record_id', 'status'])
    .where('library_id', '=', libraryId)
    .where('patron_id', '=', patronId)
    .where('status', '<>', 'closed')
    .execute()

/** The next number of a library's local day: `20261121-0007`. */
export const nextNumber = async (tx: Tx, libraryId: string, day: string): Promise<string> => {
  const { last } = await tx
    .insertInto('day_number')
    .values({ library_id: libraryId, day, last: 1 })
    .onConflict(c =>
      c.columns(['library_id', 'day']).doUpdateSet(e => ({ last: e('day_number.last', '+', 1) })),
    )
    .returning('last')
    .executeTakeFirstOrThrow()
  return `${day}-${String(last).padStart(4, '0')}`
}

export interface DueTimer {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly what: string
  readonly at: Millis
}

/** Lines whose timer is due, the longest due first. */
export const dueTimers = async (db: Db, now: Millis, limit: number): Promise<readonly DueTimer[]> =>
  (
    await db
      .selectFrom('order_line')
      .select(['library_id', 'order_id', 'id', 'timer_what', 'timer_at'])
      .where('timer_at', '<=', now)
      .orderBy('timer_at')
      .limit(limit)
      .execute()
  ).map(r => ({
    libraryId: r.library_id,
    orderId: r.order_id,
    lineId: r.id,
    what: r.timer_what ?? '',
    at: r.timer_at ?? now,
  }))

/** What a line waits for by itself, read in the transaction that lets it happen. */
export const lineTimer = async (
  db: Db,
  lineId: string,
): Promise<Pick<Line, 'timer' | 'moves' | 'movedAt'> | undefined> => {
  const row = await db.selectFrom('order_line').select('body').where('id', '=', lineId).executeTakeFirst()
  return row && (JSON.parse(row.body) as Line)
}

/** Looks at a line's timer again only then; the line itself stays as it is. */
export const putOffTimer = async (db: Db, lineId: string, until: Millis): Promise<void> => {
  await db.updateTable('order_line').set({ timer_at: until }).where('id', '=', lineId).execute()
}
