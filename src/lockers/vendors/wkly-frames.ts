/**
 * Frames of the WKLY boards, both directions, without any IO: header `57 4B 4C 59`, length of the whole frame, board,
 * command, data, XOR of everything before it. At length 9 header and length cancel out, so an XOR over the rest alone
 * seems to fit there; it fits nowhere else.
 */
import { checked, inRange, sound, xor } from '../transport/bytes.ts'

/** What a door says: 00, 01, and FF for a channel whose board does not know. */
export type WklyDoor = 'open' | 'closed' | 'unknown'

/** What we ask, and what boards are asked by others; `hold` keeps a solenoid under current and is never sent. */
export type WklyRequest =
  | {
      readonly kind: 'open' | 'read-one' | 'lamp' | 'hold' | 'release'
      readonly board: number
      readonly lock: number
    }
  | { readonly kind: 'read-board' | 'open-all'; readonly board: number }
  | {
      readonly kind: 'open-together' | 'open-in-turn'
      readonly board: number
      readonly locks: readonly number[]
    }

/** What a board says. `worked` false: result FF. `changed` comes unasked, from boards that push. */
export type WklyAnswer =
  | {
      readonly kind: 'open' | 'read-one'
      readonly board: number
      readonly worked: boolean
      readonly lock: number
      readonly door: WklyDoor
    }
  | {
      readonly kind: 'lamp' | 'hold' | 'release'
      readonly board: number
      readonly worked: boolean
      readonly lock: number
    }
  | {
      readonly kind: 'open-together' | 'open-all' | 'open-in-turn'
      readonly board: number
      readonly worked: boolean
    }
  | {
      readonly kind: 'read-board'
      readonly board: number
      readonly worked: boolean
      readonly doors: readonly WklyDoor[]
    }
  | { readonly kind: 'changed'; readonly board: number; readonly lock: number; readonly door: WklyDoor }

export const maxBoard = 31
export const maxLock = 24

const header = [0x57, 0x4b, 0x4c, 0x59]
/** Some firmware begins its answers with 53. */
const otherStart = 0x53
const commands = {
  'open-together': 0x80,
  lamp: 0x81,
  open: 0x82,
  'read-one': 0x83,
  'read-board': 0x84,
  changed: 0x85,
  'open-all': 0x86,
  'open-in-turn': 0x87,
  hold: 0x88,
  release: 0x89,
} as const
type Command = keyof typeof commands
const doors: Readonly<Record<WklyDoor, number>> = { open: 0, closed: 1, unknown: 0xff }
const doorOf = (byte: number): WklyDoor => (byte === 0 ? 'open' : byte === 1 ? 'closed' : 'unknown')

const framed = (kind: Command, board: number, ...data: number[]): Uint8Array =>
  checked(xor, ...header, 8 + data.length, inRange('board', board, 0, maxBoard), commands[kind], ...data)

interface Raw {
  readonly kind: Command
  readonly board: number
  readonly data: readonly number[]
  readonly length: number
}

/** The frame at the start of the bytes; undefined where none begins, or where it is not all there. */
const frameAt = (bytes: Uint8Array): Raw | undefined => {
  const length = bytes[4] ?? 0
  if (bytes[0] !== header[0] && bytes[0] !== otherStart) return undefined
  if (header.some((byte, index) => index > 0 && bytes[index] !== byte)) return undefined
  if (length < 8 || bytes.length < length || !sound(xor, bytes.subarray(0, length))) return undefined
  const kind = (Object.keys(commands) as Command[]).find(one => commands[one] === bytes[6])
  if (!kind || bytes[5]! > maxBoard) return undefined
  return { kind, board: bytes[5]!, data: [...bytes.subarray(7, length - 1)], length }
}

/** Bytes of a question. Throws RangeError for a board or lock that no board of this family has. */
export const requestFrame = (request: WklyRequest): Uint8Array => {
  if ('lock' in request) return framed(request.kind, request.board, inRange('lock', request.lock, 1, maxLock))
  if (!('locks' in request)) return framed(request.kind, request.board)
  const locks = request.locks.map(lock => inRange('lock', lock, 1, maxLock))
  return framed(request.kind, request.board, locks.length, ...locks)
}

/** The question at the start of the bytes. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: WklyRequest; readonly length: number } | undefined => {
  const raw = frameAt(bytes)
  if (!raw || bytes[0] !== header[0]) return undefined
  const { kind, board, data, length } = raw
  if (kind === 'read-board' || kind === 'open-all')
    return data.length === 0 ? { value: { kind, board }, length } : undefined
  if (kind === 'open-together' || kind === 'open-in-turn')
    return data.length > 1 && data[0] === data.length - 1
      ? { value: { kind, board, locks: data.slice(1) }, length }
      : undefined
  if (kind === 'changed' || data.length !== 1) return undefined
  return { value: { kind, board, lock: data[0]! }, length }
}

/** Bytes of an answer. */
export const answerFrame = (answer: WklyAnswer): Uint8Array => {
  const { kind, board } = answer
  if (kind === 'changed') return framed(kind, board, answer.lock, doors[answer.door])
  const result = answer.worked ? 0x00 : 0xff
  if (kind === 'read-board')
    return framed(kind, board, result, answer.doors.length, ...answer.doors.map(door => doors[door]))
  if (kind === 'open' || kind === 'read-one')
    return framed(kind, board, result, answer.lock, doors[answer.door])
  if ('lock' in answer) return framed(kind, board, result, answer.lock)
  return framed(kind, board, result)
}

/** The answer at the start of the bytes. */
export const answerAt = (
  bytes: Uint8Array,
): { readonly value: WklyAnswer; readonly length: number } | undefined => {
  const raw = frameAt(bytes)
  const value = raw && answerOf(raw)
  return value && { value, length: raw.length }
}

const answerOf = ({ kind, board, data }: Raw): WklyAnswer | undefined => {
  const [first, second, third] = data
  if (kind === 'changed')
    return data.length === 2 ? { kind, board, lock: first!, door: doorOf(second!) } : undefined
  if (first !== 0x00 && first !== 0xff) return undefined
  const worked = first === 0x00
  if (kind === 'read-board')
    return data.length > 2 && second === data.length - 2
      ? { kind, board, worked, doors: data.slice(2).map(doorOf) }
      : undefined
  if (kind === 'open' || kind === 'read-one')
    return data.length === 3 ? { kind, board, worked, lock: second!, door: doorOf(third!) } : undefined
  if (kind === 'lamp' || kind === 'hold' || kind === 'release')
    return data.length === 2 ? { kind, board, worked, lock: second! } : undefined
  return data.length === 1 ? { kind, board, worked } : undefined
}
