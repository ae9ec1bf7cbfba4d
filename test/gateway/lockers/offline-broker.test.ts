import { afterEach, describe, expect, it } from 'vitest'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { brokerTime } from '../../lockers/broker-time.ts'
import { freshStore, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const id = 'guanqian-1'
const password = 'quite long enough'
const staff = { lockerId: site.id, actor: 'staff:li', reason: '开箱调试' }
const hour = 3_600_000
const compartments = [1, 2, 3, 4].map(channel => ({
  id: `A0${channel}`,
  label: `${channel}`,
  size: 'small' as const,
  row: channel,
  column: 1,
  board: 1,
  channel,
  accessible: false,
}))

/** Service, driver, broker, cabinet: everything real but the time and the steel. */
const setUp = async () => {
  const base = await freshStore()
  const { clock } = base
  const time = brokerTime(clock)
  const driver = createMqttCabinets(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      prefix: 'shuqiao',
      cabinets: [{ board: 1, id, channels: 4, password }],
      heartbeatSeconds: 30,
      mirrorSeconds: 0,
    },
    { name: 'locker-line:a', clock, transcript: noTranscript },
  )
  const looks: number[] = []
  const watched: typeof driver = {
    ...driver,
    read: (...asked) => {
      looks.push(clock.now())
      return driver.read(...asked)
    },
  }
  const service = lockersOver(base, new Map([['a', watched]]), { sites: [{ ...site, compartments }] })
  const { lockers } = service
  await lockers.start()
  const key = await lockers.cabinetKey(staff)
  if (!key.ok) throw new Error(key.problem.code)
  const far = await startMqttCabinet({
    line: { url: `mqtt://127.0.0.1:${await driver.listening()}`, username: id, password, protocol: 4 },
    id,
    channels: 4,
    clock,
    key: Buffer.from(key.value, 'base64url'),
  })
  closing.push(base.close, driver.close, far.close, () => time.during(lockers.stop()))
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let passed = 0; !(await holds()); passed += 500) {
      if (passed > 600_000) throw new Error('what was waited for did not happen')
      await time.pass(500)
    }
  }
  const online = async () => (await lockers.summary(site.id)).online
  await until(async () => (await service.stateOf('A01')).door === 'closed')
  const doorOf = (at: string) => far.door(compartments.find(one => one.id === at)!.channel)
  const state = async (at: string) => (await service.stateOf(at)).state
  const load = async (name: string): Promise<string> => {
    const put = await time.during(lockers.deposit({ ...parcel(name), actor: 'staff:li' }))
    const at = put.compartment!.id
    doorOf(at).items.push(name)
    doorOf(at).close()
    await until(async () => (await state(at)) === 'loaded')
    return at
  }
  const cutOff = async (): Promise<void> => {
    far.network(false)
    await until(async () => !(await online()))
  }
  const back = async (): Promise<void> => {
    far.network(true)
    await until(online)
    await time.pass(3000)
    await lockers.told()
  }
  /** Somebody types at the cabinet itself, takes everything out and shuts the door. */
  const takeBy = async (code: string, at: string): Promise<number> => {
    expect(far.type(code)).toBe(true)
    await time.pass(1000)
    expect(doorOf(at).isOpen()).toBe(true)
    doorOf(at).items.length = 0
    await time.pass(9000)
    doorOf(at).close()
    return clock.now()
  }
  const alarms = async () => (await lockers.alarms(site.id)).map(alarm => alarm.code)
  const collectedAt = () => service.told.filter(one => one.what === 'collected').map(one => one.at)
  return {
    ...base,
    ...service,
    ...time,
    far,
    driver,
    looks,
    until,
    doorOf,
    state,
    load,
    cutOff,
    back,
    takeBy,
    alarms,
    collectedAt,
  }
}

