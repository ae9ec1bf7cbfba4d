import { setTimeout as pause } from 'node:timers/promises'
import { type Bench, median } from './bench.ts'
import { leastDisturbed } from './host.ts'
import type { Site } from './wire/boards.ts'
import { type Child, startChild, type Usage } from './wire/child.ts'
import type { Openings, Polled } from './wire/lockers.ts'
import type { Forced, Kind, Town } from './wire/town.ts'

const alone = 1468
/** Boards on one line that is never quiet. */
const shared = 32
/** Of one site behind its embedded broker. */
const cabinets = 250
const sites = 6
const lockers = alone + shared + sites * cabinets

const perSecond = { alone: 8, shared: 1, mqtt: 8 }
const seconds = 20
/** Of openings, one after the other; what counts is the median of their p99. */
const rounds = 3
/** Those in which the host takes the CPU are done again. */
const mostRounds = 7
/** As docs/running.md advises for a gateway with so many lockers. */
const started = ['--max-semi-space-size=8', '--v8-pool-size=1']
/** Before and after the lockers connect, so that both are measured in the same state. */
const settles = 1500
const mostBytes = 60 * 1024
/** Beyond the board's own time, in ms. */
const mostWaiting = 150
const untilAllAnswer = 10_000
/** Doors of each kind that are broken open, so far apart; the simulated hand shuts each after three seconds. */
const broken = 8
const betweenBreaks = 60
const stayOpen = 3000
/** For either half: a machine that is busy with other things measures nothing. */
const deadline = 200_000

/** From the command to the answer of the simulated board: its pulse, and what it thinks. */
const own: Readonly<Record<Kind, number>> = { alone: 320, shared: 320, mqtt: 300 }
const kinds = Object.keys(own) as Kind[]

/** Puts the boards up, connects the gateway with them, and waits until each has been looked at. */
const town = async (
  { boards, gateway }: Sides,
  name: string,
  lines: readonly number[],
  counts: readonly number[],
): Promise<void> => {
  const ports = await boards.ask<number[]>('converters', lines)
  const serial = ports.map((port, i) => ({ port, boards: lines[i]! }))
  const given: Town = { name, serial, sites: counts }
  const brokers = await gateway.ask<Site[]>('connect', given)
  await Promise.all(brokers.map(site => boards.ask('cabinets', site)))
  await gateway.ask('start')
  const all = [...lines, ...counts].reduce((sum, one) => sum + one, 0)
  const until = performance.now() + untilAllAnswer
  for (;;) {
    const polled = await gateway.ask<Polled>('polled')
    if (polled.answering === all || performance.now() > until) return
    await pause(200)
  }
}

interface Sides {
  readonly boards: Child
  readonly gateway: Child
}

/** Doors broken open one after the other: how long until the gateway has said so, by kind, in ms; those never seen. */
const burglary = async ({ boards, gateway }: Sides) => {
  const victims = await gateway.ask<Forced[]>('victims', broken)
  const at = new Map<string, number>()
  for (const one of victims) {
    at.set(one.locker, await boards.ask<number>('force', one))
    await pause(betweenBreaks)
  }
  await pause(stayOpen)
  const noticed = await gateway.ask<Record<string, number>>('noticed')
  const after = (kind: Kind): number[] =>
    victims
      .filter(one => one.kind === kind)
      .map(one => (noticed[one.locker] ?? Number.POSITIVE_INFINITY) - at.get(one.locker)!)
      .toSorted((a, b) => a - b)
  return Object.fromEntries(kinds.map(kind => [kind, after(kind)])) as Record<Kind, number[]>
}

const townLines = [...Array.from({ length: alone }, () => 1), shared]
const townSites = Array.from({ length: sites }, () => cabinets)

/** Three lockers first: what the program itself loads and compiles is no locker's cost. */
const quietly = async (pair: Sides): Promise<Openings> => {
  const { gateway } = pair
  await gateway.ask('open')
  await town(pair, 'quiet', [1, 2], [1])
  const quiet = await gateway.ask<Openings>('opens', {
    perSecond: { alone: 0.5, shared: 1, mqtt: 0.5 },
    seconds: 4,
  })
  await gateway.ask('stop')
  await pause(settles)
  return quiet
}

/** What a locker costs that is connected and looked at. */
const memory = async (pair: Sides): Promise<number> => {
  await quietly(pair)
  const empty = await pair.gateway.ask<Usage>('usage')
  await town(pair, 'town', townLines, townSites)
  await pause(settles)
  const full = await pair.gateway.ask<Usage>('usage')
  return (full.resident - empty.resident) / lockers
}

interface Round {
  readonly opened: Openings
  readonly polled: Polled
  /** In use. */
  readonly cores: number
  readonly boardsCores: number
}

const round = async ({ boards, gateway }: Sides): Promise<Round> => {
  const [cpu, boardsCpu] = [await gateway.ask<number>('spent'), await boards.ask<number>('spent')]
  await gateway.ask('polled')
  const opened = await gateway.ask<Openings>('opens', { perSecond, seconds })
  const polled = await gateway.ask<Polled>('polled')
  return {
    opened,
    polled,
    cores: ((await gateway.ask<number>('spent')) - cpu) / polled.seconds,
    boardsCores: ((await boards.ask<number>('spent')) - boardsCpu) / polled.seconds,
  }
}

