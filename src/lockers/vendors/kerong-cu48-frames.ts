/**
 * Frames of the 48-lock boards that share the `02 … SUM` form, both directions, without any IO. Asked:
 * `02, board, lock, command, 03, sum`. Answered: `02, board, lock, 75 or 00, length, data, sum`, without the `03`.
 * The wire counts locks from 0, everything here from 1.
 */
import { bitmap, checked, inRange, setBits, sound, sum8 } from '../transport/bytes.ts'

export type Cu48Request =
  | { readonly kind: 'read'; readonly board: number }
  | { readonly kind: 'open'; readonly board: number; readonly lock: number }

/** `lock` is 1 where the board speaks of itself. `closed` stands only in the answer to `read`. */
export interface Cu48Answer {
  readonly board: number
  readonly lock: number
  readonly worked: boolean
  readonly closed?: readonly number[]
  /** Locks the answer speaks of: eight for each byte of it. */
  readonly told: number
}

export const maxBoard = 255
export const maxLock = 48

const [start, end] = [0x02, 0x03]
const commands = { read: 0x60, open: 0x61 } as const
const worked = 0x75
const longestMap = maxLock / 8

/** Bytes of a question. Throws RangeError for a board or lock that no board of this family has. */
export const requestFrame = (request: Cu48Request): Uint8Array => {
  const lock = request.kind === 'open' ? inRange('lock', request.lock, 1, maxLock) - 1 : 0
  return checked(sum8, start, inRange('board', request.board, 0, maxBoard), lock, commands[request.kind], end)
}

/** The question at the start of the bytes. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: Cu48Request; readonly length: number } | undefined => {
  const frame = bytes.subarray(0, 6)
  if (frame.length < 6 || frame[0] !== start || frame[4] !== end || !sound(sum8, frame)) return undefined
  const [board, lock, command] = [frame[1]!, frame[2]! + 1, frame[3]!]
  if (command === commands.open && lock <= maxLock) return { value: { kind: 'open', board, lock }, length: 6 }
  return command === commands.read && lock === 1 ? { value: { kind: 'read', board }, length: 6 } : undefined
}

/** Bytes of the answer to an opening. */
export const openedFrame = (board: number, lock: number, ok: boolean): Uint8Array =>
  checked(sum8, start, board, lock - 1, ok ? worked : 0, 0)

/** Bytes of the answer to a reading: a set bit is a closed door. */
export const stateFrame = (board: number, channels: number, closed: readonly number[]): Uint8Array => {
  const map = bitmap(closed, Math.ceil(channels / 8))
  return checked(sum8, start, board, 0, worked, map.length, ...map)
}

/** The answer at the start of the bytes. */
export const answerAt = (
  bytes: Uint8Array,
): { readonly value: Cu48Answer; readonly length: number } | undefined => {
  const map = bytes[4] ?? Number.POSITIVE_INFINITY
  if (bytes[0] !== start || map > longestMap || bytes.length < map + 6) return undefined
  const frame = bytes.subarray(0, map + 6)
  const [board, lock, status] = [frame[1]!, frame[2]! + 1, frame[3]!]
  if (!sound(sum8, frame) || lock > maxLock || (status !== worked && (status !== 0 || map > 0)))
    return undefined
  const told = { board, lock, worked: status === worked, told: map * 8 }
  return {
    value: map === 0 ? told : { ...told, closed: setBits(frame.subarray(5, -1)) },
    length: frame.length,
  }
}
