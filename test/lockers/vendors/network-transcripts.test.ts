import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import mqtt from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import type { Ids } from '../../../src/kernel/ids.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { KeepsPlaces, LockerDriver } from '../../../src/lockers/locker.ts'
import { startBroker } from '../../../src/lockers/transport/mqtt-broker.ts'
import { createMqttCabinets } from '../../../src/lockers/vendors/mqtt-cabinet.ts'
import { createOpenLockers } from '../../../src/lockers/vendors/open-locker.ts'
import { startMqttCabinet } from '../../../src/sandbox/lockers/mqtt-cabinet.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { brokerTime, turns } from '../broker-time.ts'
import { bearer, type CloudVariant, cloudRigs, sudiyi } from './cloud-rig.ts'

const cloudRig = cloudRigs()
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** What differs from run to run, and what nobody else may see. */
const masks: Readonly<Record<string, string>> = {
  now: '<time>',
  exp: '<time>',
  at: '<time>',
  until: '<time>',
  timestamp: '<time>',
  expiresat: '<time>',
  date: '<time>',
  'webhook-timestamp': '<time>',
  uptime: '<seconds>',
  uptime_seconds: '<seconds>',
  sig: '<signature>',
  'webhook-signature': '<signature>',
  authorization: '<signature>',
  'content-md5': '<digest>',
  'idempotency-key': '<key>',
  hash: '<hash>',
  notify_url: '<address>',
}
const masked = (text: string): string =>
  text === ''
    ? ''
    : JSON.stringify(JSON.parse(text), (key, value) => masks[key.toLowerCase()] ?? (value as unknown))

const counting = (): Ids => {
  let count = 0
  const next = (): string => {
    count += 1
    return `id-${count}`
  }
  return { next, digits: length => '1'.repeat(length) } as Ids
}

/** Ids of ours, counted from where they are first seen. */
const renumbered = (lines: readonly string[]): string => {
  const seen = new Map<string, string>()
  return lines.join('').replace(/\bid-\d+/g, id => {
    if (!seen.has(id)) seen.set(id, `id-${seen.size + 1}`)
    return seen.get(id)!
  })
}

/** A broker with somebody who reads everything that is said on it, and the one line that is served there. */
const onBroker = async () => {
  const clock = new ManualClock('2026-11-23T00:00:00Z')
  const broker = await startBroker({
    listen: { host: '127.0.0.1', port: 0 },
    users: [],
    clock,
    stale: () => false,
  })
  closing.push(broker.close)
  const url = `mqtt://127.0.0.1:${broker.inner}`
  const lines: string[] = []
  const listen = async (): Promise<void> => {
    const ear = mqtt.connect(url, { protocolVersion: 4, clientId: 'ear', ...broker.gateway })
    closing.push(() => new Promise<void>(resolve => ear.end(true, {}, () => resolve())))
    ear.on('message', (topic, payload, { retain }) => {
      if (retain) return
      lines.push(`${topic.endsWith('/command') ? '>' : '<'} ${topic} ${masked(payload.toString())}\n`)
    })
    await ear.subscribeAsync('#', { qos: 1 })
    await turns()
  }
  return { clock, url, broker, lines, listen, ...brokerTime(clock) }
}

const key = new Uint8Array(32).fill(7)
const wireOf = (clock: ManualClock) => ({ name: 'locker-line:test', clock, transcript: noTranscript })

/** A door is opened, read and shut; then it jams and is tried once more. */
const scene = async (
  driver: LockerDriver,
  hand: { close(): void; jam(): void },
  { during, pass }: Pick<ReturnType<typeof brokerTime>, 'during' | 'pass'>,
): Promise<void> => {
  const door = { board: 1, channel: 2 }
  await during(driver.open(door))
  await pass(200)
  await during(driver.read(1))
  hand.close()
  await pass(200)
  hand.jam()
  await pass(1000)
  await during(driver.open(door))
  await pass(200)
}

const ourCabinet = async (): Promise<string> => {
  const site = await onBroker()
  const { clock, url, broker, reach, during, pass } = site
  const commandKey = 'the key of this cabinet, thirty-two characters or more'
  const driver = createMqttCabinets(
    {
      broker: { url, ...broker.gateway, protocol: '3.1.1' },
      prefix: 'shuqiao',
      cabinets: [{ board: 1, id: 'guanqian-1', channels: 3, commandKey }],
      heartbeatSeconds: 30,
      mirrorSeconds: 0,
    },
    wireOf(clock),
    counting(),
  )
  const line = { url, ...broker.gateway, protocol: 4 as const }
  const cabinet = await startMqttCabinet({
    line,
    id: 'guanqian-1',
    channels: 3,
    clock,
    key,
    commandKey,
    heartbeat: 3_600_000,
  })
  closing.push(
    () => driver.close(),
    () => cabinet.close(),
  )
  driver.onEvent(async () => {})
  await reach(() => driver.health(1).online)
  await pass(2000)
  await site.listen()
  const hand = { close: () => cabinet.door(2).close(), jam: () => (cabinet.door(2).jammed = true) }
  await scene(driver, hand, site)
  const code = { id: 'code-1', door: { board: 1, channel: 1 }, hash: 'h'.repeat(43), until: 9e12 }
  await during(driver.putCode(code))
  await during(driver.heldCodes(1))
  await during(driver.removeCode(1, 'code-1'))
  await turns()
  return renumbered(site.lines)
}

