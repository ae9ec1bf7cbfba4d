import type { Clock, Millis } from '../../kernel/clock.ts'
import type { ModbusAnswer, ModbusFraming, ModbusRequest } from '../../lockers/vendors/modbus-frames.ts'
import { createDoor, type SandboxDoor, type SandboxDoorInside } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'
import { answerBytes, cutRequest } from './modbus-wire.ts'

export interface SandboxModbusBoardSettings {
  readonly address: number
  readonly channels: number
  readonly firstRelay?: number
  readonly firstInput?: number
  /** When the input of a door is active. */
  readonly activeWhen?: 'closed' | 'open'
  /** `momentary`: every relay falls off by itself; `waveshare`: knows the timed pulse; `plain`: neither. */
  readonly relays?: 'waveshare' | 'momentary' | 'plain'
}

/** What there is of a board beyond what is on the wire. */
export interface SandboxRelays {
  /** Relays that stand under power now, by channel; whoever stays here long burns its lock. */
  powered(): ReadonlySet<number>
  /** Relays welded together, by channel: under power whatever is commanded. */
  readonly welded: Set<number>
  /** Its power goes and comes back: every relay falls off, and what was timed is forgotten. */
  restart(): void
  /** As a program would that speaks to it besides us. */
  handle(request: ModbusRequest): ModbusAnswer
}

/** The relays of the boards of one line, by address, and codes with which the next questions are refused. */
export interface ModbusBench {
  readonly relays: Map<number, SandboxRelays>
  readonly exceptions: number[]
}
export const modbusBench = (): ModbusBench => ({ relays: new Map(), exceptions: [] })

interface Heard {
  readonly request: ModbusRequest
  readonly transaction: number
}

const thinks: Millis = 8

/** Relay boards behind a transparent converter (`rtu`) or behind a gateway (`tcp`). */
export const modbusBoards = (
  framing: ModbusFraming,
  bench: ModbusBench = modbusBench(),
): SandboxFamily<Heard, SandboxModbusBoardSettings> => {
  const firstRelays = new Map<number, number>()
  return {
    requestAt: bytes => {
      const heard = cutRequest(framing, bytes)
      return heard?.request
        ? { value: { request: heard.request, transaction: heard.transaction ?? 0 }, length: heard.taken }
        : undefined
    },
    addressOf: ({ request }) => request.unit,
    named: ({ request }) => named(request, firstRelays.get(request.unit) ?? 0),
    board: (settings, { clock, moved }) => {
      const { doors, ...relays } = createRelays(settings, clock, moved)
      bench.relays.set(settings.address, relays)
      firstRelays.set(settings.address, settings.firstRelay ?? 0)
      return {
        address: settings.address,
        doors,
        handle: ({ request, transaction }) => {
          const code = bench.exceptions.shift()
          const answer = code === undefined ? relays.handle(request) : exception(code)
          return reply(thinks, () => answerBytes(framing, request, answer, transaction))
        },
      }
    },
  }
}

/** Whatever releases a lock is an opening. */
const named = (request: ModbusRequest, firstRelay: number): string => {
  if (request.kind === 'pulse' || (request.kind === 'coil' && request.on))
    return `open ${request.unit}/${request.coil - firstRelay + 1}`
  return `${request.kind} ${request.unit}`
}

const exception = (code: number): ModbusAnswer => ({ kind: 'exception', code })
const unknownAddress = exception(2)
const unknownValue = exception(3)
const momentaryPulse: Millis = 400

/** Relays and inputs of one board: a relay drives the lock of a door, an input feels its contact. */
const createRelays = (
  settings: SandboxModbusBoardSettings,
  clock: Clock,
  moved: (door: SandboxDoor) => void,
): SandboxRelays & { readonly doors: readonly SandboxDoorInside[] } => {
  const { address, channels, firstRelay = 0, firstInput = 0, activeWhen = 'closed' } = settings
  const relays = settings.relays ?? 'waveshare'
  const doors = Array.from({ length: channels }, (_, i) => createDoor(address, i + 1, clock, moved))
  const commanded = new Map<number, () => void>()
  const welded = new Set<number>()

  const release = (channel: number): void => {
    commanded.get(channel)?.()
    commanded.delete(channel)
  }
  const energise = (channel: number, length: Millis | undefined): void => {
    release(channel)
    commanded.set(
      channel,
      length === undefined ? () => {} : clock.after(length, () => commanded.delete(channel)),
    )
    doors[channel - 1]!.pulse()
  }
  const releaseAll = (): void => {
    for (const channel of [...commanded.keys()]) release(channel)
  }
  const set = (channel: number, on: boolean): void =>
    on ? energise(channel, relays === 'momentary' ? momentaryPulse : undefined) : release(channel)
  const powered = (): ReadonlySet<number> => new Set([...commanded.keys(), ...welded])

  const bits = (
    first: number,
    { from, count }: { from: number; count: number },
    is: (channel: number) => boolean,
  ): ModbusAnswer =>
    from < first || from + count > first + channels
      ? unknownAddress
      : { kind: 'bits', bits: Array.from({ length: count }, (_, i) => is(from - first + i + 1)) }
  const channelOf = (coil: number): number | undefined =>
    coil >= firstRelay && coil < firstRelay + channels ? coil - firstRelay + 1 : undefined

  const handle = (request: ModbusRequest): ModbusAnswer => {
    switch (request.kind) {
      case 'read-coils':
        return bits(firstRelay, request, channel => powered().has(channel))
      case 'read-inputs':
        return bits(firstInput, request, channel => doors[channel - 1]!.isOpen() === (activeWhen === 'open'))
      case 'coil': {
        const channel = channelOf(request.coil)
        if (channel === undefined) return unknownAddress
        set(channel, request.on)
        return { kind: 'done' }
      }
      case 'coils': {
        if (request.from < firstRelay || request.from + request.on.length > firstRelay + channels)
          return unknownAddress
        for (const [i, on] of request.on.entries()) set(request.from - firstRelay + i + 1, on)
        return { kind: 'done' }
      }
      case 'pulse': {
        if (relays !== 'waveshare') return unknownValue
        const channel = channelOf(request.coil)
        if (channel === undefined) return unknownAddress
        if (request.to === 'on') energise(channel, request.tenths * 100)
        return { kind: 'done' }
      }
      case 'all-off':
        if (relays !== 'waveshare') return unknownAddress
        releaseAll()
        return { kind: 'done' }
    }
  }
  return { doors, powered, welded, restart: releaseAll, handle }
}
