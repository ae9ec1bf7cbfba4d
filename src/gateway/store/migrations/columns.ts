import { type Kysely, PostgresAdapter, sql } from 'kysely'

/** Whole milliseconds: eight bytes on PostgreSQL, an INTEGER by affinity on SQLite. */
export const millis = 'bigint'
/** 0 or 1: better-sqlite3 binds no booleans. */
export const bool = 'integer'
/** JSON as text: neither database's own type has the other's operators. */
export const json = 'text'

export const isPostgres = (db: Pick<Kysely<unknown>, 'getExecutor'>): boolean =>
  db.getExecutor().adapter instanceof PostgresAdapter

/** Refuses update and delete of a table's rows from now on. `table` is one of our own names. */
export const appendOnly = async (db: Kysely<unknown>, table: string): Promise<void> => {
  const said = sql.lit(`${table} is append-only`)
  if (isPostgres(db)) {
    const refuse = sql.id(`${table}_refuse`)
    await sql`create function ${refuse}() returns trigger language plpgsql as
      ${sql.lit(`begin raise exception '${table} is append-only'; end`)}`.execute(db)
    await sql`create trigger ${sql.id(`${table}_append_only`)} before update or delete or truncate on ${sql.table(table)}
      for each statement execute function ${refuse}()`.execute(db)
    return
  }
  for (const act of ['update', 'delete'])
    await sql`create trigger ${sql.id(`${table}_no_${act}`)} before ${sql.raw(act)} on ${sql.table(table)}
      begin select raise(abort, ${said}); end`.execute(db)
}
