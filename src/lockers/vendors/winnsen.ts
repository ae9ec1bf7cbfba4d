import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question } from '../boards.ts'
import { answered } from '../transport/bus.ts'
import { answerAt, maxLock, maxStation, requestFrame } from './winnsen-frames.ts'

const board = z.strictObject({
  address: z.int().min(0).max(maxStation).describe('station, as set by the DIP switch'),
  channels: z.int().min(1).max(maxLock).describe('locks of the board, up to 16'),
})

type Winnsen = z.output<typeof board>

const more = {
  coolDownSeconds: z
    .int()
    .min(1)
    .max(60)
    .default(1)
    .describe('how long a lock refuses a second opening; later firmware: about 15'),
}

/** Winnsen boards with 16 locks, up to four on one line behind a serial server. */
export const winnsen = defineBoards({
  name: 'winnsen',
  title: { zh: 'Winnsen 锁控板（90 帧头，16 路）', en: 'Winnsen lock board (header 90, 16 locks)' },
  board,
  more,
  most: maxStation + 1,
  timing: { gap: 5, afterSend: 50, betweenActs: 300, deadline: 800, late: 1200, patience: 6000 },
  family: ({ coolDownSeconds }): BoardFamily<Winnsen> => ({
    rest: coolDownSeconds * 1000,
    // A lock that cools down declines like one that is jammed, and may stand open: the door is read after both.
    open: (of, lock) =>
      question(of, 'open', lock, status => (status === 0 ? 'declined' : ('taken' as const))),
    look: lookQuestion,
    read: of => Array.from({ length: of.channels }, (_, index) => lookQuestion(of, index + 1)),
  }),
})

const lookQuestion = (of: Winnsen, lock: number): Question<Look> =>
  question(of, 'read', lock, status => new Map([[lock, { door: doors[status] ?? 'unknown' }]]))

const doors: readonly ('closed' | 'open')[] = ['closed', 'open']

const question = <T>(
  of: Winnsen,
  kind: 'open' | 'read',
  lock: number,
  read: (status: number) => T,
): Question<T> => ({
  key: `${kind} ${of.address}/${lock}`,
  request: requestFrame({ kind, station: of.address, lock }),
  echoProof: true,
  ...answered(
    answerAt,
    answer =>
      answer.kind === kind && answer.station === of.address && answer.lock === lock
        ? read(answer.status)
        : undefined,
    answer => answer.station !== of.address,
  ),
})
