import type { KyselyPlugin, RootOperationNode } from 'kysely'
import { afterEach, describe, expect, it } from 'vitest'
import type { Store, Tx } from '../../../src/gateway/store/db.ts'
import { isHeld } from '../../../src/gateway/store/leases.ts'
import { orThrow } from '../../../src/kernel/problem.ts'
import { lendable } from '../../../src/lockers/lent-driver.ts'
import { handDriver } from './hand-driver.ts'
import { boards, freshStore, layout, lockersOver, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** One of several gateways; what it asks of the database fails where `fails` says so. */
const setUp = async () => {
  const base = await freshStore()
  let fails: (node: RootOperationNode) => boolean = () => false
  const failing: KyselyPlugin = {
    transformQuery: ({ node }) => {
      if (fails(node)) throw new Error('the database is away')
      return node
    },
    transformResult: async ({ result }) => result,
  }
  const store: Store = {
    ...base.store,
    db: base.store.db.withPlugin(failing),
    tx: (act, options) => base.store.tx((tx, after) => act(tx.withPlugin(failing) as Tx, after), options),
  }
  const hand = handDriver(boards)
  const lines = new Map([['a', lendable(() => ({ ...hand.driver }))]])
  const { lockers } = lockersOver({ ...base, store }, lines, { lease: { owner: 'one', duration: 15_000 } })
  const pass = async (): Promise<void> => {
    for (let turn = 0; turn < 40; turn++) await base.clock.advance(50)
  }
  const during = async <T>(act: Promise<T>): Promise<T> => {
    let over = false
    const seen = () => {
      over = true
    }
    act.then(seen, seen)
    while (!over) await base.clock.advance(50)
    return act
  }
  await lockers.start()
  await pass()
  closing.push(base.close, () => during(lockers.stop()))
  const when = (next: typeof fails): void => {
    fails = next
  }
  return { ...base, lockers, hand, pass, during, when }
}

describe('a line that is lent', () => {
  it('comes back also when the database is away just then, and its leases run out by themselves', async () => {
    const { lockers, hand, pass, during, when, clock } = await setUp()
    const lent = orThrow(await during(lockers.lendLine('a')))
    when(node => node.kind === 'UpdateQueryNode')
    await during(lent.back())
    when(() => false)
    await pass()
    const door = { lockerId: site.id, compartmentId: layout[0]!.id, actor: 'staff:x', reason: '看看' }
    expect((await during(lockers.remoteOpen(door))).signal).toBe('open')
    // The door that is open keeps the line from being lent again, and nothing else does.
    expect(await during(lockers.lendLine('a'))).toMatchObject({ problem: { code: 'locker-visits-running' } })
    hand.open.clear()
    await pass()
    await clock.advance(15_000)
    const again = orThrow(await during(lockers.lendLine('a')))
    await during(again.back())
  })

  it('leaves nothing taken where the database went away half-way', async () => {
    const { lockers, during, pass, when, clock, store } = await setUp()
    when(node => JSON.stringify(node).includes('locker-line:new'))
    await expect(during(lockers.lendLine('new'))).rejects.toThrow('the database is away')
    when(() => false)
    for (let turn = 0; turn < 10; turn++) await pass()
    expect(await isHeld(store, 'locker-setup', clock.now())).toBe(false)
    const lent = orThrow(await during(lockers.lendLine('new')))
    await during(lent.back())
  })
})
