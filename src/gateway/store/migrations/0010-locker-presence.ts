import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { millis } from './columns.ts'

/** Who stands before which cabinet with a phone; each code of a screen counts once. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('locker_presence')
      .addColumn('library_id', 'text', c => c.notNull())
      .addColumn('locker_id', 'text', c => c.notNull())
      .addColumn('nonce', 'text', c => c.notNull())
      .addColumn('patron_library_id', 'text', c => c.notNull())
      .addColumn('patron_id', 'text', c => c.notNull())
      .addColumn('at', millis, c => c.notNull())
      .addColumn('until', millis, c => c.notNull())
      .addColumn('visit_id', 'text')
      .addColumn('ended_at', millis)
      .addPrimaryKeyConstraint('locker_presence_pk', ['library_id', 'locker_id', 'nonce'])
      .execute()
    await db.schema
      .createIndex('locker_presence_patron')
      .on('locker_presence')
      .columns(['patron_library_id', 'patron_id'])
      .execute()
  },
}
