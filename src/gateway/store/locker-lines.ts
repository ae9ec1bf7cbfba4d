import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { LineAskTable, LockerKey } from './locker-tables.ts'

/**
 * What a gateway asks of the one that holds a line: to open a door for a visit, or to look at a board. `asked` may be
 * begun until `until`, once; `taken` and `done` keep the visit from being settled by a look until then.
 */
export interface LineAsk {
  readonly id: string
  readonly line: string
  readonly key: LockerKey
  readonly board: number
  /** Null: only a look. */
  readonly channel: number | null
  readonly visitId: string | null
  readonly until: Millis
  readonly state: LineAskTable['state']
  /** As the asker understands it; null until `done`. */
  readonly answer: unknown
}

const toAsk = (r: Selectable<LineAskTable>): LineAsk => ({
  id: r.id,
  line: r.line,
  key: { libraryId: r.library_id, lockerId: r.locker_id },
  board: r.board,
  channel: r.channel,
  visitId: r.visit_id,
  until: r.until,
  state: r.state,
  answer: r.answer === null ? null : (JSON.parse(r.answer) as unknown),
})

export const insertAsk = async (db: Db, ask: Omit<LineAsk, 'state' | 'answer'>): Promise<void> => {
  await db
    .insertInto('line_ask')
    .values({
      id: ask.id,
      line: ask.line,
      library_id: ask.key.libraryId,
      locker_id: ask.key.lockerId,
      board: ask.board,
      channel: ask.channel,
      visit_id: ask.visitId,
      until: ask.until,
      state: 'asked',
      answer: null,
    })
    .execute()
}

export const askById = async (db: Db, id: string): Promise<LineAsk | undefined> => {
  const row = await db.selectFrom('line_ask').selectAll().where('id', '=', id).executeTakeFirst()
  return row && toAsk(row)
}

/** Name of the lease under which a process speaks on a line. */
export const lineLease = (line: string): string => `locker-line:${line}`

/** Everything that is asked of anybody, also what is over. */
export const allAsks = async (db: Db): Promise<readonly LineAsk[]> =>
  (await db.selectFrom('line_ask').selectAll().orderBy('id').execute()).map(toAsk)

/** Whether some gateway has the door of this visit in hand. */
export const isAsked = async (tx: Tx, visitId: string, now: Millis): Promise<boolean> =>
  (await tx
    .selectFrom('line_ask')
    .select('id')
    .where('visit_id', '=', visitId)
    .where('until', '>', now)
    .limit(1)
    .executeTakeFirst()) !== undefined

/** True for the one who takes it first, and only while it may be begun: never again. */
export const takeAsk = async (db: Db, id: string, now: Millis, until: Millis): Promise<boolean> => {
  const taken = await db
    .updateTable('line_ask')
    .set({ state: 'taken', until })
    .where('id', '=', id)
    .where('state', '=', 'asked')
    .where('until', '>', now)
    .executeTakeFirst()
  return taken.numUpdatedRows === 1n
}

export const answerAsk = async (db: Db, id: string, answer: unknown, until: Millis): Promise<void> => {
  await db
    .updateTable('line_ask')
    .set({ state: 'done', until, answer: JSON.stringify(answer) })
    .where('id', '=', id)
    .execute()
}

/** True when nobody has begun it, and nobody will. */
export const withdrawAsk = async (db: Db, id: string): Promise<boolean> => {
  const gone = await db
    .deleteFrom('line_ask')
    .where('id', '=', id)
    .where('state', '=', 'asked')
    .executeTakeFirst()
  return gone.numDeletedRows === 1n
}

export const forgetAsk = async (db: Db, id: string): Promise<void> => {
  await db.deleteFrom('line_ask').where('id', '=', id).execute()
}

/** Since when each board of a line has been silent, as its holder sees it; boards nobody has seen yet are missing. */
export const boardsOf = async (db: Db, line: string): Promise<ReadonlyMap<number, Millis | null>> => {
  const rows = await db
    .selectFrom('line_board')
    .select(['board', 'silent_since'])
    .where('line', '=', line)
    .execute()
  return new Map(rows.map(row => [row.board, row.silent_since]))
}

export const saveBoard = async (
  db: Db,
  line: string,
  board: number,
  silentSince: Millis | null,
): Promise<void> => {
  await db
    .insertInto('line_board')
    .values({ line, board, silent_since: silentSince })
    .onConflict(c => c.columns(['line', 'board']).doUpdateSet({ silent_since: silentSince }))
    .execute()
}
