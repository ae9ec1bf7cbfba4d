import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Db, Tx } from './db.ts'
import type { MessageTable } from './order-tables.ts'
import { preparedInsert } from './prepared.ts'

export interface NewMessage {
  readonly libraryId: string
  readonly id: string
  readonly patronId: string
  readonly orderId: string | null
  readonly lineId: string | null
  readonly notice: string
  readonly title: Words
  readonly body: Words
  readonly at: Millis
}

export const insertMessages = async (tx: Tx, messages: readonly NewMessage[]): Promise<void> => {
  await insert(
    tx,
    messages.map(m => ({
      library_id: m.libraryId,
      id: m.id,
      patron_id: m.patronId,
      order_id: m.orderId,
      line_id: m.lineId,
      notice: m.notice,
      title: JSON.stringify(m.title),
      body: JSON.stringify(m.body),
      at: m.at,
      read_at: null,
    })),
  )
}

const insert = preparedInsert('message', [
  ...(['library_id', 'id', 'patron_id', 'order_id', 'line_id'] as const),
  ...(['notice', 'title', 'body', 'at', 'read_at'] as const),
])

export interface Message extends Omit<NewMessage, 'notice'> {
  readonly notice: string
  readonly readAt: Millis | null
}

/** What a reader was told, newest first; `before` is the id of the last one seen. */
export const messagesOf = async (
  db: Db,
  who: { readonly libraryId: string; readonly patronId: string },
  page: { readonly before?: string; readonly limit: number },
): Promise<readonly Message[]> => {
  let query = db
    .selectFrom('message')
    .selectAll()
    .where('library_id', '=', who.libraryId)
    .where('patron_id', '=', who.patronId)
    .orderBy('id', 'desc')
    .limit(page.limit)
  if (page.before !== undefined) query = query.where('id', '<', page.before)
  return (await query.execute()).map(read)
}

/** What a reader was told by one notice since then. */
export const messagesSince = async (
  db: Db,
  { libraryId, patronId, notice }: Pick<NewMessage, 'libraryId' | 'patronId' | 'notice'>,
  since: Millis,
): Promise<readonly Message[]> =>
  (
    await db
      .selectFrom('message')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('patron_id', '=', patronId)
      .where('notice', '=', notice)
      .where('at', '>', since)
      .execute()
  ).map(read)

export const messageById = async (db: Db, libraryId: string, id: string): Promise<Message | undefined> => {
  const row = await db
    .selectFrom('message')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && read(row)
}

const read = (r: Selectable<MessageTable>): Message => ({
  libraryId: r.library_id,
  id: r.id,
  patronId: r.patron_id,
  orderId: r.order_id,
  lineId: r.line_id,
  notice: r.notice,
  title: JSON.parse(r.title) as Words,
  body: JSON.parse(r.body) as Words,
  at: r.at,
  readAt: r.read_at,
})

/** The reader has seen everything so far. */
export const markRead = async (
  db: Db,
  who: { readonly libraryId: string; readonly patronId: string },
  now: Millis,
): Promise<void> => {
  await db
    .updateTable('message')
    .set({ read_at: now })
    .where('library_id', '=', who.libraryId)
    .where('patron_id', '=', who.patronId)
    .where('read_at', 'is', null)
    .execute()
}
