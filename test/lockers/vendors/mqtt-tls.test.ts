import { connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { openMqttLink } from '../../../src/lockers/transport/mqtt-link.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { authority } from '../../harness/certificates.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const ca = authority('cabinets')
const broker = ca.issue('broker', { names: ['localhost'] })
const password = 'quite long enough'

it('a cabinet reaches the broker inside over TLS, and is opened', async () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const { reach, during } = brokerTime(clock)
  const driver = createMqttCabinets(
    {
      broker: { listen: { host: '127.0.0.1', port: 0, cert: broker.cert, key: broker.key } },
      prefix: 'shuqiao',
      cabinets: [{ board: 1, id: 'a', channels: 8, password }],
      heartbeatSeconds: 30,
      mirrorSeconds: 0,
    },
    { name: 'locker-line:test', clock, transcript: noTranscript },
  )
  closing.push(() => driver.close())
  const url = `mqtts://localhost:${await driver.listening()}`
  const cabinet = await startMqttCabinet({
    line: { url, username: 'a', password, protocol: 4, ca: ca.cert },
    id: 'a',
    channels: 8,
    clock,
  })
  closing.push(() => cabinet.close())
  // One that never speaks keeps nobody from coming, nor the broker from ending.
  const mute = connect(Number(new URL(url).port), '127.0.0.1')
  mute.on('error', () => {})
  closing.push(async () => {
    mute.destroy()
  })
  await reach(() => driver.health(1).online)
  expect(await during(driver.open({ board: 1, channel: 2 }))).toEqual({ ok: true, value: { opened: true } })
  await driver.close()
  await until(() => mute.closed || mute.destroyed)
})

it.each([
  ['knows who signed it', ca.cert, true],
  ['knows another authority', authority('somebody').cert, false],
])('a line that %s speaks with a broker accordingly', async (_, known, speaks) => {
  const clock = new ManualClock(0)
  const elsewhere = await startBroker({
    listen: { host: '127.0.0.1', port: 0, cert: broker.cert, key: broker.key },
    users: [],
    clock,
    stale: () => false,
  })
  closing.push(() => elsewhere.close())
  const link = openMqttLink({
    name: 'locker-line:test',
    broker: async () => ({
      url: `mqtts://localhost:${elsewhere.port}`,
      ...elsewhere.gateway,
      ca: known,
      protocol: '3.1.1',
    }),
    topics: ['s/a/status'],
    clock,
    up: () => {},
    down: () => {},
    heard: () => {},
  })
  closing.push(() => link.close())
  await until(() => link.up() || link.lastFault() !== undefined)
  expect(link.up()).toBe(speaks)
  if (!speaks) expect(link.lastFault()).toMatch(/certificate/i)
})
