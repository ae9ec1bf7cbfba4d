import { z } from 'zod'
import { type Clock, pause } from '../../kernel/clock.ts'
import { type Answer, misconfigured, no, yes } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../locker.ts'
import { defineLocker } from '../make.ts'
import { type Ask, fixedLength, type LineBus, type LineTiming, type Reply } from '../transport/bus.ts'
import { lineAddress } from '../transport/settings.ts'
import { createTcpBus } from '../transport/tcp-bus.ts'
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
  /** As set by the DIP switch. */
  address: z.number().int().min(1).max(maxBoard),
  channels: z.number().int().min(1).max(maxLock),
  /** When a lock's feedback contact is shorted. Both wirings are sold and the byte alone does not tell. */
  shortedWhen: z.enum(['closed', 'open']).default('closed'),
  /** What a set bit means in the answer for many locks; independent of the wiring above. */
  bitOneMeans: z.enum(['open', 'closed']).default('open'),
})

const settings = z.strictObject({
  address: lineAddress,
  boards: z
    .array(board)
    .min(1)
    .max(32)
    .refine(boards => new Set(boards.map(one => one.address)).size === boards.length, {
      error: 'two boards have one address',
    }),
  /** `board`: 80 with lock 0, one exchange. `group`: 81, one exchange per eight locks. */
  query: z.enum(['board', 'group']).default('board'),
  /** Length of the pulse where the lock needs more than the board's own 0.3 s. */
  pulseSeconds: z.number().int().min(1).max(9).optional(),
})

export type XorBoardSettings = z.output<typeof settings>

/** Public drivers of this family wait 50 ms after sending, then up to 500 ms for the answer. */
export const xorTiming: LineTiming = { gap: 5, afterSend: 50, deadline: 500, late: 1000, patience: 5000 }

/** A solenoid is not pulsed twice within this time: it burns. */
const pulseRest = 1000

/** XOR lock boards with 1..50 locks, several on one RS485 line behind a serial server. */
export const xorBoard = defineLocker({
  name: 'xor-8a',
  title: { zh: '485 锁控板（8A/80 指令，异或校验）', en: 'RS485 lock board (8A/80 commands, XOR check)' },
  settings,
  create: (chosen, wire) =>
    createXorDriver(
      chosen,
      createTcpBus({ ...wire, address: chosen.address, timing: xorTiming }),
      wire.clock,
    ),
})

