import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, no, type Problem } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver, TellsSurely } from '../../lockers/locker.ts'
import {
  doorNow,
  type Happening,
  isClosing,
  isFresh,
  observe,
  silentSince,
  type Watch,
  withBoard,
} from '../../lockers/watch.ts'
import type { LockerRules } from './ports.ts'
import { drifting, takeTurns } from './turns.ts'
import { lineElsewhere } from './words.ts'

/** How an opening went. `not`: nothing was moved. `unclear`: a pulse was given and the door cannot be seen. */
export type Opening =
  | { readonly kind: 'open' | 'jammed' }
  | { readonly kind: 'unclear' | 'not'; readonly problem: Problem }

export interface LineOptions {
  readonly name: string
  readonly driver: LockerDriver
  readonly boards: readonly number[]
  readonly watch: Watch
  readonly clock: Clock
  readonly rules: LockerRules
  readonly log: Log
  /**
   * Takes in what a look brought, where it brought anything new or somebody is at the board; one look of a board
   * after the other. When it rejects, the look counts as not made.
   */
  seen(board: number, happenings: readonly Happening[], watch: Watch): Promise<void>
  /** From time to time, beside the looks, and first when every board has been looked at since the start. */
  round(): Promise<void>
  /** Somebody is at one of the doors of this board. */
  busy(board: number): boolean
  /** This process may speak on the line. */
  held(): boolean
  /** From 0 to 1, drawn anew each time: cabinets that fell silent together are not asked together. */
  jitter(): number
}

/** The supervision of one line: looks at each of its boards when its time has come, and opens doors between two looks. */
export interface Line {
  readonly boards: readonly number[]
  watch(): Watch
  /** Reads a board for somebody who waits: it goes before all the regular looks. */
  look(board: number): Promise<Answer<readonly DoorReading[]>>
  /** Reads the door, pulses, reads again; pulses once more when the door is seen shut; never without seeing. */
  open(door: Door): Promise<Opening>
  start(): void
  /** Somebody has come to this board: look more often from now on. */
  hurry(board: number): void
  /** The cabinet has told of a door: look at it now. */
  glance(board: number): void
  stop(): Promise<void>
}

/** Looks after a pulse: at once, and while a slow door may still be on its way. */
const looksAfterPulse: readonly Millis[] = [0, 150, 200, 200, 200, 200, 200, 250]
const missesAfterPulse = 2

