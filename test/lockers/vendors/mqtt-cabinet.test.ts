import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { can } from '../../../src/kernel/power.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import { hashCode } from '../../../src/lockers/pickup-code.ts'
import { createMqttCabinets, mqttCabinet } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { topicsOf } from '../../../src/lockers/vendors/mqtt-cabinet-messages.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { type LockerRig, lockerContract } from '../../contracts/locker.ts'
import { brokerTime } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const key = new Uint8Array(32).fill(7)
const password = 'quite long enough'

/** Two cabinets, a broker between them and the driver; everything over real sockets. */
const site = async (options: { channels?: number; mirrorSeconds?: number; room?: number } = {}) => {
  const { channels = 12, mirrorSeconds = 0, room } = options
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const time = brokerTime(clock)
  const names = ['guanqian-1', 'guanqian-2']
  const transcript = ringTranscript(2000)
  const driver = createMqttCabinets(
    {
      broker: { listen: { host: '127.0.0.1', port: 0 } },
      prefix: 'shuqiao',
      cabinets: names.map((id, i) => ({ board: i + 1, id, channels, password })),
      heartbeatSeconds: 30,
      mirrorSeconds,
    },
    { name: 'locker-line:test', clock, transcript: transcript.take },
  )
  const url = `mqtt://127.0.0.1:${await driver.listening()}`
  const cabinets = await Promise.all(
    names.map(id =>
      startMqttCabinet({
        line: { url, username: id, password, protocol: 4 },
        id,
        channels,
        clock,
        key,
        ...(room === undefined ? {} : { room }),
      }),
    ),
  )
  const close = async (): Promise<void> => {
    for (const one of cabinets) await one.close()
    await driver.close()
  }
  await time.reach(() => driver.up() && [1, 2].every(board => driver.health(board).online))
  const [one, other] = [cabinets[0]!, cabinets[1]!]
  return { driver, cabinets, one, other, clock, url, transcript, close, ...time }
}

const opened = async (options: Parameters<typeof site>[0] = {}) => {
  const it = await site(options)
  closing.push(it.close)
  return it
}

const contractRig = (mirrorSeconds: number) => async (): Promise<LockerRig> => {
  const { driver, cabinets, during, reach, pass, close } = await site({ mirrorSeconds })
  const at = (board: number) => cabinets[board - 1]!
  return {
    driver,
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
      silence: (board, silent) => {
        at(board).faults.silent = silent
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
        await reach(() => [1, 2].every(board => driver.health(board).online))
        await pass(100)
      },
    },
    pulses: ({ board, channel }) => at(board).done.filter(one => one === `open ${channel}`).length,
    during,
    close,
  }
}

lockerContract('cabinets of our profile on the embedded broker', contractRig(0))

const day = 86_400_000

/** Keeps what the driver tells, and says no as long as it is told to. */
const ear = (driver: Awaited<ReturnType<typeof site>>['driver']) => {
  const heard: CabinetEvent[] = []
  const state = { refuse: 0 }
  driver.onEvent(async event => {
    if (state.refuse > 0) {
      state.refuse -= 1
      throw new Error('the database is away')
    }
    heard.push(event)
  })
  const kinds = (): string[] =>
    heard.map(one => `${one.what.kind} ${'channel' in one.what ? one.what.channel : ''}`.trim())
  return { heard, state, kinds }
}

it('a cabinet that has gone or come is said to have done so, each time once', async () => {
  const { driver, one, reach, pass } = await opened()
  await reach(() => driver.health(1).online)
  const heard: boolean[] = []
  const hush = driver.onPresence(board => {
    if (board === 1) heard.push(driver.health(1).online)
  })
  for (const times of [1, 2]) {
    one.network(false)
    await reach(() => !driver.health(1).online)
    one.network(true)
    await reach(() => driver.health(1).online)
    await pass(1000)
    expect(heard).toEqual(Array.from({ length: times }, () => [false, true]).flat())
  }
  hush()
  one.network(false)
  await reach(() => !driver.health(1).online)
  one.network(true)
  await reach(() => driver.health(1).online)
  expect(heard).toHaveLength(4)
})

