import { createRequire } from 'node:module'
import { type DatabaseConnection, Kysely, PostgresDialect, PostgresDriver } from 'kysely'
import type Pg from 'pg'
import type { Log } from '../../kernel/log.ts'
import { ProblemError, unreachable } from '../../kernel/problem.ts'
import type { Opened } from './db.ts'
import type { Schema } from './schema.ts'

/** Loaded only where PostgreSQL is used: a gateway on SQLite starts without it. */
const load = createRequire(import.meta.url)

const int8 = 20
const numeric = 1700

/** Opens `postgres://...`. `guard` throws when it is called inside a transaction. */
export const openPostgres = (
  url: string,
  guard: () => void,
  log: Log,
  max: number,
  connectTimeout: number,
): Opened => {
  const pg = load('pg') as typeof Pg
  const pool = new pg.Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: connectTimeout,
    statement_timeout: 60_000,
    idle_in_transaction_session_timeout: 60_000,
    types: {
      // Counts, sums and instants: all of ours are whole numbers far below 2^53.
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === int8 || oid === numeric ? Number : pg.types.getTypeParser(oid, format as 'text'),
    },
  })
  // Without listeners the loss of a connection, idle or in use, would end the process.
  pool.on('error', error => log.warn({ problem: error.message }, 'an idle database connection was lost'))
  pool.on('connect', client => {
    client.on('error', error => log.warn({ problem: error.message }, 'a database connection was lost'))
  })
  const config = { pool }
  const dialect = new PostgresDialect(config)
  const db = new Kysely<Schema>({
    dialect: {
      createAdapter: () => dialect.createAdapter(),
      createDriver: () => new GuardedDriver(config, guard),
      createIntrospector: db => dialect.createIntrospector(db),
      createQueryCompiler: () => dialect.createQueryCompiler(),
    },
  })
  const close = async (): Promise<void> => {
    await db.destroy()
    if (!pool.ended) await pool.end()
  }
  return {
    db,
    transaction: (fn, isolation) => db.transaction().setIsolationLevel(isolation).execute(fn),
    close,
  }
}

/** No connection: the server is away, or all connections are busy for too long. */
const gone = unreachable('store-unreachable', {
  zh: '系统暂时繁忙，请稍后再试。',
  en: 'The system is busy for the moment; try again shortly.',
})

class GuardedDriver extends PostgresDriver {
  readonly #guard: () => void

  constructor(config: ConstructorParameters<typeof PostgresDriver>[0], guard: () => void) {
    super(config)
    this.#guard = guard
  }

  override async acquireConnection(): Promise<DatabaseConnection> {
    this.#guard()
    try {
      return await super.acquireConnection()
    } catch (cause) {
      throw new ProblemError(gone, { cause })
    }
  }
}
