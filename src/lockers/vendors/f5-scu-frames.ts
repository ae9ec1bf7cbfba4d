/**
 * Frames of the single-lock boards that begin with F5, both directions, without any IO: eight bytes, one lock for each
 * address. Asked: `F5, address, 70 to read, 71 (one byte later) to open, 00, 5F, sum of the six before, 00`. Answered:
 * `F5, address, 00, 10, 00 00 00, state`, and nobody knows of a check in it: whatever is not exactly so is no answer.
 */
import { inRange, sum8 } from '../transport/bytes.ts'

export interface ScuRequest {
  readonly kind: 'open' | 'read'
  readonly board: number
}

/** The same to an opening and to a reading. */
export interface ScuAnswer {
  readonly board: number
  readonly closed: boolean
}

export const maxBoard = 255

const [start, end] = [0xf5, 0x5f]
const commands = { read: [0x70, 0x00], open: [0x00, 0x71] } as const
const worked = 0x10
const frameLength = 8

/** Bytes of a question. Throws RangeError for an address that no board of this family has. */
export const requestFrame = ({ kind, board }: ScuRequest): Uint8Array => {
  const body = Uint8Array.of(start, inRange('board', board, 0, maxBoard), ...commands[kind], 0, end)
  return Uint8Array.of(...body, sum8(body), 0)
}

/** The question at the start of the bytes. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: ScuRequest; readonly length: number } | undefined => {
  if (bytes.length < frameLength || bytes[0] !== start) return undefined
  const board = bytes[1]!
  const kind = (['open', 'read'] as const).find(one =>
    requestFrame({ kind: one, board }).every((byte, at) => byte === bytes[at]),
  )
  return kind && { value: { kind, board }, length: frameLength }
}

/** Bytes of an answer. */
export const answerFrame = ({ board, closed }: ScuAnswer): Uint8Array =>
  Uint8Array.of(start, board, 0, worked, 0, 0, 0, closed ? 1 : 0)

/** The answer at the start of the bytes. */
export const answerAt = (
  bytes: Uint8Array,
): { readonly value: ScuAnswer; readonly length: number } | undefined => {
  if (bytes.length < frameLength || bytes[0] !== start) return undefined
  const value = { board: bytes[1]!, closed: bytes[7] === 1 }
  return answerFrame(value).every((byte, at) => byte === bytes[at])
    ? { value, length: frameLength }
    : undefined
}
