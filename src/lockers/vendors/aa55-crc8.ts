import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, lookOfBits, type Question } from '../boards.ts'
import { answered } from '../transport/bus.ts'
import {
  type Aa55Frame,
  commands,
  frameAt,
  maxBoard,
  maxLock,
  openFrame,
  readFrame,
  readSet,
} from './aa55-crc8-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxBoard).describe('0 the main cabinet, 1 to 12 the side cabinets A to L'),
  channels: z.int().min(1).max(maxLock).describe('locks of the cabinet: up to 22, of a main board 12'),
  bitOneMeans: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('what a set bit says of a door; depends on its contact, so open one by hand and read'),
})

type Aa55Board = z.output<typeof board>

const more = {
  pulseSeconds: z
    .int()
    .min(1)
    .max(9)
    .optional()
    .describe('for locks that need more than the pulse of the board'),
}

/** AA 55 boards of a main cabinet and its side cabinets, on one line behind a serial server. */
export const aa55Crc8 = defineBoards({
  name: 'aa55-crc8',
  title: {
    zh: 'AA55 柜控板（CRC-8 校验，主柜与副柜）',
    en: 'AA 55 cabinet board (CRC-8, main and side cabinets)',
  },
  board,
  more,
  most: maxBoard + 1,
  // The maker's own client leaves 1300 ms between two openings and 130 ms between two readings.
  timing: { gap: 10, afterSend: 130, betweenActs: 1300, deadline: 500, late: 1000, patience: 10_000 },
  family: ({ pulseSeconds }): BoardFamily<Aa55Board> => ({
    // What an opening is answered with is not told anywhere, it may be its own bytes: only the door counts.
    open: (of, lock) => ({
      key: `open ${of.address}/${lock}`,
      request: openFrame(of.address, lock, pulseSeconds),
      echoProof: false,
      silence: { after: 200, means: 'nothing' as const },
      ...fromBoard(of, commands.open, () => 'taken' as const),
    }),
    look: stateOf,
    read: of => [stateOf(of)],
  }),
})

/** Told from an echo by its data: the question has none. */
const stateOf = (of: Aa55Board): Question<Look> => ({
  key: `read ${of.address}`,
  request: readFrame(of.address),
  echoProof: true,
  ...fromBoard(of, commands.read, frame => {
    const set = readSet(frame, of.channels)
    return set && lookOfBits(set, of.bitOneMeans, 1, of.channels)
  }),
})

const fromBoard = <T>(
  of: Aa55Board,
  command: number,
  read: (frame: Aa55Frame) => T | undefined,
): Pick<Question<T>, 'find' | 'foreign'> =>
  answered(
    frameAt,
    frame => (frame.board === of.address && frame.command === command ? read(frame) : undefined),
    frame => frame.board !== of.address,
  )
