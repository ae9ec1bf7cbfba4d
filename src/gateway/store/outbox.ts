import { type Insertable, type Selectable, sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Problem } from '../../kernel/problem.ts'
import type { Db, Store, Tx } from './db.ts'
import type { OutboxTable } from './ground.ts'
import { prepared, preparedInsert, shaped } from './prepared.ts'

/** An effect to be performed after the commit, at least once. */
export interface Effect {
  readonly libraryId: string
  /** A time-ordered id: it decides the order within a sequence. */
  readonly id: string
  readonly orderId: string | null
  readonly lineId: string | null
  /** `ils.checkout`, `courier.book` ... */
  readonly kind: string
  /** JSON without personal data. */
  readonly payload: unknown
  /** The same for the same act, for ever. */
  readonly key: string
  /**
   * Effects of one sequence never overtake each other, whichever library they belong to. Left out: the line's effects towards the same party
   * (the part of `kind` before the dot). `null`: no order.
   */
  readonly sequence?: string | null
  /** Whose time it takes (`ils:suzhou`): queues are claimed apart, so that a silent party delays no other. */
  readonly queue?: string
  readonly dueAt?: Millis
}

/** An effect that a worker holds until `leaseUntil`. */
export interface Claim extends Required<Omit<Effect, 'sequence'>> {
  readonly attempts: number
  /** From the second try on: it may have happened already. */
  readonly repeated: boolean
  /** What the last failed try said; kept over a kill, so it may be older than the last try. */
  readonly lastProblem: Problem | null
  readonly fence: number
  readonly leaseUntil: Millis
  readonly createdAt: Millis
}

