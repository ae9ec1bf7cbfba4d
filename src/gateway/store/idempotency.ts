import { createHash } from 'node:crypto'
import type { Millis } from '../../kernel/clock.ts'
import { ProblemError, refused } from '../../kernel/problem.ts'
import type { Db, Store, Tx } from './db.ts'
import { prepared, preparedInsert } from './prepared.ts'

/** Who asks for what under which key; `body` is what was asked for. */
export interface Request {
  readonly libraryId: string
  /** The operation and the asker: a key is only ours together with them. */
  readonly scope: string
  readonly key: string
  readonly body: string
}
export interface KeptAnswer {
  readonly status: number
  readonly answer: unknown
  readonly replayed: boolean
}

export const bodyHash = (body: string): string => createHash('sha256').update(body).digest('base64url')

const reused = (): ProblemError =>
  new ProblemError(
    refused('idempotency-key-reused', {
      zh: '这个 Idempotency-Key 已用于另一个请求，请换一个。',
      en: 'this Idempotency-Key was used for another request; use a new one',
    }),
  )

/**
 * Acts once for a key, in the caller's transaction: a repeated request gets the first answer.
 * Throws `refused/idempotency-key-reused` when the key comes with another body.
 */
export const onceInTx = async (
  tx: Tx,
  request: Request,
  now: Millis,
  act: () => Promise<{ status: number; answer: unknown }>,
): Promise<KeptAnswer> => {
  const known = await begin(tx, request, now)
  if (known) return { status: known.status, answer: known.answer, replayed: true }
  const done = await act()
  await settle(tx, request, done)
  return { ...done, replayed: false }
}

const keptRow = prepared((db, v: Omit<Request, 'body'>) => of(db.selectFrom('idempotency').selectAll(), v))
const kept = async (db: Db, { libraryId, scope, key }: Request) =>
  (await keptRow(db, { libraryId, scope, key })).rows[0]

/** The kept answer of a request, without acting. Throws `refused/idempotency-key-reused`. */
export const keptAnswer = async (db: Db, request: Request): Promise<KeptAnswer | undefined> => {
  const row = await kept(db, request)
  if (!row) return undefined
  if (row.body_hash !== bodyHash(request.body)) throw reused()
  return row.status === 0
    ? undefined
    : { status: row.status, answer: JSON.parse(row.answer) as unknown, replayed: true }
}

/** A request that is being worked on is taken over after this time: its process must have died. */
const workingTime: Millis = 60_000

/**
 * For acts that are no single transaction: remembers the key, acts, remembers the answer. An act that throws
 * leaves the key free. Throws `refused/idempotency-key-busy` while the first request is under way.
 */
export const once = async (
  store: Store,
  request: Request,
  now: () => Millis,
  act: () => Promise<{ status: number; answer: unknown }>,
): Promise<KeptAnswer> => {
  const started = now()
  const known = await store.tx(async tx => {
    const row = await begin(tx, request, started)
    if (row?.status !== 0) return row
    if (started - row.at < workingTime)
      throw new ProblemError({
        ...refused('idempotency-key-busy', {
          zh: '同一请求正在处理，请稍候再查。',
          en: 'the same request is being worked on; ask again shortly',
        }),
        retry: 'later',
      })
    await of(tx.updateTable('idempotency'), request).set({ at: started }).execute()
    return undefined
  })
  if (known) return { status: known.status, answer: known.answer, replayed: true }
  try {
    const done = await act()
    await store.tx(tx => settle(tx, request, done))
    return { ...done, replayed: false }
  } catch (error) {
    await store.tx(tx => of(tx.deleteFrom('idempotency'), request).where('status', '=', 0).execute())
    throw error
  }
}

const insert = preparedInsert(
  'idempotency',
  ['library_id', 'scope', 'key', 'body_hash', 'status', 'answer', 'at'],
  query => query.onConflict(c => c.columns(['library_id', 'scope', 'key']).doNothing()),
)

/** Inserts the key, or gives what is there; its answer is `null` and its status 0 while it is worked on. */
const begin = async (
  tx: Tx,
  request: Request,
  at: Millis,
): Promise<{ status: number; answer: unknown; at: Millis } | undefined> => {
  const { libraryId, scope, key } = request
  const hash = bodyHash(request.body)
  const row = { library_id: libraryId, scope, key, body_hash: hash, status: 0, answer: 'null', at }
  if ((await insert(tx, [row])) === 1) return undefined
  const known = await kept(tx, request)
  if (!known) throw new Error('a key that is taken is not there')
  if (known.body_hash !== hash) throw reused()
  return { status: known.status, answer: JSON.parse(known.answer) as unknown, at: known.at }
}

const answer = prepared((db, v: Omit<Request, 'body'> & { status: number; answer: string }) =>
  of(db.updateTable('idempotency').set({ status: v.status, answer: v.answer }), v),
)

const settle = async (tx: Tx, request: Request, done: { status: number; answer: unknown }): Promise<void> => {
  const { libraryId, scope, key } = request
  await answer(tx, { libraryId, scope, key, status: done.status, answer: JSON.stringify(done.answer) })
}

const of = <Q extends { where(column: 'library_id' | 'scope' | 'key', op: '=', value: string): Q }>(
  query: Q,
  { libraryId, scope, key }: Omit<Request, 'body'>,
): Q => query.where('library_id', '=', libraryId).where('scope', '=', scope).where('key', '=', key)

/** Forgets keys older than `before`. */
export const forgetRequests = async (store: Store, before: Millis): Promise<void> => {
  await store.db.deleteFrom('idempotency').where('at', '<', before).execute()
}
