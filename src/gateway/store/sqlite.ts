import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { type Driver, Kysely, SqliteAdapter, SqliteDialect } from 'kysely'
import { misconfigured, ProblemError, refused } from '../../kernel/problem.ts'
import type { Schema } from './schema.ts'
import { type Turn, Turns } from './sqlite-turns.ts'

/**
 * Opens `sqlite:<path>` or `sqlite::memory:`. `guard` throws when it is called inside a transaction. Transactions of
 * `sharing` may share a commit with others that wait.
 */
export const openSqlite = (
  url: string,
  guard: () => void,
  exclusive: boolean,
): { db: Kysely<Schema>; sharing: Kysely<Schema>; close: () => Promise<void> } => {
  const path = sqlitePath(url)
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const lock = exclusive && path !== ':memory:' ? holdLock(`${path}.lock`) : undefined
  const database = new Database(path)
  database.pragma('journal_mode = WAL')
  database.pragma('synchronous = FULL')
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  // Pages in the log before they are moved into the file: moving them is a second write of everything.
  database.pragma('wal_autocheckpoint = 4000')
  const dialect = new SqliteDialect({ database })
  const turns = new Turns(database, keepingStatements(database))
  const kysely = (shares: boolean): Kysely<Schema> =>
    new Kysely<Schema>({
      dialect: {
        createAdapter: () => new Adapter(),
        createDriver: () => new TurnsDriver(turns, guard, shares),
        createIntrospector: db => dialect.createIntrospector(db),
        createQueryCompiler: () => dialect.createQueryCompiler(),
      },
    })
  const db = kysely(false)
  const sharing = kysely(true)
  const close = async (): Promise<void> => {
    await db.destroy()
    await sharing.destroy()
    database.close()
    lock?.close()
  }
  return { db, sharing, close }
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
const keepingStatements = (database: Database.Database) => {
  const kept = new Map<string, Database.Statement>()
  return (sql: string): Database.Statement => {
    const known = kept.get(sql)
    if (known) return known
    const statement = database.prepare(sql)
    if (kept.size >= keptStatements) kept.delete(kept.keys().next().value!)
    kept.set(sql, statement)
    return statement
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

/** Gives kysely its turns at the connection. */
class TurnsDriver implements Driver {
  readonly #turns: Turns
  readonly #guard: () => void
  readonly #shares: boolean

  constructor(turns: Turns, guard: () => void, shares: boolean) {
    this.#turns = turns
    this.#guard = guard
    this.#shares = shares
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<Turn> {
    this.#guard()
    return this.#turns.take(this.#shares)
  }

  async releaseConnection(turn: Turn): Promise<void> {
    this.#turns.release(turn)
  }

  async beginTransaction(turn: Turn): Promise<void> {
    this.#turns.begin(turn)
  }

  commitTransaction(turn: Turn): Promise<void> {
    return this.#turns.commit(turn)
  }

  rollbackTransaction(turn: Turn): Promise<void> {
    return this.#turns.rollback(turn)
  }
}
