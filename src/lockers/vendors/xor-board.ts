import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, lookOfBits, type Question } from '../boards.ts'
import { fixedLength } from '../transport/bus.ts'
import {
  boardAnswerLength,
  type Contact,
  maxBoard,
  maxLock,
  readBoardBits,
  readContact,
  readGroupBits,
  requestFrame,
} from './xor-board-frames.ts'

const board = z.strictObject({
  address: z.int().min(1).max(maxBoard).describe('as set by the DIP switch'),
  channels: z.int().min(1).max(maxLock).describe('locks of the board: 8, 12, 16, 18, 24, 32, 36, 50'),
  shortedWhen: z
    .enum(['closed', 'open'])
    .default('closed')
    .describe(
      'when the feedback contact of a lock is shorted; both wirings are sold, the wire does not tell',
    ),
  bitOneMeans: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('what a set bit means where many locks are read; independent of the wiring'),
  groupOrder: z
    .enum(['high-first', 'low-first'])
    .default('high-first')
    .describe('which group of eight locks comes first where the whole board is read'),
})

type XorBoard = z.output<typeof board>

const more = {
  query: z
    .enum(['board', 'group'])
    .default('board')
    .describe('`board`: 80 with lock 0, one exchange; `group`: 81, one exchange for eight locks'),
  pulseSeconds: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('for locks that need more than the 0.3 s of the board itself'),
}

/** XOR lock boards with 1..50 locks, several on one RS485 line behind a serial server. */
export const xorBoard = defineBoards({
  name: 'xor-8a',
  title: { zh: '485 锁控板（8A/80 指令，异或校验）', en: 'RS485 lock board (8A/80 commands, XOR check)' },
  board,
  more,
  most: 32,
  // Public drivers wait 50 ms after sending, up to 500 ms for the answer, and 300 ms between the pulses of two boards.
  timing: { gap: 5, afterSend: 50, betweenActs: 300, deadline: 500, late: 1000, patience: 5000 },
  family: ({ query, pulseSeconds }): BoardFamily<XorBoard> => ({
    open: (of, lock) => openQuestion(of, lock, pulseSeconds),
    look: readOneQuestion,
    read: of =>
      query === 'board'
        ? [readBoardQuestion(of)]
        : Array.from({ length: Math.ceil(of.channels / 8) }, (_, index) => readGroupQuestion(of, index + 1)),
  }),
})

const doorOf = ({ shortedWhen }: XorBoard, contact: Contact): 'open' | 'closed' =>
  contact === 'shorted' ? shortedWhen : shortedWhen === 'closed' ? 'open' : 'closed'

const openQuestion = (
  of: XorBoard,
  lock: number,
  seconds: number | undefined,
): Question<'open' | 'closed'> => ({
  key: `open ${of.address}/${lock}`,
  request: requestFrame({
    kind: 'open',
    board: of.address,
    lock,
    ...(seconds === undefined ? {} : { seconds }),
  }),
  // The short form equals the answer "shorted" byte for byte; with a pulse length it is longer than any answer.
  echoProof: seconds !== undefined,
  find: fixedLength(5, frame => {
    const contact = readContact(frame, { kind: 'open', board: of.address, lock })
    return contact && doorOf(of, contact)
  }),
  foreign: heard => hearsOthers(of, heard, other => openQuestion(other, lock, seconds)),
})

/** Also shows whether the line echoes: no board ever answers 0x33, the constant of this question. */
const readOneQuestion = (of: XorBoard, lock: number): Question<Look> => ({
  key: `read ${of.address}/${lock}`,
  request: requestFrame({ kind: 'read-one', board: of.address, lock }),
  echoProof: true,
  find: fixedLength(5, frame => {
    const contact = readContact(frame, { kind: 'read-one', board: of.address, lock })
    return contact && new Map([[lock, { door: doorOf(of, contact) }]])
  }),
  foreign: heard => hearsOthers(of, heard, other => readOneQuestion(other, lock)),
})

const readBoardQuestion = (of: XorBoard): Question<Look> => ({
  key: `read ${of.address}`,
  request: requestFrame({ kind: 'read-board', board: of.address }),
  // With locks 10, 13, 14 and so on set, an answer begins with the very bytes of the question.
  echoProof: false,
  find: fixedLength(boardAnswerLength(of.channels), frame =>
    lookOf(
      of,
      readBoardBits(frame, { board: of.address, channels: of.channels, order: of.groupOrder }),
      1,
      of.channels,
    ),
  ),
  foreign: heard => hearsOthers(of, heard, readBoardQuestion),
})

const readGroupQuestion = (of: XorBoard, group: number): Question<Look> => ({
  key: `read ${of.address} group ${group}`,
  request: requestFrame({ kind: 'read-group', board: of.address, group }),
  echoProof: false,
  find: fixedLength(5, frame =>
    lookOf(of, readGroupBits(frame, { board: of.address, group }), group * 8 - 7, group * 8),
  ),
  foreign: heard => hearsOthers(of, heard, other => readGroupQuestion(other, group)),
})

/** An answer is only known against its question: whether it would be one if another board had been asked. */
const hearsOthers = (
  of: XorBoard,
  heard: Uint8Array,
  question: (other: XorBoard) => Question<unknown>,
): boolean =>
  [...new Set(heard)].some(
    address =>
      address !== of.address &&
      address >= 1 &&
      address <= maxBoard &&
      question({ ...of, address }).find(heard) !== undefined,
  )

const lookOf = (
  { bitOneMeans }: XorBoard,
  set: ReadonlySet<number> | undefined,
  from: number,
  to: number,
): Look | undefined => set && lookOfBits(set, bitOneMeans, from, to)