describe('events of a cabinet', () => {
  it('come in order, each once, with their own times, days after they happened', async () => {
    const { driver, one, clock, reach, pass } = await opened()
    const { heard } = ear(driver)
    one.network(false)
    await reach(() => !driver.health(1).online)
    const times: number[] = []
    for (let visit = 0; visit < 60; visit++) {
      clock.jump(clock.now() + day / 20)
      times.push(clock.now())
      one.door(3).force()
      one.door(3).close()
    }
    one.network(true)
    await reach(() => one.unkept() === 0)
    await pass(100)
    const doors = heard.filter(event => 'channel' in event.what)
    expect(doors.map(event => event.at)).toEqual(times.flatMap(at => [at, at]))
    expect(doors.map(event => event.what.kind)).toEqual(times.flatMap(() => ['door-opened', 'door-closed']))
    expect(doors.map(event => event.seq)).toEqual(doors.map((_, i) => doors[0]!.seq! + i))
    expect(new Set(heard.map(event => event.id)).size).toBe(heard.length)
    expect(doors.every(event => event.timed === 'cabinet' && event.receivedAt >= event.at)).toBe(true)
  })

  it('are told again until they are taken in, and leave the cabinet only then', async () => {
    const { driver, one, reach, pass } = await opened()
    const { state, kinds } = ear(driver)
    state.refuse = 3
    one.door(1).force()
    await pass(500)
    expect(kinds()).toEqual([])
    expect(one.unkept()).toBe(1)
    await reach(() => one.unkept() === 0)
    expect(kinds()).toEqual(['door-opened 1'])
  })

  it('wait in the cabinet while nobody listens', async () => {
    const { driver, one, reach, pass } = await opened()
    one.door(2).force()
    await pass(500)
    expect(one.unkept()).toBe(1)
    const { kinds } = ear(driver)
    await reach(() => one.unkept() === 0)
    expect(kinds()).toEqual(['door-opened 2'])
  })

  it('that were said twice are one, and those lost on the way are asked for', async () => {
    const { driver, one, reach } = await opened()
    const { kinds } = ear(driver)
    one.faults.twice = true
    one.faults.dropEvents = 2
    for (let channel = 1; channel <= 6; channel++) one.door(channel).force()
    await reach(() => one.unkept() === 0)
    expect(kinds()).toEqual([1, 2, 3, 4, 5, 6].map(channel => `door-opened ${channel}`))
  })

  it('that the cabinet could not keep are told as lost, by their number', async () => {
    const { driver, one, reach } = await opened({ room: 10 })
    one.network(false)
    await reach(() => !driver.health(1).online)
    for (let turn = 0; turn < 20; turn++) {
      one.door(1).force()
      one.door(1).close()
    }
    const { heard } = ear(driver)
    one.network(true)
    await reach(() => one.unkept() === 0)
    const lost = heard.flatMap(event => (event.what.kind === 'events-lost' ? [event.what.count] : []))
    const told = heard.filter(event => 'channel' in event.what).length
    expect(told).toBeGreaterThan(0)
    expect(lost.reduce((sum, count) => sum + count, 0) + told).toBe(40)
  })

  it('of a cabinet whose clock is wrong order but do not date, and none lies in the future', async () => {
    const { driver, one, clock, reach } = await opened()
    const { heard } = ear(driver)
    one.faults.clockOff = 3 * day
    one.door(1).force()
    await reach(() => one.unkept() === 0)
    expect(heard[0]).toMatchObject({ timed: 'doubtful', what: { kind: 'door-opened', channel: 1 } })
    expect(heard[0]!.at).toBeLessThanOrEqual(clock.now())
    expect(driver.health(1).clockOffset).toBe(3 * day)
    one.faults.clockOff = 0
    one.faults.clockUnset = true
    one.door(2).force()
    await reach(() => one.unkept() === 0)
    expect(heard[1]).toMatchObject({ timed: 'doubtful', seq: heard[0]!.seq! + 1 })
  })

  it('tell of its going by the last will, after a while, and of its return', async () => {
    const { driver, one, reach, pass } = await opened()
    const { kinds } = ear(driver)
    one.network(false)
    await reach(() => !driver.health(1).online)
    expect(driver.health(2).online).toBe(true)
    expect(kinds()).toEqual([])
    await reach(() => kinds().includes('offline'))
    one.network(true)
    await reach(() => kinds().includes('online'))
    await pass(100)
    expect(kinds()).toEqual(['offline', 'online'])
  })

  it('say nothing of a short drop of the line', async () => {
    const { driver, one, reach, pass } = await opened()
    const { kinds } = ear(driver)
    one.network(false)
    await reach(() => !driver.health(1).online)
    await pass(5000)
    one.network(true)
    await reach(() => driver.health(1).online)
    await pass(40_000)
    expect(kinds()).toEqual([])
  })
})