describe('a cabinet with its own codes, over a real broker', () => {
  it('gives out while it is cut off; the loan counts from the closing of the door, once, however often it is told', async () => {
    const { lockers, far, load, until, state, cutOff, back, takeBy, pass, alarms, collectedAt, codeOf } =
      await setUp()
    const at = await load('one')
    await until(() => far.codes().length === 1)
    const code = await codeOf('one')
    await cutOff()
    await pass(1000)
    const shut = await takeBy(code, at)
    expect(far.type(code)).toBe(false)
    await pass(2 * hour)
    expect(await state(at)).toBe('loaded')
    far.faults.twice = true
    await back()
    await until(async () => (await state(at)) === 'free')
    expect(collectedAt()).toEqual([shut])
    expect(far.unkept()).toBe(0)
    expect(await alarms()).toEqual([])
    expect((await lockers.collect(site.id, code, 'kiosk:k')).problem?.code).toBe('code-used')
    expect(far.done.filter(one => one.startsWith('open'))).toHaveLength(1)
  })

  it('shut while it was cut off the door that we had opened: the loan counts from then too', async () => {
    const {
      lockers,
      far,
      load,
      until,
      state,
      cutOff,
      back,
      pass,
      during,
      doorOf,
      clock,
      collectedAt,
      codeOf,
    } = await setUp()
    const at = await load('one')
    const answer = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(answer.signal).toBe('open')
    far.network(false)
    await pass(2000)
    doorOf(at).items.length = 0
    doorOf(at).close()
    const shut = clock.now()
    await cutOff()
    await pass(hour)
    await back()
    await until(async () => (await state(at)) === 'free')
    expect(collectedAt()).toEqual([shut])
  })

  it('is looked at with its heartbeats while it is quiet, and at once when it is connected again', async () => {
    const { far, looks, pass, doorOf } = await setUp()
    await pass(60_000)
    looks.length = 0
    await pass(120_000)
    expect(looks.length).toBeGreaterThanOrEqual(4)
    expect(looks.length).toBeLessThanOrEqual(5)
    far.network(false)
    await pass(3000)
    far.network(true)
    looks.length = 0
    await pass(3000)
    expect(looks).toHaveLength(1)
    doorOf('A02').force()
    looks.length = 0
    await pass(1000)
    expect(looks.length).toBeGreaterThanOrEqual(1)
  })

  it('is asked for what is missing in its count, and takes in nothing out of turn', async () => {
    const { lockers, far, load, until, state, cutOff, back, takeBy, collectedAt, codeOf } = await setUp()
    const at = await load('one')
    await until(() => far.codes().length === 1)
    const code = await codeOf('one')
    await cutOff()
    const shut = await takeBy(code, at)
    far.faults.dropEvents = 1
    await back()
    await until(async () => (await state(at)) === 'free')
    expect(collectedAt()).toEqual([shut])
    const history = await lockers.history(site.id, { limit: 1000 })
    const told = history.filter(one => one.kind.startsWith('cabinet-') && one.data.seq !== null)
    const counted = told.map(one => Number(one.data.seq)).sort((a, b) => a - b)
    expect(counted).toHaveLength(4)
    expect(counted).toEqual(counted.map((_, i) => i + counted[0]!))
  })

  it('gave out what staff had taken meanwhile: somebody looks inside, and nothing is lent', async () => {
    const { lockers, store, far, load, until, cutOff, back, doorOf, pass, alarms, collectedAt, codeOf } =
      await setUp()
    const at = await load('one')
    await until(() => far.codes().length === 1)
    const code = await codeOf('one')
    await cutOff()
    await store.tx(tx => lockers.release(tx, 'su', 'P-one'))
    expect(far.type(code)).toBe(true)
    await pass(1000)
    doorOf(at).close()
    await back()
    await until(async () => (await alarms()).includes('check-inside'))
    expect(collectedAt()).toEqual([])
    expect((await lockers.alarms(site.id)).map(one => one.compartmentId)).toEqual([at])
    const kept = await store.tx(tx => lockers.reserve(tx, parcel('next')))
    expect(kept.ok && kept.value.compartmentId).not.toBe(at)
  })

  it('keeps no code that died while it was away, and has that of the reader in time again', async () => {
    const { lockers, store, far, load, until, cutOff, back, pass, codeOf } = await setUp()
    await load('one')
    await load('two')
    await until(() => far.codes().length === 2)
    const dead = await codeOf('one')
    const living = await codeOf('two')
    await cutOff()
    await store.tx(tx => lockers.expire(tx, 'su', 'P-one'))
    await pass(hour)
    expect(far.codes()).toHaveLength(2)
    await back()
    await until(() => far.codes().length === 1)
    expect(far.type(dead)).toBe(false)
    expect(far.type(living)).toBe(true)
  })

  it('gave out after the time was over, which it could not know: collected all the same', async () => {
    const { lockers, store, far, load, until, state, cutOff, back, takeBy, alarms, collectedAt, codeOf } =
      await setUp()
    const at = await load('one')
    await until(() => far.codes().length === 1)
    const code = await codeOf('one')
    await cutOff()
    await store.tx(tx => lockers.expire(tx, 'su', 'P-one'))
    const shut = await takeBy(code, at)
    await back()
    await until(async () => (await state(at)) === 'free')
    expect(collectedAt()).toEqual([shut])
    expect(await alarms()).toEqual([])
  })

  it('after a power cut without a clock of its own dates nothing: our arrival counts, and the order of things', async () => {
    const { far, load, until, state, cutOff, takeBy, back, pass, clock, collectedAt, codeOf } = await setUp()
    const at = await load('one')
    await until(() => far.codes().length === 1)
    const code = await codeOf('one')
    await cutOff()
    far.power(false)
    await pass(1000)
    far.power(true)
    far.network(false)
    far.faults.clockUnset = true
    far.faults.clockOff = -40 * 24 * hour
    const shut = await takeBy(code, at)
    await pass(hour)
    const before = clock.now()
    await back()
    await until(async () => (await state(at)) === 'free')
    const [counted] = collectedAt()
    expect(counted).toBeGreaterThanOrEqual(before)
    expect(counted! - before).toBeLessThan(60_000)
    expect(counted).toBeGreaterThan(shut)
  })

  it('with the code for whom the reader sent: the first takes it, and behind the door that the other opens staff look', async () => {
    const {
      lockers,
      far,
      load,
      until,
      state,
      cutOff,
      back,
      takeBy,
      collectedAt,
      alarms,
      codeOf,
      doorOf,
      pass,
    } = await setUp()
    const at = await load('one')
    const own = await codeOf('one')
    const sent = await lockers.handOver({
      libraryId: 'su',
      orderId: 'order-one',
      parcel: 'P-one',
      actor: 'reader:r',
    })
    if (!sent.ok) throw new Error(sent.problem.code)
    await until(() => far.codes().length === 2)
    await cutOff()
    const shut = await takeBy(sent.value.code, at)
    await pass(60_000)
    far.type(own)
    await pass(1000)
    doorOf(at).close()
    await back()
    await until(async () => (await state(at)) === 'free' || (await state(at)) === 'out_of_service')
    expect(collectedAt()).toEqual([shut])
    await until(() => far.codes().length === 0)
    expect((await lockers.collect(site.id, own, 'kiosk:k')).signal).toBe('no')
    expect(await alarms()).toEqual(['check-inside'])
  })
})
