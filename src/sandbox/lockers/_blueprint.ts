/** A simulator to copy: the boards of `src/lockers/vendors/_blueprint.ts`, with doors that move. */
import type { Millis } from '../../kernel/clock.ts'
import { answerFrame, type BlueprintRequest, requestAt } from '../../lockers/vendors/_blueprint.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxBlueprintSettings {
  readonly address: number
  readonly channels: number
}

const thinks: Millis = 20

export const blueprintBoards: SandboxFamily<BlueprintRequest, SandboxBlueprintSettings> = {
  requestAt,
  addressOf: request => request.board,
  named: ({ kind, board, lock }) => `${kind} ${board}/${lock}`,
  board: ({ address, channels }, { clock, moved }) => {
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    return {
      address,
      doors,
      handle: ({ kind, lock }) => {
        const door = doors[lock - 1]
        if (kind === 'open') door?.pulse()
        return door && reply(thinks, () => answerFrame({ board: address, lock, open: door.isOpen() }))
      },
    }
  },
}
