/**
 * Frames of boards whose openings are known and whose answers are not: nothing published says how they tell a door. A
 * driver would open doors it cannot see, so there is none; the frames are known by sight, to tell people what hangs on
 * their line. Without any IO.
 */
import type { FrameAt } from '../transport/bus.ts'
import { crc8, sound, xor } from '../transport/bytes.ts'

/** `5A 5A 00 board 00 04 00 01 lock XOR`: an opening. */
export const opening5a5aAt: FrameAt<{ readonly board: number; readonly lock: number }> = bytes => {
  const frame = bytes.subarray(0, 10)
  const [board, lock] = [frame[3]!, frame[8]!]
  const fixed = [0x5a, 0x5a, 0x00, board, 0x00, 0x04, 0x00, 0x01, lock]
  if (frame.length < 10 || !fixed.every((byte, at) => frame[at] === byte) || !sound(xor, frame))
    return undefined
  return board <= 31 && lock >= 1 && lock <= 24 ? { value: { board, lock }, length: 10 } : undefined
}

/**
 * `F3 00 length, command of two bytes, data, check`: the length counts from the command through the check, which is the
 * XOR of all but the first byte and itself. 1111 opens, 1110 asks.
 */
export const f3At: FrameAt<{
  readonly command: 'open' | 'ask'
  readonly data: readonly number[]
}> = bytes => {
  const length = 3 + (bytes[2] ?? 0)
  const frame = bytes.subarray(0, length)
  if (bytes[0] !== 0xf3 || bytes[1] !== 0 || length < 6 || frame.length < length) return undefined
  if (!sound(xor, frame.subarray(1)) || frame[3] !== 0x11) return undefined
  const command = frame[4] === 0x11 ? 'open' : frame[4] === 0x10 ? 'ask' : undefined
  return command && { value: { command, data: [...frame.subarray(5, -1)] }, length }
}

/** `comm,01,` or `sync,01,` and eight bytes in hexadecimal, the last of which is the CRC-8 of the others. */
export const commAt: FrameAt<{
  readonly kind: 'comm' | 'sync'
  readonly node: number
  readonly data: readonly number[]
}> = bytes => {
  const length = 24
  const parts = /^(comm|sync),(\d\d),([0-9a-fA-F]{16})$/.exec(
    Buffer.from(bytes.subarray(0, length)).toString('latin1'),
  )
  if (!parts) return undefined
  const inner = Uint8Array.from(Buffer.from(parts[3]!, 'hex'))
  if (!sound(crc8, inner)) return undefined
  const kind = parts[1] === 'comm' ? 'comm' : 'sync'
  return { value: { kind, node: Number(parts[2]), data: [...inner.subarray(0, -1)] }, length }
}