/** A gateway that is left alone but for the lockers: nobody tidies its memory up in between. */
const working = async (pair: Sides) => {
  const { gateway } = pair
  const quiet = await quietly(pair)
  const empty = await gateway.ask<Usage>('usage')
  const begun = performance.now()
  await town(pair, 'town', townLines, townSites)
  const startedIn = performance.now() - begun
  await pause(settles)
  const { best, leftOut } = await leastDisturbed(rounds, mostRounds, () => round(pair))
  const forced = await burglary(pair)
  const after = await gateway.ask<Usage>('usage')
  return {
    quiet,
    all: best.map(one => one.value),
    taken: best.map(one => one.seconds.toFixed(1)).join(' '),
    leftOut,
    forced,
    startedIn,
    resident: after.resident,
    perLocker: (after.resident - empty.resident) / lockers,
    liveAfter: (after.live - empty.live) / lockers,
  }
}

/** With sides of their own, which end with it. */
const between = async <T>(act: (pair: Sides) => Promise<T>): Promise<T> => {
  const boards = startChild('boards')
  const gateway = startChild('lockers', started)
  try {
    return await Promise.race([act({ boards, gateway }), tooLate()])
  } finally {
    await gateway.close()
    await boards.close()
  }
}

const names: Readonly<Record<Kind, string>> = {
  alone: 'a board alone on its line',
  shared: `one of ${shared} boards on a line`,
  mqtt: `one of ${cabinets} cabinets behind a broker`,
}
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`
/** Over the time of the board itself. */
const over = (kind: Kind, { took }: Openings, part: 'p50' | 'p99'): number => took[kind][part] - own[kind]
const overall = (kind: Kind, all: readonly Round[], part: 'p50' | 'p99'): number =>
  median(all.map(({ opened }) => over(kind, opened, part)))
const each = (all: readonly Round[], of: (one: Round) => number, digits = 0): string =>
  all.map(one => of(one).toFixed(digits)).join(' ')

const tooLate = async (): Promise<never> => {
  await pause(deadline, undefined, { ref: false })
  throw new Error(`B9 was not done within ${deadline / 1000} s: the machine is too busy`)
}

/**
 * B9: the service of the lockers and the simulated boards are two processes that share the machine. The service looks as
 * it does by default: at a quiet board every 1.5 s, at a quiet cabinet that tells of its doors itself every 30 s and as soon
 * as it tells, twice a second at either while somebody is there. It is started as docs/running.md advises.
 */
export const bench: Bench = {
  id: 'B9',
  title: `${lockers} lockers connected and polled, half behind ${sites} embedded brokers, half behind serial converters`,
  goal: '<= 60 KiB a locker, an opening p99 <= 150 ms over the time of the board',
  run: async () => {
    const perLocker = await between(memory)
    const { quiet, all, taken, leftOut, forced, startedIn, ...after } = await between(working)
    const waited = Math.max(...kinds.map(kind => overall(kind, all, 'p99')))
    const wrong = all.flatMap(({ opened }) => opened.wrong)
    const answering = Math.min(...all.map(({ polled }) => polled.answering))
    const right = wrong.length === 0 && answering === lockers
    const fits = Math.max(perLocker, after.perLocker) <= mostBytes
    const count = all.reduce(
      (sum, { opened }) => kinds.reduce((n, kind) => n + opened.took[kind].count, sum),
      0,
    )
    const looks = (one: Round): number => one.polled.looks / one.polled.seconds
    return {
      ratio: Math.min(
        ...kinds.map(kind => quiet.took[kind].p50 / median(all.map(({ opened }) => opened.took[kind].p50))),
      ),
      met: right && fits && waited <= mostWaiting,
      detail: {
        'lockers that answer': answering,
        'openings, and those that failed': `${count} ${wrong.length}`,
        ...(wrong.length > 0 ? { 'the first to fail': wrong[0]! } : {}),
        ...Object.fromEntries(
          kinds.map(kind => [
            `an opening at ${names[kind]} over its own ${own[kind]} ms, p50 and p99, ms`,
            `${overall(kind, all, 'p50').toFixed(0)} ${overall(kind, all, 'p99').toFixed(0)} (p99 of each round ${each(
              all,
              one => over(kind, one.opened, 'p99'),
            )}; p50 of a quiet gateway ${over(kind, quiet, 'p50').toFixed(0)})`,
          ]),
        ),
        'CPU the host gave to others in each round, s': taken,
        ...(leftOut > 0 ? { 'rounds left out because it gave more': leftOut } : {}),
        'memory a locker, connected': kib(perLocker),
        'memory a locker after the openings': `${kib(after.perLocker)}, ${kib(after.liveAfter)} of it live objects`,
        'memory of the process then': `${(after.resident / 1024 / 1024).toFixed(0)} MiB`,
        'looks a second': each(all, looks),
        'looks without an answer': each(all, one => one.polled.missed),
        ...Object.fromEntries(
          kinds.map(kind => [
            `between two looks at ${names[kind]}, median and longest, s`,
            all
              .at(-1)!
              .polled.every[kind].map(value => (value / 1000).toFixed(1))
              .join(' '),
          ]),
        ),
        ...Object.fromEntries(
          kinds.map(kind => [
            `from a door broken open at ${names[kind]} until it is known, median and longest, s`,
            [forced[kind][Math.floor(broken / 2)]!, forced[kind].at(-1)!]
              .map(value => (Number.isFinite(value) ? (value / 1000).toFixed(1) : 'never'))
              .join(' '),
          ]),
        ),
        'CPU of the gateway for each look, openings included, ms': each(
          all,
          one => (one.cores * 1000) / looks(one),
          2,
        ),
        'cores used by the gateway and by the boards': `${median(all.map(one => one.cores)).toFixed(2)} ${median(all.map(one => one.boardsCores)).toFixed(2)}`,
        'all connected and seen after, s': (startedIn / 1000).toFixed(1),
      },
    }
  },
}
