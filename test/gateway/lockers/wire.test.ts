import { afterEach, describe, expect, it } from 'vitest'
import type { LockersOptions } from '../../../src/gateway/lockers/lockers.ts'
import { createTcpBus } from '../../../src/lockers/transport/tcp-bus.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { type SandboxBusSettings, startSandboxBus } from '../../../src/sandbox/lockers/bus.ts'
import { until } from '../../harness/until.ts'
import { wireTime } from '../../lockers/wire.ts'
import { freshStore, layout, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** Everything real but the time: service, driver, sockets, boards. */
const setUp = async (sandbox: Partial<SandboxBusSettings> = {}, more: Partial<LockersOptions> = {}) => {
  const base = await freshStore()
  const { clock } = base
  const wired = [
    { address: 1, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' },
    { address: 2, channels: 24, shortedWhen: 'closed', bitOneMeans: 'open' },
  ] as const
  const far = await startSandboxBus({ boards: wired, clock, ...sandbox })
  const address = { dial: { host: '127.0.0.1', port: far.port } }
  const bus = createTcpBus({ name: 'locker-line:a', address, clock, timing: xorBoard.timing })
  await until(() => bus.up())
  const driver = xorBoard.on({ boards: wired }, bus, clock)
  const lines = new Map([['a', driver]])
  const time = wireTime(clock, bus, far)
  const service = lockersOver(base, lines, more)
  await service.lockers.start()
  closing.push(base.close, far.close, driver.close, () => time.during(service.lockers.stop()))
  await time.pass(200)
  const door = (id: string) => {
    const { board, channel } = layout.find(one => one.id === id)!
    return far.door(board, channel)
  }
  const load = async (name: string) => {
    const answer = await time.during(service.lockers.deposit({ ...parcel(name), actor: 'staff:li' }))
    const { id } = answer.compartment!
    door(id).items.push(`P-${name}`)
    door(id).close()
    await time.pass(1500)
    return id
  }
  return { ...base, ...service, ...time, bus, far, door, load, lines }
}

describe('a locker over a real line', () => {
  it('gives a parcel out within a second of the code, and knows within another that the door is shut', async () => {
    const { lockers, load, codeOf, door, during, pass, said, clock, far } = await setUp()
    const id = await load('one')
    const begun = clock.now()
    const answer = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(answer).toMatchObject({ signal: 'open', compartment: { id } })
    expect(clock.now() - begun).toBeLessThan(1000)
    expect(door(id).isOpen()).toBe(true)
    await pass(5000)
    expect(said()).toEqual(['put-in-locker line-one-1'])
    door(id).items.length = 0
    door(id).close()
    await pass(1300)
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
    expect(far.asked.filter(one => one.startsWith('open'))).toHaveLength(2)
    expect(far.traffic().trampled).toBe(0)
  })

  it('does not call a door shut that was pushed too softly', async () => {
    const { lockers, load, codeOf, door, during, pass, said } = await setUp()
    const id = await load('one')
    await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    for (let i = 0; i < 3; i++) {
      door(id).push(300)
      await pass(1000)
    }
    expect(said()).toHaveLength(1)
  })

  it('tries a jammed door twice, a second apart, and says so', async () => {
    const { lockers, load, codeOf, door, during, far, clock } = await setUp()
    const id = await load('one')
    door(id).jammed = true
    const before = far.asked.length
    const begun = clock.now()
    const answer = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(answer.signal).toBe('jammed')
    expect(clock.now() - begun).toBeGreaterThanOrEqual(1000)
    expect(clock.now() - begun).toBeLessThan(4000)
    expect(far.asked.slice(before).filter(one => one.startsWith('open'))).toHaveLength(2)
  })

  it('keeps its head when answers are lost, late, torn, echoed and surrounded by noise', async () => {
    const { lockers, load, codeOf, door, during, pass, said, far, stateOf } = await setUp()
    const id = await load('one')
    far.faults.noise = Uint8Array.of(0x8a, 0x01)
    far.faults.split = true
    far.faults.late.push(0, 0, 700)
    far.faults.corrupt = 1
    await pass(3000)
    far.faults.mute = 1
    const answer = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(answer.signal).toBe('open')
    await pass(2000)
    expect(said()).toHaveLength(1)
    door(id).close()
    await pass(4000)
    expect(said()).toContain('collected line-one-1')
    expect(far.asked.filter(one => one === 'open 1/1')).toHaveLength(2)
    expect((await stateOf(id)).state).toBe('free')
  })

  it('believes after a power cut between opening and closing what the boards say, and opens nothing by itself', async () => {
    const { lockers, load, codeOf, door, during, pass, said, far, bus, stateOf, kinds } = await setUp()
    const id = await load('one')
    await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    const asked = far.asked.filter(one => one.startsWith('open')).length
    far.power(false)
    await until(() => !bus.up())
    await pass(4000)
    expect(await kinds()).toContain('board-silent')
    expect((await stateOf(id)).door).toBe('unknown')
    const inTheDark = await during(lockers.deposit({ ...parcel('two'), actor: 'staff:li' }))
    expect(inTheDark).toMatchObject({ signal: 'no', problem: { kind: 'unreachable' } })
    door(id).items.length = 0
    door(id).close()
    far.power(true)
    await pass(31_000)
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
    expect(far.asked.filter(one => one.startsWith('open'))).toHaveLength(asked)
  })

  it('sees after a power cut that a door is still open, and waits for it', async () => {
    const { lockers, load, codeOf, door, during, pass, said, far, bus } = await setUp()
    const id = await load('one')
    await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    far.power(false)
    await until(() => !bus.up())
    far.power(true)
    await pass(3000)
    expect(said()).toHaveLength(1)
    door(id).close()
    await pass(2000)
    expect(said()).toContain('collected line-one-1')
  })

  it('does not let a silent board keep others waiting for long', async () => {
    const { lockers, during, pass, far, clock, reserve } = await withFullFirstBoard()
    far.faults.silent.add(1)
    await pass(8000)
    const begun = clock.now()
    const answer = await during(lockers.deposit({ ...reserve, actor: 'staff:li' }))
    expect(answer).toMatchObject({ signal: 'open' })
    expect(clock.now() - begun).toBeLessThan(1500)
  })

  it('has a ghost that shuts every door in the demo', async () => {
    const { lockers, during, pass, said } = await setUp({ ghostHand: { after: 4000 } })
    await during(lockers.deposit({ ...parcel('one'), actor: 'staff:li' }))
    await pass(3000)
    expect(said()).toEqual([])
    await pass(2500)
    expect(said()).toEqual(['put-in-locker line-one-1'])
  })

  it('killed after the pulse goes on from the door as it is', async () => {
    const first = await setUp()
    const { load, codeOf, door, during, pass, lines } = first
    const id = await load('one')
    const collecting = first.lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    await during(first.far.moved(1, 1))
    const stopping = first.lockers.stop()
    const second = lockersOver(first, lines)
    await second.lockers.start()
    closing.push(() => during(second.lockers.stop()))
    await during(Promise.allSettled([collecting, stopping]))
    await pass(2000)
    expect(second.said()).toEqual([])
    door(id).close()
    await pass(2000)
    expect(second.said()).toEqual(['collected line-one-1'])
    expect(first.far.asked.filter(one => one === 'open 1/1')).toHaveLength(2)
  })
})

/** The first board full, so that the next parcel goes behind a door of the second. */
const withFullFirstBoard = async () => {
  const rig = await setUp()
  for (let i = 0; i < 8; i++)
    await rig.store.tx(tx => rig.lockers.reserve(tx, { ...parcel(`full-${i}`), size: 'small' }))
  return { ...rig, reserve: { ...parcel('next'), size: 'medium' as const } }
}
