import { CompiledQuery, type Expression, type RawBuilder, sql } from 'kysely'
import type { Db, Tx } from './db.ts'
import { isPostgres } from './migrations/columns.ts'

export type Value = string | number | null

export interface InsertOptions {
  /** What follows the values: `on conflict ...`, written by us. */
  readonly tail?: string
  /** Types that PostgreSQL would not guess. */
  readonly casts?: Readonly<Record<string, string>>
}

/** Few different sizes: each is a statement that the database compiles once. */
const sizes = [64, 8, 1]

/** Inserts many rows with few statements. Table, columns and tail are our own words, never anybody's input. */
export const insertMany = async (
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Value[])[],
  options: InsertOptions = {},
): Promise<void> => {
  let at = 0
  for (const size of sizes) {
    const statement = rows.length - at >= size ? insertStatement(tx, table, columns, size, options) : ''
    for (; rows.length - at >= size; at += size)
      await tx.executeQuery(CompiledQuery.raw(statement, rows.slice(at, at + size).flat()))
  }
}

const insertStatement = (
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: number,
  { tail = '', casts = {} }: InsertOptions,
): string => {
  const postgres = isPostgres(tx)
  const one = (row: number): string =>
    columns
      .map((column, i) => {
        const cast = casts[column]
        return postgres ? `$${row * columns.length + i + 1}${cast ? `::${cast}` : ''}` : '?'
      })
      .join(',')
  const values = Array.from({ length: rows }, (_, row) => `(${one(row)})`).join(',')
  return `insert into ${table} (${columns.join(',')}) values ${values} ${tail}`
}

/** `column in (...)` with all values in one bound parameter: the statement is the same for any number of them. */
export const inList = (
  db: Db,
  column: Expression<unknown>,
  values: readonly (string | number)[],
): RawBuilder<boolean> => {
  if (!isPostgres(db)) return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`
  const type = typeof values[0] === 'number' ? sql`bigint[]` : sql`text[]`
  return sql`${column} = any(${values}::${type})`
}

/** The same for two columns of text; what stands behind the two values is not looked at. */
export const inPairs = (
  db: Db,
  [one, other]: readonly [string, string],
  pairs: readonly (readonly [string, string, ...unknown[]])[],
): RawBuilder<boolean> =>
  isPostgres(db)
    ? sql`(${sql.ref(one)}, ${sql.ref(other)}) in
        (select * from unnest(${pairs.map(p => p[0])}::text[], ${pairs.map(p => p[1])}::text[]))`
    : sql`(${sql.ref(one)}, ${sql.ref(other)}) in
        (select value ->> 0, value ->> 1 from json_each(${JSON.stringify(pairs)}))`
