import { expect, it } from 'vitest'
import type { LockersOptions } from '../../src/gateway/lockers/lockers.ts'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { boards, farSite, layout, lockersOver, parcel, site } from '../gateway/lockers/rig.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const over = async (base: TestStore, more: Partial<LockersOptions> = {}) => {
  const hand = handDriver(boards)
  const service = lockersOver(base, new Map([['a', hand.driver]]), more)
  await service.lockers.start()
  await service.lockers.stop()
  const shut = async (id: string) => {
    const door = layout.find(one => one.id === id)!
    hand.open.delete(`${door.board}/${door.channel}`)
    for (let i = 0; i < 2; i++) {
      await base.clock.advance(500)
      await service.lockers.look(site.id)
    }
    await service.lockers.told()
  }
  const load = async (name: string) => {
    const answer = await service.lockers.deposit({ ...parcel(name), actor: 'staff:li' })
    if (answer.signal !== 'open') throw new Error(answer.say.en)
    await shut(answer.compartment!.id)
    return answer.compartment!.id
  }
  return { ...service, hand, shut, load }
}

eachStore('lockers', fresh => {
  it('carry a parcel from reservation to collection', async () => {
    const base = await fresh()
    const { lockers, load, shut, codeOf, said, kinds } = await over(base)
    await base.store.tx(tx => lockers.reserve(tx, parcel('one')))
    const id = await load('one')
    expect((await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')).signal).toBe('open')
    await shut(id)
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
    expect((await kinds()).at(-1)).toBe('collected')
  })

  it('reserve for twenty who ask at once exactly the doors there are, and none twice', async () => {
    const base = await fresh()
    const { lockers } = await over(base)
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => base.store.tx(tx => lockers.reserve(tx, parcel(`p${i}`)))),
    )
    const places = answers.flatMap(answer => (answer.ok ? [answer.value.compartmentId] : []))
    expect(places).toHaveLength(12)
    expect(new Set(places).size).toBe(12)
    for (const answer of answers)
      if (!answer.ok) expect(answer.problem).toMatchObject({ code: 'locker-full', kind: 'refused' })
  })

  it('open one door once for two who type one code at the same moment', async () => {
    const base = await fresh()
    const { lockers, load, hand, codeOf, shut, said } = await over(base)
    const id = await load('one')
    const code = await codeOf('one')
    const answers = await Promise.all([1, 2, 3, 4].map(n => lockers.collect(site.id, code, `kiosk:${n}`)))
    expect(hand.pulses).toHaveLength(2)
    expect(new Set(answers.map(answer => answer.visit)).size).toBe(1)
    await shut(id)
    expect(said().filter(one => one.startsWith('collected'))).toHaveLength(1)
  })

  it('give a parcel that two couriers bring at the same moment one place and one loading', async () => {
    const base = await fresh()
    const { lockers, hand, shut, said } = await over(base)
    const answers = await Promise.all(
      ['sf', 'van'].map(name => lockers.deposit({ ...parcel('one'), actor: `courier:${name}` })),
    )
    expect(answers.map(answer => answer.signal)).toEqual(['open', 'open'])
    expect(new Set(answers.map(answer => answer.compartment?.id)).size).toBe(1)
    expect(hand.pulses).toHaveLength(1)
    await shut(answers[0]!.compartment!.id)
    expect(said()).toEqual(['put-in-locker line-one-1'])
  })

  it('give two couriers with two parcels two doors', async () => {
    const base = await fresh()
    const { lockers } = await over(base)
    const answers = await Promise.all(
      ['one', 'two'].map(name => lockers.deposit({ ...parcel(name), actor: 'courier:sf' })),
    )
    expect(new Set(answers.map(answer => answer.compartment?.id)).size).toBe(2)
  })

  it('hand a parcel once to a reader and to whom the reader sent, who type at the same moment', async () => {
    const base = await fresh()
    const { lockers, load, hand, codeOf, shut, said } = await over(base)
    const id = await load('one')
    const own = await codeOf('one')
    const other = await lockers.handOver({
      libraryId: 'su',
      orderId: 'order-one',
      parcel: 'P-one',
      actor: 'reader:r',
    })
    if (!other.ok) throw new Error(other.problem.code)
    const answers = await Promise.all(
      [own, other.value.code].map(code => lockers.collect(site.id, code, 'kiosk:k')),
    )
    expect(answers.some(answer => answer.signal === 'open')).toBe(true)
    expect(hand.pulses).toHaveLength(2)
    await shut(id)
    expect(said().filter(one => one.startsWith('collected'))).toEqual(['collected line-one-1'])
  })

  it('open for one code at its own cabinet only, when it is typed at two at once', async () => {
    const base = await fresh()
    const far = handDriver(boards)
    const hand = handDriver(boards)
    const lines = new Map([
      ['a', hand.driver],
      ['b', far.driver],
    ])
    const { lockers, codeOf } = lockersOver(base, lines, { sites: [site, farSite] })
    await lockers.start()
    await lockers.stop()
    const put = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    hand.open.clear()
    for (let i = 0; i < 2; i++) {
      await lockers.look(site.id)
      await base.clock.advance(500)
    }
    await lockers.look(site.id)
    expect(put.signal).toBe('open')
    const code = await codeOf('one')
    const [here, there] = await Promise.all([
      lockers.collect(site.id, code, 'kiosk:1'),
      lockers.collect(farSite.id, code, 'kiosk:2'),
    ])
    expect([here.signal, there.signal]).toEqual(['open', 'no'])
    expect(far.pulses).toEqual([])
  })

  it('open many doors once, when two librarians agree at the same moment', async () => {
    const base = await fresh()
    const { lockers, hand } = await over(base)
    const ask = { lockerId: site.id, compartmentIds: 'all', actor: 'staff:li', reason: '盘点' } as const
    const asked = await lockers.askBulkOpening(ask)
    if (!asked.ok) throw new Error(asked.problem.code)
    const { id } = asked.value
    const answers = await Promise.all(
      ['wu', 'he'].map(who => lockers.approveBulkOpening({ lockerId: site.id, id, actor: `staff:${who}` })),
    )
    expect(answers.filter(answer => answer.ok)).toHaveLength(1)
    expect(hand.pulses).toHaveLength(12)
  })

  it('count every wrong code, however many are typed at once', async () => {
    const base = await fresh()
    const { lockers, load } = await over(base)
    await load('one')
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) => lockers.collect(site.id, `1000000${i % 10}`, 'kiosk:k')),
    )
    expect(answers.filter(one => one.problem?.code === 'wrong-code')).toHaveLength(5)
  })

  it('keep a history that nobody can change', async () => {
    const base = await fresh()
    const { load } = await over(base)
    await load('one')
    await expect(base.store.db.updateTable('locker_event').set({ kind: 'x' }).execute()).rejects.toThrow(
      'append-only',
    )
    await expect(base.store.db.deleteFrom('locker_event').execute()).rejects.toThrow('append-only')
  })

  it('take a changed layout over and keep what lies inside', async () => {
    const base = await fresh()
    const { load } = await over(base)
    const id = await load('one')
    const compartments = layout
      .filter(one => one.id !== 'A12')
      .map(one => (one.id === id ? { ...one, label: '一号', channel: 8 } : one))
      .map(one => (one.id === 'A08' ? { ...one, channel: 1 } : one))
    const next = await over(base, { sites: [{ ...site, compartments }] })
    expect(await next.stateOf(id)).toMatchObject({ label: '一号', state: 'loaded', parcel: 'P-one' })
    expect(await next.stateOf('A12')).toBeUndefined()
  })
})
