import { expect, it } from 'vitest'
import { acquireLease, holdsLease, keepLease, releaseLease } from '../../src/gateway/store/leases.ts'
import type { ManualClock } from '../../src/kernel/clock.ts'
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
    const keeper = (owner: string) => {
      const watched = watch(clock)
      const gained = () => changes.push(`${owner} has it`)
      const lost = () => changes.push(`${owner} lost it`)
      const kept = keepLease({
        store,
        clock: watched.clock,
        name: 'bus',
        owner,
        duration: 3000,
        gained,
        lost,
      })
      return { ...kept, atRest: watched.atRest }
    }
    const a = keeper('a')
    await a.atRest()
    const b = keeper('b')
    await b.atRest()
    for (let i = 0; i < 5; i++) {
      await clock.advance(1000)
      await Promise.all([a.atRest(), b.atRest()])
    }
    expect(b.held()).toBeUndefined()
    expect(a.held()).toMatchObject({ fence: 1 })
    await a.close()
    await clock.advance(1000)
    await b.atRest()
    expect(b.held()).toMatchObject({ fence: 2 })
    expect(changes).toEqual(['a has it', 'a lost it', 'b has it'])
    await b.close()
  })
})

/** A clock that knows when its user has set the next timer and waits. */
const watch = (clock: ManualClock) => {
  let waiting = false
  let rest = Promise.withResolvers<void>()
  return {
    clock: {
      now: () => clock.now(),
      after: (delay: number, act: () => void) => {
        waiting = true
        rest.resolve()
        return clock.after(delay, () => {
          waiting = false
          rest = Promise.withResolvers()
          act()
        })
      },
    },
    atRest: async (): Promise<void> => {
      while (!waiting) await rest.promise
    },
  }
}
