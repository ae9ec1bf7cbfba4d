import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import {
  type CompiledQuery,
  DefaultQueryExecutor,
  type Dialect,
  type DialectAdapter,
  type Driver,
  Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  Transaction,
} from 'kysely'
import type { Log } from '../../kernel/log.ts'
import { misconfigured, ProblemError, refused } from '../../kernel/problem.ts'
import type { Opened } from './db.ts'
import type { Schema } from './schema.ts'
import { keepCheckpoints } from './sqlite-checkpoints.ts'
import { noCommitLog, openCommitLog, type SyncFile } from './sqlite-log.ts'
import { type Turn, Turns } from './sqlite-turns.ts'

export interface SqliteOptions {
  /** Throws when it is called inside a transaction. */
  readonly guard: () => void
  readonly exclusive: boolean
  readonly outlives: 'power' | 'process'
  readonly log: Log
  /** How a file comes to the disk; `fdatasync` unless told otherwise. */
  readonly sync?: SyncFile
}

/**
 * Opens `sqlite:<path>` or `sqlite::memory:`. What `transaction` runs may share a commit with others that wait, and
 * nothing is told, read or written, before the disk has it.
 */
export const openSqlite = (url: string, { guard, exclusive, outlives, log, sync }: SqliteOptions): Opened => {
  const path = sqlitePath(url)
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true })
  const database = new Database(path)
  // As SQLite names it, behind symbolic links: its log and our lock stand beside it.
  const [{ file }] = database.pragma('database_list') as [{ readonly file: string }]
  const lock = exclusive && path !== ':memory:' ? holdLock(`${file}.lock`, database) : undefined
  database.pragma('journal_mode = WAL')
  const lasts = outlives === 'power' && path !== ':memory:'
  // `commits` below waits for the disk in SQLite's stead, who would hold up the whole process for it.
  database.pragma(`synchronous = ${lasts ? 'NORMAL' : 'OFF'}`)
  database.pragma('foreign_keys = ON')
  database.pragma('busy_timeout = 5000')
  database.pragma(`wal_autocheckpoint = ${lasts ? 16_000 : 4000}`)
  const sqlite = new SqliteDialect({ database })
  const alone = async (act: () => Promise<void>): Promise<void> => {
    const turn = await turns.take(false)
    try {
      await act()
    } finally {
      await turns.release(turn)
    }
  }
  // What a process that was killed had not brought to the disk yet.
  if (lasts) database.pragma('wal_checkpoint(PASSIVE)')
  const checkpoints = lasts ? keepCheckpoints(file, alone, log) : undefined
  const commits = lasts ? openCommitLog(file, rows => checkpoints?.wrote(rows), sync) : noCommitLog
  const turns = new Turns(database, keepingStatements(database), commits)
  const driver = new TurnsDriver(turns, guard)
  const adapter = new Adapter()
  const compiler = sqlite.createQueryCompiler()
  const dialect: Dialect = {
    createAdapter: () => adapter,
    createDriver: () => driver,
    createIntrospector: db => sqlite.createIntrospector(db),
    createQueryCompiler: () => compiler,
  }
  const config = { dialect }
  const db = new Kysely<Schema>(config)
  const transaction: Opened['transaction'] = async fn => {
    guard()
    const turn = await turns.take(true)
    try {
      turns.begin(turn)
      try {
        const executor = new TurnExecutor(compiler, adapter, turn)
        const value = await fn(new Transaction<Schema>({ config, dialect, driver, executor }))
        await turns.commit(turn)
        return value
      } catch (error) {
        await turns.rollback(turn)
        throw error
      }
    } finally {
      await turns.release(turn)
    }
  }
  const close = async (): Promise<void> => {
    await db.destroy()
    await checkpoints?.close()
    await commits.close()
    database.close()
    lock?.close()
  }
  return { db, transaction, close }
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
 * process ends, however it ends; readers of the real file (a backup) are not hindered. Closes `database` when it throws.
 */
const holdLock = (path: string, database: Database.Database): Database.Database => {
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
    return lock
  } catch (cause) {
    lock.close()
    database.close()
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

/** Runs a transaction's statements in its turn, straight: kysely's own way there costs more than most of them. */
class TurnExecutor extends DefaultQueryExecutor {
  readonly #turn: Turn

  constructor(compiler: QueryCompiler, adapter: DialectAdapter, turn: Turn) {
    super(compiler, adapter, { provideConnection: consumer => consumer(turn) })
    this.#turn = turn
  }

  override executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    return this.#turn.executeQuery(query)
  }
}

/** Gives kysely its turns for single statements and for migrations. */
class TurnsDriver implements Driver {
  readonly #turns: Turns
  readonly #guard: () => void

  constructor(turns: Turns, guard: () => void) {
    this.#turns = turns
    this.#guard = guard
  }

  async init(): Promise<void> {}
  async destroy(): Promise<void> {}

  async acquireConnection(): Promise<Turn> {
    this.#guard()
    return this.#turns.take(false)
  }

  async releaseConnection(turn: Turn): Promise<void> {
    await this.#turns.release(turn)
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
