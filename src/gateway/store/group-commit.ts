import { type Kysely, sql } from 'kysely'
import type { Tx } from './db.ts'
import type { Schema } from './schema.ts'

interface Job {
  readonly run: (tx: Tx) => Promise<unknown>
  readonly resolve: (value: unknown) => void
  readonly reject: (error: unknown) => void
}

/** Transactions that share one commit; more would make the first wait too long for the last. */
const most = 64

const save = sql`savepoint job`
const undo = sql`rollback to job`
const release = sql`release job`

/**
 * For a database with one writer: transactions that wait for their turn anyway are committed together, each behind a
 * savepoint of its own, so that they share one write to the disk. Each is told of its end only after that commit; one
 * that throws leaves nothing and disturbs no other.
 */
export const groupCommits = (db: Kysely<Schema>): ((run: Job['run']) => Promise<unknown>) => {
  const waiting: Job[] = []
  let working = false

  const work = async (): Promise<void> => {
    working = true
    while (waiting.length > 0) await together(db, waiting.splice(0, most))
    working = false
  }
  return run => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    waiting.push({ run, resolve, reject })
    if (!working) void work()
    return promise
  }
}

const together = async (db: Kysely<Schema>, jobs: readonly Job[]): Promise<void> => {
  const tell: (() => void)[] = []
  try {
    const tx = await db.startTransaction().execute()
    try {
      for (const job of jobs) tell.push(await perform(tx, job))
      await tx.commit().execute()
    } catch (error) {
      // A full disk has rolled everything back already.
      if (!tx.isCommitted)
        await tx
          .rollback()
          .execute()
          .catch(() => {})
      throw error
    }
  } catch (error) {
    for (const job of jobs) job.reject(error)
    return
  }
  for (const one of tell) one()
}

/** Runs one job behind a savepoint; what its caller is to be told once all is committed. */
const perform = async (tx: Tx, { run, resolve, reject }: Job): Promise<() => void> => {
  await save.execute(tx)
  try {
    const value = await run(tx)
    await release.execute(tx)
    return () => resolve(value)
  } catch (error) {
    await undo.execute(tx)
    await release.execute(tx)
    return () => reject(error)
  }
}
