import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, lookOfBits, type Question, type Said } from '../boards.ts'
import { answered } from '../transport/bus.ts'
import { answerAt, type Cu48Answer, maxBoard, maxLock, requestFrame } from './kerong-cu48-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxBoard).describe('as set at the board'),
  channels: z.int().min(1).max(maxLock).describe('locks of the board, up to 48'),
})

type Cu48 = z.output<typeof board>

/** Boards with up to 48 locks (60 and 61 commands), several on one line behind a serial server. */
export const kerongCu48 = defineBoards({
  name: 'kerong-cu48',
  title: { zh: 'KERONG 48 路锁控板（60/61 指令）', en: 'KERONG 48-lock board (60/61 commands)' },
  board,
  more: {},
  most: 32,
  timing: { gap: 5, afterSend: 25, betweenActs: 300, deadline: 400, late: 1000, patience: 5000 },
  family: (): BoardFamily<Cu48> => ({ open: openQuestion, look: stateOf, read: of => [stateOf(of)] }),
})

const fromBoard = <T>(
  of: Cu48,
  read: (answer: Cu48Answer) => T | undefined,
): Pick<Question<T>, 'echoProof' | 'find' | 'foreign'> => ({
  echoProof: true,
  ...answered(
    answerAt,
    answer => (answer.board === of.address ? read(answer) : undefined),
    answer => answer.board !== of.address,
  ),
})

/** Whether a refusal names its lock or 0 is not told anywhere; no other opening is under way, so both count. */
const openQuestion = (of: Cu48, lock: number): Question<Said> => ({
  key: `open ${of.address}/${lock}`,
  kin: `open ${of.address}`,
  request: requestFrame({ kind: 'open', board: of.address, lock }),
  ...fromBoard<Said>(of, answer =>
    answer.closed === undefined && (answer.lock === lock || answer.lock === 1)
      ? answer.worked
        ? 'taken'
        : 'declined'
      : undefined,
  ),
})

/** An answer that speaks of fewer locks than the board has is none: it may be the tail of another. */
const stateOf = (of: Cu48): Question<Look> => ({
  key: `read ${of.address}`,
  request: requestFrame({ kind: 'read', board: of.address }),
  ...fromBoard(of, ({ closed, told }) =>
    closed && told >= of.channels ? lookOfBits(new Set(closed), 'closed', 1, of.channels) : undefined,
  ),
})
