import type { Millis } from '../../kernel/clock.ts'
import {
  answerFrame,
  requestAt,
  type WklyAnswer,
  type WklyDoor,
  type WklyRequest,
} from '../../lockers/vendors/wkly-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxWklySettings {
  readonly address: number
  readonly channels: number
  /** Firmware that pulses but says nothing to an opening. */
  readonly muteOpening?: boolean
  /** Firmware that tells every change of a door by itself. */
  readonly pushes?: boolean
  /** Answers begin with 53 in place of 57. */
  readonly otherHeader?: boolean
  /** Channels without a feedback contact: their state is FF. */
  readonly blind?: readonly number[]
}

const thinks: Millis = 20
const pulse: Millis = 350

export const wklyBoards: SandboxFamily<WklyRequest, SandboxWklySettings> = {
  requestAt,
  addressOf: request => request.board,
  named: request => `${request.kind} ${request.board}${'lock' in request ? `/${request.lock}` : ''}`,
  board: ({ address, channels, muteOpening, pushes, otherHeader, blind = [] }, { clock, moved, say }) => {
    const doors = Array.from({ length: channels }, (_, index) =>
      createDoor(address, index + 1, clock, door => {
        moved(door)
        if (pushes)
          say(frame({ kind: 'changed', board: address, lock: door.channel, door: stateOf(door.channel) }))
      }),
    )
    const stateOf = (lock: number): WklyDoor =>
      blind.includes(lock) ? 'unknown' : doors[lock - 1]?.isOpen() ? 'open' : 'closed'
    const frame = (answer: WklyAnswer): Uint8Array => {
      const bytes = answerFrame(answer)
      if (!otherHeader) return bytes
      // The check covers the header, so it changes with it.
      return Uint8Array.of(0x53, ...bytes.subarray(1, -1), bytes.at(-1)! ^ 0x57 ^ 0x53)
    }
    return {
      address,
      doors,
      push: () => frame({ kind: 'changed', board: address, lock: 1, door: stateOf(1) }),
      handle: request => {
        const { kind, board } = request
        if (kind === 'read-board')
          return reply(thinks, () =>
            frame({ kind, board, worked: true, doors: doors.map(door => stateOf(door.channel)) }),
          )
        if (kind === 'open-all' || kind === 'open-together' || kind === 'open-in-turn') {
          const locks = 'locks' in request ? request.locks : doors.map(door => door.channel)
          const step = kind === 'open-in-turn' ? pulse : 0
          locks.forEach((lock, index) => {
            clock.after(index * step, () => doors[lock - 1]?.pulse())
          })
          return reply(thinks, () => frame({ kind, board, worked: true }))
        }
        if (!('lock' in request)) return undefined
        const { lock } = request
        const door = doors[lock - 1]
        if (!door) return undefined
        if (kind === 'lamp' || kind === 'hold' || kind === 'release')
          return reply(thinks, () => frame({ kind, board, worked: true, lock }))
        if (kind === 'read-one')
          return reply(thinks, () => frame({ kind, board, worked: true, lock, door: stateOf(lock) }))
        door.pulse()
        if (muteOpening) return undefined
        return reply(pulse + thinks, () => {
          const state = stateOf(lock)
          return frame({ kind, board, worked: state !== 'closed', lock, door: state })
        })
      },
    }
  },
}
