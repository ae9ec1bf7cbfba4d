import type { Clock, Millis } from '../../kernel/clock.ts'
import type { ModbusAnswer, ModbusRequest } from '../../lockers/vendors/modbus-frames.ts'
import { createDoor, type SandboxDoor, type SandboxDoorInside } from './door.ts'

export interface SandboxModbusBoardSettings {
  readonly unit: number
  readonly channels: number
  readonly firstRelay?: number
  readonly firstInput?: number
  /** When the input of a door is active. */
  readonly activeWhen?: 'closed' | 'open'
  /** `momentary`: every relay falls off by itself; `waveshare`: knows the timed pulse; `plain`: neither. */
  readonly relays?: 'waveshare' | 'momentary' | 'plain'
}

export interface SandboxModbusBoard {
  readonly unit: number
  readonly doors: readonly SandboxDoorInside[]
  /** Relays that stand under power now, by channel; whoever stays here long burns its lock. */
  readonly powered: ReadonlySet<number>
  /** Relays welded together, by channel: under power whatever is commanded. */
  readonly welded: Set<number>
  handle(request: ModbusRequest): ModbusAnswer
  /** Relays fall off, pulses end; doors stay as they are. */
  cutPower(): void
}

const exception = (code: number): ModbusAnswer => ({ kind: 'exception', code })
const unknownAddress = exception(2)
const unknownValue = exception(3)
const momentaryPulse: Millis = 400

/** Relays and inputs of one board: a relay drives the lock of a door, an input feels its contact. */
export const createModbusBoard = (
  settings: SandboxModbusBoardSettings,
  clock: Clock,
  moved: (door: SandboxDoor) => void,
): SandboxModbusBoard => {
  const { unit, channels, firstRelay = 0, firstInput = 0, activeWhen = 'closed' } = settings
  const relays = settings.relays ?? 'waveshare'
  const doors = Array.from({ length: channels }, (_, i) => createDoor(unit, i + 1, clock, moved))
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
  return {
    unit,
    doors,
    get powered() {
      return powered()
    },
    welded,
    handle,
    cutPower: releaseAll,
  }
}
