import type { ManualAnswer, ManualDone, ManualTask } from '../../adapters/ils/manual.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { Personal } from './personal.ts'

/** Writes a task down; a key that is known changes nothing. True when it is new. */
export const putManualTask = async (
  db: Db,
  libraryId: string,
  task: ManualTask,
  personal: Personal,
): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('manual_task')
    .values({
      library_id: libraryId,
      key: task.key,
      sealed: personal.seal(JSON.stringify(task)),
      priority: task.priority,
      asked_at: task.askedAt,
      state: 'waiting',
      done_sealed: null,
      reason: null,
      settled_at: null,
    })
    .onConflict(c => c.columns(['library_id', 'key']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export const manualAnswer = async (
  db: Db,
  libraryId: string,
  key: string,
  personal: Personal,
): Promise<ManualAnswer | undefined> => {
  const row = await db
    .selectFrom('manual_task')
    .select(['state', 'done_sealed', 'reason'])
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .executeTakeFirst()
  if (row?.state === 'done')
    return { state: 'done', done: JSON.parse(personal.open(row.done_sealed!)) as ManualDone }
  if (row?.state === 'refused') return { state: 'refused', reason: row.reason ?? '' }
  return row && { state: 'waiting' }
}

/** What waits for staff: those for people who wait first, then the oldest. */
export const waitingManualTasks = async (
  db: Db,
  libraryId: string,
  personal: Personal,
  limit: number,
): Promise<readonly ManualTask[]> =>
  (
    await db
      .selectFrom('manual_task')
      .select('sealed')
      .where('library_id', '=', libraryId)
      .where('state', '=', 'waiting')
      .orderBy('priority')
      .orderBy('asked_at')
      .limit(limit)
      .execute()
  ).map(row => JSON.parse(personal.open(row.sealed)) as ManualTask)

export const countManualTasks = async (db: Db, libraryId: string): Promise<number> => {
  const { count } = await db
    .selectFrom('manual_task')
    .select(e => e.fn.countAll<number>().as('count'))
    .where('library_id', '=', libraryId)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow()
  return count
}

/** Staff say what came of a task. False when it does not wait any more. */
export const settleManualTask = async (
  tx: Tx,
  libraryId: string,
  key: string,
  outcome: { readonly done: ManualDone } | { readonly refused: string },
  personal: Personal,
  now: Millis,
): Promise<boolean> => {
  const values =
    'done' in outcome
      ? { state: 'done' as const, done_sealed: personal.seal(JSON.stringify(outcome.done)) }
      : { state: 'refused' as const, reason: outcome.refused }
  const { numUpdatedRows } = await tx
    .updateTable('manual_task')
    .set({ ...values, settled_at: now })
    .where('library_id', '=', libraryId)
    .where('key', '=', key)
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return numUpdatedRows === 1n
}
