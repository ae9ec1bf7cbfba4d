import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { verifyAudit } from '../../../src/gateway/store/audit.ts'
import type { TestStore } from '../../harness/store.ts'
import { handDriver } from './hand-driver.ts'
import { boards, freshStore, layout, lockersOver, parcel, site } from './rig.ts'

let base: TestStore
beforeEach(async () => {
  base = await freshStore()
})
afterEach(() => base.close())

const begin = async () => {
  const hand = handDriver(boards)
  const service = lockersOver(base, new Map([['a', hand.driver]]))
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
  const load = async (name: string) => {
    const answer = await lockers.deposit({ ...parcel(name), actor: 'staff:li' })
    if (answer.signal !== 'open') throw new Error(answer.say.en)
    await shut(answer.compartment!.id)
    return answer.compartment!.id
  }
  return { ...service, hand, shut, load }
}
const li = { lockerId: site.id, actor: 'staff:li', reason: '清洁' }
const mine = { libraryId: 'su', orderId: 'order-one', parcel: 'P-one', actor: 'reader:r' }

describe('maintenance', () => {
  it('serves nobody, takes nothing new, and lets staff open', async () => {
    const { lockers, load, codeOf, kinds } = await begin()
    const id = await load('one')
    expect(await lockers.setMaintenance({ ...li, on: true })).toMatchObject({ ok: true })
    const refused = [
      await lockers.collect(site.id, await codeOf('one'), 'kiosk:k'),
      await lockers.deposit({ ...parcel('two'), actor: 'courier:sf' }),
      await lockers.giveBack({ ...mine, lockerId: site.id, lineId: 'l', actor: 'kiosk:k' }),
      await lockers.handOut({ ...mine, lockerId: site.id }),
    ]
    expect(refused.map(one => one.problem?.code)).toEqual(Array(4).fill('under-maintenance'))
    expect(await base.store.tx(tx => lockers.reserve(tx, parcel('two')))).toMatchObject({
      problem: { code: 'locker-offline' },
    })
    expect((await lockers.remoteOpen({ ...li, compartmentId: id })).signal).toBe('open')
    expect(await lockers.care(site.id)).toMatchObject({ maintenance: { reason: '清洁', by: 'staff:li' } })
    await lockers.setMaintenance({ ...li, on: false })
    expect((await lockers.care(site.id)).maintenance).toBeNull()
    expect(await kinds()).toEqual(expect.arrayContaining(['maintenance-begun', 'maintenance-ended']))
  })

  it('needs a reason', async () => {
    const { lockers } = await begin()
    expect(await lockers.setMaintenance({ ...li, reason: ' ', on: true })).toMatchObject({
      problem: { code: 'reason-missing' },
    })
  })

  it('leaves notes of cleaning and batteries, each without touching the other', async () => {
    const { lockers } = await begin()
    await lockers.noteCare({ lockerId: site.id, actor: 'staff:li', sanitary: '已消毒' })
    await lockers.noteCare({ lockerId: site.id, actor: 'staff:wu', battery: '2026-11 更换' })
    expect(await lockers.care(site.id)).toMatchObject({
      sanitary: '已消毒',
      battery: '2026-11 更换',
      noted: { by: 'staff:wu' },
    })
  })
})

describe('many doors at once', () => {
  it('open when a second person agrees, and for nobody alone', async () => {
    const { lockers, load, hand } = await begin()
    await load('one')
    const pulses = hand.pulses.length
    const asked = await lockers.askBulkOpening({ ...li, compartmentIds: 'all' })
    if (!asked.ok) throw new Error(asked.problem.code)
    const { id } = asked.value
    expect(await lockers.approveBulkOpening({ lockerId: site.id, id, actor: 'staff:li' })).toMatchObject({
      problem: { code: 'same-person' },
    })
    expect(hand.pulses).toHaveLength(pulses)
    expect(await lockers.bulkOpenings(site.id)).toHaveLength(1)
    const done = await lockers.approveBulkOpening({ lockerId: site.id, id, actor: 'staff:wu' })
    if (!done.ok) throw new Error(done.problem.code)
    expect(done.value.doors.map(one => one.signal)).toEqual(Array(12).fill('open'))
    expect(await lockers.approveBulkOpening({ lockerId: site.id, id, actor: 'staff:he' })).toMatchObject({
      problem: { code: 'bulk-opening-decided' },
    })
    expect(hand.pulses).toHaveLength(pulses + 12)
    expect(await verifyAudit(base.store.db, 'su')).toMatchObject({ whole: true })
  })

  it('stay shut when the wish is refused, or a quarter of an hour old', async () => {
    const { lockers, hand } = await begin()
    const ask = async () => {
      const asked = await lockers.askBulkOpening({ ...li, compartmentIds: ['A01', 'A02'] })
      if (!asked.ok) throw new Error(asked.problem.code)
      return { lockerId: site.id, id: asked.value.id, actor: 'staff:wu' }
    }
    const first = await ask()
    await lockers.refuseBulkOpening({ ...first, actor: 'staff:li' })
    expect(await lockers.approveBulkOpening(first)).toMatchObject({
      problem: { code: 'bulk-opening-decided' },
    })
    const second = await ask()
    base.clock.jump(base.clock.now() + 16 * 60_000)
    expect(await lockers.approveBulkOpening(second)).toMatchObject({ problem: { code: 'bulk-opening-over' } })
    expect(await lockers.bulkOpenings(site.id)).toEqual([])
    expect(hand.pulses).toEqual([])
  })
})

