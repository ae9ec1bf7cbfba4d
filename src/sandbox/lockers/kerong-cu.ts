import type { Millis } from '../../kernel/clock.ts'
import { type KerongRequest, requestAt, stateFrame } from '../../lockers/vendors/kerong-cu-frames.ts'
import { createDoor } from './door.ts'
import { type Reply, reply, type SandboxFamily } from './line.ts'

export interface SandboxKerongSettings {
  /** Number of the control unit. */
  readonly address: number
  readonly channels: number
  /** Firmware that answers an unlock with its state; other firmware says nothing. */
  readonly answersOpening?: boolean
}

const thinks: Millis = 30
/** Units that answer one broadcast speak one after the other. */
const turn: Millis = 25
const betweenPulses: Millis = 300

export const kerongUnits: SandboxFamily<KerongRequest, SandboxKerongSettings> = {
  requestAt,
  addressOf: request => (request.kind === 'read-line' ? undefined : request.unit),
  named: request =>
    request.kind === 'read-line'
      ? request.kind
      : `${request.kind} ${request.unit}${'lock' in request ? `/${request.lock}` : ''}`,
  board: ({ address, channels, answersOpening }, { clock, moved }) => {
    const doors = Array.from({ length: channels }, (_, index) => createDoor(address, index + 1, clock, moved))
    const state = (kind: 'state' | 'state-of-line', after: Millis): Reply =>
      reply(after, () =>
        stateFrame({
          kind,
          unit: address,
          locked: doors.filter(door => !door.isOpen()).map(door => door.channel),
          occupied: doors.filter(door => door.items.length > 0).map(door => door.channel),
        }),
      )
    return {
      address,
      doors,
      handle: request => {
        switch (request.kind) {
          case 'read':
            return state('state', thinks)
          case 'read-line':
            return state('state-of-line', thinks + address * turn)
          case 'open':
            doors[request.lock - 1]?.pulse()
            return answersOpening ? state('state', thinks) : undefined
          case 'open-all':
            doors.forEach((door, index) => {
              clock.after(index * betweenPulses, door.pulse)
            })
            return undefined
          default:
            return undefined
        }
      },
    }
  },
}
