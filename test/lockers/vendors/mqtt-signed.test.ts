import { createHmac } from 'node:crypto'
import mqtt from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import { startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import {
  type CabinetCommand,
  readAnswer,
  topicsOf,
  writeMessage,
} from '../../../src/lockers/vendors/mqtt-cabinet-messages.ts'
import { isSigned, signed } from '../../../src/lockers/vendors/mqtt-cabinet-signing.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const commandKey = 'the key of cabinet a, thirty-two characters or more'
const other = 'the key of cabinet b, thirty-two characters or more'
const open: CabinetCommand = {
  v: 1,
  id: 'one',
  boot: 'boot-1',
  now: 1000,
  exp: 6000,
  op: 'open',
  compartment: 3,
}

describe('the signature of a command', () => {
  it('is HMAC-SHA-256 over a JSON array of what it says, as the description for makers has it', () => {
    const text = '["a","one","open","boot-1",6000,3,null,null,null,null,null,null]'
    expect(signed(commandKey, 'a', open)).toEqual({
      ...open,
      sig: createHmac('sha256', commandKey).update(text).digest('base64url'),
    })
  })

  it('is right for this key, this cabinet and exactly this command', () => {
    const right = signed(commandKey, 'a', open)
    expect(isSigned(commandKey, 'a', right)).toBe(true)
    expect(isSigned(other, 'a', right)).toBe(false)
    expect(isSigned(commandKey, 'b', right)).toBe(false)
    expect(isSigned(commandKey, 'a', open)).toBe(false)
    for (const changed of [
      { id: 'two' },
      { compartment: 4 },
      { exp: 9_000_000 },
      { boot: 'boot-2' },
      { sig: '' },
      { sig: `${right.sig}x` },
    ])
      expect(isSigned(commandKey, 'a', { ...right, ...changed } as CabinetCommand)).toBe(false)
    const code: CabinetCommand = {
      v: 1,
      id: 'three',
      now: 1,
      exp: 2,
      op: 'put-code',
      code: 'c',
      compartment: 1,
      hash: 'x'.repeat(43),
      until: 9,
    }
    const put = signed(commandKey, 'a', code)
    expect(isSigned(commandKey, 'a', put)).toBe(true)
    expect(isSigned(commandKey, 'a', { ...put, hash: 'y'.repeat(43) } as CabinetCommand)).toBe(false)
  })
})

describe('a cabinet on a broker that others use, too', () => {
  /** A broker where whoever knows its password may write anything anywhere. */
  const site = async (keys: { near?: string; far: string }) => {
    const clock = new ManualClock('2026-11-23T00:00:00Z')
    const broker = await startBroker({
      listen: { host: '127.0.0.1', port: 0 },
      users: [],
      clock,
      stale: () => false,
    })
    const url = `mqtt://127.0.0.1:${broker.inner}`
    const transcript = ringTranscript(500)
    const driver = createMqttCabinets(
      {
        broker: { url, ...broker.gateway, protocol: '3.1.1' },
        prefix: 'shuqiao',
        cabinets: [{ board: 1, id: 'a', channels: 8, ...(keys.near ? { commandKey: keys.near } : {}) }],
        heartbeatSeconds: 30,
        mirrorSeconds: 0,
      },
      { name: 'locker-line:test', clock, transcript: transcript.take },
    )
    const line = { url, ...broker.gateway, protocol: 4 as const }
    const cabinet = await startMqttCabinet({ line, id: 'a', channels: 8, clock, commandKey: keys.far })
    closing.push(
      () => broker.close(),
      () => driver.close(),
      () => cabinet.close(),
    )
    const time = brokerTime(clock)
    await time.reach(() => driver.health(1).online)
    return { clock, broker, url, driver, cabinet, transcript, ...time }
  }
  const door = { board: 1, channel: 3 }

  it('obeys who has its key, and the key stands nowhere', async () => {
    const { driver, during, cabinet, transcript } = await site({ near: commandKey, far: commandKey })
    expect(await during(driver.open(door))).toEqual({ ok: true, value: { opened: true } })
    expect((await during(driver.read(1))).ok).toBe(true)
    cabinet.door(3).close()
    expect(cabinet.done).toEqual(['open 3'])
    expect(JSON.stringify(transcript.lines())).not.toContain('the key of')
  })

  it.each([
    ['has no key', undefined],
    ['has the key of another cabinet', other],
  ])('does nothing for a gateway that %s, and says why', async (_, near) => {
    const { driver, during, cabinet } = await site({ ...(near ? { near } : {}), far: commandKey })
    const answer = await during(driver.open(door))
    expect(answer).toMatchObject({
      ok: false,
      problem: { kind: 'misconfigured', code: 'locker-command-unsigned' },
    })
    expect(answer.ok || answer.problem.maybeDone).toBeUndefined()
    expect(cabinet.done).toEqual([])
  })

  it('does nothing for a stranger who writes a command, and nothing for one that was heard and is said again later', async () => {
    const { clock, broker, url, driver, during, cabinet, pass } = await site({
      near: commandKey,
      far: commandKey,
    })
    const stranger = mqtt.connect(url, { protocolVersion: 4, clientId: 'stranger', ...broker.gateway })
    closing.push(() => new Promise(resolve => stranger.end(true, {}, () => resolve())))
    const topics = topicsOf('shuqiao', 'a')
    const heard: { topic: string; payload: Buffer }[] = []
    stranger.on('message', (topic, payload) => heard.push({ topic, payload }))
    await stranger.subscribeAsync([topics.command, topics.answer])
    const forged: CabinetCommand = {
      v: 1,
      id: 'forged',
      now: clock.now(),
      exp: clock.now() + 5000,
      op: 'open',
      compartment: 5,
    }
    stranger.publish(topics.command, writeMessage(forged))
    await until(() => heard.some(one => readAnswer(one.payload)?.state === 'refused'))
    await during(driver.open(door))
    cabinet.door(3).close()
    const real = heard.find(
      ({ topic, payload }) =>
        topic === topics.command && payload.includes('"open"') && !payload.includes('forged'),
    )!
    await pass(10_000)
    stranger.publish(topics.command, real.payload)
    stranger.publish(topics.command, real.payload.toString().replace('"compartment":3', '"compartment":4'))
    await pass(500)
    expect(cabinet.done).toEqual(['open 3'])
    expect(cabinet.door(3).isOpen()).toBe(false)
  })
})
