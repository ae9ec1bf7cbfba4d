import { globSync, readFileSync } from 'node:fs'
import { type Socket, connect as tcpConnect } from 'node:net'
import fc from 'fast-check'
import mqtt, { type MqttClient } from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { type BrokerUser, startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { bucket, packetMeter } from '../../../src/lockers/transport/mqtt-meter.ts'
import { freshCommand } from '../../../src/lockers/transport/mqtt-place.ts'
import { until } from '../../harness/until.ts'
import { turns } from '../broker-time.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const user = (id: string): BrokerUser => ({
  id,
  password: `password of ${id}`,
  mayPublish: new Set([`s/${id}/status`, `s/${id}/event`]),
  maySubscribe: new Set([`s/${id}/command`]),
})

const site = async () => {
  const clock = new ManualClock(1_000_000_000_000)
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    users: [user('a'), user('b')],
    clock,
    stale: (topic, payload) => topic.endsWith('/command') && !freshCommand(payload, clock.now()),
  })
  closing.push(() => broker.close())
  return { clock, broker }
}

interface Party {
  readonly client: MqttClient
  readonly heard: string[]
  closed: boolean
  refusal: string | undefined
  connected: boolean
}
const party = (port: number, options: mqtt.IClientOptions): Party => {
  const client = mqtt.connect({ host: '127.0.0.1', port, protocolVersion: 4, reconnectPeriod: 0, ...options })
  const it: Party = { client, heard: [], closed: false, refusal: undefined, connected: false }
  client.on('connect', () => {
    it.connected = true
  })
  client.on('error', error => {
    it.refusal = error.message
  })
  client.on('close', () => {
    it.closed = true
  })
  client.on('message', (topic, payload) => it.heard.push(`${topic} ${payload}`))
  closing.push(() => new Promise(resolve => client.end(true, {}, () => resolve())))
  return it
}
const cabinet = (port: number, id: string, options: mqtt.IClientOptions = {}): Party =>
  party(port, { clientId: id, username: id, password: `password of ${id}`, ...options })

const joined = async (it: Party): Promise<Party> => {
  await until(() => it.connected || it.closed)
  expect(it.refusal).toBeUndefined()
  return it
}
const gatewayAt = (broker: Awaited<ReturnType<typeof site>>['broker']) =>
  joined(party(broker.inner, { clientId: 'shuqiao-1', ...broker.gateway }))

