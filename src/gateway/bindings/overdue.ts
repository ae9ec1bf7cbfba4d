import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Credit } from '../credit/credit.ts'
import type { Libraries } from '../libraries.ts'
import type { Db, Store } from '../store/db.ts'

/** Steps in which a book is still with its reader. */
const withReader = ['on_loan', 'return_requested'] as const
/** Loans looked at in one sweep, oldest due date first; the rest follows in the next one. */
const atOnce = 500

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
  let count = 0
  for (const loan of await overdueLoans(parts.store.db, now)) {
    const { zone } = parts.libraries.get(loan.libraryId)
    const day = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate().toString()
    const id = `overdue:${loan.lineId}:${day}`
    if (parts.told.has(id)) continue
    const { lineId: loanId, dueAt, orderNumber: evidence } = loan
    await parts.credit.record(loan, [{ id, kind: 'overdue', loanId, dueAt, at: now, evidence }])
    parts.told.add(id)
    count += 1
  }
  return count
}

const overdueLoans = async (db: Db, now: Millis): Promise<readonly Overdue[]> =>
  (
    await db
      .selectFrom('order_line')
      .select(['library_id', 'patron_id', 'id', 'order_number', 'due_at'])
      .where('status', 'in', withReader)
      .where('due_at', '<', now)
      .orderBy('due_at')
      .limit(atOnce)
      .execute()
  ).map(row => ({
    libraryId: row.library_id,
    patronId: row.patron_id,
    lineId: row.id,
    orderNumber: row.order_number,
    dueAt: row.due_at!,
  }))
