import type { Clock, Millis } from '../../kernel/clock.ts'
import type { CabinetHealth } from '../locker.ts'
import { bucket } from './mqtt-meter.ts'
import type { Teller } from './tell.ts'

/** Whether one cabinet is there, by its heartbeats, its will and whatever else it says. */
export interface Presence {
  /** It said something just now; a message that the broker had kept is no sign of life. */
  heard(now?: Millis, uptimeSeconds?: number): void
  /** Its status on the broker, perhaps kept from another day: `online` is believed until heartbeats are missing. */
  told(state: 'online' | 'offline'): void
  /** Undefined: nothing is known since we connected. */
  there(): boolean | undefined
  /** False: it says too much, and this message is not to be read. */
  maySpeak(): boolean
  drop(): void
  /** We were cut off ourselves and know nothing of it any more. */
  forget(): void
  /** One listener at a time hears when it has come or gone, or we were cut off and do not know. */
  onChange(listener: () => void): () => void
  /** Tells of comings and goings that have lasted; to be called now and then. */
  look(): void
  health(): CabinetHealth
}

export interface PresenceOptions {
  readonly line: string
  readonly board: number
  readonly clock: Clock
  /** Between two heartbeats. */
  readonly beat: Millis
  readonly teller: Teller
}

const missedBeats = 3
/** A short drop of the line is not told. */
const grace: Millis = 20_000
/** Messages of one cabinet that are read at once, and per second in the long run. */
const burst = 400
const perSecond = 50

export const createPresence = ({ line, board, clock, beat, teller }: PresenceOptions): Presence => {
  const speech = bucket(clock, burst, perSecond)
  let state: 'online' | 'offline' | undefined
  let sinceSign: Millis = Number.NEGATIVE_INFINITY
  let goneSince: Millis | undefined
  let told: 'online' | 'offline' | undefined
  let known: boolean | undefined
  let changed: (() => void) | undefined
  let lastHeardAt: Millis | null = null
  let uptimeSeconds: number | null = null
  let clockOffset: Millis | null = null
  let dropped = 0

  const there = (): boolean | undefined => {
    if (state === undefined) return undefined
    return state === 'online' && clock.now() - sinceSign <= missedBeats * beat
  }

  const look = (): void => {
    const now = clock.now()
    const is = there()
    if (is !== known) {
      known = is
      changed?.()
    }
    if (is === undefined) return
    if (is) goneSince = undefined
    else goneSince ??= now
    const tells = is ? 'online' : now - (goneSince ?? now) >= grace ? 'offline' : undefined
    if (tells === undefined || tells === told) return
    const first = told === undefined && tells === 'online'
    const at = tells === 'offline' ? (goneSince ?? now) : now
    const id = `${line}/${board}/${tells}/${at}`
    const event = {
      id,
      board,
      seq: null,
      at,
      timed: 'arrival',
      receivedAt: now,
      what: { kind: tells },
    } as const
    if (first || teller.tell(event)) told = tells
  }

  return {
    heard: (now, uptime) => {
      state = 'online'
      lastHeardAt = clock.now()
      sinceSign = lastHeardAt
      if (now !== undefined) clockOffset = now - lastHeardAt
      if (uptime !== undefined) uptimeSeconds = uptime
      look()
    },
    told: next => {
      if (next === 'online' && state !== 'online') sinceSign = clock.now()
      state = next
      look()
    },
    onChange: listener => {
      changed = listener
      return () => {
        if (changed === listener) changed = undefined
      }
    },
    there,
    maySpeak: () => speech.take(1),
    drop: () => {
      dropped += 1
    },
    forget: () => {
      state = undefined
      goneSince = undefined
      look()
    },
    look,
    health: () => ({ online: there() === true, lastHeardAt, uptimeSeconds, clockOffset, dropped }),
  }
}
