import { z } from 'zod'
import { type Clock, type Millis, pause } from '../kernel/clock.ts'
import { type Answer, misconfigured, no, refused, type Words, yes } from '../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver, TellsEvents, TellsLine } from './locker.ts'
import { defineLocker, type LockerMake } from './make.ts'
import { hearPushes, type PushAt } from './pushes.ts'
import { steadyLine } from './steady.ts'
import type { Ask, LineBus, LineTiming, Reply } from './transport/bus.ts'
import { lineAddress } from './transport/settings.ts'

/** A board as its settings name it; families add what differs from board to board. */
export interface LockBoard {
  /** As set at the board. */
  readonly address: number
  readonly channels: number
}

type Opened = Awaited<ReturnType<LockerDriver['open']>>

/** What is known of some doors of a board, by channel. */
export type Look = ReadonlyMap<number, Pick<DoorReading, 'door' | 'occupied'>>

/** The doors `from`..`to` of a board that tells them by bits. */
export const lookOfBits = (
  set: ReadonlySet<number>,
  bitOneMeans: 'open' | 'closed',
  from: number,
  to: number,
): Look => {
  const [one, zero] = bitOneMeans === 'open' ? [opened, shut] : [shut, opened]
  const look = new Map<number, typeof one>()
  for (let channel = from; channel <= to; channel++) look.set(channel, set.has(channel) ? one : zero)
  return look
}
/** Thousands of looks a second bring nothing else. */
const opened = { door: 'open' } as const
const shut = { door: 'closed' } as const
const unknown = { door: 'unknown' } as const
const nothing: Look = new Map()

/**
 * What the answer to an opening says: `open`, `closed`: the door, after the pulse; `taken`: the board will pulse or
 * has pulsed, the door is not spoken of; `declined`: the board says that it did not work; `nothing`: there was no
 * answer, and there need not be one.
 */
export type Said = 'open' | 'closed' | 'taken' | 'declined' | 'nothing'

/** A question of the family; how it goes through the queue is not the family's business. */
export type Question<T> = Omit<Ask<T>, 'urgent' | 'acts' | 'tries'> & { readonly tries?: number }

/** What the boards of one make say and understand. Channels count from 1, whatever the wire counts from. */
export interface BoardFamily<B extends LockBoard> {
  open(board: B, channel: number): Question<Said>
  /** The shortest question that tells of this door; `echoProof`. */
  look(board: B, channel: number): Question<Look>
  /** The questions that tell of every door of the board; the same each time. */
  read(board: B): readonly Question<Look>[]
  /** How long a lock refuses to be pulsed again; 1 s where left out, for the solenoid's sake. */
  readonly rest?: Millis
  /** What a board says unasked when a door moves; left out where boards speak only when they are asked. */
  readonly pushed?: PushAt
}

/** What every driver of boards can; it tells events where its boards push them. */
export type BoardDriver = LockerDriver & TellsLine & Partial<TellsEvents>

/** The driver of some boards on one line: the queue, the rest of the solenoids, the confirming of openings. */
export const createBoards = <B extends LockBoard>(
  name: string,
  family: BoardFamily<B>,
  of: readonly B[],
  bus: LineBus,
  clock: Clock,
): BoardDriver => {
  const boards = new Map(of.map(one => [one.address, one]))
  const pulsed = new Map<string, Millis>()
  const turns = new Map<string, Promise<Opened>>()
  const readings = new Map(of.map(one => [one.address, family.read(one)]))
  const rest = Math.max(family.rest ?? 0, solenoidRest)

  const lookAt = async (board: B, channel: number): Promise<Answer<DoorReading['door']>> => {
    const answer = await bus.ask(urgently(family.look(board, channel)))
    return answer.ok ? yes(answer.value.value.get(channel)?.door ?? 'unknown') : answer
  }

  /** Before a question whose answer may equal it, another shows whether the line echoes. */
  const knowEcho = async (
    question: Question<unknown>,
    board: B,
    channel: number,
  ): Promise<Answer<unknown>> =>
    question.echoProof || bus.echo() !== 'unknown' ? yes(undefined) : lookAt(board, channel)

  /** Looks until the door is seen open, for as long as a spring may need. */
  const watch = async (board: B, channel: number, since: Millis): Promise<Answer<DoorReading['door']>> => {
    await pause(clock, Math.min(since + firstLook - clock.now(), firstLook))
    for (let looks = 1; ; looks += 1) {
      const seen = await lookAt(board, channel)
      const enough = clock.now() >= since + lookedEnough || looks >= mostLooks
      if (!seen.ok || seen.value === 'open' || enough) return seen
      await pause(clock, betweenLooks)
    }
  }

  const confirm = async (board: B, channel: number, sent: Answer<Reply<Said>>, since: Millis) => {
    const said = sent.ok && !sent.value.doubtful ? sent.value.value : 'taken'
    if (said === 'open' || said === 'closed') return yes({ opened: said === 'open' })
    const seen = await (said === 'declined' ? lookAt(board, channel) : watch(board, channel, since))
    if (seen.ok && seen.value !== 'unknown') return yes({ opened: seen.value === 'open' })
    if (!sent.ok) return sent
    if (said === 'declined') return yes({ opened: false })
    if (!seen.ok && said === 'nothing') return no({ ...seen.problem, maybeDone: true })
    return yes({ opened: 'unconfirmed' as const })
  }

  const pulse = async (board: B, channel: number): Promise<Opened> => {
    const key = `${board.address}/${channel}`
    // Never longer than the rest itself: the clock of the machine may have been set back since.
    const wait = Math.min(rest, (pulsed.get(key) ?? Number.NEGATIVE_INFINITY) + rest - clock.now())
    if (wait > longestWait) return no(lockRests(clock.now() + wait))
    const question = family.open(board, channel)
    const line = await knowEcho(question, board, channel)
    if (!line.ok) return line
    if (wait > 0) await pause(clock, wait)
    const sent = (at: Millis) => pulsed.set(key, at)
    const answer = await bus.ask({ ...question, urgent: true, acts: true, tries: 1, sent })
    if (!answer.ok && !answer.problem.maybeDone) return answer
    return confirm(board, channel, answer, pulsed.get(key) ?? clock.now())
  }

  /** One person after the other at each door, so that the rest counts from the pulse itself. */
  const open: LockerDriver['open'] = async ({ board: address, channel }) => {
    const board = boards.get(address)
    if (!board || !Number.isInteger(channel) || channel < 1 || channel > board.channels)
      return no(noSuchDoor({ board: address, channel }))
    const key = `${address}/${channel}`
    const before = turns.get(key)
    const next = () => pulse(board, channel)
    const turn = before ? before.then(next, next) : next()
    turns.set(key, turn)
    try {
      return await turn
    } finally {
      if (turns.get(key) === turn) turns.delete(key)
    }
  }

  const read: LockerDriver['read'] = async (address, urgent = false) => {
    const board = boards.get(address)
    if (!board) return no(noSuchDoor({ board: address, channel: 0 }))
    let seen: Look = nothing
    for (const question of readings.get(address)!) {
      const line = await knowEcho(question, board, 1)
      if (!line.ok) return line
      const answer = await bus.ask({ tries: 2, ...question, urgent, acts: false })
      if (!answer.ok) return answer
      seen = seen.size === 0 ? answer.value.value : new Map([...seen, ...answer.value.value])
    }
    return yes(
      Array.from({ length: board.channels }, (_, index) => ({
        board: address,
        channel: index + 1,
        ...(seen.get(index + 1) ?? unknown),
      })),
    )
  }

  const pushes = family.pushed && hearPushes(family.pushed, name, boards, bus, clock)
  return {
    name,
    open,
    read,
    line: () => ({ up: bus.up(), echo: bus.echo(), ...bus.traffic() }),
    ...(pushes ? { onEvent: pushes.onEvent } : {}),
    close: () => {
      pushes?.stop()
      return bus.close()
    },
  }
}

