/**
 * Frames of the KERONG control units (KR-CU12, KR-CU16), both directions, without any IO: `02`, address, command, data,
 * `03`, low byte of the sum of all before. The address carries the unit in its high nibble and the lock, counted from 0
 * on the wire and from 1 here, in its low one. `03` and `02` also occur as data, so length follows from the command.
 */
import { bitmap, checked, inRange, setBits, sound, sum8 } from '../transport/bytes.ts'

export type KerongRequest =
  | { readonly kind: 'open'; readonly unit: number; readonly lock: number }
  | { readonly kind: 'read' | 'open-all' | 'ask-pulse' | 'ask-version'; readonly unit: number }
  /** Every unit of the line answers. */
  | { readonly kind: 'read-line' }
  | { readonly kind: 'set-pulse'; readonly unit: number; readonly pulse: number }
  | { readonly kind: 'set-delay'; readonly unit: number; readonly seconds: number }
  | { readonly kind: 'set-baud'; readonly unit: number; readonly baud: KerongBaud }

/** State of a unit: which of its locks are locked, and behind which infrared sees something. */
export interface KerongState {
  readonly kind: 'state' | 'state-of-line'
  readonly unit: number
  readonly locked: readonly number[]
  readonly occupied: readonly number[]
}

export type KerongBaud = 9600 | 19200 | 57600 | 115200

/** High nibble 0..E; F addresses the whole line. */
export const maxUnit = 14
export const maxLock = 16

const [start, end] = [0x02, 0x03]
const everyUnit = 0xf0
const commands = {
  read: 0x30,
  open: 0x31,
  'read-line': 0x32,
  'open-all': 0x33,
  'set-pulse': 0x37,
  'ask-pulse': 0x37,
  'set-delay': 0x39,
  'set-baud': 0x40,
} as const
const answers = { state: 0x35, 'state-of-line': 0x36 } as const
const service = { start: 0xf5, end: 0x5f, version: 0xb6 } as const
const bauds: readonly KerongBaud[] = [9600, 19200, 57600, 115200]
const stateLength = 9

const framed = (address: number, command: number, ...data: number[]): Uint8Array =>
  checked(sum8, start, address, command, ...data, end)
const addressOf = (unit: number, lock = 1): number =>
  (inRange('unit', unit, 0, maxUnit) << 4) | (inRange('lock', lock, 1, maxLock) - 1)

/** Bytes of a question. Throws RangeError for what no unit of this family has. */
export const requestFrame = (request: KerongRequest): Uint8Array => {
  switch (request.kind) {
    case 'open':
      return framed(addressOf(request.unit, request.lock), commands.open)
    case 'read-line':
      return framed(everyUnit, commands['read-line'])
    case 'set-pulse': {
      const tens = inRange('pulse', request.pulse / 10, 0, 0xffff)
      return framed(addressOf(request.unit), commands['set-pulse'], tens >> 8, tens & 0xff)
    }
    case 'set-delay':
      return framed(addressOf(request.unit), commands['set-delay'], inRange('delay', request.seconds, 0, 250))
    case 'set-baud':
      return framed(
        addressOf(request.unit),
        commands['set-baud'],
        inRange('baud', bauds.indexOf(request.baud), 0, 3),
      )
    case 'ask-version':
      return checked(sum8, service.start, service.version, addressOf(request.unit), 0, service.end)
    default:
      return framed(addressOf(request.unit), commands[request.kind])
  }
}

/** The question at the start of the bytes: of the possible lengths, the one whose end and sum fit. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: KerongRequest; readonly length: number } | undefined => {
  for (const length of [5, 6, 7]) {
    const frame = bytes.subarray(0, length)
    if (frame.length < length || !sound(sum8, frame)) continue
    const value = requestOf(frame)
    if (value) return { value, length }
  }
  return undefined
}

const requestOf = (frame: Uint8Array): KerongRequest | undefined => {
  const [first, address, command] = [frame[0]!, frame[1]!, frame[2]!]
  const unit = address >> 4
  if (first === service.start)
    return frame.length === 6 && address === service.version && frame[4] === service.end
      ? { kind: 'ask-version', unit: command >> 4 }
      : undefined
  if (first !== start || frame.at(-2) !== end) return undefined
  const data = [...frame.subarray(3, -2)]
  const [one, two] = data
  if (data.length === 2 && command === commands['set-pulse'])
    return { kind: 'set-pulse', unit, pulse: (one! * 256 + two!) * 10 }
  if (data.length === 1) {
    if (command === commands['set-delay']) return { kind: 'set-delay', unit, seconds: one! }
    const baud = bauds[one!]
    return command === commands['set-baud'] && baud ? { kind: 'set-baud', unit, baud } : undefined
  }
  if (data.length > 0) return undefined
  if (command === commands.open && unit <= maxUnit) return { kind: 'open', unit, lock: (address & 15) + 1 }
  if (command === commands['read-line'] && address === everyUnit) return { kind: 'read-line' }
  if ((address & 15) !== 0 || unit > maxUnit) return undefined
  if (command === commands.read) return { kind: 'read', unit }
  if (command === commands['open-all']) return { kind: 'open-all', unit }
  return command === commands['ask-pulse'] ? { kind: 'ask-pulse', unit } : undefined
}

/** Bytes of a state. */
export const stateFrame = ({ kind, unit, locked, occupied }: KerongState): Uint8Array =>
  framed(addressOf(unit), answers[kind], ...bitmap(locked, 2), ...bitmap(occupied, 2))

/** The state at the start of the bytes. */
export const stateAt = (
  bytes: Uint8Array,
): { readonly value: KerongState; readonly length: number } | undefined => {
  const frame = bytes.subarray(0, stateLength)
  if (frame.length < stateLength || frame[0] !== start || frame[7] !== end || !sound(sum8, frame))
    return undefined
  const kind =
    frame[2] === answers.state ? 'state' : frame[2] === answers['state-of-line'] ? 'state-of-line' : null
  const unit = frame[1]! >> 4
  if (!kind || unit > maxUnit) return undefined
  const [locked, occupied] = [setBits(frame.subarray(3, 5)), setBits(frame.subarray(5, 7))]
  return { value: { kind, unit, locked, occupied }, length: stateLength }
}
