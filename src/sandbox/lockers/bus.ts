import type { Clock, Millis } from '../../kernel/clock.ts'
import { readRequest, requestLength } from '../../lockers/vendors/xor-board-frames.ts'
import { createBoard, type Reply, type SandboxBoard, type SandboxBoardSettings } from './board.ts'
import { type ConverterSettings, startConverter } from './converter.ts'
import type { SandboxDoor } from './door.ts'
import { noFaults, type SandboxFaults } from './faults.ts'

export interface SandboxBusSettings extends ConverterSettings {
  readonly boards: readonly SandboxBoardSettings[]
  readonly clock: Clock
  /** The demo's reader: shuts every door so many ms after it opened. */
  readonly ghostHand?: { readonly after: Millis }
}

export interface SandboxBus {
  /** Of the converter on 127.0.0.1; 0 when it dials. */
  readonly port: number
  readonly boards: readonly SandboxBoard[]
  readonly faults: SandboxFaults
  door(board: number, channel: number): SandboxDoor
  /** Resolves at the next movement of a door, or of that one. */
  moved(board?: number, channel?: number): Promise<SandboxDoor>
  /** Cabinet without power: no board answers, no connection stands; doors and what is inside stay as they are. */
  power(on: boolean): void
  /** The network cable pulled for a moment. */
  cut(): void
  /** Bytes to and from the network side, and what the boards could not hear because the line was not free. */
  traffic(): { readonly sent: number; readonly received: number; readonly trampled: number }
  /** Questions heard by the boards since the start, oldest first. */
  readonly asked: readonly string[]
  close(): Promise<void>
}

/** One character at 9600 baud 8N1, in ms. */
const character = 1.04
/** Silence that the boards need between the last byte on the line and the next question. */
const silence: Millis = 4
/** Half a question is forgotten after so long. */
const forgets: Millis = 50

/** Several boards on one RS485 line behind a TCP converter, speaking the real bytes over a real socket. */
export const startSandboxBus = async (settings: SandboxBusSettings): Promise<SandboxBus> => {
  const { clock } = settings
  const faults = noFaults()
  const waiting: { matches(door: SandboxDoor): boolean; tell(door: SandboxDoor): void }[] = []
  const asked: string[] = []
  const count = { sent: 0, received: 0, trampled: 0 }
  let powered = true
  let era = 0
  let busyUntil = Number.NEGATIVE_INFINITY
  let partial: Uint8Array = new Uint8Array(0)
  let heardAt = Number.NEGATIVE_INFINITY
  let kept: Uint8Array = new Uint8Array(0)

  const onMove = (door: SandboxDoor): void => {
    const told = waiting.filter(one => one.matches(door))
    for (const one of told) waiting.splice(waiting.indexOf(one), 1)
    for (const one of told) one.tell(door)
    if (settings.ghostHand && door.isOpen()) clock.after(settings.ghostHand.after, () => door.close())
  }
  const boards = settings.boards.map(one => createBoard(one, clock, onMove))

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
      sent[sent.length - 2]! ^= 0x40
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
  /** Composed in the board's own time; a late answer tells of the moment it was composed in. */
  const answer = (reply: Reply): void => {
    const then = era
    const late = faults.late.shift() ?? 0
    const leave = (frame: Uint8Array): void => {
      if (powered && era === then) speak(frame)
    }
    clock.after(reply.after, () => {
      const { frame } = reply
      if (late === 0) leave(frame)
      else clock.after(late, () => leave(frame))
    })
  }
  const ask = (frame: Uint8Array): void => {
    const request = readRequest(frame)!
    if (faults.deaf > 0) {
      faults.deaf -= 1
      return
    }
    const board = boards.find(one => one.address === request.board)
    if (!board || faults.silent.has(board.address)) return
    asked.push(
      `${request.kind} ${request.board}${'lock' in request ? `/${request.lock}` : 'group' in request ? `/${request.group}` : ''}`,
    )
    const reply = board.handle(request)
    if (reply) answer(reply)
  }

  const heard = (bytes: Uint8Array): void => {
    count.received += bytes.length
    if (!powered) return
    if (faults.echo) send(bytes)
    else if (clock.now() < busyUntil + silence) {
      count.trampled += 1
      return
    }
    if (clock.now() - heardAt > forgets) partial = new Uint8Array(0)
    heardAt = clock.now()
    partial = Uint8Array.of(...partial, ...bytes)
    for (let next = cut(partial); next; next = cut(partial)) {
      partial = partial.subarray(next.taken)
      if (next.frame) ask(next.frame)
    }
  }

  const converter = await startConverter(settings, clock, heard)
  const find = (board: number, channel: number): SandboxDoor => {
    const door = boards.find(one => one.address === board)?.doors[channel - 1]
    if (!door) throw new RangeError(`the sandbox has no door ${board}/${channel}`)
    return door
  }

  return {
    port: converter.port,
    boards,
    faults,
    asked,
    door: find,
    moved: (board, channel) =>
      new Promise(tell => {
        waiting.push({
          matches: door =>
            (board === undefined || door.board === board) &&
            (channel === undefined || door.channel === channel),
          tell,
        })
      }),
    power: on => {
      powered = on
      if (!on) era += 1
      converter.power(on)
    },
    cut: converter.cut,
    traffic: () => ({ ...count }),
    close: converter.close,
  }
}

/** The first question in the bytes, or the byte to skip; undefined while it may yet be a question. */
const cut = (bytes: Uint8Array): { readonly taken: number; readonly frame?: Uint8Array } | undefined => {
  if (bytes.length === 0) return undefined
  const lengths = requestLength(bytes)
  if (!lengths) return { taken: 1 }
  for (const length of lengths) {
    const frame = bytes.subarray(0, length)
    if (frame.length === length && readRequest(frame)) return { taken: length, frame }
  }
  return bytes.length >= Math.max(...lengths) ? { taken: 1 } : undefined
}
