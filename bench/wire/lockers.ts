import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createLockers, type LockerSite, type Lockers } from '../../src/gateway/lockers/lockers.ts'
import { migrate, openStore, type Store } from '../../src/gateway/store/db.ts'
import { createPersonal, newPersonalKeys, parsePersonalKeys } from '../../src/gateway/store/personal.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { noTranscript } from '../../src/kernel/transcript.ts'
import type { LockerDriver } from '../../src/lockers/locker.ts'
import { createMqttCabinets } from '../../src/lockers/vendors/mqtt-cabinet.ts'
import { mqttCabinetSettings } from '../../src/lockers/vendors/mqtt-cabinet-settings.ts'
import { xorBoard } from '../../src/lockers/vendors/xor-board.ts'
import type { Site } from './boards.ts'
import { serveParent, spent, usage } from './child.ts'
import { atRate, type Latency } from './pace.ts'
import { cabinetName, cabinetPassword, doors, type Forced, type Kind, type Town } from './town.ts'

/** The service of the lockers over its store, its lines and embedded brokers, as `serve` puts them together. */

/** What polling came to since it was asked last. */
export interface Polled {
  /** Lockers whose latest look brought an answer, and those looked at at all. */
  readonly answering: number
  readonly seen: number
  /** Looks that brought an answer, and those that did not. */
  readonly looks: number
  readonly missed: number
  readonly seconds: number
  /** Between two looks at the same locker, in ms, at the median and the longest. */
  readonly every: Readonly<Record<Kind, readonly [number, number]>>
}

export interface Openings {
  /** From when it was due until somebody at the door is told that it is open. */
  readonly took: Readonly<Record<Kind, Latency>>
  /** Why an opening was not answered with `open`. */
  readonly wrong: readonly string[]
}

const libraryId = 'bench'
const folder = mkdtempSync(join(tmpdir(), 'shuqiao-lockers-'))
const ids = createIds(systemClock)

interface Place {
  readonly line: Forced['line']
  readonly board: number
  readonly site: LockerSite
  readonly kind: Kind
  lookedAt: number | undefined
  answered: boolean
}

let store: Store | undefined
let lockers: Lockers | undefined
let lines = new Map<string, LockerDriver>()
let places: Place[] = []
/** When each locker was first said to be otherwise than it was shown, since it was asked last. */
const changed = new Map<string, number>()
let since = performance.now()
let count = { looks: 0, missed: 0 }
let between: Record<Kind, number[]> = { alone: [], shared: [], mqtt: [] }

const placeAt = (line: string, board: number, kind: Kind, where: Forced['line']): Place => ({
  line: where,
  board,
  site: {
    id: `${line}/${board}`,
    libraryId,
    name: { zh: `${line}柜${board}`, en: `Locker ${line} ${board}` },
    place: '平江路 1 号',
    phone: '0512-00000000',
    line,
    compartments: Array.from({ length: doors }, (_, i) => ({
      id: `A${i + 1}`,
      label: `${i + 1}`,
      size: 'small' as const,
      row: Math.floor(i / 3) + 1,
      column: (i % 3) + 1,
      board,
      channel: i + 1,
      accessible: false,
    })),
  },
  kind,
  lookedAt: undefined,
  answered: false,
})

/** The driver, with its looks counted. */
const counted = (driver: LockerDriver, of: readonly Place[]): LockerDriver => {
  const byBoard = new Map(of.map(one => [one.site.compartments[0]!.board, one]))
  return {
    ...driver,
    read: async (board, urgent) => {
      const answer = await driver.read(board, urgent)
      const place = byBoard.get(board)!
      const now = performance.now()
      if (place.lookedAt !== undefined) between[place.kind].push(now - place.lookedAt)
      place.lookedAt = now
      place.answered = answer.ok
      count[answer.ok ? 'looks' : 'missed'] += 1
      return answer
    },
  }
}

const take = (
  line: string,
  driver: LockerDriver,
  boards: number,
  kind: Kind,
  where: Forced['line'],
): void => {
  const of = Array.from({ length: boards }, (_, i) => placeAt(line, i + 1, kind, where))
  lines.set(line, counted(driver, of))
  places.push(...of)
}

const wireOf = (name: string) => ({ name, clock: systemClock, transcript: noTranscript })

const open = async (): Promise<void> => {
  store = openStore(`sqlite:${join(folder, 'bench.sqlite')}`, { exclusive: true })
  await migrate(store)
  await busyBefore(store)
}

