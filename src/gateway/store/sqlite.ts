import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import {
  CompiledQuery,
  type DatabaseConnection,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from 'kysely'
import { misconfigured, ProblemError, refused } from '../../kernel/problem.ts'
import type { Schema } from './schema.ts'

/** Opens `sqlite:<path>` or `sqlite::memory:`. `guard` throws when it is called inside a transaction. */
export const openSqlite = (
  url: string,
  guard: () => void,
  exclusive: boolean,
): { db: Kysely<Schema>; close: () => Promise<void> } => {
  const path = sqlitePath(url)
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const lock = exclusive && path !== ':memory:' ? holdLock(`${path}.lock`) : undefined
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  const dialect = new SqliteDialect({ database })
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => new Adapter(),
      createDriver: () => new GuardedDriver(database, guard),
      createIntrospector: db => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  })
  const close = async (): Promise<void> => {
    await db.destroy()
    database.close()
    lock?.close()
  }
  return { db, close }
}

/** The file of `sqlite:<path>`. Throws `misconfigured/unknown-database`. */
export const sqlitePath = (url: string): string => {
  const path = /^sqlite:(.+)$/.exec(url)?.[1]
  if (path) return path
  throw new ProblemError(
    misconfigured('unknown-database', {
      zh: '数据库地址须以 sqlite: 或 postgres:// 开头。',
      en: 'the database address must begin with sqlite: or postgres://',
    }),
  )
}

/**
 * Holds an exclusive lock on a tiny database beside the real one. The operating system drops it when the
 * process ends, however it ends; readers of the real file (a backup) are not hindered.
 */
const holdLock = (path: string): Database.Database => {
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (cause) {
    lock.close()
    throw new ProblemError(
      refused('database-in-use', {
        zh: `另一个进程正在使用这个数据库（${path}）。`,
        en: `another process is serving this database (${path})`,
      }),
      { cause },
    )
  }
}

const keptStatements = 500

/** better-sqlite3 compiles a statement at each `prepare`; the gateway's statements are few and repeat. */
const withKeptStatements = (database: Database.Database) => {
  const kept = new Map<string, Database.Statement>()
  return {
    prepare: (sql: string): Database.Statement => {
      const known = kept.get(sql)
      if (known) return known
      const statement = database.prepare(sql)
      if (kept.size >= keptStatements) kept.delete(kept.keys().next().value!)
      kept.set(sql, statement)
      return statement
    },
    close: () => database.close(),
  }
}

class Adapter extends SqliteAdapter {
  /** The driver below has the mutex: kysely's own would wait before the guard could speak. */
  override get supportsMultipleConnections(): boolean {
    return true
  }

  /** A migration that is killed half-way leaves nothing behind. */
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class GuardedDriver extends SqliteDriver {
  readonly #guard: () => void
  #tail: Promise<void> = Promise.resolve()
  #release: (() => void) | undefined

  constructor(database: Database.Database, guard: () => void) {
    super({ database: withKeptStatements(database) })
    this.#guard = guard
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#guard()
    const before = this.#tail
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#tail = promise
    await before
    this.#release = resolve
    return super.acquireConnection()
  }

  override async releaseConnection(): Promise<void> {
    this.#release?.()
  }

  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin immediate'))
  }
}
