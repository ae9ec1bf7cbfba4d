import { expect } from 'vitest'
import type { Db } from '../../../src/gateway/store/db.ts'

/** What holds of subsidies and fees at any moment, read from the tables alone. */
export const expectConserved = async (db: Db): Promise<void> => {
  const grants = await db.selectFrom('subsidy_grant').selectAll().execute()
  const sum = (rows: readonly { amount: number }[]): number =>
    rows.reduce((total, row) => total + row.amount, 0)
  const standing = grants.filter(grant => grant.state !== 'returned')
  for (const grant of grants) expect(grant.amount).toBeGreaterThan(0)
  for (const day of await db.selectFrom('subsidy_day').selectAll().execute()) {
    expect(day.granted).toBe(
      sum(standing.filter(grant => grant.day === day.day && grant.pool_id === day.pool_id)),
    )
    expect(day.granted).toBeLessThanOrEqual(day.amount)
  }
  for (const reader of await db.selectFrom('subsidy_reader').selectAll().execute())
    expect(reader.granted).toBe(
      sum(
        standing.filter(
          grant =>
            grant.patron_id === reader.patron_id &&
            grant.period === reader.period &&
            grant.pool_id === reader.pool_id,
        ),
      ),
    )
  const entries = await db.selectFrom('fee_entry').selectAll().execute()
  for (const account of await db.selectFrom('fee_account').selectAll().execute()) {
    const own = entries.filter(entry => entry.order_id === account.order_id)
    expect(account.charged).toBe(sum(own.filter(entry => entry.kind === 'charge')))
    expect(account.refunded).toBe(sum(own.filter(entry => entry.kind === 'refund')))
    expect(account.refunded).toBeLessThanOrEqual(account.charged)
  }
}
