import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question, type Said } from '../boards.ts'
import { answered } from '../transport/bus.ts'
import { answerAt, maxBoard, requestFrame, type ScuRequest } from './f5-scu-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxBoard).describe('as set at the lock; every lock is a board of its own'),
  channels: z.int().min(1).max(1).default(1).describe('always 1'),
})

type Scu = z.output<typeof board>

/** Locks with an address each, many on one line behind a serial server. */
export const f5Scu = defineBoards({
  name: 'f5-scu',
  title: { zh: '单锁控制板（F5 帧头，一址一锁）', en: 'Single-lock board (header F5, one lock per address)' },
  board,
  more: {},
  most: maxBoard + 1,
  timing: { gap: 5, afterSend: 25, betweenActs: 300, deadline: 300, late: 1000, patience: 5000 },
  family: (): BoardFamily<Scu> => ({
    // The state in this answer may be of the pulse's first moment; the door is read afterwards.
    open: of => question<Said>(of, 'open', () => 'taken'),
    look,
    read: of => [look(of)],
  }),
})

const look = (of: Scu): Question<Look> =>
  question(of, 'read', closed => new Map([[1, { door: closed ? 'closed' : 'open' }]]))

const question = <T>(of: Scu, kind: ScuRequest['kind'], read: (closed: boolean) => T): Question<T> => ({
  key: `${kind} ${of.address}/1`,
  // Openings and readings are answered alike.
  kin: `${of.address}`,
  request: requestFrame({ kind, board: of.address }),
  echoProof: true,
  ...answered(
    answerAt,
    answer => (answer.board === of.address ? read(answer.closed) : undefined),
    answer => answer.board !== of.address,
  ),
})
