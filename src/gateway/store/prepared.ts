import type { Compilable, CompiledQuery, InsertQueryBuilder } from 'kysely'
import type { Db } from './db.ts'
import type { Schema } from './schema.ts'

/*
 * Queries whose text is built and compiled once for each database, and then only filled with values: for the few
 * statements that every step of every order needs. Building a query costs more than running it.
 */

type Values = Readonly<Record<string, unknown>>

/** Stands for a value in a query that is built once. */
class Placeholder {
  readonly name: string
  readonly row: number

  constructor(name: string, row = 0) {
    this.name = name
    this.row = row
  }
}

const compiledOnce = <R>(build: (db: Db) => Compilable<R>) => {
  const kept = new Map<unknown, CompiledQuery<R>>()
  return (db: Db): CompiledQuery<R> => {
    const database: unknown = db.getExecutor().adapter.constructor
    let query = kept.get(database)
    if (!query) {
      query = build(db).compile()
      kept.set(database, query)
    }
    return query
  }
}

const filled = <R>(query: CompiledQuery<R>, rows: readonly Values[]): CompiledQuery<R> => ({
  ...query,
  parameters: query.parameters.map(p => (p instanceof Placeholder ? rows[p.row]?.[p.name] : p)),
})

/** A statement with named values. `build` sees placeholders typed as the values, and must not look into them. */
export const prepared = <P extends object, R>(
  build: (db: Db, values: P) => Compilable<R>,
): ((db: Db, values: P) => Promise<{ readonly rows: readonly R[]; readonly changed: number }>) => {
  const named = new Proxy({} as P, { get: (_target, name) => new Placeholder(String(name)) })
  const compiled = compiledOnce(db => build(db, named))
  return async (db, values) => {
    const { rows, numAffectedRows } = await db.executeQuery(filled(compiled(db), [values as Values]))
    return { rows, changed: Number(numAffectedRows ?? 0n) }
  }
}

/** One `prepared` statement for each shape: for those whose text depends on how many values there are. */
export const shaped = <S extends string | number, P extends object, R>(
  build: (db: Db, values: P, shape: S) => Compilable<R>,
): ((shape: S) => ReturnType<typeof prepared<P, R>>) => {
  const kept = new Map<S, ReturnType<typeof prepared<P, R>>>()
  return shape => {
    let query = kept.get(shape)
    if (!query) {
      query = prepared((db, values) => build(db, values, shape))
      kept.set(shape, query)
    }
    return query
  }
}

/** Inserts rows that all have these columns; how many there were. `finish` adds what follows the values. */
export const preparedInsert = <T extends keyof Schema & string>(
  table: T,
  columns: readonly (keyof Schema[T] & string)[],
  finish: (query: InsertQueryBuilder<Schema, T, unknown>) => InsertQueryBuilder<Schema, T, unknown> = query =>
    query,
): ((db: Db, rows: readonly { readonly [K in keyof Schema[T]]?: unknown }[]) => Promise<number>) => {
  const byCount = new Map<number, (db: Db) => CompiledQuery<unknown>>()
  const forCount = (count: number) => {
    let compiled = byCount.get(count)
    if (!compiled) {
      const rows = Array.from({ length: count }, (_, row) =>
        Object.fromEntries(columns.map(column => [column, new Placeholder(column, row)])),
      )
      compiled = compiledOnce(db =>
        finish(db.insertInto(table).values(rows as never) as InsertQueryBuilder<Schema, T, unknown>),
      )
      byCount.set(count, compiled)
    }
    return compiled
  }
  return async (db, rows) => {
    if (rows.length === 0) return 0
    const { numAffectedRows } = await db.executeQuery(
      filled(forCount(rows.length)(db), rows as readonly Values[]),
    )
    return Number(numAffectedRows ?? 0n)
  }
}