describe('somebody whom the reader sends', () => {
  it('has a code of their own; the first of the two takes the parcel, and the other is dead', async () => {
    const { lockers, load, codeOf, shut, said } = await begin()
    const id = await load('one')
    const own = await codeOf('one')
    const other = await lockers.handOver(mine)
    if (!other.ok) throw new Error(other.problem.code)
    expect(other.value.code).not.toBe(own)
    expect((await lockers.collect(site.id, other.value.code, 'kiosk:k')).signal).toBe('open')
    await shut(id)
    expect(said().at(-1)).toBe('collected line-one-1')
    expect((await lockers.collect(site.id, own, 'kiosk:k')).signal).toBe('no')
  })

  it('has nothing any more when the reader changes their mind, who keeps the own code', async () => {
    const { lockers, load, codeOf } = await begin()
    await load('one')
    const own = await codeOf('one')
    const first = await lockers.handOver(mine)
    const second = await lockers.handOver(mine)
    if (!first.ok || !second.ok) throw new Error('no code')
    expect((await lockers.collect(site.id, first.value.code, 'kiosk:k')).problem?.code).toBe('code-expired')
    await lockers.endHandOver(mine)
    expect((await lockers.collect(site.id, second.value.code, 'kiosk:k')).problem?.code).toBe('code-expired')
    expect((await lockers.collect(site.id, own, 'kiosk:k')).signal).toBe('open')
  })

  it("gets no code for another's order, and none before the parcel is there", async () => {
    const { lockers, load } = await begin()
    await load('one')
    expect(await lockers.handOver({ ...mine, orderId: 'order-two' })).toMatchObject({ ok: false })
    expect(await lockers.handOver({ ...mine, parcel: 'P-two' })).toMatchObject({ ok: false })
  })
})

describe("books that are not the reader's", () => {
  it('seen at the open door are not collected: they stay, the code is dead, staff look', async () => {
    const { lockers, load, codeOf, shut, said, stateOf } = await begin()
    const id = await load('one')
    const code = await codeOf('one')
    const { visit } = await lockers.collect(site.id, code, 'kiosk:k')
    await lockers.look(site.id)
    expect((await lockers.again(site.id, visit!, 'wrong-item', 'kiosk:k')).signal).toBe('done')
    await shut(id)
    expect(said()).toEqual(['put-in-locker line-one-1'])
    expect(await stateOf(id)).toMatchObject({ state: 'out_of_service', parcel: 'P-one' })
    expect((await lockers.alarms(site.id)).map(one => [one.compartmentId, one.code])).toEqual([
      [id, 'wrong-item'],
    ])
    expect((await lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('no')
    expect((await lockers.recover({ ...li, compartmentId: id })).signal).toBe('open')
    await shut(id)
    expect(said().at(-1)).toBe('recovered line-one-1')
  })

  it('noticed after the door was shut can be put back, and nothing else goes in until staff have looked', async () => {
    const { lockers, load, codeOf, shut, hand, stateOf } = await begin()
    const id = await load('one')
    const { visit } = await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    await lockers.look(site.id)
    await shut(id)
    const pulses = hand.pulses.length
    expect((await lockers.again(site.id, visit!, 'wrong-item', 'kiosk:k')).signal).toBe('open')
    expect(hand.pulses).toHaveLength(pulses + 1)
    await lockers.look(site.id)
    await shut(id)
    expect(await stateOf(id)).toMatchObject({ state: 'out_of_service' })
    await lockers.settleAlarm({ ...li, compartmentId: id })
    expect(await stateOf(id)).toMatchObject({ state: 'free', alarm: null })
  })
})

describe('a parcel that does not fit anywhere', () => {
  it('is taken along again: the closing of the door loads nothing, and the orders hear of it', async () => {
    const { lockers, shut, said, stateOf } = await begin()
    const put = await lockers.deposit({ ...parcel('big', 9), actor: 'courier:sf' })
    const id = put.compartment!.id
    await lockers.look(site.id)
    expect((await lockers.again(site.id, put.visit!, 'other-door', 'courier:sf')).problem?.code).toBe(
      'locker-full',
    )
    expect((await lockers.again(site.id, put.visit!, 'nothing-in', 'courier:sf')).signal).toBe('done')
    await shut(id)
    expect(await stateOf(id)).toMatchObject({ state: 'reserved' })
    expect(new Set(said().map(one => one.split(' ')[0]))).toEqual(new Set(['no-compartment']))
  })
})

describe('the history of a door', () => {
  it('is its own: what happened at others is not in it', async () => {
    const { lockers, load } = await begin()
    const [one, two] = [await load('one'), await load('two')]
    const told = await lockers.history(site.id, { limit: 50, compartmentId: one })
    expect(told.length).toBeGreaterThan(2)
    expect(new Set(told.map(event => event.compartmentId))).toEqual(new Set([one]))
    expect(one).not.toBe(two)
  })
})
