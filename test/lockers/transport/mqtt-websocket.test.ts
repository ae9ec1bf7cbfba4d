import { createServer } from 'node:https'
import { Aedes } from 'aedes'
import { afterEach, expect, it } from 'vitest'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { createMqttCabinets, mqttCabinet } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { authority } from '../../harness/certificates.ts'
import { until } from '../../harness/until.ts'
import { brokerTime } from '../broker-time.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const ca = authority('site')
const server = ca.issue('broker', { names: ['localhost'] })

/** A broker that is reached through WebSockets over TLS, as some sites have it behind their web server. */
const startWebBroker = async () => {
  const broker = await Aedes.createBroker()
  const web = createServer({ cert: server.cert, key: server.key })
  const sockets = new WebSocketServer({ server: web, path: '/mqtt' })
  sockets.on('connection', socket => {
    const stream = createWebSocketStream(socket)
    stream.on('error', () => {})
    broker.handle(stream)
  })
  await new Promise<void>(resolve => web.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const client of sockets.clients) client.terminate()
  }
  closing.push(async () => {
    cut()
    await new Promise<void>(resolve => broker.close(() => resolve()))
    web.closeAllConnections()
    await new Promise(resolve => web.close(resolve))
  })
  const bound = web.address()
  const port = typeof bound === 'object' && bound ? bound.port : 0
  return { url: `wss://localhost:${port}/mqtt`, cut }
}

const line = (url: string, known: string) => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const driver = createMqttCabinets(
    mqttCabinet.settings.parse({
      broker: { url, ca: known, protocol: '3.1.1' },
      cabinets: [{ board: 1, id: 'a', channels: 8 }],
    }) as Parameters<typeof createMqttCabinets>[0],
    { name: 'locker-line:test', clock, transcript: noTranscript },
  )
  closing.push(() => driver.close())
  return { clock, driver, ...brokerTime(clock) }
}

it('a line reaches its broker through WebSockets over TLS, opens a door, and comes back when it is cut', async () => {
  const { url, cut } = await startWebBroker()
  const { clock, driver, reach, during } = line(url, ca.cert)
  const cabinet = await startMqttCabinet({
    line: { url, protocol: 4, ca: ca.cert },
    id: 'a',
    channels: 8,
    clock,
  })
  closing.push(() => cabinet.close())
  await reach(() => driver.health(1).online)
  expect(await during(driver.open({ board: 1, channel: 2 }))).toEqual({ ok: true, value: { opened: true } })
  cut()
  await until(() => !driver.up())
  await reach(() => driver.up() && driver.health(1).online)
  expect(await during(driver.open({ board: 1, channel: 3 }))).toEqual({ ok: true, value: { opened: true } })
})

it('a line does not speak with a broker whose certificate it does not know, through WebSockets either', async () => {
  const { url } = await startWebBroker()
  const { driver, pass } = line(url, authority('somebody').cert)
  await pass(3000)
  expect(driver.up()).toBe(false)
  expect(await driver.open({ board: 1, channel: 1 })).toMatchObject({ ok: false })
})
