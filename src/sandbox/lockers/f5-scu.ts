import type { Millis } from '../../kernel/clock.ts'
import { answerFrame, requestAt, type ScuRequest } from '../../lockers/vendors/f5-scu-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxScuSettings {
  readonly address: number
  readonly channels: number
  /** Firmware that pulses but says nothing to an opening. */
  readonly muteOpening?: boolean
}

const thinks: Millis = 15

export const scuBoards: SandboxFamily<ScuRequest, SandboxScuSettings> = {
  requestAt,
  addressOf: request => request.board,
  named: ({ kind, board }) => `${kind} ${board}/1`,
  board: ({ address, muteOpening }, { clock, moved }) => {
    const door = createDoor(address, 1, clock, moved)
    return {
      address,
      doors: [door],
      handle: ({ kind }) => {
        if (kind === 'open') door.pulse()
        if (kind === 'open' && muteOpening) return undefined
        return reply(thinks, () => answerFrame({ board: address, closed: !door.isOpen() }))
      },
    }
  },
}
