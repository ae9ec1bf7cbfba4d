import { sql } from 'kysely'
import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Credit } from '../credit/credit.ts'
import type { Libraries } from '../libraries.ts'
import type { Db, Store } from '../store/db.ts'

/** Steps in which a book is still with its reader. */
const withReader = ['on_loan', 'return_requested'] as const
/** Loans read at a time. */
const page = 500

interface Overdue {
  readonly libraryId: string
  readonly patronId: string
  readonly lineId: string
  readonly orderNumber: string
  readonly dueAt: Millis
}

/**
 * Tells the ledger, once for each loan and local day, that a book is still out past its due date: the balance must
 * not wait for the return. What is told again changes nothing.
 */
export const tellOverdue = async (parts: {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly libraries: Libraries
  readonly credit: Pick<Credit, 'record'>
  /** Loans of which today has been told already, by line and day; kept by the caller between sweeps. */
  readonly told: Set<string>
}): Promise<number> => {
  const now = parts.clock.now()
  const current = new Set<string>()
  let count = 0
  for await (const loan of overdueLoans(parts.store.db, now)) {
    const { zone } = parts.libraries.get(loan.libraryId)
    const day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate().toString()
    const id = `overdue:${loan.lineId}:${day}`
    current.add(id)
    if (parts.told.has(id)) continue
    const { lineId: loanId, dueAt, orderNumber: evidence } = loan
    await parts.credit.record(loan, [{ id, kind: 'overdue', loanId, dueAt, at: now, evidence }])
    parts.told.add(id)
    count += 1
  }
  for (const id of parts.told) if (!current.has(id)) parts.told.delete(id)
  return count
}

async function* overdueLoans(db: Db, now: Millis): AsyncGenerator<Overdue> {
  for (let last: { dueAt: Millis; id: string } | undefined; ; ) {
    let query = db
      .selectFrom('order_line')
      .select(['library_id', 'patron_id', 'id', 'order_number', 'due_at'])
      .where('status', 'in', withReader)
      .where('due_at', '<', now)
      .orderBy('due_at')
      .orderBy('id')
      .limit(page)
    if (last) query = query.where(sql<boolean>`(due_at, id) > (${last.dueAt}, ${last.id})`)
    const rows = await query.execute()
    for (const { library_id: libraryId, patron_id: patronId, id, order_number: orderNumber, due_at } of rows)
      yield { libraryId, patronId, lineId: id, orderNumber, dueAt: due_at! }
    const end = rows.at(-1)
    if (rows.length < page || !end) return
    last = { dueAt: end.due_at!, id: end.id }
  }
}