/** Writes the effect with the state that caused it; false when its key is there already. */
export const enqueue = async (tx: Tx, effect: Effect, now: Millis): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('outbox')
    .values(row(effect, now))
    .onConflict(c => c.columns(['library_id', 'key']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** `enqueue` for several effects in one statement; those whose key is there already are left out. */
export const enqueueAll = async (tx: Tx, effects: readonly Effect[], now: Millis): Promise<void> => {
  await insert(
    tx,
    effects.map(effect => row(effect, now)),
  )
}

const insert = preparedInsert(
  'outbox',
  [
    ...(['library_id', 'id', 'order_id', 'line_id', 'kind', 'sequence', 'queue', 'payload', 'key'] as const),
    ...(['attempts', 'due_at', 'lease_until', 'fence', 'state', 'last_problem', 'created_at'] as const),
  ],
  query => query.onConflict(c => c.columns(['library_id', 'key']).doNothing()),
)

const row = (effect: Effect, now: Millis): Insertable<OutboxTable> => ({
  library_id: effect.libraryId,
  id: effect.id,
  order_id: effect.orderId,
  line_id: effect.lineId,
  kind: effect.kind,
  sequence:
    effect.sequence === undefined && effect.lineId
      ? `${effect.lineId}/${effect.kind.split('.')[0]}`
      : (effect.sequence ?? null),
  queue: effect.queue ?? '',
  payload: JSON.stringify(effect.payload),
  key: effect.key,
  attempts: 0,
  due_at: effect.dueAt ?? now,
  lease_until: null,
  fence: 0,
  state: 'ready',
  last_problem: null,
  created_at: now,
})

export interface ClaimQuery {
  /** One library's effects only, so that a slow one cannot hold all hands. */
  readonly libraryId?: string
  /** One queue's effects only. */
  readonly queue?: string
  /** Only these kinds. */
  readonly kinds?: readonly string[]
  readonly limit: number
  /** How long a claim lasts before others may take the effect over. */
  readonly lease: Millis
}

/** As it stands in the indexes of what is to be done: a bound value would not find them. */
const ready = sql.lit('ready' as const)
const dead = sql.lit('dead' as const)

const dueEffects = (db: Db, now: Millis, query: Omit<ClaimQuery, 'lease'>, dialect: Store['dialect']) => {
  let due = db
    .selectFrom('outbox as o')
    .select(['o.library_id', 'o.id'])
    .where('o.state', '=', ready)
    .where('o.due_at', '<=', now)
    .where(e => e.or([e('o.lease_until', 'is', null), e('o.lease_until', '<=', now)]))
    .where(e =>
      e.not(
        e.exists(
          e
            .selectFrom('outbox as before')
            .select('before.id')
            .whereRef('before.sequence', '=', 'o.sequence')
            .where('before.state', '=', ready)
            .where(b =>
              b.or([
                b('before.id', '<', b.ref('o.id')),
                // What happened earlier may be written down later: it waits for the one under way.
                b.and([b('before.lease_until', '>', now), b('before.id', '<>', b.ref('o.id'))]),
              ]),
            ),
        ),
      ),
    )
    .orderBy('o.due_at')
    .orderBy('o.id')
    .limit(sql.lit(query.limit))
  if (query.libraryId !== undefined) due = due.where('o.library_id', '=', query.libraryId)
  // Cast, since SQLite would plan the whole query anew for each bare value that it is compared with.
  if (query.queue !== undefined) due = due.where('o.queue', '=', sql<string>`cast(${query.queue} as text)`)
  if (query.kinds) due = due.where('o.kind', 'in', query.kinds)
  return dialect === 'postgres' ? due.forUpdate('o').skipLocked() : due
}

const dueOnSqlite = shaped((db, v: { now: Millis; queue: string }, limit: number) =>
  dueEffects(db, v.now, { queue: v.queue, limit }, 'sqlite'),
)
const dueOnPostgres = shaped((db, v: { now: Millis; queue: string }, limit: number) =>
  dueEffects(db, v.now, { queue: v.queue, limit }, 'postgres'),
)
const dueNow = async (tx: Tx, { dialect }: Store, query: ClaimQuery, now: Millis) => {
  const { queue, limit } = query
  if (queue === undefined || query.libraryId !== undefined || query.kinds)
    return dueEffects(tx, now, query, dialect).execute()
  const due = dialect === 'postgres' ? dueOnPostgres : dueOnSqlite
  return (await due(limit)(tx, { now, queue })).rows
}

const lend = shaped(
  (db, v: { libraryId: string; until: Millis; [id: `id${number}`]: string }, count: number) =>
    db
      .updateTable('outbox')
      .set(e => ({
        lease_until: v.until,
        attempts: e('attempts', '+', 1),
        fence: e('fence', '+', 1),
      }))
      .where('library_id', '=', v.libraryId)
      .where(
        'id',
        'in',
        Array.from({ length: count }, (_, i) => v[`id${i}`]!),
      )
      .returningAll(),
)

/** Takes due effects, oldest first; nobody else gets them before their lease ends. */
export const claim = async (store: Store, query: ClaimQuery, now: Millis): Promise<readonly Claim[]> =>
  store.tx(
    async tx => {
      const rows: Selectable<OutboxTable>[] = []
      const due = await dueNow(tx, store, query, now)
      // By library, since the key leads with it: by its id alone a row is found only by reading them all.
      for (const [libraryId, theirs] of Map.groupBy(due, r => r.library_id)) {
        const ids = Object.fromEntries(theirs.map((r, i) => [`id${i}` as const, r.id]))
        const values = { ...ids, libraryId, until: now + query.lease }
        rows.push(...(await lend(theirs.length)(tx, values)).rows)
      }
      return rows.map(read).sort((a, b) => a.dueAt - b.dueAt || (a.id < b.id ? -1 : 1))
    },
    { isolation: 'read committed' },
  )

const read = (r: Selectable<OutboxTable>): Claim => ({
  libraryId: r.library_id,
  id: r.id,
  orderId: r.order_id,
  lineId: r.line_id,
  kind: r.kind,
  payload: JSON.parse(r.payload) as unknown,
  key: r.key,
  queue: r.queue,
  lastProblem: r.last_problem === null ? null : (JSON.parse(r.last_problem) as Problem),
  dueAt: r.due_at,
  attempts: r.attempts,
  repeated: r.attempts > 1,
  fence: r.fence,
  leaseUntil: r.lease_until ?? 0,
  createdAt: r.created_at,
})

/** Libraries that have effects due now. */
export const librariesDue = async (db: Db, now: Millis): Promise<readonly string[]> =>
  (
    await db
      .selectFrom('outbox')
      .select('library_id')
      .distinct()
      .where('state', '=', 'ready')
      .where('due_at', '<=', now)
      .where(e => e.or([e('lease_until', 'is', null), e('lease_until', '<=', now)]))
      .execute()
  ).map(r => r.library_id)

const dueQueues = prepared((db, v: { now: Millis }) =>
  db
    .selectFrom('outbox')
    .select('queue')
    .distinct()
    .where('state', '=', ready)
    .where('due_at', '<=', v.now)
    .where(e => e.or([e('lease_until', 'is', null), e('lease_until', '<=', v.now)])),
)

/** Queues that have effects due now. */
export const queuesDue = async (db: Db, now: Millis): Promise<readonly string[]> =>
  (await dueQueues(db, { now })).rows.map(r => r.queue)

/** Ends every lease at once: for a process that is the only one and has just started. */
export const endLeases = async (tx: Tx): Promise<void> => {
  await tx
    .updateTable('outbox')
    .set({ lease_until: null })
    .where('state', '=', ready)
    .where('lease_until', 'is not', null)
    .execute()
}

const held = (tx: Tx, claim: Claim) =>
  tx
    .updateTable('outbox')
    .where('library_id', '=', claim.libraryId)
    .where('id', '=', claim.id)
    .where('fence', '=', claim.fence)
    .where('state', '=', ready)

/**
 * Marks the effect done, in the transaction that takes in its result. False: the lease ended and another worker
 * holds it now; the caller must roll back.
 */
export const complete = async (tx: Tx, claim: Claim): Promise<boolean> => {
  const { libraryId, id, fence } = claim
  return (await markDone(tx, { libraryId, id, fence })).changed === 1
}

/**
 * The same for an effect that is over without having been done: refused, or dropped. It keeps a problem, so that it
 * is not taken for something the other side knows.
 */
export const completeUndone = async (tx: Tx, claim: Claim): Promise<boolean> => {
  const { numUpdatedRows } = await held(tx, claim)
    .set({ state: 'done', lease_until: null, last_problem: undone })
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

const undone = JSON.stringify({ kind: 'refused', code: 'not-done', retry: 'never' })

const markDone = prepared((db, v: { libraryId: string; id: string; fence: number }) =>
  db
    .updateTable('outbox')
    .set({ state: 'done', lease_until: null, last_problem: null })
    .where('library_id', '=', v.libraryId)
    .where('id', '=', v.id)
    .where('fence', '=', v.fence)
    .where('state', '=', ready),
)

export interface Patience {
  /** The wait after the first failure; it doubles up to `longest`. */
  readonly first: Millis
  readonly longest: Millis
  /** Age at which an effect that still fails becomes a dead letter. */
  readonly giveUpAfter: Millis
}
/** Outlasts an ILS that is down for a long weekend. */
export const patience: Patience = { first: 1000, longest: 300_000, giveUpAfter: 5 * 86_400_000 }

/**
 * Gives the effect back after a failure: due again later, or a dead letter when trying cannot help. `lost`: the
 * lease had ended.
 */
export const fail = async (
  tx: Tx,
  claim: Claim,
  problem: Problem,
  now: Millis,
  { first, longest, giveUpAfter }: Patience = patience,
): Promise<'ready' | 'dead' | 'lost'> => {
  const hopeless = problem.retry === 'never' || now - claim.createdAt >= giveUpAfter
  const wait = Math.min(longest, first * 2 ** Math.min(claim.attempts - 1, 30))
  const { numUpdatedRows } = await held(tx, claim)
    .set({
      state: hopeless ? 'dead' : 'ready',
      due_at: now + wait + spread(claim.id, wait / 4),
      lease_until: null,
      last_problem: JSON.stringify(problem),
    })
    .executeTakeFirst()
  if (numUpdatedRows !== 1n) return 'lost'
  return hopeless ? 'dead' : 'ready'
}

/** 0..width by the id, so that what failed together does not come back together. */
const spread = (id: string, width: number): number =>
  Math.floor((Number.parseInt(id.slice(-4), 36) % 1000) * (width / 1000)) || 0

/**
 * Gives the effect back untried, due at `dueAt` (closed hours). `problem`: what people are told
 * of it meanwhile. False: the lease had ended.
 */
export const postpone = async (
  tx: Tx,
  claim: Claim,
  dueAt: Millis,
  problem: Problem | null = claim.lastProblem,
): Promise<boolean> => {
  const { numUpdatedRows } = await held(tx, claim)
    .set({
      due_at: dueAt,
      lease_until: null,
      attempts: claim.attempts - 1,
      last_problem: problem && JSON.stringify(problem),
    })
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

export interface DeadLetter extends Omit<Claim, 'repeated' | 'leaseUntil' | 'lastProblem'> {
  readonly problem: Problem | null
}

/** What could not be done and waits for staff, oldest first. */
export const deadLetters = async (
  db: Db,
  libraryId: string,
  page: { after?: string; limit: number },
): Promise<readonly DeadLetter[]> => {
  let query = db
    .selectFrom('outbox')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('state', '=', dead)
    // What happened and was refused has a page of its own.
    .where('kind', 'not like', 'ils.happened-%')
    .orderBy('id')
    .limit(page.limit)
  if (page.after) query = query.where('id', '>', page.after)
  return (await query.execute()).map(r => {
    const { repeated: _, leaseUntil: __, lastProblem, ...letter } = read(r)
    return { ...letter, problem: lastProblem }
  })
}

/** Staff say: try it again now. False when there is no such dead letter. */
export const revive = async (tx: Tx, libraryId: string, id: string, now: Millis): Promise<boolean> => {
  const { numUpdatedRows } = await tx
    .updateTable('outbox')
    .set({ state: 'ready', due_at: now, created_at: now })
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .where('state', '=', dead)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** Staff say: try again whatever of this line could not be done. */
export const reviveOf = async (tx: Tx, libraryId: string, lineId: string, now: Millis): Promise<void> => {
  await tx
    .updateTable('outbox')
    .set({ state: 'ready', due_at: now, created_at: now })
    .where('library_id', '=', libraryId)
    .where('line_id', '=', lineId)
    .where('state', '=', dead)
    .execute()
}

/** Staff say: what of this line could not be done has been settled by hand; nobody tries it any more. */
export const putAwayOf = async (tx: Tx, libraryId: string, lineId: string): Promise<void> => {
  await tx
    .updateTable('outbox')
    .set({ state: 'done' })
    .where('library_id', '=', libraryId)
    .where('line_id', '=', lineId)
    .where('state', '=', dead)
    .execute()
}

/** How many effects wait and how many are dead, by library and kind. */
export const outboxCounts = (
  db: Db,
): Promise<readonly { library_id: string; kind: string; state: string; count: number }[]> =>
  db
    .selectFrom('outbox')
    .select(e => ['library_id', 'kind', 'state', e.fn.countAll<number>().as('count')])
    .where('state', 'in', ['ready', 'dead'])
    .groupBy(['library_id', 'kind', 'state'])
    .execute()