export const superviseLine = (options: LineOptions): Line => {
  const { driver, clock, rules } = options
  const quietPoll = Math.max(rules.idlePoll, quietPause(driver, rules))
  const several = (driver.atOnce ?? 1) > 1
  let { watch } = options
  let stopped = true
  let cancel: (() => void) | undefined
  let rounds: Promise<void> = Promise.resolve()
  /** What is being taken in: of each board by itself where several are read at once, of the whole line otherwise. */
  const order = new Map<number, Promise<unknown>>()
  const nextTry = new Map<number, { readonly at: Millis; readonly wait: Millis }>()

  const inOrder = <T>(lane: number, act: () => Promise<T>): Promise<T> => {
    const done = (order.get(lane) ?? Promise.resolve()).then(act)
    const over = done.then(
      () => {},
      () => {},
    )
    order.set(lane, over)
    void over.then(() => {
      if (order.get(lane) === over) order.delete(lane)
    })
    return done
  }

  /** A board that stays silent is asked less and less often, and nobody's turn falls on another's for long. */
  const backOff = (board: number, at: Millis): void => {
    if (silentSince(watch, board) === null) {
      nextTry.delete(board)
      return
    }
    const before = nextTry.get(board)?.wait
    const wait = Math.min(before === undefined ? rules.silentPoll : before * 2, rules.longestSilentPoll)
    nextTry.set(board, { at: at + wait * (1 - 0.3 * options.jitter()), wait })
  }

  type Read = Answer<readonly DoorReading[]>
  const observed = (board: number, at: Millis, answer: Read) =>
    observe(
      watch,
      answer.ok ? { board, at, readings: answer.value } : { board, at, missed: true },
      rules.watch,
    )
  const keep = (board: number, at: Millis, next: Watch): void => {
    watch = withBoard(watch, next, board)
    backOff(board, at)
  }

  const look = async (board: number, urgent: boolean): Promise<Read> => {
    if (!options.held()) return no(lineElsewhere)
    const answer = await driver.read(board, urgent)
    const lane = several ? board : 0
    if (!order.has(lane) && !options.busy(board)) {
      const at = clock.now()
      const next = observed(board, at, answer)
      if (next.watch === watch) {
        backOff(board, at)
        return answer
      }
    }
    return inOrder(lane, async () => {
      const at = clock.now()
      const next = observed(board, at, answer)
      await options.seen(board, next.happenings, next.watch)
      keep(board, at, next.watch)
      return answer
    })
  }

  const seeOpen = async (door: Door, waits: readonly Millis[]): Promise<'open' | 'closed' | Problem> => {
    let missed = 0
    for (const wait of waits) {
      if (wait > 0) await pause(clock, wait)
      const answer = await look(door.board, true)
      if (answer.ok && isOpenIn(answer.value, door)) return 'open'
      missed = answer.ok ? 0 : missed + 1
      if (!answer.ok && (missed === missesAfterPulse || wait === waits.at(-1))) return answer.problem
    }
    return 'closed'
  }

  const open = async (door: Door): Promise<Opening> => {
    if (!isFresh(watch, door.board) || doorNow(watch, door).door === 'open') {
      const now = await look(door.board, true)
      if (!now.ok) return { kind: 'not', problem: now.problem }
      if (isOpenIn(now.value, door)) return { kind: 'open' }
    }
    for (let pulse = 1; pulse <= 2; pulse++) {
      if (!options.held()) return { kind: 'not', problem: lineElsewhere }
      const sent = await driver.open(door)
      if (!sent.ok && !sent.problem.maybeDone) return { kind: 'not', problem: sent.problem }
      const surelyShut = sent.ok && sent.value.opened === false
      const seen = await seeOpen(door, surelyShut ? looksAfterPulse.slice(0, 1) : looksAfterPulse)
      if (seen === 'open') return { kind: 'open' }
      if (seen !== 'closed') return { kind: 'unclear', problem: seen }
    }
    return { kind: 'jammed' }
  }

  const pauseBefore = (board: number): Millis => {
    const silent = nextTry.get(board)
    if (silent) return silent.at - clock.now()
    if (options.busy(board) || isClosing(watch, board)) return rules.busyPoll
    return isFresh(watch, board) ? quietPoll : rules.idlePoll
  }
  const turns = takeTurns({
    boards: options.boards,
    clock,
    atOnce: driver.atOnce ?? 1,
    look: async board => {
      try {
        await look(board, false)
      } catch (error) {
        options.log.error({ line: options.name, board, problem: String(error) }, 'a look failed')
      }
    },
    pauseBefore,
    urgent: board => options.busy(board) || isClosing(watch, board),
    jitter: options.jitter,
    toured: () => keepUp(),
  })

  const keepUp = (): void => {
    cancel = undefined
    rounds = options
      .round()
      .catch(error => options.log.error({ line: options.name, problem: String(error) }, 'a round failed'))
      .then(() => {
        if (!stopped) cancel = clock.after(drifting(rules.idlePoll, options.jitter), keepUp)
      })
  }

  return {
    boards: options.boards,
    watch: () => watch,
    look: board => look(board, true),
    open,
    start: () => {
      stopped = false
      turns.start()
    },
    hurry: board => {
      if (!nextTry.has(board)) turns.within(board, rules.busyPoll)
    },
    glance: board => turns.within(board, 0),
    stop: async () => {
      stopped = true
      cancel?.()
      await turns.stop()
      await rounds
      await Promise.all(order.values())
    },
  }
}

const quietPause = (driver: LockerDriver, rules: LockerRules): Millis => {
  if (can(driver, 'onPresence')) return (driver as typeof driver & TellsSurely).lookEvery
  return can(driver, 'onEvent') ? rules.tellingPoll : rules.idlePoll
}

const isOpenIn = (readings: readonly DoorReading[], door: Door): boolean =>
  readings.some(one => one.board === door.board && one.channel === door.channel && one.door === 'open')
