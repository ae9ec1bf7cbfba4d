import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question, type Said } from '../boards.ts'
import type { PushAt } from '../pushes.ts'
import { answered, type FrameAt } from '../transport/bus.ts'
import { answerAt, maxBoard, maxLock, requestFrame, type WklyAnswer } from './wkly-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxBoard).describe('as set by the DIP switch'),
  channels: z.int().min(1).max(maxLock).describe('locks of the board: 12 or 24'),
})

type WklyBoard = z.output<typeof board>

const more = {
  pushes: z
    .boolean()
    .default(false)
    .describe(
      'firmware that tells every change of a door by itself (85): the board is then looked at at once',
    ),
}

/** A pulse lasts 350 ms; some firmware never answers an opening, so it is not waited for much longer. */
const openingAnswered = 500

/** WKLY boards with up to 24 locks, several on one RS485 line behind a serial server. */
export const wkly = defineBoards({
  name: 'wkly',
  title: { zh: 'WKLY 锁控板（57 4B 4C 59 帧头）', en: 'WKLY lock board (header 57 4B 4C 59)' },
  board,
  more,
  most: maxBoard + 1,
  timing: { gap: 5, afterSend: 50, betweenActs: 350, deadline: 500, late: 1000, patience: 5000 },
  family: ({ pushes }): BoardFamily<WklyBoard> => ({
    ...(pushes ? { pushed: pushedAt } : {}),
    open: openQuestion,
    look: (of, lock) => ({
      key: `read ${of.address}/${lock}`,
      request: requestFrame({ kind: 'read-one', board: of.address, lock }),
      ...fromBoard(of, answer =>
        answer.kind === 'read-one' && answer.lock === lock
          ? new Map([[lock, { door: answer.worked ? answer.door : ('unknown' as const) }]])
          : undefined,
      ),
    }),
    read: of => [
      {
        key: `read ${of.address}`,
        request: requestFrame({ kind: 'read-board', board: of.address }),
        ...fromBoard(of, (answer): Look | undefined =>
          answer.kind === 'read-board' && answer.worked
            ? new Map(answer.doors.map((door, index) => [index + 1, { door }]))
            : undefined,
        ),
      },
    ],
  }),
})

/** A door change that a board pushes is nobody's answer, and no sign of a second asker either. */
const answerOnlyAt: FrameAt<WklyAnswer> = bytes => {
  const answer = answerAt(bytes)
  return answer && answer.value.kind !== 'changed' ? answer : undefined
}
const pushedAt: PushAt = bytes => {
  const told = answerAt(bytes)
  if (told?.value.kind !== 'changed') return undefined
  const { board, lock: channel, door } = told.value
  return { value: { board, channel, door }, length: told.length }
}
/** An answer has a result byte that no question has, so nothing here can be an echo. */
const fromBoard = <T>(
  of: WklyBoard,
  read: (answer: WklyAnswer) => T | undefined,
): Pick<Question<T>, 'echoProof' | 'find' | 'foreign'> => ({
  echoProof: true,
  ...answered(
    answerOnlyAt,
    answer => (answer.board === of.address ? read(answer) : undefined),
    answer => answer.board !== of.address,
  ),
})

/** The state in this answer is of the pulse's first moment; the door is read afterwards, as the maker's own code does. */
const openQuestion = (of: WklyBoard, lock: number): Question<Said> => ({
  key: `open ${of.address}/${lock}`,
  request: requestFrame({ kind: 'open', board: of.address, lock }),
  silence: { after: openingAnswered, means: 'nothing' },
  ...fromBoard<Said>(of, answer =>
    answer.kind === 'open' && answer.lock === lock ? (answer.worked ? 'taken' : 'declined') : undefined,
  ),
})
