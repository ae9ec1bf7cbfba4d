import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Acts on one item are found across libraries, done ones too: a later one waits, an outdated one is not sent. */
export const migration: Migration = {
  up: async (db: Kysely<unknown>) => {
    await sql`create index outbox_item on outbox (sequence, id) where sequence is not null`.execute(db)
  },
}
