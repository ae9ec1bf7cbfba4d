import { expect, it } from 'vitest'
import type { LockersOptions } from '../../src/gateway/lockers/lockers.ts'
import type { Store } from '../../src/gateway/store/db.ts'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { boards, layout, lockersOver, parcel, site } from '../gateway/lockers/rig.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const staff = { lockerId: site.id, actor: 'staff:li', reason: '巡查' } as const
const keyOf = (id: string) => {
  const { board, channel } = layout.find(one => one.id === id)!
  return `${board}/${channel}`
}

const over = async (base: TestStore, more: Partial<LockersOptions> = {}) => {
  const hand = handDriver(boards)
  const service = lockersOver(base, new Map([['a', hand.driver]]), more)
  await service.lockers.start()
  await service.lockers.stop()
  const looks = async () => {
    for (let i = 0; i < 2; i++) {
      await base.clock.advance(500)
      await service.lockers.look(site.id)
    }
    await service.lockers.told()
  }
  const shut = async (id: string) => {
    hand.open.delete(keyOf(id))
    await looks()
  }
  const load = async (name: string) => {
    const answer = await service.lockers.deposit({ ...parcel(name), actor: 'staff:li' })
    await shut(answer.compartment!.id)
    return answer.compartment!.id
  }
  const pulses = (id: string) => hand.pulses.filter(one => one === keyOf(id)).length
  const collected = () => service.said().filter(one => one.startsWith('collected'))
  return { ...service, hand, shut, load, looks, pulses, collected }
}

