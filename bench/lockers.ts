import { setTimeout as pause } from 'node:timers/promises'
import type { Bench } from './bench.ts'
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
const seconds = 25
/** As docs/running.md advises for a gateway with so many lockers. */
const started = ['--max-semi-space-size=8']
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
/** All in all: a machine that is busy with other things measures nothing. */
const deadline = 75_000

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

const measured = async (pair: Sides) => {
  const { boards, gateway } = pair
  await gateway.ask('open')
  await town(pair, 'quiet', [1, 2], [1])
  const quiet = await gateway.ask<Openings>('opens', {
    perSecond: { alone: 0.5, shared: 1, mqtt: 0.5 },
    seconds: 4,
  })
  await gateway.ask('stop')
  await pause(settles)
  const empty = await gateway.ask<Usage>('usage')
  const begun = performance.now()
  const lines = [...Array.from({ length: alone }, () => 1), shared]
  await town(
    pair,
    'town',
    lines,
    Array.from({ length: sites }, () => cabinets),
  )
  const startedIn = performance.now() - begun
  await pause(settles)
  const full = await gateway.ask<Usage>('usage')
  const boardsBefore = await boards.ask<Usage>('usage')
  await gateway.ask('polled')
  const opened = await gateway.ask<Openings>('opens', { perSecond, seconds })
  const polled = await gateway.ask<Polled>('polled')
  const after = await gateway.ask<Usage>('usage')
  const boardsAfter = await boards.ask<Usage>('usage')
  const forced = await burglary(pair)
  return {
    quiet,
    opened,
    polled,
    forced,
    startedIn,
    resident: after.resident,
    perLocker: (full.resident - empty.resident) / lockers,
    perLockerAfter: (after.resident - empty.resident) / lockers,
    liveAfter: (after.live - empty.live) / lockers,
    cpu: (after.cpu - full.cpu) / polled.seconds,
    boardsCpu: (boardsAfter.cpu - boardsBefore.cpu) / polled.seconds,
  }
}

const names: Readonly<Record<Kind, string>> = {
  alone: 'a board alone on its line',
  shared: `one of ${shared} boards on a line`,
  mqtt: `one of ${cabinets} cabinets behind a broker`,
}
const kib = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`
const over = (kind: Kind, { took }: Openings): string =>
  `${(took[kind].p50 - own[kind]).toFixed(0)} ${(took[kind].p99 - own[kind]).toFixed(0)}`

const tooLate = async (): Promise<never> => {
  await pause(deadline, undefined, { ref: false })
  throw new Error(`B9 was not done within ${deadline / 1000} s: the machine is too busy`)
}

/**
 * B9: the service of the lockers and the simulated boards are two processes that share the machine. The service looks as
 * it does by default: at a quiet board every 1.5 s, at a quiet cabinet that tells of its doors itself every 5 s and as soon
 * as it tells, twice a second at either while somebody is there. It is started as docs/running.md advises.
 */
export const bench: Bench = {
  id: 'B9',
  title: `${lockers} lockers connected and polled, half behind ${sites} embedded brokers, half behind serial converters`,
  goal: '<= 60 KiB a locker, an opening p99 <= 150 ms over the time of the board',
  run: async () => {
    const boards = startChild('boards')
    const gateway = startChild('lockers', started)
    try {
      const got = await Promise.race([measured({ boards, gateway }), tooLate()])
      const { quiet, opened, polled } = got
      const waited = Math.max(...kinds.map(kind => opened.took[kind].p99 - own[kind]))
      const memory = Math.max(got.perLocker, got.perLockerAfter)
      const right = opened.wrong.length === 0 && polled.answering === lockers
      return {
        ratio: Math.min(...kinds.map(kind => quiet.took[kind].p50 / opened.took[kind].p50)),
        met: right && memory <= mostBytes && waited <= mostWaiting,
        detail: {
          'lockers that answer': polled.answering,
          'openings, and those that failed': `${kinds.reduce((n, kind) => n + opened.took[kind].count, 0)} ${opened.wrong.length}`,
          ...(opened.wrong.length > 0 ? { 'the first to fail': opened.wrong[0]! } : {}),
          ...Object.fromEntries(
            kinds.map(kind => [
              `an opening at ${names[kind]} over its own ${own[kind]} ms, p50 and p99, ms`,
              `${over(kind, opened)} (quiet ${over(kind, quiet)})`,
            ]),
          ),
          'memory a locker, connected': kib(got.perLocker),
          'memory a locker after the openings': `${kib(got.perLockerAfter)}, ${kib(got.liveAfter)} of it live objects`,
          'memory of the process then': `${(got.resident / 1024 / 1024).toFixed(0)} MiB`,
          'looks a second': Math.round(polled.looks / polled.seconds),
          'looks without an answer': polled.missed,
          ...Object.fromEntries(
            kinds.map(kind => [
              `between two looks at ${names[kind]}, median and longest, s`,
              polled.every[kind].map(value => (value / 1000).toFixed(1)).join(' '),
            ]),
          ),
          ...Object.fromEntries(
            kinds.map(kind => [
              `from a door broken open at ${names[kind]} until it is known, median and longest, s`,
              [got.forced[kind][Math.floor(broken / 2)]!, got.forced[kind].at(-1)!]
                .map(value => (Number.isFinite(value) ? (value / 1000).toFixed(1) : 'never'))
                .join(' '),
            ]),
          ),
          'CPU of the gateway for each look, openings included, ms': (
            (got.cpu * 1000 * polled.seconds) /
            polled.looks
          ).toFixed(2),
          'cores used by the gateway and by the boards': `${got.cpu.toFixed(2)} ${got.boardsCpu.toFixed(2)}`,
          'all connected and seen after, s': (got.startedIn / 1000).toFixed(1),
        },
      }
    } finally {
      await gateway.close()
      await boards.close()
    }
  },
}