/** As in a gateway that has run for a while: the thread that moves the log into the file has begun. */
const busyBefore = async ({ db }: Store): Promise<void> => {
  const values = Array.from({ length: 2500 }, (_, i) => ({
    name: `before-${i}`,
    owner: '',
    fence: 0,
    until: 0,
  }))
  await db.insertInto('lease').values(values).execute()
  await db.deleteFrom('lease').execute()
}

/** Dials every converter and starts the brokers; gives these as the cabinets know them. */
const connect = async ({ name, serial, sites }: Town): Promise<Site[]> => {
  lines = new Map()
  places = []
  for (const [i, { port, boards }] of serial.entries()) {
    const line = `${name}-${i}`
    const address = { dial: { host: '127.0.0.1', port } }
    const all = Array.from({ length: boards }, (_, b) => ({ address: b + 1, channels: doors }))
    const driver = orThrow(xorBoard.create({ address, boards: all }, wireOf(line)))
    take(line, driver, boards, boards === 1 ? 'alone' : 'shared', i)
  }
  return Promise.all(sites.map((count, i) => broker(`${name}-site-${i}`, count)))
}

const broker = async (name: string, count: number): Promise<Site> => {
  const settings = mqttCabinetSettings.parse({
    broker: { listen: { port: 0 } },
    cabinets: Array.from({ length: count }, (_, i) => ({
      board: i + 1,
      id: cabinetName(name, i),
      channels: doors,
      password: cabinetPassword(i),
    })),
  })
  const line = createMqttCabinets(settings, wireOf(name))
  take(name, line, count, 'mqtt', name)
  return { name, port: (await line.listening())!, count }
}

const start = async (): Promise<void> => {
  lockers = createLockers({
    store: store!,
    clock: systemClock,
    ids,
    personal: createPersonal(parsePersonalKeys(newPersonalKeys(randomBytes))),
    lines,
    sites: places.map(one => one.site),
    ingest: async () => {},
    changed: id => {
      if (!changed.has(id)) changed.set(id, systemClock.now())
    },
  })
  await lockers.start()
}

const stop = async (): Promise<void> => {
  await lockers?.stop()
  await Promise.all([...lines.values()].map(line => line.close()))
  lockers = undefined
  lines = new Map()
  places = []
  polled()
}

const spread = (values: readonly number[]): readonly [number, number] => {
  const sorted = values.toSorted((a, b) => a - b)
  return [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0]
}

const polled = (): Polled => {
  const now = performance.now()
  const result = {
    answering: places.filter(one => one.answered).length,
    seen: places.filter(one => one.lookedAt !== undefined).length,
    ...count,
    seconds: (now - since) / 1000,
    every: {
      alone: spread(between.alone),
      shared: spread(between.shared),
      mqtt: spread(between.mqtt),
    },
  }
  since = now
  count = { looks: 0, missed: 0 }
  between = { alone: [], shared: [], mqtt: [] }
  return result
}

/** Staff open doors from afar, the next locker each time, evenly and whether or not the earlier ones are answered. */
const opens = async (given: {
  perSecond: Readonly<Record<Kind, number>>
  seconds: number
}): Promise<Openings> => {
  const wrong: string[] = []
  const one = async ({ site }: Place, number: number): Promise<void> => {
    const compartmentId = `A${(number % doors) + 1}`
    const act = { lockerId: site.id, compartmentId, actor: 'staff:bench', reason: 'bench' } as const
    const answer = await lockers!.remoteOpen(act)
    if (answer.signal !== 'open') wrong.push(`${site.id}: ${answer.problem?.code ?? answer.signal}`)
  }
  const of = (kind: Kind): Promise<Latency> => {
    const here = places.filter(place => place.kind === kind)
    return atRate(here, given.perSecond[kind], given.seconds, one)
  }
  const [alone, shared, mqtt] = await Promise.all([of('alone'), of('shared'), of('mqtt')])
  return { took: { alone, shared, mqtt }, wrong }
}

/** So many quiet lockers of each kind, whose doors may be broken open. */
const victims = (each: number): Forced[] => {
  changed.clear()
  return (['alone', 'shared', 'mqtt'] as const).flatMap(kind => {
    const here = places.filter(place => place.kind === kind)
    return here.slice(-each).map(({ site, line, board }) => ({ locker: site.id, kind, line, board }))
  })
}
const noticed = (): Readonly<Record<string, number>> => Object.fromEntries(changed)

// Thousands of lines are not closed one by one: they end with the process.
serveParent({ open, connect, start, stop, polled, opens, victims, noticed, spent, usage }, () =>
  rmSync(folder, { recursive: true, force: true }),
)