describe('a cabinet that is not as it seems', () => {
  it('is not asked while it is known to be away, and opens nothing when it comes back', async () => {
    const { driver, one, during, reach, pass } = await opened()
    one.network(false)
    await reach(() => !driver.health(1).online)
    const answer = await during(driver.open({ board: 1, channel: 1 }))
    expect(answer).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-offline' }) })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    one.network(true)
    await reach(() => driver.health(1).online)
    await pass(2000)
    expect(one.done).toEqual([])
  })

  it('is gone for us when its heartbeats stay away, whatever its kept status says', async () => {
    const { driver, one, reach } = await opened()
    one.faults.silent = true
    await reach(() => !driver.health(1).online, 200_000)
    expect(driver.health(2).online).toBe(true)
  })

  it('opens though its clock is days off, since commands end in its own time', async () => {
    const { driver, one, during, pass } = await opened()
    one.faults.clockOff = -400 * day
    one.door(5).force()
    await pass(200)
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })

  it('is read from itself, not from the state that the broker has kept', async () => {
    const { driver, one, during, reach, pass } = await opened({ mirrorSeconds: 60 })
    await during(driver.open({ board: 1, channel: 4 }))
    one.power(false)
    await reach(() => !driver.health(1).online)
    one.door(4).close()
    one.faults.mute = 1
    one.power(true)
    await reach(() => driver.health(1).online)
    await pass(100)
    const answer = await during(driver.read(1))
    expect(answer.ok && answer.value.filter(door => door.door !== 'closed')).toEqual([])
  })

  it('is not asked at each look where its pushed state may be believed', async () => {
    const { driver, one, during, pass, transcript } = await opened({ mirrorSeconds: 60 })
    await pass(200)
    for (let look = 0; look < 5; look++) expect((await during(driver.read(1))).ok).toBe(true)
    one.door(7).force()
    await pass(200)
    const seen = await during(driver.read(1))
    expect(seen.ok && seen.value[6]?.door).toBe('open')
    expect(transcript.lines().filter(line => line.direction === '>' && line.text.includes(' read '))).toEqual(
      [],
    )
  })
})

describe('codes that a cabinet keeps', () => {
  const until = Date.UTC(2026, 11, 1)
  const code = (id: string, digits: string, channel: number) => ({
    id,
    door: { board: 1, channel },
    hash: hashCode(key, digits),
    until,
  })

  it('open the right door while it is cut off, once, and the door tells which code it was', async () => {
    const { driver, one, during, reach } = await opened()
    expect(can(driver, 'putCode')).toBe(true)
    expect(await during(driver.putCode(code('code-1', '12345678', 9)))).toEqual({
      ok: true,
      value: undefined,
    })
    one.network(false)
    await reach(() => !driver.health(1).online)
    expect(one.type('12345678')).toBe(true)
    await reach(() => one.door(9).isOpen())
    one.door(9).close()
    expect(one.type('12345678')).toBe(false)
    const { heard } = ear(driver)
    one.network(true)
    await reach(() => one.unkept() === 0)
    expect(heard.map(event => event.what)).toContainEqual({
      kind: 'door-opened',
      channel: 9,
      occupied: false,
      codeId: 'code-1',
    })
    expect(await during(driver.heldCodes(1))).toEqual({ ok: true, value: [] })
  })

  it('are put and removed as often as one likes, and outlast a power cut', async () => {
    const { driver, one, during, reach, pass } = await opened()
    for (const id of ['a', 'b', 'a']) await during(driver.putCode(code(id, '11111111', 1)))
    one.power(false)
    await reach(() => !driver.health(1).online)
    one.power(true)
    await reach(() => driver.health(1).online)
    await pass(100)
    expect(await during(driver.heldCodes(1))).toEqual({ ok: true, value: ['a', 'b'] })
    for (const id of ['a', 'a', 'never']) expect((await during(driver.removeCode(1, id))).ok).toBe(true)
    expect(await during(driver.heldCodes(1))).toEqual({ ok: true, value: ['b'] })
  })

  it('are refused for a compartment that is not there', async () => {
    const { driver, during } = await opened()
    const wrong = { ok: false, problem: expect.objectContaining({ kind: 'misconfigured' }) }
    expect(await during(driver.putCode(code('a', '11111111', 13)))).toEqual(wrong)
  })

  it('never stand in a transcript, nor do their hashes', async () => {
    const { driver, during, transcript } = await opened()
    const held = code('a', '12345678', 1)
    await during(driver.putCode(held))
    const text = transcript
      .lines()
      .map(line => line.text)
      .join('\n')
    expect(text).toContain('put-code 1')
    expect(text).not.toContain(held.hash)
    expect(text).not.toContain('12345678')
  })
})

describe('the settings of cabinets on a broker', () => {
  const wire = { name: 'locker-line:test', clock: new ManualClock(0), transcript: () => {} }
  const listen = { listen: { port: 0 } }

  it.each([
    [
      'two cabinets of one number',
      [
        { board: 1, id: 'a', channels: 1 },
        { board: 1, id: 'b', channels: 1 },
      ],
    ],
    [
      'two cabinets of one name',
      [
        { board: 1, id: 'a', channels: 1 },
        { board: 2, id: 'a', channels: 1 },
      ],
    ],
    ['a name that reaches into the topics of others', [{ board: 1, id: '+/a', channels: 1 }]],
    ['no password on a broker of our own', [{ board: 1, id: 'a', channels: 1 }]],
  ])('refuse %s', (_, cabinets) => {
    const made = mqttCabinet.create({ broker: listen, cabinets }, wire)
    expect(made).toEqual({ ok: false, problem: expect.objectContaining({ code: 'locker-settings' }) })
  })

  it('name the topics of a cabinet', () => {
    expect(topicsOf('shuqiao', 'a').command).toBe('shuqiao/a/command')
  })
})
