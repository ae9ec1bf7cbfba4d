import type { Millis } from '../../kernel/clock.ts'
import { checked, xor } from '../../lockers/transport/bytes.ts'
import {
  boardFrame,
  type Contact,
  contactFrame,
  type GroupOrder,
  groupFrame,
  requestAt,
  type XorRequest,
} from '../../lockers/vendors/xor-board-frames.ts'
import { createDoor, type SandboxDoor } from './door.ts'
import { type BoardParts, type Reply, reply, type SandboxBoard, type SandboxFamily } from './line.ts'

export interface SandboxBoardSettings {
  readonly address: number
  readonly channels: number
  /** When the feedback contact is shorted. */
  readonly shortedWhen?: 'closed' | 'open'
  readonly bitOneMeans?: 'open' | 'closed'
  readonly groupOrder?: GroupOrder
}

/** From the end of a question to the start of its answer. */
const thinks: Millis = 20
/** Length of a pulse; the feedback contact is read when it is over. */
const pulse: Millis = 300
const betweenPulses: Millis = 300

/** A board of the XOR family. The answer is composed when it is due, so it tells the contact of that moment. */
const createBoard = (
  settings: SandboxBoardSettings,
  { clock, moved }: BoardParts,
): SandboxBoard<XorRequest> => {
  const { address, channels, shortedWhen = 'closed', bitOneMeans = 'open', groupOrder } = settings
  const doors = Array.from({ length: channels }, (_, i) => createDoor(address, i + 1, clock, moved))
  const contact = (door: SandboxDoor): Contact =>
    door.isOpen() === (shortedWhen === 'open') ? 'shorted' : 'not-shorted'
  const set = (): number[] =>
    doors.filter(door => door.isOpen() === (bitOneMeans === 'open')).map(door => door.channel)

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
        return reply(thinks + pulse, () => contactFrame('open', address, request.lock, contact(door)))
      }
      case 'open-many':
        for (const lock of request.locks) doors[lock - 1]?.pulse()
        return undefined
      case 'read-one': {
        const door = doors[request.lock - 1]
        return door && reply(thinks, () => contactFrame('read-one', address, request.lock, contact(door)))
      }
      case 'read-board':
        return reply(thinks, () => boardFrame(address, channels, set(), groupOrder))
      case 'read-group':
        return reply(thinks, () => groupFrame(address, request.group, set()))
    }
  }
  /** Custom firmware only. */
  const push = (): Uint8Array => checked(xor, 0x82, address, 1, contact(doors[0]!) === 'shorted' ? 0x11 : 0)
  return { address, doors, handle, push }
}

export const xorBoards: SandboxFamily<XorRequest, SandboxBoardSettings> = {
  requestAt,
  addressOf: request => request.board,
  named: request =>
    `${request.kind} ${request.board}${'lock' in request ? `/${request.lock}` : 'group' in request ? `/${request.group}` : ''}`,
  board: createBoard,
}