const openCabinet = async (): Promise<string> => {
  const site = await onBroker()
  const { clock, url, broker, reach, pass } = site
  const hardware = {
    adapterType: 'rs485_lock_board',
    channelCount: 8,
    feedbackType: 'door_closing',
    compartments: [1, 2, 3].map(number => ({ number, slaveId: 1, address: number - 1 })),
  } as const
  const driver = createOpenLockers(
    {
      broker: { url, ...broker.gateway, protocol: '3.1.1' },
      cabinets: [
        {
          board: 1,
          id: 'guanqian-1',
          channels: 3,
          hardware: { ...hardware, compartments: [...hardware.compartments] },
        },
      ],
      heartbeatSeconds: 600,
    },
    wireOf(clock),
    counting(),
  )
  closing.push(() => driver.close())
  driver.onEvent(async () => {})
  await reach(() => driver.up())
  await site.listen()
  const line = { url, ...broker.gateway }
  const cabinet = await startOpenLocker({ line, id: 'guanqian-1', channels: 3, clock, heartbeat: 600_000 })
  closing.push(() => cabinet.close())
  await reach(() => driver.health(1).online && cabinet.appliedHash !== undefined)
  await pass(500)
  const hand = { close: () => cabinet.door(2).close(), jam: () => (cabinet.door(2).jammed = true) }
  await scene(driver, hand, site)
  return renumbered(site.lines)
}

const cloud = async (variant: CloudVariant, places: boolean): Promise<string> => {
  const lines: string[] = []
  const rig = await cloudRig({
    ...variant,
    answers: 'later',
    hears: (direction, head, headers, body) => {
      const shown = Object.keys(headers).length === 0 ? '' : ` ${masked(JSON.stringify(headers))}`
      const path = head.replace(/hooks\/.*/, 'hooks/<secret>').replace(/R-\d+/, 'R-1')
      lines.push(`${direction} ${path}${shown} ${masked(body)}`.trimEnd(), '\n')
    },
  })
  const { driver, far, during, pass, listen } = rig
  listen()
  await during(driver.read(4))
  const door = far.door('gusu-02', 2)
  const at = {
    ...driver,
    open: () => driver.open({ board: 4, channel: 2 }),
    read: () => driver.read(4, true),
  }
  await scene(at, { close: () => door.close(), jam: () => (door.jammed = true) }, rig)
  if (places) {
    const keeps = driver as typeof driver & KeepsPlaces
    keeps.onPlace(async () => {})
    const wish = {
      reference: 'R-1',
      door: { board: 4, channel: 1 },
      size: 'small',
      until: rig.clock.now() + 3_600_000,
    } as const
    const asked = await during(keeps.keepPlace(wish))
    await pass(2000)
    const number = asked.ok ? asked.value.number : undefined
    const place = { board: 4, reference: 'R-1', ...(number ? { number } : {}) }
    await during(keeps.placeNow(place))
    await during(keeps.letGo(place))
  }
  return lines.join('')
}

const library = { name: '姑苏区图书馆', mobile: '0512-65228855' }

/** A transcript that is not there yet is written when SHUQIAO_WRITE_TRANSCRIPTS is set. */
describe('what is said over the network when a door opens, is read and jams', () => {
  const scenes = {
    'mqtt-cabinet': ourCabinet,
    'open-locker': openCabinet,
    'vendor-cloud': () => cloud({ signing: bearer, settings: () => ({ places: { form: 'general' } }) }, true),
    'vendor-cloud-sudiyi': () =>
      cloud(
        { signing: sudiyi, settings: notifyUrl => ({ places: { form: 'sudiyi', notifyUrl, library } }) },
        true,
      ),
  }
  for (const [name, play] of Object.entries(scenes))
    it(`is for ${name} what it was, word by word`, async () => {
      const file = new URL(`../../../fixtures/lockers/${name}.transcript`, import.meta.url)
      const now = await play()
      expect(now).not.toMatch(/thirty-two characters|secret of the library|key-of-the-library|nobody-guesses/)
      if (!existsSync(file) && process.env.SHUQIAO_WRITE_TRANSCRIPTS) writeFileSync(file, now)
      expect(now).toBe(readFileSync(file, 'utf8'))
    })
})