/** A make of lock boards, several of one family on one line behind a serial server. */
export interface BoardMake<C> extends LockerMake {
  readonly timing: LineTiming
  /** The driver on a given line, with the settings of the make but no address; the line is closed with it. */
  on(settings: C, bus: LineBus, clock: Clock): BoardDriver
}

/** Describes a make of lock boards: `board` are the settings of each, `more` those of all of them. */
export const defineBoards = <
  B extends z.ZodType<LockBoard>,
  M extends Readonly<Record<string, z.ZodType>>,
>(make: {
  readonly name: string
  readonly title: Words
  readonly board: B
  readonly more: M
  /** Boards the line can tell apart. */
  readonly most: number
  readonly timing: LineTiming
  family(chosen: z.output<z.ZodObject<M>>): BoardFamily<z.output<B>>
}): BoardMake<{ [K in keyof M]?: z.input<M[K]> } & { readonly boards: readonly z.input<B>[] }> => {
  const boards = z
    .array(make.board)
    .min(1)
    .max(make.most)
    .refine(all => new Set(all.map(one => one.address)).size === all.length, {
      error: 'two boards have one address',
    })
  const line = z.object({ boards })
  const family = z.object(make.more)
  const over = (settings: unknown, bus: LineBus, clock: Clock) =>
    createBoards(make.name, make.family(family.parse(settings)), line.parse(settings).boards, bus, clock)
  return {
    ...defineLocker({
      name: make.name,
      title: make.title,
      settings: z.strictObject({ address: lineAddress, boards, ...make.more }),
      create: (chosen, wire) => {
        const { address } = addressed.parse(chosen)
        return over(chosen, steadyLine(wire, address, make.timing), wire.clock)
      },
    }),
    timing: make.timing,
    on: over,
  }
}

const addressed = z.object({ address: lineAddress })

/** A solenoid is not pulsed twice within this time: it burns. */
const solenoidRest: Millis = 1000
/** A lock that rests longer than a person waits is not waited for. */
const longestWait: Millis = 2000
/** After the pulse was asked for: the spring, and the contact behind it. */
const firstLook: Millis = 150
const betweenLooks: Millis = 200
const lookedEnough: Millis = 1500
const mostLooks = 8

const urgently = <T>(question: Question<T>): Ask<T> => ({ tries: 2, ...question, urgent: true, acts: false })

const noSuchDoor = (door: Door) =>
  misconfigured('locker-no-such-door', {
    zh: `锁控板 ${door.board} 上没有 ${door.channel} 号锁，请检查柜格设置。`,
    en: `There is no lock ${door.channel} on board ${door.board}; check the layout of the locker.`,
  })

const lockRests = (until: Millis) => ({
  ...refused(
    'locker-lock-rests',
    {
      zh: '这把锁刚刚动作过，请过几秒再试。',
      en: 'This lock has just been pulsed; try again in a few seconds.',
    },
    { notBefore: until },
  ),
  retry: 'later' as const,
})
