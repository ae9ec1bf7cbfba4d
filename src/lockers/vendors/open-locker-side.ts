import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CabinetHappening } from '../locker.ts'
import { hearersOf } from '../transport/broker-line.ts'
import type { Heard } from '../transport/mqtt-link.ts'
import { createPresence, type Presence } from '../transport/presence.ts'
import { createSeen } from '../transport/seen.ts'
import type { Teller } from '../transport/tell.ts'
import {
  type OpenLockerHardware,
  type OpenLockerResponse,
  type OpenLockerSnapshot,
  type OpenLockerTopics,
  readConnection,
  readEvent,
  readHeartbeat,
  readResponse,
  readSnapshot,
  topicsOf,
} from './open-locker-messages.ts'

type DoorStates = ReadonlyMap<number, 'open' | 'closed' | 'unknown'>

/** One Open-Locker cabinet as the driver knows it. */
export interface OpenCabinet {
  readonly board: number
  readonly channels: number
  readonly topics: OpenLockerTopics
  readonly presence: Presence
  readonly hearers: ReadonlyMap<string, (heard: Heard) => void>
  readonly hardware: OpenLockerHardware | undefined
  readonly pulsedAt: Map<number, Millis>
  /** Undefined: what was told of its doors may be from before it was last switched on. */
  doors(): DoorStates | undefined
  forget(): void
  asking: number
  configuring: boolean
  configuredAt: Millis
  appliedHash: string | undefined
  configFault: string | undefined
}

export interface OpenCabinetOptions {
  readonly line: string
  readonly clock: Clock
  readonly beat: Millis
  readonly teller: Teller
  alive(cabinet: OpenCabinet): void
  answered(from: OpenCabinet, said: OpenLockerResponse): void
}

/** As the contract has it: packet ids are remembered for a day, ten thousand of them. */
const idsKept = 10_000
const idLife: Millis = 86_400_000
/** Whole seconds of uptime, and a clock set by the net: a snapshot so much older than the start still counts. */
const slack: Millis = 5000
const clockTolerance: Millis = 120_000

export const createOpenCabinet = (
  one: {
    readonly board: number
    readonly id: string
    readonly channels: number
    readonly hardware?: OpenLockerHardware | undefined
  },
  options: OpenCabinetOptions,
): OpenCabinet => {
  const { board, channels } = one
  const { clock, teller, line } = options
  const topics = topicsOf(one.id)
  const presence = createPresence({ line, board, clock, beat: options.beat, teller })
  const seen = createSeen(clock, idsKept, idLife)
  const { hearers, hear } = hearersOf(presence)
  let told: { at: Millis; live: boolean; doors: DoorStates } | undefined
  let startedAt: Millis | undefined

  const tell = (id: string, timestamp: string, what: CabinetHappening): void => {
    const receivedAt = clock.now()
    const at = Date.parse(timestamp)
    const sure = at - receivedAt <= clockTolerance
    teller.tell({
      id: `${line}/${board}/${id}`,
      board,
      seq: null,
      at: Math.min(at, receivedAt),
      timed: sure ? 'cabinet' : 'doubtful',
      receivedAt,
      what,
    })
  }
  /** Only what was told live is told on; the state that the broker kept is compared with nothing. */
  const changes = (before: DoorStates, said: OpenLockerSnapshot): void => {
    for (const { compartment_number: channel, door_state } of said.compartments) {
      if (door_state === 'unknown' || channel > channels || before.get(channel) === door_state) continue
      if ((before.get(channel) ?? 'unknown') === 'unknown') continue
      const kind = door_state === 'open' ? 'door-opened' : 'door-closed'
      tell(`${said.message_id}/${channel}`, said.timestamp, { kind, channel })
    }
  }

  const it: OpenCabinet = {
    board,
    channels,
    topics,
    presence,
    hearers,
    hardware: one.hardware,
    pulsedAt: new Map(),
    doors: () => {
      if (!told || startedAt === undefined) return told?.live ? told.doors : undefined
      return told.live || told.at >= startedAt - slack ? told.doors : undefined
    },
    forget: () => {
      presence.forget()
      told = undefined
      startedAt = undefined
    },
    asking: 0,
    configuring: false,
    configuredAt: Number.NEGATIVE_INFINITY,
    appliedHash: undefined,
    configFault: undefined,
  }

  hear(topics.response, readResponse, (said, retained) => {
    if (retained || !seen.first(said.message_id)) return
    presence.heard(Date.parse(said.timestamp))
    options.answered(it, said)
  })
  hear(topics.heartbeat, readHeartbeat, (said, retained) => {
    if (retained || !seen.first(said.message_id)) return
    const at = Date.parse(said.timestamp)
    const started = at - said.uptime_seconds * 1000
    if (startedAt === undefined || started > startedAt + slack) {
      // It was switched on anew: its hardware settings may be gone, and its doors are not known.
      if (startedAt !== undefined) {
        if (told && told.at < started - slack) told = undefined
        it.appliedHash = undefined
        it.configuredAt = Number.NEGATIVE_INFINITY
      }
      startedAt = started
    }
    presence.heard(at, said.uptime_seconds)
    options.alive(it)
  })
  // A kept snapshot comes again with the same message id at each of our connections, and counts each time.
  hear(topics.compartments, readSnapshot, (said, retained) => {
    const doors = new Map(said.compartments.map(door => [door.compartment_number, door.door_state]))
    if (!retained) {
      presence.heard(Date.parse(said.timestamp))
      if (told?.live && seen.first(said.message_id)) changes(told.doors, said)
    }
    told = { at: Date.parse(said.timestamp), live: !retained, doors }
  })
  hear(topics.event, readEvent, (said, retained) => {
    if (retained || !seen.first(said.message_id)) return
    presence.heard(Date.parse(said.timestamp))
    if (said.event === 'tamper_detected') tell(said.message_id, said.timestamp, { kind: 'tamper' })
  })
  // The will carries no time: whoever speaks again is there again.
  hear(topics.connection, readConnection, (_, retained) => {
    if (!retained) presence.told('offline')
  })
  return it
}
