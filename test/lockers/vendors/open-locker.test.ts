import { existsSync, readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import { createOpenLockers, openLocker } from '../../../src/lockers/vendors/open-locker.ts'
import {
  configData,
  configHash,
  type OpenLockerHardware,
  readResponse,
  readSnapshot,
} from '../../../src/lockers/vendors/open-locker-messages.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { type LockerRig, lockerContract } from '../../contracts/locker.ts'
import { brokerTime, turns } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const password = 'quite long enough'
const names = ['8f14e45f-ceea-467f-9b1a-0a1b2c3d4e5f', 'c9f0f895-fb98-4ab1-8c3d-5e6f7a8b9c0d']
const hardware: OpenLockerHardware = {
  adapterType: 'rs485_lock_board',
  channelCount: 24,
  feedbackType: 'door_closing',
  compartments: [
    { number: 2, slaveId: 1, address: 1 },
    { number: 1, slaveId: 1, address: 0 },
  ],
}

const site = async (options: { hardware?: OpenLockerHardware } = {}) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const time = brokerTime(clock)
  const channels = 12
  const driver = createOpenLockers(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      cabinets: names.map((id, i) => ({ board: i + 1, id, channels, password, ...options })),
      heartbeatSeconds: 15,
    },
    { name: 'locker-line:test', clock, transcript: noTranscript },
  )
  const url = `mqtt://127.0.0.1:${await driver.listening()}`
  const cabinets = await Promise.all(
    names.map(id => startOpenLocker({ line: { url, username: id, password }, id, channels, clock })),
  )
  const there = () => [1, 2].every(board => driver.health(board).online)
  await time.reach(() => driver.up() && there())
  await time.pass(50)
  const close = async (): Promise<void> => {
    for (const one of cabinets) await one.close()
    await driver.close()
  }
  return { driver, cabinets, one: cabinets[0]!, clock, there, close, ...time }
}
const opened = async (options: Parameters<typeof site>[0] = {}) => {
  const it = await site(options)
  closing.push(it.close)
  return it
}

const contractRig = async (): Promise<LockerRig> => {
  const { driver, cabinets, during, reach, pass, there, close } = await site()
  const at = (board: number) => cabinets[board - 1]!
  return {
    driver: {
      ...driver,
      // The cabinets push how their doors are: what they have said must arrive before it can be read.
      read: async board => {
        if (board <= 2) await turns()
        return driver.read(board)
      },
    },
    boards: [1, 2].map(board => ({ board, channels: 12 })),
    isOpen: ({ board, channel }) => at(board).door(channel).isOpen(),
    hand: {
      close: ({ board, channel }) => at(board).door(channel).close(),
      force: ({ board, channel }) => at(board).door(channel).force(),
      jam: ({ board, channel }, jammed) => {
        at(board).door(channel).jammed = jammed
      },
    },
    faults: {
      silence: async (board, silent) => {
        at(board).faults.silent = silent
        await reach(() => driver.health(board).online !== silent)
      },
      loseQuestion: () => {
        for (const cabinet of cabinets) cabinet.faults.deaf = 1
      },
      loseAnswer: () => {
        for (const cabinet of cabinets) cabinet.faults.mute = 1
      },
      powerCut: async () => {
        for (const cabinet of cabinets) cabinet.power(false)
        await reach(() => [1, 2].every(board => !driver.health(board).online))
        for (const cabinet of cabinets) cabinet.power(true)
        await reach(there)
        await pass(50)
      },
    },
    knowsAbsence: true,
    pulses: ({ board, channel }) => at(board).done.filter(one => one === `open ${channel}`).length,
    during,
    close,
  }
}

lockerContract('Open-Locker cabinets on the embedded broker', contractRig)

