import { type Insertable, type Selectable, sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import { placeOf } from '../orders/lying.ts'
import type { Delivery, FeeBreakdown, FeeState, Line, Order } from '../orders/order.ts'
import type { Db, Tx } from './db.ts'
import type { LendingOrderTable, OrderLineTable } from './order-tables.ts'
import { prepared, preparedInsert, shaped } from './prepared.ts'

export type { OrderTables } from './order-tables.ts'

type LineRow = Insertable<OrderLineTable>

const first = (...instants: (Millis | undefined)[]): Millis | null => {
  const known = instants.filter(i => i !== undefined)
  return known.length === 0 ? null : Math.min(...known)
}

/** The columns beside the line's body. */
const columnsOf = (line: Line, order: Order): Omit<LineRow, 'body'> => {
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
  }
}

const lineRow = (line: Line, order: Order): LineRow => ({
  ...columnsOf(line, order),
  body: JSON.stringify(line),
})

const openLines = (lines: readonly Line[]): number => lines.filter(l => l.status !== 'closed').length

const insertOrderRow = preparedInsert('lending_order', [
  ...(['library_id', 'id', 'number', 'patron_id', 'delivery', 'fee', 'fee_state'] as const),
  ...(['promised_at', 'created_at', 'version', 'open_lines'] as const),
])

const insertLineRows = preparedInsert('order_line', [
  ...(['library_id', 'id', 'order_id', 'order_number', 'patron_id', 'supplier_id', 'branch_id'] as const),
  ...(['record_id', 'title', 'shelving', 'status', 'outcome', 'barcode', 'parcel_number'] as const),
  ...(['return_parcel_number', 'trouble', 'place_id', 'due_at', 'timer_what', 'timer_at'] as const),
  ...(['submitted_at', 'confirmed_at', 'found_at', 'not_found_at', 'packed_at', 'sent_at'] as const),
  ...(['ready_at', 'in_hand_at', 'closed_at', 'body'] as const),
])

/** Writes a new order with its lines. */
export const insertOrder = async (tx: Tx, order: Order): Promise<void> => {
  await insertOrderRow(tx, [
    {
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
    },
  ])
  await insertLineRows(
    tx,
    order.lines.map(line => lineRow(line, order)),
  )
}

/** Somebody else wrote the order since it was read: the transaction runs again. */
export class OrderChanged extends Error {
  /** PostgreSQL's code for "run it again", which `Store.tx` honours. */
  readonly code = '40001'
}

const raiseVersion = prepared(
  (
    db,
    v: {
      libraryId: string
      id: string
      feeState: FeeState
      openLines: number
      version: number
      nextVersion: number
    },
  ) =>
    db
      .updateTable('lending_order')
      .set({ fee_state: v.feeState, version: v.nextVersion, open_lines: v.openLines })
      .where('library_id', '=', v.libraryId)
      .where('id', '=', v.id)
      .where('version', '=', v.version),
)

/** Writes the lines of `order` that are not as they were in `was`, and raises the version. Throws `OrderChanged`. */
export const saveOrder = async (tx: Tx, order: Order, was: Order): Promise<void> => {
  const { libraryId, id, feeState, version } = order
  const { changed } = await raiseVersion(tx, {
    libraryId,
    id,
    feeState,
    version,
    openLines: openLines(order.lines),
    nextVersion: version + 1,
  })
  if (changed !== 1) throw new OrderChanged(`order ${order.id} was changed meanwhile`)
  for (const line of order.lines) {
    const before = was.lines.find(l => l.id === line.id)
    if (before && before !== line) await updateLine(tx, lineRow(line, order), columnsOf(before, was))
  }
}

const updateOf = shaped((db, v: LineRow, columns: string) =>
  db
    .updateTable('order_line')
    .set(Object.fromEntries(columns.split(' ').map(c => [c, v[c as keyof LineRow]])))
    .where('library_id', '=', v.library_id)
    .where('order_id', '=', v.order_id)
    .where('id', '=', v.id),
)

