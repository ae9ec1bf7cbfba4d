import { expect, it } from 'vitest'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { boards, layout, lockersOver, parcel, site } from '../gateway/lockers/rig.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const reader = (n: number) => ({ libraryId: 'su', patronId: `reader-${n}` })

const over = async (base: TestStore) => {
  const hand = handDriver(boards)
  const service = lockersOver(base, new Map([['a', hand.driver]]), {
    ordersOf: async (_db, who, ids) => new Set(who.patronId === 'reader-1' ? ids : []),
  })
  const { lockers } = service
  await lockers.start()
  await lockers.stop()
  await lockers.look(site.id)
  const shut = async (id: string) => {
    const door = layout.find(one => one.id === id)!
    hand.open.delete(`${door.board}/${door.channel}`)
    for (let i = 0; i < 2; i++) {
      await base.clock.advance(500)
      await lockers.look(site.id)
    }
    await lockers.told()
  }
  const code = async () => {
    const corner = await lockers.phoneCorner(site.id)
    if (!corner.ok || corner.value.code === null) throw new Error('no code on the screen')
    return corner.value.code
  }
  return { ...service, hand, shut, code }
}

eachStore('phones before a cabinet', fresh => {
  it('that scan one code at the same moment: one is served, and afterwards the next', async () => {
    const { lockers, code } = await over(await fresh())
    const scanned = await code()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(n => lockers.arrive(reader(n), scanned)))
    expect(answers.filter(one => one.ok)).toHaveLength(1)
    for (const one of answers)
      if (!one.ok) expect(['here-code-used', 'somebody-is-served']).toContain(one.problem.code)
    const served = answers.findIndex(one => one.ok) + 1
    await lockers.leave(reader(served))
    expect(await code()).not.toBe(scanned)
    expect((await lockers.arrive(reader(served === 1 ? 2 : 1), await code())).ok).toBe(true)
  })

  it('and the keypad at the same door at the same moment: one pulse, one collection', async () => {
    const base = await fresh()
    const { lockers, hand, shut, code, codeOf, said } = await over(base)
    const put = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    await shut(put.compartment!.id)
    const typed = await codeOf('one')
    expect((await lockers.arrive(reader(1), await code())).ok).toBe(true)
    hand.pulses.length = 0
    const answers = await Promise.all([
      lockers.collect(site.id, typed, 'locker:guanqian'),
      lockers.openHere(reader(1), 'P-one'),
      lockers.openHere(reader(1), 'P-one'),
    ])
    expect(hand.pulses).toHaveLength(1)
    const visits = new Set(answers.flatMap(one => (one.visit === null ? [] : [one.visit])))
    expect(visits.size).toBe(1)
    await shut(put.compartment!.id)
    expect(said().filter(one => one.startsWith('collected'))).toEqual(['collected line-one-1'])
  })
})
