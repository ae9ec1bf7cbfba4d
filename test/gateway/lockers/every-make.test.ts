import { afterEach, describe, expect, it } from 'vitest'
import { lockerMakeNames } from '../../../src/main/vendors.ts'
import { makes } from './makes.ts'
import { freshStore, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Quicker than life, so that a board's milliseconds may be milliseconds. */
const rules = {
  busyPoll: 250,
  idlePoll: 500,
  silentPoll: 500,
  longestSilentPoll: 1000,
  watch: { missesUntilSilent: 2, closedLooks: 2, closedFor: 400, openTooLong: 2500 },
}

const setUp = async (make: string) => {
  const base = await freshStore()
  const rig = await makes[make]!(base.clock)
  const compartments = rig.doors.map(({ board, channel }, i) => ({
    id: `A0${i + 1}`,
    label: `${i + 1}`,
    size: 'small' as const,
    row: i + 1,
    column: 1,
    board,
    channel,
    accessible: false,
  }))
  const service = lockersOver(base, new Map([['a', rig.driver]]), {
    sites: [{ ...site, compartments }],
    rules,
  })
  await service.lockers.start()
  closing.push(base.close, rig.close, () => rig.during(service.lockers.stop()))
  const where = (id: string) => rig.doors[Number(id.slice(1)) - 1]!
  const door = (id: string) => rig.door(where(id))
  const pulses = (id: string) => rig.pulses(where(id))
  /** Lets time pass until it is so. */
  const reach = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let passed = 0; !(await holds()); passed += 200) {
      if (passed > 90_000) throw new Error('what was waited for did not happen')
      await rig.pass(200)
    }
  }
  const alarms = async () => (await service.lockers.alarms(site.id)).map(alarm => alarm.code)
  const online = async () => (await service.lockers.summary(site.id)).online
  const is = (id: string, state: string) => async () => (await service.stateOf(id)).state === state
  const deposit = (name: string) =>
    rig.during(service.lockers.deposit({ ...parcel(name), actor: 'staff:li' }))
  const collect = (code: string) => rig.during(service.lockers.collect(site.id, code, 'kiosk:k'))
  const load = async (name: string): Promise<string> => {
    const put = await deposit(name)
    expect(put.signal).toBe('open')
    const { id } = put.compartment!
    door(id).items.push(name)
    door(id).close()
    await reach(is(id, 'loaded'))
    return id
  }
  await reach(online)
  return { ...base, ...service, rig, door, pulses, reach, alarms, online, is, deposit, collect, load }
}

it('every make that can be set up has its story', () => {
  expect(Object.keys(makes).sort()).toEqual([...lockerMakeNames].sort())
})

describe.each(Object.keys(makes))('the story of a cabinet of %s', make => {
  it('a parcel is put in and collected, wrong codes open nothing, a loan is given back, a door stands open', async () => {
    const { lockers, store, rig, door, pulses, reach, alarms, is, collect, load, codeOf, said } =
      await setUp(make)
    const kept = await store.tx(tx => lockers.reserve(tx, parcel('one')))
    expect(kept).toMatchObject({ ok: true })
    const id = await load('one')
    expect(kept.ok && kept.value.compartmentId).toBe(id)
    const code = await codeOf('one')
    expect((await collect(code === '12345678' ? '87654321' : '12345678')).problem?.code).toBe('wrong-code')
    expect(rig.doors.map(one => rig.door(one).isOpen())).toEqual([false, false, false, false])
    const answer = await collect(code)
    expect(answer).toMatchObject({ signal: 'open', compartment: { id } })
    expect(rig.doors.filter(one => rig.door(one).isOpen())).toHaveLength(1)
    expect(door(id).isOpen()).toBe(true)
    door(id).items.length = 0
    await reach(async () => (await alarms()).includes('open-too-long'))
    door(id).close()
    await reach(is(id, 'free'))
    expect(await alarms()).toEqual([])
    expect((await collect(code)).problem?.code).toBe('code-used')
    expect(pulses(id)).toBe(2)

    const loan = { lockerId: site.id, libraryId: 'su', orderId: 'order-b', lineId: 'line-b' }
    const back = await rig.during(lockers.giveBack({ ...loan, actor: 'kiosk:k' }))
    expect(back.signal).toBe('open')
    const there = back.compartment!.id
    door(there).items.push('b')
    door(there).close()
    await reach(is(there, 'returned'))
    await lockers.told()
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1', 'returned-in-locker line-b'])
  })

  it('a door jams and is pulsed twice, another is forced, and staff settle both', async () => {
    const { lockers, rig, door, pulses, reach, alarms, is, collect, load, codeOf, said } = await setUp(make)
    const id = await load('one')
    const code = await codeOf('one')
    const before = pulses(id)
    door(id).jammed = true
    expect((await collect(code)).signal).toBe('jammed')
    expect(pulses(id)).toBe(before + 2)
    expect(await alarms()).toEqual(['jammed'])
    door(id).jammed = false
    await rig.pass(1500)
    expect(door(id).isOpen()).toBe(false)
    expect((await collect(code)).signal).toBe('open')
    expect(pulses(id)).toBe(before + 3)
    door(id).items.length = 0
    door(id).close()
    await reach(is(id, 'free'))
    await lockers.told()
    expect(said()).toEqual(['put-in-locker line-one-1', 'door-jammed line-one-1', 'collected line-one-1'])

    const other = id === 'A01' ? 'A02' : 'A01'
    door(other).force()
    await reach(async () => (await alarms()).includes('forced'))
    door(other).close()
    await rig.pass(1500)
    expect(await alarms()).toEqual(['forced'])
    const settle = { lockerId: site.id, compartmentId: other, actor: 'staff:li', reason: '已查看' }
    expect((await lockers.settleAlarm(settle)).ok).toBe(true)
    expect(await alarms()).toEqual([])
  })

  it('is cut off in the midst of a visit: nothing opens in the dark, and the doors are read when it is back', async () => {
    const { lockers, rig, door, pulses, reach, alarms, online, is, deposit, collect, load, codeOf, said } =
      await setUp(make)
    const id = await load('one')
    expect((await collect(await codeOf('one'))).signal).toBe('open')
    const total = () => rig.doors.reduce((sum, one) => sum + rig.pulses(one), 0)
    const before = total()
    rig.power(false)
    await reach(async () => !(await online()))
    expect(await alarms()).toContain('board-silent')
    expect(await deposit('two')).toMatchObject({ signal: 'no', problem: { kind: 'unreachable' } })
    door(id).items.length = 0
    door(id).close()
    rig.power(true)
    await reach(is(id, 'free'))
    await reach(online)
    await lockers.told()
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
    expect(total()).toBe(before)
    expect(await alarms()).toEqual([])

    rig.silence(true)
    await reach(async () => !(await online()))
    expect((await deposit('two')).signal).toBe('no')
    rig.silence(false)
    await reach(online)
    expect(pulses(id)).toBe(2)
    expect((await deposit('two')).signal).toBe('open')
  })
})
