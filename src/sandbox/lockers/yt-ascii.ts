import type { Millis } from '../../kernel/clock.ts'
import { answerFrame, requestAt, type YtRequest } from '../../lockers/vendors/yt-ascii-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxYtSettings {
  readonly address: number
  readonly channels: number
  /** Firmware whose answers bear no check. */
  readonly unchecked?: boolean
  /** Locks whose driver stage is broken: the board says so in an error. */
  readonly broken?: readonly number[]
}

const thinks: Millis = 30

export const ytBoards: SandboxFamily<YtRequest, SandboxYtSettings> = {
  requestAt,
  addressOf: request => request.board,
  named: request => `${request.kind} ${request.board}${'lock' in request ? `/${request.lock}` : ''}`,
  board: ({ address, channels, unchecked = false, broken = [] }, { clock, moved }) => {
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    const say = { board: address, checked: !unchecked }
    const stateOf = (lock: number): number => (doors[lock - 1]?.isOpen() ? 1 : 0)
    return {
      address,
      doors,
      handle: request => {
        const { kind } = request
        const answer = (values: () => readonly number[]) =>
          reply(thinks, () => answerFrame({ ...say, kind, values: values() }))
        if (!('lock' in request))
          return answer(() => (kind === 'ping' ? [] : doors.map(door => stateOf(door.channel))))
        const { lock } = request
        const door = doors[lock - 1]
        if (!door || broken.includes(lock))
          return reply(thinks, () => answerFrame({ ...say, kind: 'error', text: 'LOCK' }))
        if (kind === 'open') door.pulse()
        return answer(() => [kind === 'open' ? lock : stateOf(lock)])
      },
    }
  },
}
