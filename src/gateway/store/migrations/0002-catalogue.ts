import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { createWordIndex } from '../catalogue-words.ts'
import { bool, isPostgres, json, millis } from './columns.ts'

export const migration: Migration = {
  up: async db => {
    await works(db)
    await holdings(db)
    await createWordIndex(db)
  },
}

const works = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('work')
    // INTEGER, spelled so, is SQLite's own row number: the table is stored in this order.
    .addColumn('place', isPostgres(db) ? 'bigint' : 'integer', c => c.primaryKey())
    .addColumn('id', 'text', c => c.notNull().unique())
    .addColumn('title_key', 'text', c => c.notNull())
    .addColumn('clc', 'text')
    .addColumn('bibs', json, c => c.notNull())
    .addColumn('loans', 'integer', c => c.notNull())
    .addColumn('added_at', millis, c => c.notNull())
    .execute()
  await sql`create index work_loans on work (loans, place) where loans > 0`.execute(db)
  await db.schema
    .createTable('class_count')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('class', 'text', c => c.notNull())
    .addColumn('works', 'integer', c => c.notNull())
    .addPrimaryKeyConstraint('class_count_pk', ['library_id', 'class'])
    .execute()
  await db.schema
    .createTable('catalogue_number')
    .addColumn('name', 'text', c => c.primaryKey())
    .addColumn('next', millis, c => c.notNull())
    .execute()
  await sql`insert into catalogue_number (name, next) values ('work', 1)`.execute(db)
}

const holdings = async (db: Kysely<unknown>): Promise<void> => {
  const clustered = isPostgres(db) ? sql`` : sql`without rowid`
  await db.schema
    .createTable('bib')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('control_number', 'text', c => c.notNull())
    .addColumn('work_id', 'text', c => c.notNull())
    .addColumn('digest', 'text', c => c.notNull())
    .addColumn('record', json, c => c.notNull())
    .addColumn('updated_at', millis, c => c.notNull())
    .addPrimaryKeyConstraint('bib_pk', ['library_id', 'control_number'])
    .modifyEnd(clustered)
    .execute()
  await db.schema
    .createTable('item')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('barcode', 'text', c => c.notNull())
    .addColumn('control_number', 'text', c => c.notNull())
    .addColumn('work_id', 'text', c => c.notNull())
    .addColumn('branch_id', 'text', c => c.notNull())
    .addColumn('location', 'text')
    .addColumn('call_number', 'text')
    .addColumn('shelving', 'text', c => c.notNull())
    .addColumn('lendable', bool, c => c.notNull())
    .addColumn('status', 'text', c => c.notNull())
    .addColumn('status_at', millis)
    .addColumn('due_at', millis)
    .addPrimaryKeyConstraint('item_pk', ['library_id', 'barcode'])
    .modifyEnd(clustered)
    .execute()
  await db.schema.createIndex('item_work').on('item').column('work_id').execute()
  await db.schema.createIndex('item_barcode').on('item').column('barcode').execute()
}
