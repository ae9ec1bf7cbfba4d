import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
import { json, millis } from './columns.ts'

export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await orders(db)
    await claims(db)
    await messages(db)
    await requests(db)
  },
}

const orders = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('lending_order')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('id', 'text', c => c.notNull())
    .addColumn('number', 'text', c => c.notNull())
    .addColumn('patron_id', 'text', c => c.notNull())
    .addColumn('delivery', json, c => c.notNull())
    .addColumn('fee', json, c => c.notNull())
    .addColumn('fee_state', 'text', c => c.notNull())
    .addColumn('promised_at', millis)
    .addColumn('created_at', millis, c => c.notNull())
    .addColumn('version', 'integer', c => c.notNull())
    .addColumn('open_lines', 'integer', c => c.notNull())
    .addPrimaryKeyConstraint('lending_order_pk', ['library_id', 'id'])
    .addUniqueConstraint('lending_order_number', ['library_id', 'number'])
    .execute()
  await db.schema
    .createIndex('lending_order_patron')
    .on('lending_order')
    .columns(['library_id', 'patron_id', 'id'])
    .execute()
  await db.schema
    .createTable('order_line')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('id', 'text', c => c.notNull())
    .addColumn('order_id', 'text', c => c.notNull())
    .addColumn('order_number', 'text', c => c.notNull())
    .addColumn('patron_id', 'text', c => c.notNull())
    .addColumn('supplier_id', 'text', c => c.notNull())
    .addColumn('branch_id', 'text', c => c.notNull())
    .addColumn('record_id', 'text', c => c.notNull())
    .addColumn('title', 'text', c => c.notNull())
    .addColumn('shelving', 'text', c => c.notNull())
    .addColumn('status', 'text', c => c.notNull())
    .addColumn('outcome', 'text')
    .addColumn('barcode', 'text')
    .addColumn('parcel_number', 'text')
    .addColumn('return_parcel_number', 'text')
    .addColumn('trouble', 'text')
    .addColumn('place_id', 'text')
    .addColumn('due_at', millis)
    .addColumn('timer_what', 'text')
    .addColumn('timer_at', millis)
    .addColumn('submitted_at', millis, c => c.notNull())
    .addColumn('confirmed_at', millis)
    .addColumn('found_at', millis)
    .addColumn('not_found_at', millis)
    .addColumn('packed_at', millis)
    .addColumn('sent_at', millis)
    .addColumn('ready_at', millis)
    .addColumn('in_hand_at', millis)
    .addColumn('closed_at', millis)
    .addColumn('body', json, c => c.notNull())
    .addPrimaryKeyConstraint('order_line_pk', ['library_id', 'order_id', 'id'])
    .addUniqueConstraint('order_line_id', ['id'])
    .execute()
  await sql`create index order_line_work on order_line (supplier_id, status, branch_id) where status <> 'closed'`.execute(
    db,
  )
  await sql`create index order_line_place on order_line (place_id) where place_id is not null`.execute(db)
  await sql`create index order_line_patron on order_line (library_id, patron_id, record_id) where status <> 'closed'`.execute(
    db,
  )
  await sql`create index order_line_timer on order_line (timer_at) where timer_at is not null`.execute(db)
  await sql`create index order_line_parcel on order_line (parcel_number) where parcel_number is not null`.execute(
    db,
  )
  await sql`create index order_line_return on order_line (return_parcel_number) where return_parcel_number is not null`.execute(
    db,
  )
  await db.schema
    .createIndex('order_line_submitted')
    .on('order_line')
    .columns(['library_id', 'submitted_at'])
    .execute()
}

const claims = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('item_claim')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('barcode', 'text', c => c.notNull())
    .addColumn('order_library_id', 'text', c => c.notNull())
    .addColumn('order_id', 'text', c => c.notNull())
    .addColumn('line_id', 'text', c => c.notNull())
    .addColumn('why', 'text', c => c.notNull())
    .addColumn('until', millis)
    .addPrimaryKeyConstraint('item_claim_pk', ['library_id', 'barcode'])
    .execute()
  await db.schema
    .createTable('day_number')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('day', 'text', c => c.notNull())
    .addColumn('last', 'integer', c => c.notNull())
    .addPrimaryKeyConstraint('day_number_pk', ['library_id', 'day'])
    .execute()
  await db.schema
    .createTable('parcel')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('number', 'text', c => c.notNull())
    .addColumn('order_id', 'text', c => c.notNull())
    .addColumn('courier', 'text', c => c.notNull())
    .addColumn('waybill', 'text', c => c.notNull())
    .addColumn('direction', 'text', c => c.notNull())
    .addColumn('created_at', millis, c => c.notNull())
    .addPrimaryKeyConstraint('parcel_pk', ['library_id', 'number'])
    .execute()
  await db.schema.createIndex('parcel_waybill').on('parcel').columns(['courier', 'waybill']).execute()
}

const messages = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('message')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('id', 'text', c => c.notNull())
    .addColumn('patron_id', 'text', c => c.notNull())
    .addColumn('order_id', 'text')
    .addColumn('line_id', 'text')
    .addColumn('notice', 'text', c => c.notNull())
    .addColumn('title', json, c => c.notNull())
    .addColumn('body', json, c => c.notNull())
    .addColumn('at', millis, c => c.notNull())
    .addColumn('read_at', millis)
    .addPrimaryKeyConstraint('message_pk', ['library_id', 'id'])
    .execute()
  await db.schema
    .createIndex('message_patron')
    .on('message')
    .columns(['library_id', 'patron_id', 'id'])
    .execute()
}

const requests = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable('ill_request')
    .addColumn('library_id', 'text', c => c.notNull())
    .addColumn('id', 'text', c => c.notNull())
    .addColumn('order_id', 'text', c => c.notNull())
    .addColumn('line_id', 'text', c => c.notNull())
    .addColumn('supplier_id', 'text')
    .addColumn('barcode', 'text')
    .addColumn('outcome', 'text', c => c.notNull())
    .addColumn('figures', json, c => c.notNull())
    .addColumn('at', millis, c => c.notNull())
    .addPrimaryKeyConstraint('ill_request_pk', ['library_id', 'id'])
    .execute()
  await db.schema
    .createIndex('ill_request_line')
    .on('ill_request')
    .columns(['library_id', 'line_id'])
    .execute()
}
