import { type Clock, pause, systemClock } from '../../src/kernel/clock.ts'
import { type SandboxBus, startSandboxBus } from '../../src/sandbox/lockers/bus.ts'
import { type SandboxMqttCabinet, startMqttCabinet } from '../../src/sandbox/lockers/mqtt-cabinet.ts'
import { serveParent, spent } from './child.ts'
import { cabinetName, cabinetPassword, doors, type Forced } from './town.ts'

/** Simulated boards behind serial converters, and simulated cabinets on a broker; a reader shuts what opened. */

const clock: Clock = systemClock
const ghostHand = { after: 3000 }
const atOnce = 20
/** Who has not been let in by then comes late; so many lockers will not answer. */
const patience = 15_000

/** The boards behind each converter of the latest town, and the cabinets of each site, in order. */
let lines: SandboxBus[] = []
const sites = new Map<string, SandboxMqttCabinet[]>()

/** One converter for each number, with so many boards behind it; gives the ports. */
const converters = async (counts: readonly number[]): Promise<number[]> => {
  lines = []
  for (const count of counts) {
    const boards = Array.from({ length: count }, (_, i) => ({ address: i + 1, channels: doors }))
    lines.push(await startSandboxBus({ boards, clock, ghostHand }))
  }
  return lines.map(one => one.port)
}

export interface Site {
  readonly name: string
  /** Of its broker. */
  readonly port: number
  readonly count: number
}

/** A few at a time, each batch until the broker has let it in. */
const cabinets = async ({ name, port, count }: Site): Promise<void> => {
  const until = clock.now() + patience
  const all: SandboxMqttCabinet[] = []
  sites.set(name, all)
  const url = `mqtt://127.0.0.1:${port}`
  const connected = async (number: number): Promise<void> => {
    const id = cabinetName(name, number)
    const line = { url, username: id, password: cabinetPassword(number), protocol: 4 as const }
    const cabinet = await startMqttCabinet({ line, id, channels: doors, clock, ghostHand })
    all[number] = cabinet
    while (!cabinet.wire.connected() && clock.now() < until) await pause(clock, 10)
  }
  for (let from = 0; from < count; from += atOnce) {
    const next = Math.min(atOnce, count - from)
    await Promise.all(Array.from({ length: next }, (_, i) => connected(from + i)))
  }
}

/** Somebody breaks a door open; gives the instant. `line` is the converter's place in the town, or the site's name. */
const force = ({ line, board }: Forced): number => {
  const door =
    typeof line === 'number' ? lines[line]!.door(board, doors) : sites.get(line)![board - 1]!.door(doors)
  door.force()
  return clock.now()
}

serveParent({ converters, cabinets, force, spent })
