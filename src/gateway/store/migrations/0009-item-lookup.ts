import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Machines and scanners ask by the barcode alone, whosever the item is: not by reading all claims and lines. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema.createIndex('item_claim_barcode').on('item_claim').columns(['barcode']).execute()
    await sql`create index order_line_sent_on on order_line (barcode) where status = 'discharged'`.execute(db)
  },
}
