import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { millis } from './columns.ts'

/** Places that a vendor of cabinets keeps for parcels, beside our own reservation. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('locker_place')
      .addColumn('library_id', 'text', c => c.notNull())
      .addColumn('locker_id', 'text', c => c.notNull())
      .addColumn('reference', 'text', c => c.notNull())
      .addColumn('board', 'integer', c => c.notNull())
      .addColumn('order_library_id', 'text', c => c.notNull())
      .addColumn('parcel', 'text', c => c.notNull())
      .addColumn('state', 'text', c => c.notNull())
      .addColumn('number', 'text')
      .addColumn('until', millis)
      .addColumn('asked_at', millis)
      .addColumn('tries', 'integer', c => c.notNull())
      .addColumn('due_at', millis, c => c.notNull())
      .addColumn('created_at', millis, c => c.notNull())
      .addPrimaryKeyConstraint('locker_place_pk', ['library_id', 'locker_id', 'reference'])
      .execute()
    await db.schema
      .createIndex('locker_place_state')
      .on('locker_place')
      .columns(['library_id', 'locker_id', 'state'])
      .execute()
  },
}
