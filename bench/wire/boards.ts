import { type Clock, pause, systemClock } from '../../src/kernel/clock.ts'
import { startSandboxBus } from '../../src/sandbox/lockers/bus.ts'
import { startMqttCabinet } from '../../src/sandbox/lockers/mqtt-cabinet.ts'
import { serveParent, usage } from './child.ts'
import { cabinetName, cabinetPassword, doors } from './town.ts'

/** Simulated boards behind serial converters, and simulated cabinets on a broker; a reader shuts what opened. */

const clock: Clock = systemClock
const ghostHand = { after: 1500 }
const atOnce = 20
/** Who has not been let in by then comes late; so many lockers will not answer. */
const patience = 15_000

/** One converter for each number, with so many boards behind it; gives the ports. */
const converters = async (lines: readonly number[]): Promise<number[]> => {
  const ports: number[] = []
  for (const count of lines) {
    const boards = Array.from({ length: count }, (_, i) => ({ address: i + 1, channels: doors }))
    ports.push((await startSandboxBus({ boards, clock, ghostHand })).port)
  }
  return ports
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
  const url = `mqtt://127.0.0.1:${port}`
  const connected = async (number: number): Promise<void> => {
    const id = cabinetName(name, number)
    const line = { url, username: id, password: cabinetPassword(number), protocol: 4 as const }
    const { wire } = await startMqttCabinet({ line, id, channels: doors, clock, ghostHand })
    while (!wire.connected() && clock.now() < until) await pause(clock, 10)
  }
  for (let from = 0; from < count; from += atOnce) {
    const next = Math.min(atOnce, count - from)
    await Promise.all(Array.from({ length: next }, (_, i) => connected(from + i)))
  }
}

serveParent({ converters, cabinets, usage })
