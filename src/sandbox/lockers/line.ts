import type { Clock, Millis } from '../../kernel/clock.ts'
import { scan } from '../../lockers/transport/bus.ts'
import { type ConverterSettings, startConverter } from './converter.ts'
import type { SandboxDoor, SandboxDoorInside } from './door.ts'
import { noFaults, type SandboxFaults } from './faults.ts'

export interface Reply {
  readonly frame: Uint8Array
  readonly after: Millis
}

/** An answer composed when it is due, so that it tells of that moment. */
export const reply = (after: Millis, frame: () => Uint8Array): Reply => ({
  after,
  get frame() {
    return frame()
  },
})

export interface SandboxBoard<Request = never> {
  readonly address: number
  readonly doors: readonly SandboxDoorInside[]
  /** Does what is asked and says what it will answer and when; undefined: it stays silent. */
  handle(request: Request): Reply | undefined
  /** What it says unasked of its first lock, as it stands; left out where such boards never do. */
  push?(): Uint8Array
}

/** What every simulated board is made with besides its own settings. */
export interface BoardParts {
  readonly clock: Clock
  moved(door: SandboxDoor): void
  /** Says something unasked, when the line is free of its own answers. */
  say(frame: Uint8Array): void
}

/** A family of boards as the far end of a line: what they understand, and how one of them is made. */
export interface SandboxFamily<Request, Settings> {
  /** The question at the start of the bytes, if all of it is there and its check is right. */
  requestAt(bytes: Uint8Array): { readonly value: Request; readonly length: number } | undefined
  /** The board that is asked; undefined: all of them. */
  addressOf(request: Request): number | undefined
  /** As it stands in `asked`: `open 1/3` for an opening. */
  named(request: Request): string
  board(settings: Settings, parts: BoardParts): SandboxBoard<Request>
}

export interface SandboxLineSettings<Settings> extends ConverterSettings {
  readonly boards: readonly Settings[]
  readonly clock: Clock
  /** The demo's reader: shuts every door so many ms after it opened. */
  readonly ghostHand?: { readonly after: Millis }
}

export interface SandboxBus {
  /** Of the converter on 127.0.0.1; 0 when it dials. */
  readonly port: number
  readonly boards: readonly Pick<SandboxBoard, 'address' | 'doors'>[]
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

/** Bytes that make no question are kept up to here. */
const longestQuestion = 64

/** Several boards of one family on one RS485 line behind a TCP converter: the real bytes over a real socket. */
export const startSandboxLine = async <Request, Settings>(
  family: SandboxFamily<Request, Settings>,
  settings: SandboxLineSettings<Settings>,
): Promise<SandboxBus> => {
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
  const parts: BoardParts = {
    clock,
    moved: onMove,
    say: frame => {
      if (powered) send(frame)
    },
  }
  const boards = settings.boards.map(one => family.board(one, parts))
  const find = scan(family.requestAt)

  const send = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return
    count.sent += bytes.length * converter.clients
    converter.broadcast(bytes)
    busyUntil = clock.now()
  }
  const speak = (frame: Uint8Array, from: SandboxBoard<Request>): void => {
    if (faults.mute > 0) {
      faults.mute -= 1
      return
    }
    const sent = Uint8Array.from(frame)
    if (faults.corrupt > 0) {
      faults.corrupt -= 1
      sent[sent.length - 2]! ^= 0x40
    }
    const push = faults.pushes > 0 ? (from.push?.() ?? []) : []
    if (faults.pushes > 0) faults.pushes -= 1
    const bytes = Uint8Array.of(...faults.noise, ...kept, ...push, ...sent, ...push)
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
  const answer = (due: Reply, from: SandboxBoard<Request>): void => {
    const then = era
    const late = faults.late.shift() ?? 0
    const leave = (frame: Uint8Array): void => {
      if (powered && era === then) speak(frame, from)
    }
    clock.after(due.after, () => {
      const { frame } = due
      if (late === 0) leave(frame)
      else clock.after(late, () => leave(frame))
    })
  }
  const ask = (request: Request): void => {
    if (faults.deaf > 0) {
      faults.deaf -= 1
      return
    }
    const address = family.addressOf(request)
    const asks = boards.filter(
      one => (address === undefined || one.address === address) && !faults.silent.has(one.address),
    )
    if (asks.length > 0) asked.push(family.named(request))
    for (const board of asks) {
      const due = board.handle(request)
      if (due) answer(due, board)
    }
  }

  /** The converter's own words: they are not on the line of the boards. */
  const utter = (bytes: Uint8Array): void => {
    if (bytes.length === 0) return
    count.sent += bytes.length * converter.clients
    converter.broadcast(bytes)
  }
  let beating = false
  const beat = (): void => {
    const { heartbeat } = faults
    if (!heartbeat || beating) return
    beating = true
    clock.after(heartbeat.every, () => {
      beating = false
      if (powered && faults.heartbeat) utter(faults.heartbeat.bytes)
      beat()
    })
  }

  const heard = (bytes: Uint8Array): void => {
    count.received += bytes.length
    if (!powered) return
    beat()
    if (faults.echo) send(bytes)
    else if (clock.now() < busyUntil + silence) {
      count.trampled += 1
      return
    }
    if (clock.now() - heardAt > forgets) partial = new Uint8Array(0)
    heardAt = clock.now()
    partial = Uint8Array.of(...partial, ...bytes)
    for (let next = find(partial); next; next = find(partial)) {
      partial = partial.subarray(next.end)
      ask(next.value)
    }
    partial = partial.subarray(-longestQuestion)
  }

  const converter = await startConverter(settings, clock, heard, () => utter(faults.greeting))
  const doorAt = (board: number, channel: number): SandboxDoor => {
    const door = boards.find(one => one.address === board)?.doors[channel - 1]
    if (!door) throw new RangeError(`the sandbox has no door ${board}/${channel}`)
    return door
  }

  return {
    port: converter.port,
    boards,
    faults,
    asked,
    door: doorAt,
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
