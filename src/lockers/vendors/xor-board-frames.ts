/**
 * Frames of the XOR lock boards (8A open, 80/81 state), both directions, without any IO.
 * A frame is `command, board, lock, constant, XOR of all bytes before it`. There is no length field and no end
 * mark: how long an answer is follows from the question alone, so an answer is only ever read against its question.
 */

import { bitmap, checked, inRange, setBits, sound, xor } from '../transport/bytes.ts'

/** State of the feedback contact of one lock, as the wire tells it: 0x11 shorted, 0x00 not. */
export type Contact = 'shorted' | 'not-shorted'

/** A question to a board. `lock` 0 opens every lock of the board. Locks count from 1, groups of eight from 1. */
export type XorRequest =
  | { readonly kind: 'open'; readonly board: number; readonly lock: number; readonly seconds?: number }
  | { readonly kind: 'open-many'; readonly board: number; readonly locks: readonly number[] }
  | { readonly kind: 'read-one'; readonly board: number; readonly lock: number }
  | { readonly kind: 'read-board'; readonly board: number }
  | { readonly kind: 'read-group'; readonly board: number; readonly group: number }

export const maxBoard = 99
export const maxLock = 50

const commands = { open: 0x8a, 'open-many': 0x90, one: 0x80, group: 0x81 } as const
const openConstant = 0x11
const readConstant = 0x33

const framed = (...body: number[]): Uint8Array => checked(xor, ...body)
const isSound = (frame: Uint8Array): boolean => sound(xor, frame)

/** Bytes of a question. Throws RangeError for a board, lock, group or pulse no board of this family has. */
export const requestFrame = (request: XorRequest): Uint8Array => {
  const board = inRange('board', request.board, 1, maxBoard)
  switch (request.kind) {
    case 'open': {
      const lock = inRange('lock', request.lock, 0, maxLock)
      return request.seconds === undefined
        ? framed(commands.open, board, lock, openConstant)
        : framed(commands.open, board, lock, openConstant, inRange('pulse', request.seconds, 1, 9))
    }
    case 'open-many':
      return framed(commands['open-many'], board, ...bitmap(request.locks, 3))
    case 'read-one':
      return framed(commands.one, board, inRange('lock', request.lock, 1, maxLock), readConstant)
    case 'read-board':
      return framed(commands.one, board, 0, readConstant)
    case 'read-group':
      return framed(commands.group, board, inRange('group', request.group, 1, 7), readConstant)
  }
}

/** What a board is asked; undefined when the check is wrong or the command is not one we use (9A, 9B, 9D). */
export const readRequest = (frame: Uint8Array): XorRequest | undefined => {
  const [command, board, lock, constant, seconds] = frame
  if (!isSound(frame) || frame.length < 5 || frame.length > 6) return undefined
  if (command === commands['open-many'] && frame.length === 6)
    return { kind: 'open-many', board: board!, locks: setBits(frame.subarray(2, 5)) }
  if (command === commands.open && constant === openConstant)
    return { kind: 'open', board: board!, lock: lock!, ...(frame.length === 6 ? { seconds: seconds! } : {}) }
  if (frame.length !== 5 || constant !== readConstant) return undefined
  if (command === commands.group) return { kind: 'read-group', board: board!, group: lock! }
  if (command !== commands.one) return undefined
  return lock === 0 ? { kind: 'read-board', board: board! } : { kind: 'read-one', board: board!, lock: lock! }
}

/** The question at the start of the bytes; undefined when there is none, or not all of it. */
export const requestAt = (
  bytes: Uint8Array,
): { readonly value: XorRequest; readonly length: number } | undefined => {
  for (const length of [5, 6]) {
    const value = bytes.length < length ? undefined : readRequest(bytes.subarray(0, length))
    if (value) return { value, length }
  }
  return undefined
}

/** Answer to `open` and `read-one`: the contact of one lock. */
export const contactFrame = (kind: 'open' | 'read-one', board: number, lock: number, contact: Contact) =>
  framed(
    kind === 'open' ? commands.open : commands.one,
    board,
    lock,
    contact === 'shorted' ? openConstant : 0x00,
  )

/** Which group of eight travels first when the whole board is read. The maker's text has the high one. */
export type GroupOrder = 'high-first' | 'low-first'

/** Answer to `read-board`: `set` are the locks whose bit is 1. */
export const boardFrame = (
  board: number,
  channels: number,
  set: readonly number[],
  order: GroupOrder = 'high-first',
): Uint8Array =>
  framed(commands.one, board, ...ordered(bitmap(set, Math.ceil(channels / 8)), order), readConstant)

/** Answer to `read-group`: locks 8g-7..8g, bit 0 the lowest. */
export const groupFrame = (board: number, group: number, set: readonly number[]): Uint8Array =>
  framed(commands.group, board, group, bitmap(set, group)[group - 1] ?? 0)

/** Reads the five-byte answer to `open` or `read-one`; undefined when it is not the answer to this question. */
export const readContact = (
  frame: Uint8Array,
  want: { readonly kind: 'open' | 'read-one'; readonly board: number; readonly lock: number },
): Contact | undefined => {
  const [command, board, lock, state] = frame
  if (frame.length !== 5 || !isSound(frame)) return undefined
  if (command !== (want.kind === 'open' ? commands.open : commands.one)) return undefined
  if (board !== want.board || lock !== want.lock) return undefined
  return state === 0x00 ? 'not-shorted' : state === openConstant ? 'shorted' : undefined
}

/** Bytes of the answer to `read-board` for a board of so many locks. */
export const boardAnswerLength = (channels: number): number => 4 + Math.ceil(channels / 8)

/** Locks whose bit is set in the answer to `read-board`; undefined when it is not that answer. */
export const readBoardBits = (
  frame: Uint8Array,
  want: { readonly board: number; readonly channels: number; readonly order?: GroupOrder },
): ReadonlySet<number> | undefined => {
  const length = boardAnswerLength(want.channels)
  if (frame.length !== length || !isSound(frame)) return undefined
  if (frame[0] !== commands.one || frame[1] !== want.board || frame[length - 2] !== readConstant)
    return undefined
  return new Set(setBits(ordered([...frame.subarray(2, length - 2)], want.order ?? 'high-first')))
}

/** Locks whose bit is set in the answer to `read-group`; undefined when it is not that answer. */
export const readGroupBits = (
  frame: Uint8Array,
  want: { readonly board: number; readonly group: number },
): ReadonlySet<number> | undefined => {
  if (frame.length !== 5 || !isSound(frame)) return undefined
  if (frame[0] !== commands.group || frame[1] !== want.board || frame[2] !== want.group) return undefined
  return new Set(setBits(frame.subarray(3, 4)).map(lock => lock + (want.group - 1) * 8))
}

const ordered = (bytes: readonly number[], order: GroupOrder): readonly number[] =>
  order === 'high-first' ? bytes.toReversed() : bytes