eachStore('at one door at the same moment', fresh => {
  it('a reader and a librarian from afar: one of them is served, the door opens once, and the book counts once', async () => {
    const base = await fresh()
    const { lockers, load, shut, pulses, codeOf, collected, stateOf } = await over(base)
    for (const name of ['one', 'two', 'three', 'four']) {
      const id = await load(name)
      const code = await codeOf(name)
      const before = pulses(id)
      const acts = [
        () => lockers.collect(site.id, code, 'kiosk:k'),
        () => lockers.remoteOpen({ ...staff, compartmentId: id }),
      ]
      if (name > 'o') acts.reverse()
      const answers = await Promise.all(acts.map(act => act()))
      expect(answers.map(answer => answer.signal).sort()).toEqual(['no', 'open'])
      expect(answers.find(answer => answer.signal === 'no')?.problem?.code).toBe('door-in-use')
      expect(pulses(id)).toBe(before + 1)
      const reader = answers[acts.length === 2 && name > 'o' ? 1 : 0]!
      await shut(id)
      expect((await stateOf(id)).state).toBe(reader.signal === 'open' ? 'free' : 'loaded')
      if (reader.signal === 'open') continue
      expect((await lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('open')
      await shut(id)
    }
    expect(collected()).toHaveLength(4)
  })

  it('the reader’s own code and the one for whom they sent, at two screens: one visit, one pulse', async () => {
    const base = await fresh()
    const { lockers, load, shut, pulses, codeOf, collected } = await over(base)
    for (const name of ['one', 'two', 'three']) {
      const id = await load(name)
      const own = await codeOf(name)
      const order = { libraryId: 'su', orderId: `order-${name}`, parcel: `P-${name}`, actor: 'reader:r' }
      const sent = await lockers.handOver(order)
      if (!sent.ok) throw new Error(sent.problem.code)
      const before = pulses(id)
      const answers = await Promise.all([
        lockers.collect(site.id, own, 'kiosk:1'),
        lockers.collect(site.id, sent.value.code, 'kiosk:2'),
        lockers.endHandOver(order),
      ])
      expect(answers.slice(0, 2).filter(one => 'signal' in one && one.signal === 'open')).toHaveLength(1)
      expect(pulses(id)).toBe(before + 1)
      await shut(id)
      for (const code of [own, sent.value.code])
        expect((await lockers.collect(site.id, code, 'kiosk:1')).signal).toBe('no')
    }
    expect(collected()).toHaveLength(3)
  })

  it('many doors opened by two librarians, and a reader: no door is pulsed twice, no book is lost', async () => {
    const base = await fresh()
    const { lockers, hand, load, looks, codeOf, collected, stateOf } = await over(base)
    const id = await load('one')
    const other = await load('two')
    const code = await codeOf('one')
    const asked = await lockers.askBulkOpening({ ...staff, compartmentIds: 'all' })
    if (!asked.ok) throw new Error(asked.problem.code)
    hand.pulses.length = 0
    const [bulk, answer] = await Promise.all([
      lockers.approveBulkOpening({ lockerId: site.id, id: asked.value.id, actor: 'staff:wu' }),
      lockers.collect(site.id, code, 'kiosk:k'),
    ])
    if (!bulk.ok) throw new Error(bulk.problem.code)
    expect([...hand.pulses].sort()).toEqual(layout.map(one => keyOf(one.id)).sort())
    const door = bulk.value.doors.find(one => one.compartmentId === id)!
    expect([door.signal, answer.signal].sort()).toEqual(['no', 'open'])
    hand.open.clear()
    await looks()
    expect((await stateOf(id)).state).toBe(answer.signal === 'open' ? 'free' : 'loaded')
    expect((await stateOf(other)).state).toBe('loaded')
    expect(collected()).toHaveLength(answer.signal === 'open' ? 1 : 0)
  })

  it('maintenance begins while a door stands open: what was begun counts, and nothing opens any more', async () => {
    const base = await fresh()
    const { lockers, hand, load, shut, codeOf, collected, pulses } = await over(base)
    const id = await load('one')
    const later = await load('two')
    const answer = await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    expect(answer.signal).toBe('open')
    await lockers.setMaintenance({ ...staff, on: true })
    await shut(id)
    expect(collected()).toEqual(['collected line-one-1'])
    const before = hand.pulses.length
    const again = await lockers.again(site.id, answer.visit!, 'same-door', 'kiosk:k')
    expect(again.problem?.code).toBe('under-maintenance')
    const wrong = await lockers.again(site.id, answer.visit!, 'wrong-item', 'kiosk:k')
    expect(wrong.problem?.code).toBe('under-maintenance')
    const refused = await lockers.collect(site.id, await codeOf('two'), 'kiosk:k')
    expect(refused.problem?.code).toBe('under-maintenance')
    expect(hand.pulses).toHaveLength(before)
    expect((await lockers.remoteOpen({ ...staff, compartmentId: later })).signal).toBe('open')
    expect(pulses(later)).toBe(2)
  })

  it('maintenance begins while a door jams, and while a larger one is asked for: neither is pulsed again', async () => {
    const base = await fresh()
    const { lockers, hand, load, codeOf } = await over(base)
    const id = await load('one')
    hand.jammed.add(keyOf(id))
    const done = lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    for (let i = 0; i < 20; i++) await base.clock.advance(200)
    const jammed = await done
    expect(jammed.signal).toBe('jammed')
    const put = await lockers.deposit({ ...parcel('two'), actor: 'courier:sf' })
    await lockers.setMaintenance({ ...staff, on: true })
    hand.jammed.clear()
    const before = hand.pulses.length
    for (const [visit, how] of [
      [jammed.visit!, 'same-door'],
      [put.visit!, 'other-door'],
    ] as const) {
      const answer = await lockers.again(site.id, visit, how, 'kiosk:k')
      expect(answer.problem?.code).toBe('under-maintenance')
    }
    expect(hand.pulses).toHaveLength(before)
  })

  it('the reader’s time runs out in the moment the code is typed: the door opens and counts, or it stays shut', async () => {
    const base = await fresh()
    const { lockers, load, shut, pulses, codeOf, collected, stateOf } = await over(base)
    const id = await load('one')
    const code = await codeOf('one')
    const [answer] = await Promise.all([
      lockers.collect(site.id, code, 'kiosk:k'),
      base.store.tx(tx => lockers.expire(tx, 'su', 'P-one')),
    ])
    await shut(id)
    if (answer.signal === 'open') {
      expect(collected()).toHaveLength(1)
      expect((await stateOf(id)).state).toBe('free')
    } else {
      expect(answer.problem?.code).toBe('code-expired')
      expect(pulses(id)).toBe(1)
      expect((await stateOf(id)).state).toBe('expired')
    }
  })
})

/** A store whose database goes away for a while. */
const failing = (store: Store) => {
  let away = false
  const gone = () => Object.assign(new Error('Connection terminated unexpectedly'), { code: '57P01' })
  const tx: Store['tx'] = async (act, options) => {
    if (away) throw gone()
    return store.tx(act, options)
  }
  return {
    store: { ...store, tx },
    go: (off: boolean) => {
      away = off
    },
  }
}

eachStore('the database goes away between the pulse and what follows it', fresh => {
  it('the reader is told that the door may be open, it is not pulsed again, and what happened counts when it is back', async () => {
    const base = await fresh()
    const { store, go } = failing(base.store)
    const { lockers, hand, load, looks, pulses, codeOf, collected, stateOf } = await over({ ...base, store })
    const id = await load('one')
    const code = await codeOf('one')
    hand.pulsed(() => go(true))
    const answer = await lockers.collect(site.id, code, 'kiosk:k')
    expect(answer).toMatchObject({
      signal: 'no',
      compartment: { id },
      problem: { code: 'locker-lost-track', maybeDone: true },
    })
    expect(hand.open.has(keyOf(id))).toBe(true)
    hand.pulsed(() => {})
    go(false)
    const again = await lockers.collect(site.id, code, 'kiosk:k')
    expect(again).toMatchObject({ signal: 'open', visit: answer.visit })
    await looks()
    hand.open.delete(keyOf(id))
    await looks()
    expect(pulses(id)).toBe(2)
    expect(collected()).toHaveLength(1)
    expect((await stateOf(id)).state).toBe('free')
  })

  it('a door that was shut before it came back is looked behind: nobody saw it open, nothing is guessed', async () => {
    const base = await fresh()
    const { store, go } = failing(base.store)
    const { lockers, hand, load, looks, pulses, codeOf, collected } = await over({ ...base, store })
    const id = await load('one')
    const code = await codeOf('one')
    hand.pulsed(() => go(true))
    await lockers.collect(site.id, code, 'kiosk:k')
    hand.open.delete(keyOf(id))
    hand.pulsed(() => {})
    go(false)
    await looks()
    expect(collected()).toEqual([])
    expect((await lockers.alarms(site.id)).map(one => [one.compartmentId, one.code])).toEqual([
      [id, 'check-inside'],
    ])
    expect(pulses(id)).toBe(2)
  })

  it('two librarians who open many doors are told of each, also of those that opened before', async () => {
    const base = await fresh()
    const { store, go } = failing(base.store)
    const { lockers, hand } = await over({ ...base, store })
    const asked = await lockers.askBulkOpening({ ...staff, compartmentIds: 'all' })
    if (!asked.ok) throw new Error(asked.problem.code)
    hand.pulsed(() => go(hand.open.size === 3))
    const done = await lockers.approveBulkOpening({
      lockerId: site.id,
      id: asked.value.id,
      actor: 'staff:wu',
    })
    go(false)
    if (!done.ok) throw new Error(done.problem.code)
    expect(done.value.doors.map(door => door.signal)).toEqual(layout.map((_, i) => (i < 2 ? 'open' : 'no')))
    expect(hand.pulses).toHaveLength(3)
  })
})
