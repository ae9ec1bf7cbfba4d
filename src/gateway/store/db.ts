import { AsyncLocalStorage } from 'node:async_hooks'
import type { Kysely, Transaction } from 'kysely'
import { Migrator } from 'kysely/migration'
import { type Clock, pause, systemClock } from '../../kernel/clock.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import { createTurns } from '../../kernel/turns.ts'
import { migrations } from './migrations/index.ts'
import { openPostgres } from './postgres.ts'
import type { Schema } from './schema.ts'
import { openSqlite } from './sqlite.ts'

export type Tx = Transaction<Schema>
/** What a store function queries through: the store itself, or the transaction it is called in. */
export type Db = Kysely<Schema> | Tx
export type Dialect = 'sqlite' | 'postgres'

export interface Store {
  /** For single statements outside a transaction. Inside `tx` its use throws. */
  readonly db: Kysely<Schema>
  readonly dialect: Dialect
  /**
   * Runs `fn` in one serializable transaction and commits. `fn` runs again after a serialization failure, a
   * deadlock or a busy database, so it changes nothing but the database; what must follow a commit (waking a
   * worker, telling a page) is handed to `after`.
   */
  tx<T>(fn: (tx: Tx, after: (act: () => void) => void) => Promise<T>, options?: TxOptions): Promise<T>
  close(): Promise<void>
}

export interface TxOptions {
  /** For claims with `skip locked` on PostgreSQL; SQLite has one writer at a time anyway. */
  readonly isolation?: Isolation
}
type Isolation = 'serializable' | 'read committed'

/** A database as its own module opens it. */
export interface Opened {
  readonly db: Kysely<Schema>
  transaction<T>(fn: (tx: Tx) => Promise<T>, isolation: Isolation): Promise<T>
  close(): Promise<void>
}

export interface StoreOptions {
  readonly log?: Log
  /** Paces the repeated tries of a transaction; the real clock unless told otherwise. */
  readonly retryClock?: Clock
  /** This process serves: a second one on the same SQLite file is refused. */
  readonly exclusive?: boolean
  /** `process`: commits to SQLite outlive this process, but not a power cut; for tests that end processes only. */
  readonly outlives?: 'power' | 'process'
  /** Connections to PostgreSQL. */
  readonly poolSize?: number
  /** Milliseconds to wait for one of them. */
  readonly connectTimeout?: number
}

const tries = 12
/** From this try on those who still knock each other out go one after another: a hot row would starve some of them. */
const triesTogether = 4

/**
 * Opens `sqlite:<path>`, `sqlite::memory:` or `postgres://...`. Does not migrate.
 * Throws `misconfigured/unknown-database` for another URL, `refused/database-in-use` for a served SQLite file.
 */
export const openStore = (url: string, options: StoreOptions = {}): Store => {
  const log = options.log ?? noLog
  const inside = new AsyncLocalStorage<{ open: boolean }>()
  const guard = (): void => {
    if (inside.getStore()?.open)
      throw new Error('the store was used inside one of its transactions: pass the transaction instead')
  }
  const dialect: Dialect = /^postgres(ql)?:/.test(url) ? 'postgres' : 'sqlite'
  const { db, transaction, close } =
    dialect === 'postgres'
      ? openPostgres(url, guard, log, options.poolSize ?? 10, options.connectTimeout ?? 10_000)
      : openSqlite(url, {
          guard,
          exclusive: options.exclusive ?? false,
          outlives: options.outlives ?? 'power',
          log,
        })

  const once = async <T>(fn: Parameters<Store['tx']>[0], isolation: TxOptions['isolation']): Promise<T> => {
    const acts: (() => void)[] = []
    const result = await transaction(async tx => {
      const scope = { open: true }
      try {
        return await inside.run(scope, () => fn(tx, act => acts.push(act)))
      } finally {
        scope.open = false
      }
    }, isolation ?? 'serializable')
    for (const act of acts) act()
    return result as T
  }

  const turns = createTurns()

  return {
    db,
    dialect,
    tx: async (fn, { isolation } = {}) => {
      guard()
      for (let attempt = 1; ; attempt++) {
        try {
          const act = () => once<Awaited<ReturnType<typeof fn>>>(fn, isolation)
          return await (attempt <= triesTogether ? act() : turns.run('late', act))
        } catch (error) {
          if (attempt === tries || !isConflict(error)) throw error
          await pause(options.retryClock ?? systemClock, Math.min(2 ** attempt, 250) * jitter(attempt))
        }
      }
    },
    close,
  }
}

/** Spreads contenders without randomness: each process and attempt waits a little differently. */
const jitter = (attempt: number): number => 0.5 + ((process.pid * 31 + attempt * 17) % 64) / 64

const conflicts = new Set(['40001', '40P01', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT', 'SQLITE_LOCKED'])

/** Whether a database error means "run the transaction again". */
export const isConflict = (error: unknown): boolean => conflicts.has(codeOf(error))

/** The database's own error code: SQLSTATE, `SQLITE_...`, or an errno word; '' when there is none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''

const goneCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08\w{3}|57P0\d|53300|SQLITE_BUSY|SQLITE_IOERR.*)$/

/** What the driver says without a code: of a connection that broke under it, or while it was being given back. */
const goneWords =
  /^(Connection terminated|Client has encountered a connection error|Client was closed|Connection ended)/

/** Whether the database went away or has no room for us now: trying again later may help. */
export const isGone = (error: unknown): boolean =>
  goneCodes.test(codeOf(error)) || (error instanceof Error && goneWords.test(error.message))

const migrator = (store: Store): Migrator =>
  new Migrator({ db: store.db, provider: { getMigrations: async () => migrations } })

/** Brings the schema up to date; several processes may do so at once. Throws what the database said. */
export const migrate = async (store: Store): Promise<void> => {
  const { error } = await migrator(store).migrateToLatest()
  if (error) throw error
}

/** Names of migrations not yet applied. */
export const pendingMigrations = async (store: Store): Promise<readonly string[]> =>
  (await migrator(store).getMigrations()).filter(m => m.executedAt === undefined).map(m => m.name)
