import type { Clock, Millis } from '../../kernel/clock.ts'
import { type Log, noLog } from '../../kernel/log.ts'
import type { Store, Tx } from './db.ts'

/** Sole ownership of a thing (an ILS's connections, a locker bus, a schedule) until `until`. */
export interface Lease {
  readonly name: string
  readonly owner: string
  /** Raised whenever the lease changes hands: who shows an older one has lost it. */
  readonly fence: number
  readonly until: Millis
}

/** Takes or prolongs a lease; undefined while somebody else holds it. */
export const acquireLease = (
  store: Store,
  name: string,
  owner: string,
  duration: Millis,
  now: Millis,
): Promise<Lease | undefined> =>
  store.tx(
    async tx => {
      const until = now + duration
      await tx
        .insertInto('lease')
        .values({ name, owner, fence: 0, until: 0 })
        .onConflict(c => c.column('name').doNothing())
        .execute()
      const row = await tx
        .updateTable('lease')
        .set(e => ({
          until,
          owner,
          fence: e
            .case()
            .when(e.and([e('owner', '=', owner), e('until', '>', now)]))
            .then(e.ref('fence'))
            .else(e('fence', '+', 1))
            .end(),
        }))
        .where('name', '=', name)
        .where(e => e.or([e('until', '<=', now), e('owner', '=', owner)]))
        .returning(['fence'])
        .executeTakeFirst()
      return row && { name, owner, fence: row.fence, until }
    },
    { isolation: 'read committed' },
  )

/** Gives the lease up before it ends; nothing when it was lost. */
export const releaseLease = async (store: Store, lease: Lease): Promise<void> => {
  await store.db
    .updateTable('lease')
    .set({ until: 0 })
    .where('name', '=', lease.name)
    .where('owner', '=', lease.owner)
    .where('fence', '=', lease.fence)
    .execute()
}

/** Whether the lease is still ours, asked in the transaction that writes under it. */
export const holdsLease = async (tx: Tx, lease: Lease, now: Millis): Promise<boolean> => {
  const row = await tx.selectFrom('lease').selectAll().where('name', '=', lease.name).executeTakeFirst()
  return row !== undefined && row.fence === lease.fence && row.owner === lease.owner && row.until > now
}

/** Whether anybody holds it now. */
export const isHeld = async (store: Store, name: string, now: Millis): Promise<boolean> => {
  const row = await store.db.selectFrom('lease').select('until').where('name', '=', name).executeTakeFirst()
  return row !== undefined && row.until > now
}

export interface LeaseKeeper {
  /** The lease as long as it is surely ours. */
  held(): Lease | undefined
  /** Stops, and gives the lease up. */
  close(): Promise<void>
}

interface LeaseWish {
  readonly store: Store
  readonly clock: Clock
  readonly name: string
  readonly owner: string
  readonly duration: Millis
  readonly log?: Log
}

/** The lease now, and kept from then on; undefined where another holds it. */
export const takeLease = async (wish: LeaseWish): Promise<LeaseKeeper | undefined> => {
  const { store, clock, name, owner, duration } = wish
  const first = await acquireLease(store, name, owner, duration, clock.now())
  if (!first) return undefined
  const keeper = keepLease(wish)
  return {
    held: () => keeper.held() ?? (clock.now() < first.until ? first : undefined),
    close: keeper.close,
  }
}

/**
 * Keeps trying for a lease and prolongs it at a third of its duration. `gained` and `lost` are called once for
 * each change, `lost` also when it could not be prolonged in time.
 */
export const keepLease = (
  options: LeaseWish & {
    readonly gained?: (lease: Lease) => void
    readonly lost?: () => void
  },
): LeaseKeeper => {
  const { store, clock, name, owner, duration, log = noLog } = options
  let lease: Lease | undefined
  let closed = false
  let cancel = (): void => {}
  const drop = (): void => {
    if (!lease) return
    lease = undefined
    options.lost?.()
  }
  const turn = async (): Promise<void> => {
    const asked = clock.now()
    try {
      const next = await acquireLease(store, name, owner, duration, asked)
      if (closed) return next && releaseLease(store, next)
      if (next?.fence !== lease?.fence) drop()
      const fresh = next && !lease
      lease = next
      if (fresh) options.gained?.(next)
    } catch (error) {
      log.warn({ lease: name, problem: String(error) }, 'a lease could not be prolonged')
      if (lease && clock.now() >= lease.until - duration / 3) drop()
    }
    if (!closed) cancel = clock.after(duration / 3, begin)
  }
  let turning = Promise.resolve<unknown>(undefined)
  const begin = (): void => {
    turning = turn()
  }
  begin()
  return {
    held: () => (lease && clock.now() < lease.until ? lease : undefined),
    close: async () => {
      closed = true
      cancel()
      await turning
      const had = lease
      drop()
      if (had) await releaseLease(store, had)
    },
  }
}
