import type Database from 'better-sqlite3'
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely'
import type { CommitLog } from './sqlite-log.ts'

/** Transactions that share one commit; more would let the first wait too long for the last. */
const most = 64

type Prepare = (sql: string) => Database.Statement

/** A transaction that has ended and waits for the commit it shares. */
interface Ended {
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The turns at SQLite's one connection. Transactions that wait for their turn anyway share a commit, and with it the
 * write to the disk that makes it last: each runs behind a savepoint of its own, one that fails is undone alone, and
 * all are told of their end only when the commit lasts. A single statement never runs in between: it sees only what is
 * committed.
 */
export class Turns {
  readonly #database: Database.Database
  readonly #prepare: Prepare
  readonly #log: CommitLog
  readonly #singles: (() => void)[] = []
  readonly #sharers: (() => void)[] = []
  #ended: Ended[] = []
  /** What the transactions that have ended wrote; none when they only read. */
  #rows: number | undefined
  #taken = false
  /** Single statements that go before the next transactions, so that neither starves the other. */
  #first = 0

  constructor(database: Database.Database, prepare: Prepare, log: CommitLog) {
    this.#database = database
    this.#prepare = prepare
    this.#log = log
  }

  /**
   * The next turn; `shares` for a transaction that may be committed together with others. Rejects once the disk has
   * failed: what would be told as failed is not to be kept all the same.
   */
  async take(shares: boolean): Promise<Turn> {
    if (this.#taken) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const queue = shares ? this.#sharers : this.#singles
      queue.push(resolve)
      await promise
    }
    this.#taken = true
    const failure = this.#log.failure()
    if (failure) {
      this.#next()
      throw failure
    }
    return new Turn(this.#database, this.#prepare)
  }

  begin(turn: Turn): void {
    turn.begin(this.#ended.length > 0)
  }

  /** Ends the transaction well; settled when its commit lasts. */
  commit(turn: Turn): Promise<void> {
    turn.keep()
    return this.#end(turn)
  }

  /** Undoes the transaction; settled when the commits of those before it last, whose writes it may have seen. */
  async rollback(turn: Turn): Promise<void> {
    // A commit that failed has undone it already.
    if (turn.over) return
    try {
      turn.undo()
    } catch (cause) {
      turn.lost = { cause }
      if (this.#database.inTransaction) this.#prepare('rollback').run()
    }
    if (this.#ended.length > 0 || turn.lost) return this.#end(turn)
    turn.over = true
    this.#next()
    await this.#log.lasting()
  }

  /** Ends a single statement; settled when what it wrote or read lasts. */
  async release(turn: Turn): Promise<void> {
    if (turn.over) return
    turn.over = true
    if (turn.rows !== undefined) this.#log.wrote(turn.rows)
    this.#next()
    await this.#log.lasting()
  }

  #end(turn: Turn): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#ended.push({ resolve, reject })
    turn.over = true
    if (turn.rows !== undefined) this.#rows = (this.#rows ?? 0) + turn.rows
    if (turn.lost) this.#settle(Promise.reject(turn.lost.cause))
    this.#next()
    return promise
  }

  #next(): void {
    const { length } = this.#ended
    const more = length > 0 && length < most && this.#sharers.length > 0
    if (length > 0 && !more) this.#settle(this.#commitAll())
    const singlesFirst = !more && this.#first > 0
    if (singlesFirst) this.#first -= 1
    const go = singlesFirst
      ? (this.#singles.shift() ?? this.#sharers.shift())
      : (this.#sharers.shift() ?? this.#singles.shift())
    if (go) go()
    else this.#taken = false
  }

  async #commitAll(): Promise<void> {
    try {
      this.#prepare('commit').run()
    } catch (cause) {
      if (this.#database.inTransaction) this.#prepare('rollback').run()
      throw cause
    }
    if (this.#rows !== undefined) this.#log.wrote(this.#rows)
    await this.#log.lasting()
  }

  #settle(told: Promise<void>): void {
    const ended = this.#ended
    this.#ended = []
    this.#rows = undefined
    this.#first = this.#singles.length
    told.then(
      () => {
        for (const { resolve } of ended) resolve()
      },
      cause => {
        for (const { reject } of ended) reject(cause)
      },
    )
  }
}

/** One turn at the connection; what is left of a transaction that has ended cannot reach into the next one. */
export class Turn implements DatabaseConnection {
  readonly #database: Database.Database
  readonly #prepare: Prepare
  #open: 'no' | 'alone' | 'behind' = 'no'
  over = false
  /** Rows it has written so far; none while it has only read. */
  rows: number | undefined
  /** Why SQLite has undone everything by itself, as it does when the disk is full. */
  lost: { readonly cause: unknown } | undefined

  constructor(database: Database.Database, prepare: Prepare) {
    this.#database = database
    this.#prepare = prepare
  }

  begin(behind: boolean): void {
    this.#prepare(behind ? 'savepoint turn' : 'begin immediate').run()
    this.#open = behind ? 'behind' : 'alone'
  }

  keep(): void {
    if (this.#open === 'behind' && !this.lost) this.#prepare('release turn').run()
  }

  undo(): void {
    if (this.lost) return
    if (this.#open === 'alone') this.#prepare('rollback').run()
    else {
      this.#prepare('rollback to turn').run()
      this.#prepare('release turn').run()
    }
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (this.over) throw new Error('a query came after the end of its transaction')
    if (this.lost) throw this.lost.cause
    try {
      const statement = this.#prepare(sql)
      if (statement.reader) {
        const rows = statement.all(parameters) as R[]
        if (!statement.readonly) this.#wrote(rows.length)
        return { rows }
      }
      const { changes, lastInsertRowid } = statement.run(parameters)
      if (!statement.readonly) this.#wrote(changes)
      return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) }
    } catch (cause) {
      if (this.#open !== 'no' && !this.#database.inTransaction) this.lost = { cause }
      throw cause
    }
  }

  #wrote(rows: number): void {
    this.rows = (this.rows ?? 0) + rows
  }

  async *streamQuery<R>({ sql, parameters }: CompiledQuery): AsyncGenerator<QueryResult<R>> {
    for (const row of this.#prepare(sql).iterate(parameters)) yield { rows: [row as R] }
  }
}
