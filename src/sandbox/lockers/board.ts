import type { Clock, Millis } from '../../kernel/clock.ts'
import {
  boardFrame,
  type Contact,
  contactFrame,
  groupFrame,
  type XorRequest,
} from '../../lockers/vendors/xor-board-frames.ts'
import { createDoor, type SandboxDoor, type SandboxDoorInside } from './door.ts'

export interface SandboxBoardSettings {
  readonly address: number
  readonly channels: number
  /** When the feedback contact is shorted. */
  readonly shortedWhen?: 'closed' | 'open'
  readonly bitOneMeans?: 'open' | 'closed'
}

export interface Reply {
  readonly frame: Uint8Array
  readonly after: Millis
}

export interface SandboxBoard {
  readonly address: number
  readonly doors: readonly SandboxDoorInside[]
  /** Does what is asked and says what it will answer and when; undefined: it stays silent. */
  handle(request: XorRequest): Reply | undefined
}

/** From the end of a question to the start of its answer. */
const thinks: Millis = 20
/** Length of a pulse; the feedback contact is read when it is over. */
const pulse: Millis = 300
const betweenPulses: Millis = 300

/** A board of the XOR family. The answer is composed when it is due, so it tells the contact of that moment. */
export const createBoard = (
  settings: SandboxBoardSettings,
  clock: Clock,
  moved: (door: SandboxDoor) => void,
): SandboxBoard => {
  const { address, channels, shortedWhen = 'closed', bitOneMeans = 'open' } = settings
  const doors = Array.from({ length: channels }, (_, i) => createDoor(address, i + 1, clock, moved))
  const contact = (door: SandboxDoor): Contact =>
    door.isOpen() === (shortedWhen === 'open') ? 'shorted' : 'not-shorted'
  const set = (): number[] =>
    doors.filter(door => door.isOpen() === (bitOneMeans === 'open')).map(door => door.channel)
  const later = (after: Millis, frame: () => Uint8Array): Reply => ({
    after,
    get frame() {
      return frame()
    },
  })

  const handle = (request: XorRequest): Reply | undefined => {
    if (request.board !== address) return undefined
    switch (request.kind) {
      case 'open': {
        if (request.lock === 0) {
          doors.forEach((door, i) => {
            clock.after(i * betweenPulses, door.pulse)
          })
          return undefined
        }
        const door = doors[request.lock - 1]
        if (!door) return undefined
        door.pulse()
        return later(thinks + pulse, () => contactFrame('open', address, request.lock, contact(door)))
      }
      case 'open-many':
        for (const lock of request.locks) doors[lock - 1]?.pulse()
        return undefined
      case 'read-one': {
        const door = doors[request.lock - 1]
        return door && later(thinks, () => contactFrame('read-one', address, request.lock, contact(door)))
      }
      case 'read-board':
        return later(thinks, () => boardFrame(address, channels, set()))
      case 'read-group':
        return later(thinks, () => groupFrame(address, request.group, set()))
    }
  }
  return { address, doors, handle }
}
