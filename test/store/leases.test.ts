import { expect, it } from 'vitest'
import { acquireLease, holdsLease, keepLease, releaseLease } from '../../src/gateway/store/leases.ts'
import { eachStore } from '../harness/store.ts'

eachStore('a lease', fresh => {
  it('belongs to one owner until it ends or is given up, and its fence rises with each change of hands', async () => {
    const { store } = await fresh()
    const a = await acquireLease(store, 'bus', 'a', 100, 0)
    expect(a).toEqual({ name: 'bus', owner: 'a', fence: 1, until: 100 })
    expect(await acquireLease(store, 'bus', 'b', 100, 99)).toBeUndefined()
    expect(await acquireLease(store, 'bus', 'a', 100, 50)).toMatchObject({ fence: 1, until: 150 })
    expect(await acquireLease(store, 'bus', 'b', 100, 150)).toMatchObject({ fence: 2 })
    await releaseLease(store, a!)
    expect(await acquireLease(store, 'bus', 'a', 100, 151)).toBeUndefined()
    expect(await store.tx(tx => holdsLease(tx, a!, 151))).toBe(false)
  })

  it('gets a new fence when its owner let it end and takes it again', async () => {
    const { store } = await fresh()
    const first = await acquireLease(store, 'bus', 'a', 100, 0)
    expect(await acquireLease(store, 'bus', 'a', 100, 100)).toMatchObject({ fence: 2 })
    expect(await store.tx(tx => holdsLease(tx, first!, 101))).toBe(false)
  })

  it('goes to exactly one of many who ask at once', async () => {
    const { store } = await fresh()
    const asked = ['a', 'b', 'c', 'd', 'e', 'f'].map(owner => acquireLease(store, 'bus', owner, 100, 0))
    expect((await Promise.all(asked)).filter(Boolean)).toHaveLength(1)
  })

  it('is kept by its keeper, and passes on when the keeper closes', async () => {
    const { store, clock } = await fresh()
    const changes: string[] = []
    const keeper = (owner: string, gate: { resolve(): void }) =>
      keepLease({
        store,
        clock,
        name: 'bus',
        owner,
        duration: 3000,
        gained: () => {
          changes.push(`${owner} has it`)
          gate.resolve()
        },
        lost: () => changes.push(`${owner} lost it`),
      })
    const first = Promise.withResolvers<void>()
    const a = keeper('a', first)
    await first.promise
    const second = Promise.withResolvers<void>()
    const b = keeper('b', second)
    const aSecond = async (): Promise<void> => {
      await clock.advance(1000)
      for (let i = 0; i < 5; i++) await store.db.selectFrom('lease').selectAll().execute()
    }
    for (let i = 0; i < 5; i++) await aSecond()
    expect(b.held()).toBeUndefined()
    expect(a.held()).toMatchObject({ fence: 1 })
    await a.close()
    for (let i = 0; i < 5; i++) await aSecond()
    await second.promise
    expect(changes).toEqual(['a has it', 'a lost it', 'b has it'])
    await b.close()
  })
})
