import type { Clock, Millis } from '../../kernel/clock.ts'
import { hearersOf } from '../transport/broker-line.ts'
import type { Heard } from '../transport/mqtt-link.ts'
import { createPresence, type Presence } from '../transport/presence.ts'
import type { Teller } from '../transport/tell.ts'
import { createIntake, type Intake } from './mqtt-cabinet-events.ts'
import {
  type CabinetAnswer,
  type CabinetDoors,
  type CabinetTopics,
  readAnswer,
  readBeat,
  readDoors,
  readEvent,
  readStatus,
  topicsOf,
} from './mqtt-cabinet-messages.ts'

/** One cabinet as the driver knows it. */
export interface Cabinet {
  readonly board: number
  /** Its name on the broker. */
  readonly id: string
  readonly channels: number
  readonly commandKey: string | undefined
  readonly topics: CabinetTopics
  readonly presence: Presence
  readonly intake: Intake
  /** What to do with a message of each of its topics. */
  readonly hearers: ReadonlyMap<string, (heard: Heard) => void>
  readonly pulsedAt: Map<number, Millis>
  asking: number
  session: string | undefined
  boot: string | undefined
  /** Told live, by this boot, since we connected; only where it is asked for. */
  mirror: CabinetDoors | undefined
}

export interface CabinetOptions {
  readonly line: string
  readonly prefix: string
  readonly clock: Clock
  readonly beat: Millis
  /** Keep what it last told of its doors. */
  readonly mirrored: boolean
  readonly teller: Teller
  kept(to: Cabinet, log: string, seq: number, again: boolean): void
  answered(from: Cabinet, said: CabinetAnswer): void
}

/** A clock further from ours than this is not believed. */
const clockTolerance: Millis = 120_000

/** Listens to one cabinet. What the broker had kept of it is no sign of life and never a reading. */
export const createCabinet = (
  one: {
    readonly board: number
    readonly id: string
    readonly channels: number
    readonly commandKey?: string | undefined
  },
  options: CabinetOptions,
): Cabinet => {
  const { board, channels } = one
  const { clock, teller, line } = options
  const topics = topicsOf(options.prefix, one.id)
  const presence = createPresence({ line, board, clock, beat: options.beat, teller })
  const { hearers, hear } = hearersOf(presence)
  const intake = createIntake({
    line,
    board,
    clock,
    teller,
    kept: (log, seq, again) => options.kept(it, log, seq, again),
  })
  const it: Cabinet = {
    board,
    id: one.id,
    channels,
    commandKey: one.commandKey,
    topics,
    presence,
    intake,
    hearers,
    pulsedAt: new Map(),
    asking: 0,
    session: undefined,
    boot: undefined,
    mirror: undefined,
  }
  const booted = (boot: string): void => {
    if (it.boot === boot) return
    it.boot = boot
    it.mirror = undefined
  }
  hear(topics.answer, readAnswer, (said, retained) => {
    if (retained) return
    presence.heard(said.now)
    if (options.mirrored && said.state === 'done' && said.doors) it.mirror = said.doors
    options.answered(it, said)
  })
  hear(topics.beat, readBeat, (said, retained) => {
    if (retained) return
    booted(said.boot)
    presence.heard(said.now, said.uptime)
  })
  hear(topics.status, readStatus, (said, retained) => {
    if (said.state === 'offline') {
      // A will that comes late speaks of a connection that has long had a successor.
      if (it.session === undefined || it.session === said.session) presence.told('offline')
      return
    }
    it.session = said.session
    booted(said.boot)
    if (retained) presence.told('online')
    else presence.heard(said.now)
    intake.greet()
  })
  hear(topics.doors, readDoors, (said, retained) => {
    if (retained) return
    booted(said.boot)
    presence.heard(said.now)
    if (options.mirrored) it.mirror = said.doors
  })
  hear(topics.event, readEvent, (said, retained) => {
    if (retained) return
    presence.heard(said.now)
    const sure = said.timed && Math.abs(said.now - clock.now()) <= clockTolerance
    intake.take(said, { timed: sure ? 'cabinet' : 'doubtful', receivedAt: clock.now() })
  })
  return it
}
