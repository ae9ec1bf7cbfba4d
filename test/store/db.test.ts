import { expect, it } from 'vitest'
import { migrate, openStore, pendingMigrations } from '../../src/gateway/store/db.ts'
import { eachStore, sqliteFileStore } from '../harness/store.ts'

const lease = { name: 'bus', owner: 'a', fence: 1, until: 5 }

eachStore('the store', fresh => {
  it('commits what a transaction wrote and runs what was to follow it', async () => {
    const { store } = await fresh()
    const after: string[] = []
    await store.tx(async (tx, then) => {
      await tx.insertInto('lease').values(lease).execute()
      then(() => after.push('told'))
      expect(after).toEqual([])
    })
    expect(after).toEqual(['told'])
    expect(await store.db.selectFrom('lease').selectAll().execute()).toEqual([lease])
  })

  it('leaves nothing of a transaction that threw', async () => {
    const { store } = await fresh()
    const after: string[] = []
    const failing = store.tx(async (tx, then) => {
      then(() => after.push('told'))
      await tx.insertInto('lease').values(lease).execute()
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    expect(after).toEqual([])
    expect(await store.db.selectFrom('lease').selectAll().execute()).toEqual([])
  })

  it('says so instead of waiting for ever when the store is used inside its own transaction', async () => {
    const { store } = await fresh()
    const inside = store.tx(async () => store.db.selectFrom('lease').selectAll().execute())
    await expect(inside).rejects.toThrow('inside one of its transactions')
    const nested = store.tx(async () => store.tx(async () => 1))
    await expect(nested).rejects.toThrow('inside one of its transactions')
    expect(await store.db.selectFrom('lease').selectAll().execute()).toEqual([])
  })

  it('lets work that a transaction started go on with the store after it has ended', async () => {
    const { store } = await fresh()
    const gate = Promise.withResolvers<void>()
    let later: Promise<unknown> | undefined
    await store.tx(async () => {
      later = gate.promise.then(() => store.db.selectFrom('lease').selectAll().execute())
    })
    gate.resolve()
    expect(await later).toEqual([])
  })

  it('gives every one of forty concurrent increments its own turn', async () => {
    const { store } = await fresh()
    await store.db.insertInto('lease').values(lease).execute()
    const raise = () =>
      store.tx(async tx => {
        const row = await tx.selectFrom('lease').select('fence').executeTakeFirstOrThrow()
        await tx
          .updateTable('lease')
          .set({ fence: row.fence + 1 })
          .execute()
      })
    await Promise.all(Array.from({ length: 40 }, raise))
    const row = await store.db.selectFrom('lease').select('fence').executeTakeFirstOrThrow()
    expect(row.fence).toBe(41)
  })

  it('reads instants, counts and sums as numbers', async () => {
    const { store } = await fresh()
    await store.db
      .insertInto('lease')
      .values({ ...lease, until: 1_795_000_000_123 })
      .execute()
    const row = await store.db
      .selectFrom('lease')
      .select(e => [e.fn.countAll<number>().as('count'), e.fn.sum<number>('until').as('sum')])
      .executeTakeFirstOrThrow()
    expect(row).toEqual({ count: 1, sum: 1_795_000_000_123 })
  })

  it('has nothing left to migrate after migrating, and may be migrated again', async () => {
    const { store } = await fresh()
    expect(await pendingMigrations(store)).toEqual([])
    await migrate(store)
  })
})

it('refuses a second process that would serve the same SQLite file, until the first is gone', async () => {
  const { url, close } = await sqliteFileStore()
  const first = openStore(url, { exclusive: true })
  expect(() => openStore(url, { exclusive: true })).toThrow('another process is serving this database')
  await first.close()
  await openStore(url, { exclusive: true }).close()
  await close()
})
