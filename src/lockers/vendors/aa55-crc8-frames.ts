/**
 * Frames of the AA 55 cabinet boards, both directions, without any IO: `AA 55`, number of bytes from board to data,
 * board, command, data, CRC-8/MAXIM of all before it. Board 0 is the main cabinet, 1..12 stand for the side cabinets A
 * to L. The wire counts locks from 0, everything here from 1.
 */
import { bitmap, checked, crc8, inRange, setBits, sound } from '../transport/bytes.ts'

/** A frame as it stands: the command says which data belong to it. */
export interface Aa55Frame {
  readonly board: number
  readonly command: number
  readonly data: readonly number[]
}

export const maxBoard = 12
export const maxLock = 24
/** `lamp`: 0 is on. `guard`: contact of the cabinet's own door. `level`: at which level a door contact says shut. */
export const commands = {
  open: 0x50,
  read: 0x51,
  fanA: 0x52,
  fanB: 0x53,
  lamp: 0x54,
  lockLamp: 0x55,
  guard: 0x56,
  temperature: 0x5b,
  humidity: 0x5c,
  trimTemperature: 0x6c,
  temperatureTrim: 0x6e,
  humidityTrim: 0x6f,
  level: 0x71,
} as const

const start = [0xaa, 0x55] as const
/** Longest data we take: the boards' asset number has 21 characters. */
const longestData = 32

/** Bytes of a frame. Throws RangeError for a board that does not exist. */
export const frameOf = ({ board, command, data }: Aa55Frame): Uint8Array =>
  checked(
    crc8,
    ...start,
    inRange('length', data.length, 0, longestData) + 2,
    inRange('board', board, 0, maxBoard),
    inRange('command', command, 0, 0xff),
    ...data.map(byte => inRange('data', byte, 0, 0xff)),
  )

/** The frame at the start of the bytes. */
export const frameAt = (
  bytes: Uint8Array,
): { readonly value: Aa55Frame; readonly length: number } | undefined => {
  const counted = bytes[2] ?? 0
  if (bytes[0] !== start[0] || bytes[1] !== start[1]) return undefined
  if (counted < 2 || counted > longestData + 2 || bytes.length < counted + 4) return undefined
  const frame = bytes.subarray(0, counted + 4)
  if (!sound(crc8, frame) || frame[3]! > maxBoard) return undefined
  return {
    value: { board: frame[3]!, command: frame[4]!, data: [...frame.subarray(5, -1)] },
    length: frame.length,
  }
}

/** Opens a lock; `seconds` where the board's own pulse is too short. */
export const openFrame = (board: number, lock: number, seconds?: number): Uint8Array =>
  frameOf({
    board,
    command: commands.open,
    data: [
      inRange('lock', lock, 1, maxLock) - 1,
      ...(seconds === undefined ? [] : [inRange('pulse', seconds, 1, 9)]),
    ],
  })

export const readFrame = (board: number): Uint8Array => frameOf({ board, command: commands.read, data: [] })

/** Answer to a reading: the locks whose bit is set, lowest first; main boards of 12 locks answer with two bytes. */
export const stateFrame = (board: number, channels: number, set: readonly number[]): Uint8Array =>
  frameOf({ board, command: commands.read, data: bitmap(set, channels > 16 ? 3 : 2) })

/** Locks whose bit is set in the answer to a reading; undefined when it tells of fewer than so many locks. */
export const readSet = (frame: Aa55Frame, channels: number): ReadonlySet<number> | undefined =>
  frame.command === commands.read && frame.data.length * 8 >= channels
    ? new Set(setBits(frame.data))
    : undefined