/** The driver on a given line; the line is closed with it. */
export const createXorDriver = (chosen: XorBoardSettings, bus: LineBus, clock: Clock): LockerDriver => {
  const boards = new Map(chosen.boards.map(one => [one.address, one]))
  const pulsed = new Map<string, number>()

  const doorOf = (address: number, contact: Contact): 'open' | 'closed' => {
    const shorted = boards.get(address)?.shortedWhen ?? 'closed'
    if (contact === 'shorted') return shorted
    return shorted === 'closed' ? 'open' : 'closed'
  }

  /** Also shows whether the line echoes: no board ever answers 0x33, the constant of this question. */
  const readOne = async (door: Door): Promise<Answer<'open' | 'closed'>> => {
    const answer = await bus.ask(readOneAsk(door))
    return answer.ok ? yes(doorOf(door.board, answer.value.value)) : answer
  }

  const learnEcho = async (door: Door): Promise<Answer<unknown>> =>
    bus.echo() === 'unknown' ? readOne(door) : yes(undefined)

  const confirmed = async (door: Door, sent: Answer<Reply<Contact>>) => {
    if (sent.ok && !sent.value.doubtful)
      return yes({ opened: doorOf(door.board, sent.value.value) === 'open' } as const)
    if (!sent.ok && !sent.problem.maybeDone) return sent
    const seen = await readOne(door)
    if (seen.ok) return yes({ opened: seen.value === 'open' } as const)
    return sent.ok ? yes({ opened: 'unconfirmed' } as const) : sent
  }

  const open: LockerDriver['open'] = async door => {
    const known = boards.get(door.board)
    if (!known || !Number.isInteger(door.channel) || door.channel < 1 || door.channel > known.channels)
      return no(noSuchDoor(door))
    const line = await learnEcho(door)
    if (!line.ok) return line
    const key = `${door.board}/${door.channel}`
    const rest = (pulsed.get(key) ?? Number.NEGATIVE_INFINITY) + pulseRest - clock.now()
    if (rest > 0) await pause(clock, rest)
    pulsed.set(key, clock.now())
    return confirmed(door, await bus.ask(openAsk(door, chosen.pulseSeconds)))
  }

  const openSet = async (address: number, channels: number): Promise<Answer<ReadonlySet<number>>> => {
    if (chosen.query === 'board') return onlyValue(await bus.ask(readBoardAsk(address, channels)))
    const all = new Set<number>()
    for (let group = 1; group <= Math.ceil(channels / 8); group++) {
      const answer = await bus.ask(readGroupAsk(address, group))
      if (!answer.ok) return answer
      for (const lock of answer.value.value) all.add(lock)
    }
    return yes(all)
  }

  const read: LockerDriver['read'] = async address => {
    const known = boards.get(address)
    if (!known) return no(noSuchDoor({ board: address, channel: 0 }))
    const line = await learnEcho({ board: address, channel: 1 })
    if (!line.ok) return line
    const set = await openSet(address, known.channels)
    if (!set.ok) return set
    const channels = Array.from({ length: known.channels }, (_, index) => index + 1)
    const other = known.bitOneMeans === 'open' ? 'closed' : 'open'
    return yes(
      channels.map(
        (channel): DoorReading => ({
          board: address,
          channel,
          door: set.value.has(channel) ? known.bitOneMeans : other,
        }),
      ),
    )
  }

  return { name: xorBoard.name, open, read, close: () => bus.close() }
}

const onlyValue = <T>(answer: Answer<Reply<T>>): Answer<T> => (answer.ok ? yes(answer.value.value) : answer)

const openAsk = (door: Door, seconds: number | undefined): Ask<Contact> => ({
  key: `open ${door.board}/${door.channel}`,
  urgent: true,
  acts: true,
  tries: 1,
  request: requestFrame({
    kind: 'open',
    board: door.board,
    lock: door.channel,
    ...(seconds === undefined ? {} : { seconds }),
  }),
  // The short form equals the answer "shorted" byte for byte; with a pulse length it is longer than any answer.
  echoProof: seconds !== undefined,
  find: fixedLength(5, frame => readContact(frame, { kind: 'open', board: door.board, lock: door.channel })),
})

const readOneAsk = (door: Door): Ask<Contact> => ({
  key: `read ${door.board}/${door.channel}`,
  urgent: true,
  acts: false,
  tries: 2,
  request: requestFrame({ kind: 'read-one', board: door.board, lock: door.channel }),
  echoProof: true,
  find: fixedLength(5, frame =>
    readContact(frame, { kind: 'read-one', board: door.board, lock: door.channel }),
  ),
})

const readBoardAsk = (address: number, channels: number): Ask<ReadonlySet<number>> => ({
  key: `read ${address}`,
  urgent: false,
  acts: false,
  tries: 2,
  request: requestFrame({ kind: 'read-board', board: address }),
  // With locks 10, 13, 14 and so on set, an answer begins with the very bytes of the question.
  echoProof: false,
  find: fixedLength(boardAnswerLength(channels), frame => readBoardBits(frame, { board: address, channels })),
})

const readGroupAsk = (address: number, group: number): Ask<ReadonlySet<number>> => ({
  key: `read ${address} group ${group}`,
  urgent: false,
  acts: false,
  tries: 2,
  request: requestFrame({ kind: 'read-group', board: address, group }),
  echoProof: false,
  find: fixedLength(5, frame => readGroupBits(frame, { board: address, group })),
})

const noSuchDoor = (door: Door) =>
  misconfigured('locker-no-such-door', {
    zh: `锁控板 ${door.board} 上没有 ${door.channel} 号锁，请检查柜格设置。`,
    en: `There is no lock ${door.channel} on board ${door.board}; check the layout of the locker.`,
  })
