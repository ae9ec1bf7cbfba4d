import type { Millis } from '../../kernel/clock.ts'
import {
  type Aa55Frame,
  commands,
  frameAt,
  frameOf,
  stateFrame,
} from '../../lockers/vendors/aa55-crc8-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxAa55Settings {
  /** 0 the main cabinet, 1..12 side cabinets. */
  readonly address: number
  readonly channels: number
  readonly bitOneMeans?: 'open' | 'closed'
  /** Firmware that repeats the opening as its answer; other firmware says nothing. */
  readonly answersOpening?: boolean
  /** Two openings on a line closer to each other than this: the supply gives way and the second does nothing. */
  readonly recovers?: Millis
}

const thinks: Millis = 40

export const aa55Boards: SandboxFamily<Aa55Frame, SandboxAa55Settings> = {
  requestAt: bytes => {
    const frame = frameAt(bytes)
    const { command, data } = frame?.value ?? { command: 0, data: [] }
    const asks = command === commands.open ? data.length === 1 || data.length === 2 : data.length < 2
    return frame && asks ? frame : undefined
  },
  addressOf: request => request.board,
  named: ({ board, command, data }) =>
    command === commands.open
      ? `open ${board}/${data[0]! + 1}`
      : command === commands.read
        ? `read ${board}`
        : `${command.toString(16)} ${board}`,
  board: (settings, { clock, moved }) => {
    const { address, channels, bitOneMeans = 'open', answersOpening, recovers = 0 } = settings
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    let pulsedAt = Number.NEGATIVE_INFINITY
    return {
      address,
      doors,
      handle: request => {
        if (request.command === commands.read)
          return reply(thinks, () =>
            stateFrame(
              address,
              channels,
              doors.filter(door => door.isOpen() === (bitOneMeans === 'open')).map(door => door.channel),
            ),
          )
        if (request.command !== commands.open) return undefined
        if (clock.now() - pulsedAt >= recovers) doors[request.data[0]!]?.pulse()
        pulsedAt = clock.now()
        return answersOpening ? reply(thinks, () => frameOf(request)) : undefined
      },
    }
  },
}
