import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { type Answer, no, type Problem } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../../lockers/locker.ts'
import { doorNow, type Happening, isFresh, observe, silentSince, type Watch } from '../../lockers/watch.ts'
import type { LockerRules } from './ports.ts'
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
  /** Takes in what a look brought; one look after the other. When it rejects, the look counts as not made. */
  seen(board: number, happenings: readonly Happening[], watch: Watch): Promise<void>
  /** After each round over the boards. */
  round(): Promise<void>
  /** Somebody is at one of the line's doors. */
  busy(): boolean
  /** This process may speak on the line. */
  held(): boolean
  /** From 0 to 1, drawn anew each time: cabinets that fell silent together are not asked together. */
  jitter(): number
}

/** The supervision of one line: looks at its boards in turn, and opens doors between two looks. */
export interface Line {
  readonly boards: readonly number[]
  watch(): Watch
  look(board: number): Promise<Answer<readonly DoorReading[]>>
  /** Reads the door, pulses, reads again; pulses once more when the door is seen shut; never without seeing. */
  open(door: Door): Promise<Opening>
  start(): void
  /** Somebody has come: look more often from now on. */
  hurry(): void
  stop(): Promise<void>
}

/** Looks after a pulse: at once, and while a slow door may still be on its way. */
const looksAfterPulse: readonly Millis[] = [0, 150, 200, 200, 200, 200, 200, 250]
const missesAfterPulse = 2

export const superviseLine = (options: LineOptions): Line => {
  const { driver, clock, rules } = options
  let { watch } = options
  let stopped = true
  let cancel: (() => void) | undefined
  let rounds: Promise<void> = Promise.resolve()
  let order: Promise<unknown> = Promise.resolve()
  const nextTry = new Map<number, { readonly at: Millis; readonly wait: Millis }>()

  const inOrder = <T>(act: () => Promise<T>): Promise<T> => {
    const done = order.then(act)
    order = done.catch(() => {})
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

  const look = async (board: number): Promise<Answer<readonly DoorReading[]>> => {
    if (!options.held()) return no(lineElsewhere)
    const answer = await driver.read(board)
    return inOrder(async () => {
      const at = clock.now()
      const next = observe(
        watch,
        answer.ok ? { board, at, readings: answer.value } : { board, at, missed: true },
        rules.watch,
      )
      await options.seen(board, next.happenings, next.watch)
      watch = next.watch
      backOff(board, at)
      return answer
    })
  }

  const seeOpen = async (door: Door, waits: readonly Millis[]): Promise<'open' | 'closed' | Problem> => {
    let missed = 0
    for (const wait of waits) {
      if (wait > 0) await pause(clock, wait)
      const answer = await look(door.board)
      if (answer.ok && isOpenIn(answer.value, door)) return 'open'
      missed = answer.ok ? 0 : missed + 1
      if (!answer.ok && (missed === missesAfterPulse || wait === waits.at(-1))) return answer.problem
    }
    return 'closed'
  }

  const open = async (door: Door): Promise<Opening> => {
    if (!isFresh(watch, door.board) || doorNow(watch, door).door === 'open') {
      const now = await look(door.board)
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

  const dueForLook = (board: number): boolean => clock.now() >= (nextTry.get(board)?.at ?? 0)

  const round = async (): Promise<void> => {
    for (const board of options.boards) {
      if (stopped) return
      if (dueForLook(board)) await look(board)
    }
    await options.round()
  }
  const begin = (): void => {
    cancel = undefined
    rounds = round()
      .catch(error => options.log.error({ line: options.name, problem: String(error) }, 'a round failed'))
      .then(() => {
        if (stopped) return
        const wait = options.busy() ? rules.busyPoll : rules.idlePoll * (1 - 0.1 * options.jitter())
        cancel = clock.after(Math.ceil(wait), begin)
      })
  }

  return {
    boards: options.boards,
    watch: () => watch,
    look,
    open,
    start: () => {
      if (!stopped) return
      stopped = false
      begin()
    },
    hurry: () => {
      if (stopped || !cancel) return
      cancel()
      cancel = clock.after(rules.busyPoll, begin)
    },
    stop: async () => {
      stopped = true
      cancel?.()
      cancel = undefined
      await rounds
      await order
    },
  }
}

const isOpenIn = (readings: readonly DoorReading[], door: Door): boolean =>
  readings.some(one => one.board === door.board && one.channel === door.channel && one.door === 'open')
