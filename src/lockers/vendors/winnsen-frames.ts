/**
 * Frames of the Winnsen boards, both directions, without any IO: `90`, length of the whole frame, function, station,
 * lock, and in answers a status, then `03`. There is no check, and `03` also stands for a lock or a station: only
 * length, function, station and lock together tell an answer from noise.
 */
import { inRange } from '../transport/bytes.ts'

export interface WinnsenRequest {
  readonly kind: 'open' | 'read'
  readonly station: number
  readonly lock: number
}

/** `status` of an opening: 1 worked, 0 not; of a reading: 1 open, 0 closed. Anything else is not told anywhere. */
export interface WinnsenAnswer extends WinnsenRequest {
  readonly status: number
}

export const maxStation = 3
export const maxLock = 16

const [start, end] = [0x90, 0x03]
const functions = { open: 0x05, read: 0x12 } as const
const answering = 0x80
const lengths = { request: 6, answer: 7 } as const

/** Bytes of a question. Throws RangeError for a station or lock that does not exist. */
export const requestFrame = ({ kind, station, lock }: WinnsenRequest): Uint8Array =>
  Uint8Array.of(
    start,
    lengths.request,
    functions[kind],
    inRange('station', station, 0, maxStation),
    inRange('lock', lock, 1, maxLock),
    end,
  )

/** Bytes of an answer. */
export const answerFrame = ({ kind, station, lock, status }: WinnsenAnswer): Uint8Array =>
  Uint8Array.of(start, lengths.answer, functions[kind] | answering, station, lock, status, end)

/** The question at the start of the bytes. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: WinnsenRequest; readonly length: number } | undefined => {
  const value = parts(bytes, lengths.request, 0)
  return value && { value, length: lengths.request }
}

/** The answer at the start of the bytes. */
export const answerAt = (
  bytes: Uint8Array,
): { readonly value: WinnsenAnswer; readonly length: number } | undefined => {
  const value = parts(bytes, lengths.answer, answering)
  return value && { value: { ...value, status: bytes[5]! }, length: lengths.answer }
}

const parts = (bytes: Uint8Array, length: number, mark: number): WinnsenRequest | undefined => {
  if (bytes[0] !== start || bytes[1] !== length || bytes[length - 1] !== end) return undefined
  const [station, lock] = [bytes[3]!, bytes[4]!]
  const kind = (['open', 'read'] as const).find(one => (functions[one] | mark) === bytes[2])
  return kind && station <= maxStation && lock >= 1 && lock <= maxLock ? { kind, station, lock } : undefined
}