describe('the broker inside the program', () => {
  it.each([
    ['a wrong password', { username: 'a', password: 'password of b', clientId: 'a' }],
    ['no password', { username: 'a', clientId: 'a' }],
    ['nobody in particular', { clientId: 'a' }],
    ['an empty password', { username: 'a', password: '', clientId: 'a' }],
    ['the name of another', { username: 'a', password: 'password of a', clientId: 'b' }],
    ["the gateway's name", { username: 'shuqiao-gateway', password: 'password of a', clientId: 'x' }],
    [
      'a user called as a property of every object',
      { username: '__proto__', password: 'x', clientId: '__proto__' },
    ],
  ])('lets nobody in with %s', async (_, options) => {
    const { broker } = await site()
    const it = party(broker.port, options)
    await until(() => it.closed)
    expect(it.connected).toBe(false)
    expect(it.refusal).toMatch(/authorized/i)
    expect(broker.refused()).toBeGreaterThan(0)
  })

  it('says to a client of MQTT 5 that it does not know it', async () => {
    const { broker } = await site()
    const it = cabinet(broker.port, 'a', { protocolVersion: 5 })
    await until(() => it.closed)
    expect(it.refusal).toMatch(/protocol version/i)
  })

  it('cuts off a cabinet that writes where it may not, and the others hear nothing of it', async () => {
    const { broker } = await site()
    const gateway = await gatewayAt(broker)
    await gateway.client.subscribeAsync('s/#')
    const [a, b] = await Promise.all([joined(cabinet(broker.port, 'a')), joined(cabinet(broker.port, 'b'))])
    await b.client.subscribeAsync('s/b/command')
    for (const topic of ['s/b/command', 's/b/status', 's/a/command', '$SYS/x']) {
      const again = a.closed ? await joined(cabinet(broker.port, 'a')) : a
      again.client.publish(topic, '{"now":1}')
      await until(() => again.closed)
    }
    await turns()
    expect([b.heard, gateway.heard]).toEqual([[], []])
    expect(b.closed).toBe(false)
    await b.client.publishAsync('s/b/status', 'on', { qos: 1 })
    await until(() => gateway.heard.length > 0)
    expect(gateway.heard).toEqual(['s/b/status on'])
  })

  it('does not let a will speak for another', async () => {
    const { broker } = await site()
    const gateway = await gatewayAt(broker)
    await gateway.client.subscribeAsync('s/#')
    const will = { topic: 's/b/status', payload: Buffer.from('offline'), qos: 1, retain: true } as const
    const a = await joined(cabinet(broker.port, 'a', { will }))
    a.client.stream.destroy()
    await until(() => a.closed)
    const b = await joined(cabinet(broker.port, 'b'))
    await b.client.publishAsync('s/b/event', 'still here', { qos: 1 })
    await until(() => gateway.heard.length > 0)
    expect(gateway.heard).toEqual(['s/b/event still here'])
  })

  it('lets a cabinet hear its own commands alone', async () => {
    const { clock, broker } = await site()
    const gateway = await gatewayAt(broker)
    const a = await joined(cabinet(broker.port, 'a'))
    for (const topic of ['s/b/command', 's/+/command', '#', '$SYS/#']) {
      const granted = await a.client.subscribeAsync(topic).catch(() => 'refused')
      expect(
        granted === 'refused' || (granted as mqtt.ISubscriptionGrant[]).every(one => one.qos === 128),
      ).toBe(true)
    }
    await a.client.subscribeAsync('s/a/command')
    const command = JSON.stringify({ now: clock.now() })
    await gateway.client.publishAsync('s/b/command', command, { qos: 1 })
    await gateway.client.publishAsync('s/a/command', command, { qos: 1 })
    await until(() => a.heard.length > 0)
    expect(a.heard).toEqual([`s/a/command ${command}`])
  })

  it('does not hand on a command that was kept for a cabinet until nobody stands before it any more', async () => {
    const { clock, broker } = await site()
    const gateway = await gatewayAt(broker)
    const first = await joined(cabinet(broker.port, 'a', { clean: false }))
    await first.client.subscribeAsync('s/a/command', { qos: 1 })
    first.client.stream.destroy()
    await until(() => first.closed)
    const old = JSON.stringify({ now: clock.now() })
    await gateway.client.publishAsync('s/a/command', old, { qos: 1 })
    await clock.advance(3_600_000)
    const second = await joined(cabinet(broker.port, 'a', { clean: false }))
    const fresh = JSON.stringify({ now: clock.now() })
    await gateway.client.publishAsync('s/a/command', fresh, { qos: 1 })
    await until(() => second.heard.length > 0)
    expect(second.heard).toEqual([`s/a/command ${fresh}`])
  })

  it('ends a connection at the first bytes of a packet that is too large', async () => {
    const { broker } = await site()
    const a = await joined(cabinet(broker.port, 'a'))
    const b = await joined(cabinet(broker.port, 'b'))
    a.client.publish('s/a/event', Buffer.alloc(70_000))
    await until(() => a.closed)
    const stranger = await new Promise<Socket>(resolve => {
      const socket = tcpConnect(broker.port, '127.0.0.1', () => resolve(socket))
    })
    let ended = false
    stranger.on('close', () => {
      ended = true
    })
    stranger.on('error', () => {})
    stranger.write(Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0x7f))
    await until(() => ended)
    expect(b.closed).toBe(false)
  })

  it('reads one that floods more slowly, and the others as before', async () => {
    const { clock, broker } = await site()
    const gateway = await gatewayAt(broker)
    await gateway.client.subscribeAsync('s/#')
    const [a, b] = await Promise.all([joined(cabinet(broker.port, 'a')), joined(cabinet(broker.port, 'b'))])
    for (let i = 0; i < 5000; i++) a.client.publish('s/a/event', `flood ${i}`.padEnd(2000, '.'))
    await until(() => gateway.heard.length > 10)
    await turns(2000)
    const passed = gateway.heard.filter(one => one.startsWith('s/a/')).length
    expect(passed).toBeLessThan(1500)
    await b.client.publishAsync('s/b/event', 'heard at once', { qos: 1 })
    await until(() => gateway.heard.includes('s/b/event heard at once'))
    for (let second = 0; second < 200; second++) {
      await clock.advance(1000)
      await turns(5)
    }
    await until(() => gateway.heard.filter(one => one.startsWith('s/a/')).length === 5000)
  })

  it('rejects where its port is taken', async () => {
    const { clock, broker } = await site()
    const again = startBroker({
      listen: { host: '127.0.0.1', port: broker.port },
      users: [],
      clock,
      stale: () => false,
    })
    await expect(again).rejects.toThrow(/EADDRINUSE/)
  })

  it('and its client are not loaded before a line of lockers asks for them', () => {
    const loading = globSync('src/**/*.ts').filter(file =>
      /^import (?!type )[^\n]*'(mqtt|aedes)'/m.test(readFileSync(file, 'utf8')),
    )
    expect(loading).toEqual([])
  })
})

describe('the meter of packets', () => {
  const packet = (length: number): number[] => {
    const bytes = [0x30]
    let rest = length
    do {
      const low = rest % 128
      rest = Math.floor(rest / 128)
      bytes.push(rest > 0 ? low | 0x80 : low)
    } while (rest > 0)
    return [...bytes, ...new Array<number>(length).fill(0xff)]
  }

  it('counts packets however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(300), { maxLength: 20 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
        (lengths, cuts) => {
          const bytes = Uint8Array.from(lengths.flatMap(packet))
          const meter = packetMeter(300)
          let counted = 0
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const next = at + cuts[i % cuts.length]!
            const taken = meter.take(bytes.subarray(at, next))
            counted += typeof taken === 'number' ? taken : Number.NaN
            at = next
          }
          expect(counted).toBe(lengths.length)
        },
      ),
    )
  })

  it('knows one that is too large before its body comes, and a length that never ends', () => {
    expect(packetMeter(100).take(Uint8Array.from(packet(100)))).toBe(1)
    expect(packetMeter(100).take(Uint8Array.of(0x30, 101))).toBe('too-large')
    expect(packetMeter(300_000_000).take(Uint8Array.of(0x30, 0x80, 0x80, 0x80, 0x80))).toBe('garbled')
  })

  it('lets a burst pass and then so many a second', () => {
    const clock = new ManualClock(0)
    const some = bucket(clock, 3, 2)
    expect([1, 2, 3, 4].map(() => some.take(1))).toEqual([true, true, true, false])
    clock.jump(500)
    expect([some.take(1), some.take(1)]).toEqual([true, false])
    clock.jump(-1_000_000)
    expect(some.take(1)).toBe(false)
  })
})
