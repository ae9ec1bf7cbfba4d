import type { Millis } from '../../kernel/clock.ts'
import { answerFrame, requestAt, type WinnsenRequest } from '../../lockers/vendors/winnsen-frames.ts'
import { createDoor } from './door.ts'
import { reply, type SandboxFamily } from './line.ts'

export interface SandboxWinnsenSettings {
  /** Station. */
  readonly address: number
  readonly channels: number
  /** Later firmware: a lock that was pulsed so many ms ago or less is not pulsed again. */
  readonly coolDown?: Millis
}

const thinks: Millis = 30
const pulse: Millis = 300

export const winnsenBoards: SandboxFamily<WinnsenRequest, SandboxWinnsenSettings> = {
  requestAt,
  addressOf: request => request.station,
  named: ({ kind, station, lock }) => `${kind} ${station}/${lock}`,
  board: ({ address, channels, coolDown = 0 }, { clock, moved }) => {
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    const pulsed = new Map<number, Millis>()
    return {
      address,
      doors,
      handle: request => {
        const door = doors[request.lock - 1]
        if (!door) return undefined
        const state = (): Uint8Array => answerFrame({ ...request, status: door.isOpen() ? 1 : 0 })
        if (request.kind === 'read') return reply(thinks, state)
        if (clock.now() - (pulsed.get(request.lock) ?? Number.NEGATIVE_INFINITY) <= coolDown)
          return reply(thinks, () => answerFrame({ ...request, status: 0 }))
        pulsed.set(request.lock, clock.now())
        door.pulse()
        return reply(thinks + pulse, state)
      },
    }
  },
}