/** Writes only the columns that changed: an index is rewritten when its column is named, changed or not. */
const updateLine = async (tx: Tx, row: LineRow, was: Omit<LineRow, 'body'>): Promise<void> => {
  const before: Partial<LineRow> = was
  const columns = (Object.keys(row) as (keyof LineRow)[]).filter(c => row[c] !== before[c])
  await updateOf(columns.join(' '))(tx, row)
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

const orderRow = prepared((db, v: { libraryId: string; orderId: string }) =>
  db
    .selectFrom('lending_order')
    .selectAll()
    .where('library_id', '=', v.libraryId)
    .where('id', '=', v.orderId),
)
const lineBodies = prepared((db, v: { libraryId: string; orderId: string }) =>
  db
    .selectFrom('order_line')
    .select('body')
    .where('library_id', '=', v.libraryId)
    .where('order_id', '=', v.orderId),
)

/** In two statements: SQLite plans a join with bound values anew each time, which takes longer than both. */
export const orderById = async (db: Db, libraryId: string, orderId: string): Promise<Order | undefined> => {
  const [row] = (await orderRow(db, { libraryId, orderId })).rows
  return row && fromRows(row, (await lineBodies(db, { libraryId, orderId })).rows)
}

const versionRow = prepared((db, v: { libraryId: string; orderId: string }) =>
  db
    .selectFrom('lending_order')
    .select('version')
    .where('library_id', '=', v.libraryId)
    .where('id', '=', v.orderId),
)

/** Whether nobody has written the order since it was read. */
export const isCurrent = async (tx: Tx, { libraryId, id, version }: Order): Promise<boolean> =>
  (await versionRow(tx, { libraryId, orderId: id })).rows[0]?.version === version

const linePlace = prepared((db, v: { lineId: string }) =>
  db
    .selectFrom('order_line')
    .select(['library_id', 'order_id', 'supplier_id', 'place_id'])
    .where('id', '=', v.lineId),
)

/** Which order a line is in, whoever's it is. */
export const placeOfLine = async (
  db: Db,
  lineId: string,
): Promise<
  { library_id: string; order_id: string; supplier_id: string; place_id: string | null } | undefined
> => (await linePlace(db, { lineId })).rows[0]

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

const openOf = prepared((db, v: { libraryId: string; patronId: string }) =>
  db
    .selectFrom('order_line')
    .select(['record_id', 'status'])
    .where('library_id', '=', v.libraryId)
    .where('patron_id', '=', v.patronId)
    // As it stands in the index, which is of open lines only.
    .where('status', '<>', sql.lit('closed')),
)

/** Open lines of a reader: for limits and for duplicates. */
export const openLinesOf = async (
  db: Db,
  libraryId: string,
  patronId: string,
): Promise<readonly { record_id: string; status: string }[]> =>
  (await openOf(db, { libraryId, patronId })).rows

const countUp = prepared((db, v: { libraryId: string; day: string }) =>
  db
    .insertInto('day_number')
    .values({ library_id: v.libraryId, day: v.day, last: 1 })
    .onConflict(c =>
      c.columns(['library_id', 'day']).doUpdateSet(e => ({ last: e('day_number.last', '+', 1) })),
    )
    .returning('last'),
)

/** The next number of a library's local day: `20261121-0007`. */
export const nextNumber = async (tx: Tx, libraryId: string, day: string): Promise<string> => {
  const { rows } = await countUp(tx, { libraryId, day })
  return `${day}-${String(rows[0]!.last).padStart(4, '0')}`
}

export interface DueTimer {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly what: string
  readonly at: Millis
}

const timersDue = shaped((db, v: { now: Millis }, limit: number) =>
  db
    .selectFrom('order_line')
    .select(['library_id', 'order_id', 'id', 'timer_what', 'timer_at'])
    .where('timer_at', '<=', v.now)
    .orderBy('timer_at')
    .limit(sql.lit(limit)),
)

/** Lines whose timer is due, the longest due first. */
export const dueTimers = async (db: Db, now: Millis, limit: number): Promise<readonly DueTimer[]> =>
  (await timersDue(limit)(db, { now })).rows.map(r => ({
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
