import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { bool, json, millis } from './columns.ts'

/** Care of cabinets, openings of many doors that two people answer for, and codes for whom a reader sends. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await db.schema
      .createTable('locker_care')
      .addColumn('library_id', 'text', c => c.notNull())
      .addColumn('locker_id', 'text', c => c.notNull())
      .addColumn('maintenance', 'text')
      .addColumn('maintenance_by', 'text')
      .addColumn('maintenance_at', millis)
      .addColumn('sanitary', 'text', c => c.notNull().defaultTo(''))
      .addColumn('battery', 'text', c => c.notNull().defaultTo(''))
      .addColumn('noted_by', 'text')
      .addColumn('noted_at', millis)
      .addColumn('turned_at', millis)
      .addColumn('alarm', 'text')
      .addPrimaryKeyConstraint('locker_care_pk', ['library_id', 'locker_id'])
      .execute()
    await db.schema
      .createTable('bulk_opening')
      .addColumn('library_id', 'text', c => c.notNull())
      .addColumn('locker_id', 'text', c => c.notNull())
      .addColumn('id', 'text', c => c.notNull())
      .addColumn('compartment_ids', json, c => c.notNull())
      .addColumn('asked_by', 'text', c => c.notNull())
      .addColumn('reason', 'text', c => c.notNull())
      .addColumn('asked_at', millis, c => c.notNull())
      .addColumn('until', millis, c => c.notNull())
      .addColumn('decided_by', 'text')
      .addColumn('decided_at', millis)
      .addColumn('outcome', 'text')
      .addPrimaryKeyConstraint('bulk_opening_pk', ['library_id', 'locker_id', 'id'])
      .execute()
    await db.schema
      .alterTable('pickup_code')
      .addColumn('for_other', bool, c => c.notNull().defaultTo(0))
      .execute()
    await db.schema
      .alterTable('patron')
      .addColumn('within_reach', bool, c => c.notNull().defaultTo(0))
      .execute()
    await db.schema
      .createIndex('pickup_code_parcel')
      .on('pickup_code')
      .columns(['order_library_id', 'parcel'])
      .execute()
    await db.schema
      .createIndex('locker_event_door')
      .on('locker_event')
      .columns(['library_id', 'locker_id', 'compartment_id', 'at'])
      .execute()
  },
}
