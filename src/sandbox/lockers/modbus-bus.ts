import type { Clock, Millis } from '../../kernel/clock.ts'
import {
  answerBytes,
  cutRequest,
  type HeardRequest,
  type ModbusFraming,
} from '../../lockers/vendors/modbus-envelope.ts'
import type { ModbusRequest } from '../../lockers/vendors/modbus-frames.ts'
import { type ConverterSettings, startConverter } from './converter.ts'
import type { SandboxDoor } from './door.ts'
import { noFaults, type SandboxFaults } from './faults.ts'
import {
  createModbusBoard,
  type SandboxModbusBoard,
  type SandboxModbusBoardSettings,
} from './modbus-board.ts'

export interface SandboxModbusSettings extends ConverterSettings {
  readonly framing: ModbusFraming
  readonly boards: readonly SandboxModbusBoardSettings[]
  readonly clock: Clock
}

export interface SandboxModbusFaults extends SandboxFaults {
  /** Codes with which the next questions are refused; nothing happens at the door. */
  readonly exceptions: number[]
}

export interface SandboxModbusBus {
  /** On 127.0.0.1; 0 when the converter dials. */
  readonly port: number
  readonly boards: readonly SandboxModbusBoard[]
  readonly faults: SandboxModbusFaults
  board(unit: number): SandboxModbusBoard
  door(unit: number, channel: number): SandboxDoor
  /** Without power no board answers and every relay falls off; doors stay as they are. */
  power(on: boolean): void
  cut(): void
  traffic(): { readonly sent: number; readonly received: number; readonly trampled: number }
  /** What the boards were asked since the start, oldest first: `pulse 1/3`, `read-inputs 2`. Channels count from 1. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

const thinks: Millis = 8
/** One character at 9600 baud 8N1, in ms. */
const character = 1.04
/** Silence a serial board needs before a question: 3.5 characters. */
const silence: Millis = 4
const forgets: Millis = 50

/** Relay boards behind a transparent converter (`rtu`) or behind a Modbus TCP gateway (`tcp`), over a real socket. */
export const startModbusBus = async (settings: SandboxModbusSettings): Promise<SandboxModbusBus> => {
  const { clock, framing } = settings
  const faults: SandboxModbusFaults = { ...noFaults(), exceptions: [] }
  const asked: string[] = []
  const count = { sent: 0, received: 0, trampled: 0 }
  let powered = true
  let era = 0
  let busyUntil = Number.NEGATIVE_INFINITY
  let heardAt = Number.NEGATIVE_INFINITY
  let partial: Uint8Array = new Uint8Array(0)
  let kept: Uint8Array = new Uint8Array(0)
  const boards = settings.boards.map(one => createModbusBoard(one, clock, () => {}))

  const send = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return
    count.sent += bytes.length * converter.clients
    converter.broadcast(bytes)
    busyUntil = clock.now()
  }
  const speak = (frame: Uint8Array): void => {
    if (faults.mute > 0) {
      faults.mute -= 1
      return
    }
    const sent = Uint8Array.from(frame)
    if (faults.corrupt > 0) {
      faults.corrupt -= 1
      // The CRC on a line; over TCP, which has none, the transaction.
      sent[framing === 'rtu' ? sent.length - 2 : 0]! ^= 0x40
    }
    const bytes = Uint8Array.of(...faults.noise, ...kept, ...sent)
    kept = new Uint8Array(0)
    if (faults.glue > 0) {
      faults.glue -= 1
      kept = bytes
    } else if (faults.breakAfter !== undefined) {
      send(bytes.subarray(0, faults.breakAfter))
      faults.breakAfter = undefined
      converter.cut()
    } else if (faults.split) {
      bytes.forEach((_, i) => {
        clock.after(Math.ceil(i * character), () => send(bytes.subarray(i, i + 1)))
      })
    } else send(bytes)
  }
  const ask = (request: ModbusRequest, transaction: number): void => {
    if (faults.deaf > 0) {
      faults.deaf -= 1
      return
    }
    const board = boards.find(one => one.unit === request.unit)
    if (!board || faults.silent.has(board.unit)) return
    asked.push(named(request, settings.boards.find(one => one.unit === request.unit)?.firstRelay ?? 0))
    const code = faults.exceptions.shift()
    const answer = code === undefined ? board.handle(request) : ({ kind: 'exception', code } as const)
    const then = era
    clock.after(thinks + (faults.late.shift() ?? 0), () => {
      if (powered && era === then) speak(answerBytes(framing, request, answer, transaction))
    })
  }
  const heard = (bytes: Uint8Array): void => {
    count.received += bytes.length
    if (!powered) return
    if (faults.echo) send(bytes)
    else if (framing === 'rtu' && clock.now() < busyUntil + silence) {
      count.trampled += 1
      return
    }
    if (clock.now() - heardAt > forgets) partial = new Uint8Array(0)
    heardAt = clock.now()
    partial = Uint8Array.of(...partial, ...bytes)
    for (let next = nextOf(partial); next; next = nextOf(partial)) {
      partial = partial.subarray(next.taken)
      if (next.request) ask(next.request, next.transaction ?? 0)
    }
  }
  const nextOf = (bytes: Uint8Array): HeardRequest | undefined => cutRequest(framing, bytes)

  const converter = await startConverter(settings, clock, heard)
  const boardOf = (unit: number): SandboxModbusBoard => {
    const board = boards.find(one => one.unit === unit)
    if (!board) throw new RangeError(`the sandbox has no board ${unit}`)
    return board
  }
  return {
    port: converter.port,
    boards,
    faults,
    asked,
    board: boardOf,
    door: (unit, channel) => {
      const door = boardOf(unit).doors[channel - 1]
      if (!door) throw new RangeError(`the sandbox has no door ${unit}/${channel}`)
      return door
    },
    power: on => {
      powered = on
      if (!on) {
        era += 1
        for (const board of boards) board.cutPower()
      }
      converter.power(on)
    },
    cut: converter.cut,
    traffic: () => ({ ...count }),
    close: converter.close,
  }
}

const named = (request: ModbusRequest, firstRelay: number): string =>
  'coil' in request
    ? `${request.kind} ${request.unit}/${request.coil - firstRelay + 1}`
    : `${request.kind} ${request.unit}`
