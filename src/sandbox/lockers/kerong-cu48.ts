import type { Millis } from '../../kernel/clock.ts'
import {
  type Cu48Request,
  openedFrame,
  requestAt,
  stateFrame,
} from '../../lockers/vendors/kerong-cu48-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxCu48Settings {
  readonly address: number
  readonly channels: number
  /** Locks whose driver stage is broken: the board knows and says so. */
  readonly broken?: readonly number[]
}

const thinks: Millis = 25

export const cu48Boards: SandboxFamily<Cu48Request, SandboxCu48Settings> = {
  requestAt,
  addressOf: request => request.board,
  named: request => `${request.kind} ${request.board}${'lock' in request ? `/${request.lock}` : ''}`,
  board: ({ address, channels, broken = [] }, { clock, moved }) => {
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    return {
      address,
      doors,
      handle: request => {
        if (request.kind === 'read')
          return reply(thinks, () =>
            stateFrame(
              address,
              channels,
              doors.filter(door => !door.isOpen()).map(door => door.channel),
            ),
          )
        const works = !broken.includes(request.lock)
        const door = doors[request.lock - 1]
        if (works) door?.pulse()
        return door && reply(thinks, () => openedFrame(address, request.lock, works))
      },
    }
  },
}
