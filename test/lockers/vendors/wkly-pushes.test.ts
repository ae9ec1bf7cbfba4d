import { afterEach, describe, expect, it } from 'vitest'
import { can } from '../../../src/kernel/power.ts'
import type { CabinetEvent, TellsEvents } from '../../../src/lockers/locker.ts'
import { wkly } from '../../../src/lockers/vendors/wkly.ts'
import { wklyBoards } from '../../../src/sandbox/lockers/wkly.ts'
import { boardRig } from '../boards.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

const board = { address: 3, channels: 12, pushes: true }

const pushing = async (far: Partial<Parameters<typeof wklyBoards.board>[0]> = {}, pushes = true) => {
  const rig = await boardRig({
    make: wkly,
    family: wklyBoards,
    near: { boards: [{ address: 3, channels: 12 }], pushes },
    far: [{ ...board, ...far }],
  })
  closing.push(rig.close)
  const told: CabinetEvent[] = []
  const hear = async (event: CabinetEvent): Promise<void> => void told.push(event)
  const driver = rig.driver as typeof rig.driver & TellsEvents
  const stop = can(rig.driver, 'onEvent') ? driver.onEvent(hear) : undefined
  return { ...rig, driver, told, stop }
}
const brief = ({ board, seq, timed, what }: CabinetEvent) => ({ board, seq, timed, ...what })
const moved = (kind: 'door-opened' | 'door-closed', channel: number) => ({
  ...{ board: 3, seq: null, timed: 'arrival', kind, channel },
})

describe('door changes that WKLY boards push', () => {
  it('are told as they come, with the time they came and no number, each by a name of its own', async () => {
    const { far, told, clock, pass } = await pushing()
    const opened = clock.now()
    far.door(3, 5).force()
    await pass(4000)
    far.door(3, 5).close()
    await pass(1)
    expect(told.map(brief)).toEqual([moved('door-opened', 5), moved('door-closed', 5)])
    expect(told.map(one => [one.at, one.receivedAt])).toEqual([
      [opened, opened],
      [opened + 4000, opened + 4000],
    ])
    expect(new Set(told.map(one => one.id)).size).toBe(2)
  })

  it('are found between answers, in single bytes and twice the same, and hold no answer up', async () => {
    const { driver, far, told, during, pass } = await pushing({ otherHeader: true })
    far.faults.split = true
    far.faults.pushes = 1
    const answer = await during(driver.read(3))
    await pass(20)
    expect(answer.ok && answer.value.filter(one => one.door === 'open')).toEqual([])
    expect(told.map(brief)).toEqual([moved('door-closed', 1), moved('door-closed', 1)])
    expect(far.asked).toEqual(['read-board 3'])
  })

  it('are told when we open the door ourselves, too', async () => {
    const { driver, told, during } = await pushing()
    expect(await during(driver.open({ board: 3, channel: 2 }))).toEqual({ ok: true, value: { opened: true } })
    expect(told.map(brief)).toEqual([moved('door-opened', 2)])
  })

  it('of boards and locks that nobody named, or that do not know their state, are passed over', async () => {
    const { far, told, pass } = await pushing({ channels: 14, blind: [4] })
    for (const channel of [13, 4]) far.door(3, channel).force()
    await pass(5)
    expect(told).toEqual([])
  })

  it('of a contact that never comes to rest are told for a while, then one now and then; another board’s are not kept back', async () => {
    const rig = await boardRig({
      make: wkly,
      family: wklyBoards,
      near: {
        boards: [
          { address: 3, channels: 12 },
          { address: 4, channels: 12 },
        ],
        pushes: true,
      },
      far: [board, { ...board, address: 4 }],
    })
    closing.push(rig.close)
    const told: CabinetEvent[] = []
    const driver = rig.driver as typeof rig.driver & TellsEvents
    driver.onEvent(async event => void told.push(event))
    for (let time = 0; time < 100; time++) {
      rig.far.door(3, 1).force()
      rig.far.door(3, 1).close()
      await rig.pass(100)
    }
    expect(told.length).toBeGreaterThan(20)
    expect(told.length).toBeLessThan(60)
    rig.far.door(4, 2).force()
    await rig.pass(5)
    expect(told.at(-1)).toMatchObject({ board: 4, what: { kind: 'door-opened', channel: 2 } })
  })

  it('are not kept for who begins to listen later: he reads the doors', async () => {
    const { driver, far, told, stop, pass } = await pushing()
    stop?.()
    far.door(3, 1).force()
    await pass(5)
    driver.onEvent(async event => void told.push(event))
    far.door(3, 2).force()
    await pass(5)
    expect(told.map(brief)).toEqual([moved('door-opened', 2)])
  })

  it('are told again until they are taken in', async () => {
    const { driver, far, pass, clock } = await pushing()
    let tries = 0
    driver.onEvent(async () => {
      tries += 1
      if (tries < 3) throw new Error('the database is away')
    })
    far.door(3, 1).force()
    await pass(1)
    await clock.advance(1000)
    await clock.advance(2000)
    await pass(10)
    expect(tries).toBe(3)
  })

  it('are not waited for where the settings do not speak of them', async () => {
    const { driver, far, pass, stop } = await pushing({}, false)
    expect(stop).toBeUndefined()
    expect(can(driver, 'onEvent')).toBe(false)
    far.door(3, 1).force()
    await pass(5)
    expect(driver.line().stray).toBeGreaterThan(0)
  })
})
