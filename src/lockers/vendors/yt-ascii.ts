import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question, type Said } from '../boards.ts'
import type { DoorReading } from '../locker.ts'
import { answered } from '../transport/bus.ts'
import { answerAt, maxBoard, maxLock, requestFrame, type YtAnswer, type YtError } from './yt-ascii-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxBoard).describe('as set at the board'),
  channels: z.int().min(1).max(maxLock).describe('locks of the board, 24 as a rule'),
})

type YtBoard = z.output<typeof board>

const more = {
  answersChecked: z
    .boolean()
    .default(true)
    .describe(
      'whether answers bear their CRC; `false` for firmware that leaves it out, and noise may then pass for a door',
    ),
}

/** YT boards, which speak in lines of text, several on one line behind a serial server. */
export const ytAscii = defineBoards({
  name: 'yt-ascii',
  title: { zh: 'YT 文本指令锁控板（YT+ 指令）', en: 'YT lock board (text commands, YT+)' },
  board,
  more,
  most: 32,
  timing: { gap: 5, afterSend: 50, betweenActs: 300, deadline: 600, late: 1200, patience: 5000 },
  family: ({ answersChecked }): BoardFamily<YtBoard> => ({
    open: (of, lock) => openQuestion(of, lock, answersChecked),
    // Where the state stands in the answer for one lock is not agreed on; in that for the whole board it is.
    look: of => stateOf(of, answersChecked),
    read: of => [stateOf(of, answersChecked)],
  }),
})

/** An answer begins with `+`, a question with `YT`: nothing here can be an echo. */
const fromBoard = <T>(
  of: YtBoard,
  answersChecked: boolean,
  read: (answer: YtAnswer | YtError) => T | undefined,
): Pick<Question<T>, 'echoProof' | 'find' | 'foreign'> => ({
  echoProof: true,
  ...answered(
    bytes => {
      const answer = answerAt(bytes)
      return answer && (answer.value.checked || !answersChecked) ? answer : undefined
    },
    answer => (answer.board === of.address ? read(answer) : undefined),
    answer => answer.board !== of.address,
  ),
})

/** Whether the value behind the board is the lock or a result is not told, so it counts for nothing. */
const openQuestion = (of: YtBoard, lock: number, answersChecked: boolean): Question<Said> => ({
  key: `open ${of.address}/${lock}`,
  kin: `open ${of.address}`,
  request: requestFrame({ kind: 'open', board: of.address, lock }),
  ...fromBoard<Said>(of, answersChecked, ({ kind }) =>
    kind === 'open' ? 'taken' : kind === 'error' ? 'declined' : undefined,
  ),
})

const doors: readonly DoorReading['door'][] = ['closed', 'open']

const stateOf = (of: YtBoard, answersChecked: boolean): Question<Look> => ({
  key: `read ${of.address}`,
  request: requestFrame({ kind: 'read-board', board: of.address }),
  ...fromBoard(of, answersChecked, (answer): Look | undefined =>
    answer.kind === 'read-board' && answer.values.length > 0
      ? new Map(answer.values.map((value, index) => [index + 1, { door: doors[value] ?? 'unknown' }]))
      : undefined,
  ),
})
