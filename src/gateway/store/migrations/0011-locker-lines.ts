import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { json, millis } from './columns.ts'

/** What gateways that share a database tell each other of the lines of lockers: openings asked for, boards seen. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('line_ask')
      .addColumn('id', 'text', c => c.primaryKey())
      .addColumn('line', 'text', c => c.notNull())
      .addColumn('library_id', 'text', c => c.notNull())
      .addColumn('locker_id', 'text', c => c.notNull())
      .addColumn('board', 'integer', c => c.notNull())
      .addColumn('channel', 'integer')
      .addColumn('visit_id', 'text')
      .addColumn('until', millis, c => c.notNull())
      .addColumn('state', 'text', c => c.notNull())
      .addColumn('answer', json)
      .execute()
    await db.schema.createIndex('line_ask_visit').on('line_ask').column('visit_id').execute()
    await db.schema
      .createTable('line_board')
      .addColumn('line', 'text', c => c.notNull())
      .addColumn('board', 'integer', c => c.notNull())
      .addColumn('silent_since', millis)
      .addPrimaryKeyConstraint('line_board_pk', ['line', 'board'])
      .execute()
  },
}
