/**
 * A driver to copy. It speaks to a board that does not exist: four bytes, namely command, board, lock, sum of the
 * three; `O` opens, `?` reads one lock, `!` answers both with the lock's number, 128 added when the door is open. It
 * compiles, keeps the contract with its simulator (`src/sandbox/lockers/_blueprint.ts`), is in no registry, and shows
 * where each thing goes.
 */
import { z } from 'zod'
import { type BoardFamily, defineBoards, type Look, type Question } from '../boards.ts'
import { answered, type FrameAt } from '../transport/bus.ts'
import { checked, inRange, sound, sum8 } from '../transport/bytes.ts'

// 1. Frames: pure, both directions, in a file of their own (`<make>-frames.ts`) as soon as there are more than these.
export interface BlueprintRequest {
  readonly kind: 'open' | 'read'
  readonly board: number
  readonly lock: number
}
export interface BlueprintAnswer {
  readonly board: number
  readonly lock: number
  readonly open: boolean
}
const commands = { open: 0x4f, read: 0x3f, answer: 0x21 } as const

export const requestFrame = ({ kind, board, lock }: BlueprintRequest): Uint8Array =>
  checked(sum8, commands[kind], inRange('board', board, 1, 15), inRange('lock', lock, 1, 16))
export const answerFrame = ({ board, lock, open }: BlueprintAnswer): Uint8Array =>
  checked(sum8, commands.answer, board, lock + (open ? 128 : 0))

export const requestAt: FrameAt<BlueprintRequest> = bytes => {
  const kind = bytes[0] === commands.open ? 'open' : bytes[0] === commands.read ? 'read' : undefined
  const all = bytes.length >= 4 && sound(sum8, bytes.subarray(0, 4))
  return kind && all ? { value: { kind, board: bytes[1]!, lock: bytes[2]! }, length: 4 } : undefined
}
export const answerAt: FrameAt<BlueprintAnswer> = bytes =>
  bytes[0] === commands.answer && bytes.length >= 4 && sound(sum8, bytes.subarray(0, 4))
    ? { value: { board: bytes[1]!, lock: bytes[2]! & 127, open: bytes[2]! >= 128 }, length: 4 }
    : undefined

// 2. Settings of one board: what differs from board to board, each with its line for the form.
const board = z.strictObject({
  address: z.int().min(1).max(15).describe('as set by the DIP switch'),
  channels: z.int().min(1).max(16).describe('locks of the board'),
})
type BlueprintBoard = z.output<typeof board>

// 3. What is asked, and how its answer is known among whatever else is heard. `echoProof`: no answer can equal it.
const question = <T>(
  kind: BlueprintRequest['kind'],
  of: BlueprintBoard,
  lock: number,
  read: (answer: BlueprintAnswer) => T,
): Question<T> => ({
  key: `${kind} ${of.address}/${lock}`,
  // Opening and reading are answered alike here; a make that tells them apart leaves this out.
  kin: `${of.address}/${lock}`,
  request: requestFrame({ kind, board: of.address, lock }),
  echoProof: true,
  ...answered(
    answerAt,
    answer => (answer.board === of.address && answer.lock === lock ? read(answer) : undefined),
    answer => answer.board !== of.address,
  ),
})
const look = (of: BlueprintBoard, lock: number): Question<Look> =>
  question('read', of, lock, ({ open }) => new Map([[lock, { door: open ? 'open' : 'closed' }]]))

// 4. The make: its name in the settings, the pauses its line needs (from the maker's document), its three questions.
export const blueprint = defineBoards({
  name: 'blueprint',
  title: { zh: '示例锁控板', en: 'Example board' },
  board,
  more: {},
  most: 15,
  timing: { gap: 5, afterSend: 20, betweenActs: 300, deadline: 300, late: 600, patience: 5000 },
  family: (): BoardFamily<BlueprintBoard> => ({
    open: (of, lock) => question('open', of, lock, () => 'taken' as const),
    look,
    read: of => Array.from({ length: of.channels }, (_, index) => look(of, index + 1)),
  }),
})