describe('an Open-Locker cabinet', () => {
  it('is given its hardware settings once in each of its lives', async () => {
    const { driver, one, reach, pass, there } = await opened({ hardware })
    await reach(() => one.appliedHash === configHash(hardware))
    await pass(60_000)
    expect(one.done).toEqual(['config'])
    one.power(false)
    await reach(() => !driver.health(1).online)
    await pass(20_000)
    one.power(true)
    await reach(there)
    await reach(() => one.done.length === 2)
    expect(one.done).toEqual(['config', 'config'])
  })

  it('opens nothing while it has refused its hardware settings, and is asked again', async () => {
    const { driver, one, during, reach, pass } = await opened({ hardware })
    await reach(() => one.appliedHash !== undefined)
    one.power(false)
    await reach(() => !driver.health(1).online)
    await pass(20_000)
    one.faults.refusesConfig = 'INVALID_CONFIG'
    one.power(true)
    await reach(() => driver.health(1).online)
    await pass(500)
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual({
      ok: false,
      problem: expect.objectContaining({ code: 'locker-config-refused', their: { code: 'INVALID_CONFIG' } }),
    })
    one.faults.refusesConfig = undefined
    await pass(80_000)
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })

  it('is sent no opening while it is away, so that none waits for it on the broker', async () => {
    const { driver, one, during, reach, pass } = await opened()
    one.network(false)
    await reach(() => !driver.health(1).online)
    const answer = await during(driver.open({ board: 1, channel: 1 }))
    expect(answer).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-offline' }) })
    one.network(true)
    await reach(() => driver.health(1).online)
    await pass(2000)
    expect(one.done).toEqual([])
  })

  it('that was told twice acts once, and what it says twice is told once', async () => {
    const { driver, one, during, pass } = await opened()
    const heard: CabinetEvent[] = []
    driver.onEvent(async event => {
      heard.push(event)
    })
    one.faults.twice = true
    expect(await during(driver.open({ board: 1, channel: 5 }))).toEqual({ ok: true, value: { opened: true } })
    one.door(5).close()
    one.tamper()
    await pass(100)
    expect(heard.map(event => event.what)).toEqual([
      { kind: 'door-opened', channel: 5 },
      { kind: 'door-closed', channel: 5 },
      { kind: 'tamper' },
    ])
  })

  it('is not read from what the broker kept of a former life', async () => {
    const { driver, one, during, reach, pass } = await opened()
    await during(driver.open({ board: 1, channel: 3 }))
    one.power(false)
    await reach(() => !driver.health(1).online)
    await pass(20_000)
    one.door(3).close()
    one.faults.stuckSnapshot = true
    one.power(true)
    await reach(() => driver.health(1).online)
    expect(await during(driver.read(1))).toEqual({
      ok: false,
      problem: expect.objectContaining({ code: 'locker-doors-unknown' }),
    })
    one.faults.stuckSnapshot = false
    one.door(4).force()
    await pass(100)
    const answer = await during(driver.read(1))
    expect(answer.ok && answer.value.filter(door => door.door === 'open').map(door => door.channel)).toEqual([
      4,
    ])
  })

  it.each([
    ['HARDWARE_ERROR', 'opened' as const],
    ['MODBUS_ERROR', 'opened' as const],
    ['SOMETHING_NEW', 'opened' as const],
    ['COMPARTMENT_NOT_FOUND', 'locker-no-such-door'],
    ['INVALID_COMMAND', 'locker-refused'],
  ])('that fails with %s is answered by looking, or by its own word', async (code, what) => {
    const { driver, one, during } = await opened()
    one.faults.error = code
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual(
      what === 'opened'
        ? { ok: true, value: { opened: false } }
        : { ok: false, problem: expect.objectContaining({ code: what }) },
    )
  })

  it('says no more than is read of it when it floods, and the others are heard', async () => {
    const { driver, one, during } = await opened()
    const before = driver.health(1).dropped
    for (let i = 0; i < 3000; i++) one.tamper()
    await turns(3000)
    expect(driver.health(1).dropped).toBeGreaterThan(before)
    expect(await during(driver.open({ board: 2, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })
})

describe('the messages of Open-Locker', () => {
  const published = new URL('../../../../shared/vectors/lockers.json', import.meta.url)

  it.skipIf(!existsSync(published))('have the hash of the settings that the vectors give', () => {
    const { openLockerConfigHash: vector } = JSON.parse(readFileSync(published, 'utf8')).mqtt
    expect(configHash(hardware)).toBe(vector.sha256)
    const { config_hash, heartbeat_interval_seconds, ...rest } = configData(hardware, 30)
    expect(JSON.stringify(rest)).toBe(vector.canonicalJson)
    expect([config_hash, heartbeat_interval_seconds]).toEqual([vector.sha256, 30])
  })

  it('have one hash however the compartments are written down', () => {
    const turned = { ...hardware, compartments: hardware.compartments.toReversed() }
    expect(configHash(turned)).toBe(configHash(hardware))
    expect(configHash({ ...hardware, feedbackType: 'door_opening' })).not.toBe(configHash(hardware))
  })

  const bytes = (value: unknown): Uint8Array =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  it.each([
    ['no JSON', 'opened!'],
    [
      'an error without a code',
      {
        message_id: 'm',
        transaction_id: 't',
        timestamp: '2026-11-23T00:00:00Z',
        action: 'open_compartment',
        result: 'error',
      },
    ],
    [
      'a time that is none',
      {
        message_id: 'm',
        transaction_id: 't',
        timestamp: 'now',
        action: 'open_compartment',
        result: 'success',
      },
    ],
    ['too much', { message_id: 'm'.repeat(40_000) }],
    ['a list', []],
  ])('are not read from %s', (_, said) => {
    expect(readResponse(bytes(said))).toBeUndefined()
    expect(readSnapshot(bytes(said))).toBeUndefined()
  })

  it('are read with keys that nobody knows yet', () => {
    const snapshot = {
      message_id: 'm',
      timestamp: '2026-11-23T08:00:00+08:00',
      compartments: [{ compartment_number: 1, door_state: 'open', battery: 3 }],
      more: true,
    }
    expect(readSnapshot(bytes(snapshot))?.compartments[0]).toEqual({
      compartment_number: 1,
      door_state: 'open',
    })
  })

  it('settings that name a compartment twice over the layout are refused', () => {
    const made = openLocker.create(
      {
        broker: { url: 'mqtt://127.0.0.1' },
        cabinets: [{ board: 1, id: names[0], channels: 1, hardware }],
      },
      { name: 'locker-line:test', clock: new ManualClock(0), transcript: noTranscript },
    )
    expect(made).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-settings' }) })
  })
})
