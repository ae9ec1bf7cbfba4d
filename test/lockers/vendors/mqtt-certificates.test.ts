import mqtt from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { type BrokerUser, startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { brokerAddress } from '../../../src/lockers/transport/mqtt-settings.ts'
import { createMqttCabinets, mqttCabinet } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { createOpenLockers } from '../../../src/lockers/vendors/open-locker.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { authority } from '../../harness/certificates.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const ca = authority('cabinets')
const server = ca.issue('broker', { names: ['localhost'] })
const own = { a: ca.issue('a'), b: ca.issue('b') }
const foreign = authority('somebody').issue('a')
const password = 'quite long enough'
const listen = { host: '127.0.0.1', port: 0, cert: server.cert, key: server.key, ca: ca.cert }

const user = (id: string, more: Partial<BrokerUser> = {}): BrokerUser => ({
  id,
  mayPublish: new Set([`s/${id}/status`]),
  maySubscribe: new Set([`s/${id}/command`]),
  ...more,
})

const enters = async (url: string, options: mqtt.IClientOptions): Promise<boolean> => {
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, ca: ca.cert, ...options })
  closing.push(() => new Promise(resolve => client.end(true, {}, () => resolve())))
  let state: boolean | undefined
  client.on('connect', () => {
    state = true
  })
  client.on('error', () => {})
  client.on('close', () => {
    state ??= false
  })
  await until(() => state !== undefined)
  return state === true
}

describe('a broker inside that wants certificates', () => {
  const site = async () => {
    const broker = await startBroker({
      listen,
      users: [user('a'), user('b'), user('c', { password })],
      clock: new ManualClock(0),
      stale: () => false,
    })
    closing.push(() => broker.close())
    return { broker, url: `mqtts://localhost:${broker.port}` }
  }

  it.each([
    ['its own certificate', true, { clientId: 'a', ...own.a }],
    ['its own certificate and its name', true, { clientId: 'a', username: 'a', ...own.a }],
    ['its own certificate under the name of another', false, { clientId: 'b', ...own.a }],
    ['the certificate of another', false, { clientId: 'a', username: 'a', ...own.b }],
    ['another user name', false, { clientId: 'a', username: 'b', ...own.a }],
    ['no certificate', false, { clientId: 'a', username: 'a' }],
    ['the certificate of another authority', false, { clientId: 'a', ...foreign }],
    ['a password alone where both are wanted', false, { clientId: 'c', username: 'c', password }],
    ['the certificate alone where both are wanted', false, { clientId: 'c', ...ca.issue('c') }],
    ['both where both are wanted', true, { clientId: 'c', username: 'c', password, ...ca.issue('c') }],
    ['a certificate for nobody we know', false, { clientId: 'd', ...ca.issue('d') }],
  ])('of one that comes with %s says %s', async (_, right, options) => {
    const { url } = await site()
    expect(await enters(url, options)).toBe(right)
  })

  it('lets no cabinet in by the door of the gateway', async () => {
    const { broker } = await site()
    const inner = `mqtt://127.0.0.1:${broker.inner}`
    expect(await enters(inner, { clientId: 'a', username: 'a' })).toBe(false)
    expect(await enters(inner, { clientId: 'c', username: 'c', password })).toBe(false)
    expect(await enters(inner, { clientId: 'x', ...broker.gateway })).toBe(true)
  })
})

it('cabinets of both kinds are known by their certificates alone, and are opened', async () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const { reach, during } = brokerTime(clock)
  const wire = { name: 'locker-line:test', clock, transcript: noTranscript }
  const cabinets = [{ board: 1, id: 'a', channels: 8 }]
  const ours = createMqttCabinets(
    { broker: { listen }, prefix: 'shuqiao', cabinets, heartbeatSeconds: 30, mirrorSeconds: 0 },
    wire,
  )
  const theirs = createOpenLockers({ broker: { listen }, cabinets, heartbeatSeconds: 15 }, wire)
  closing.push(
    () => ours.close(),
    () => theirs.close(),
  )
  const to = async (driver: typeof ours | typeof theirs) => ({
    url: `mqtts://localhost:${await driver.listening()}`,
    ca: ca.cert,
    ...own.a,
  })
  const one = await startMqttCabinet({
    line: { ...(await to(ours)), protocol: 4 },
    id: 'a',
    channels: 8,
    clock,
  })
  const other = await startOpenLocker({ line: await to(theirs), id: 'a', channels: 8, clock })
  closing.push(
    () => one.close(),
    () => other.close(),
  )
  await reach(() => ours.health(1).online && theirs.health(1).online)
  for (const driver of [ours, theirs])
    expect(await during(driver.open({ board: 1, channel: 2 }))).toEqual({ ok: true, value: { opened: true } })
})

it('certificates are asked for over TLS alone, and somebody must know each cabinet', () => {
  const { ca: _, ...plain } = listen
  expect(brokerAddress.safeParse({ listen }).success).toBe(true)
  expect(brokerAddress.safeParse({ listen: { port: 0, ca: ca.cert } }).success).toBe(false)
  const cabinets = [{ board: 1, id: 'a', channels: 8 }]
  expect(mqttCabinet.settings.safeParse({ broker: { listen }, cabinets }).success).toBe(true)
  expect(mqttCabinet.settings.safeParse({ broker: { listen: plain }, cabinets }).success).toBe(false)
})
