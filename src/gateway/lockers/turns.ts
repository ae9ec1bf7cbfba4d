import type { Clock, Millis } from '../../kernel/clock.ts'

export interface TurnsOptions {
  readonly boards: readonly number[]
  readonly clock: Clock
  /** Boards that may be looked at at the same time. */
  readonly atOnce: number
  /** Must not reject. */
  look(board: number): Promise<void>
  /** How long a board that has just been looked at is left alone. */
  pauseBefore(board: number): Millis
  /** Somebody waits for what the next look at it brings. */
  urgent(board: number): boolean
  /** From 0 to 1, drawn anew each time: boards that were once looked at together drift apart. */
  jitter(): number
  /** Every board has had its first look since the start. */
  toured(): void
}

/** Whose turn it is to be looked at: each board at its own time, and those somebody waits for before the others. */
export interface LookTurns {
  start(): void
  /** This board within so long, before those whose turn has merely come. */
  within(board: number, most: Millis): void
  /** Resolves when nothing is being looked at any more. */
  stop(): Promise<void>
}

interface Turn {
  readonly board: number
  state: 'resting' | 'waiting' | 'looking'
  /** While it rests. */
  dueAt: Millis
  lookedAt: Millis
  cancel: (() => void) | undefined
  /** Somebody waits for the next look. */
  soon: boolean
  /** To be looked at once more when the look under way is over, which may have begun before what it is to show. */
  again: boolean
  toured: boolean
}

/** A board is not looked at twice within so long, however often its cabinet tells of something. */
const between: Millis = 100
/** So many that somebody waits for, and then one whose turn has come. */
const inARow = 3

/** A little sooner than asked for, each time anew: what once fell together drifts apart. */
export const drifting = (wait: Millis, jitter: () => number): Millis =>
  Math.ceil(wait * (0.9 + 0.1 * jitter()))

export const takeTurns = (options: TurnsOptions): LookTurns => {
  const { clock } = options
  const turns = new Map<number, Turn>()
  for (const board of options.boards)
    turns.set(board, {
      board,
      state: 'resting',
      dueAt: 0,
      lookedAt: Number.NEGATIVE_INFINITY,
      cancel: undefined,
      soon: false,
      again: false,
      toured: false,
    })
  let stopped = true
  let untoured = 0
  let soonTaken = 0
  let soon: Turn[] = []
  let later: Turn[] = []
  const looking = new Set<Promise<void>>()

  const enqueue = (turn: Turn): void => {
    turn.cancel?.()
    turn.cancel = undefined
    turn.state = 'waiting'
    ;(turn.soon ? soon : later).push(turn)
    pump()
  }
  const rest = (turn: Turn, wait: Millis): void => {
    turn.cancel?.()
    turn.state = 'resting'
    turn.dueAt = clock.now() + wait
    turn.cancel = clock.after(Math.ceil(wait), () => {
      turn.cancel = undefined
      enqueue(turn)
    })
  }

  const over = (turn: Turn): void => {
    turn.state = 'resting'
    turn.lookedAt = clock.now()
    if (stopped) return
    if (turn.again) {
      turn.again = false
      turn.soon = true
      rest(turn, between)
    } else {
      turn.soon = options.urgent(turn.board)
      const wait = Math.max(0, options.pauseBefore(turn.board))
      rest(turn, turn.toured ? drifting(wait, options.jitter) : wait * (0.2 + 0.8 * options.jitter()))
    }
    if (turn.toured) return
    turn.toured = true
    untoured -= 1
    if (untoured === 0) options.toured()
  }
  const next = (): Turn | undefined => {
    const one = soonTaken < inARow || later.length === 0 ? soon.shift() : undefined
    soonTaken = one ? soonTaken + 1 : 0
    return one ?? later.shift()
  }
  const pump = (): void => {
    while (!stopped && looking.size < options.atOnce) {
      const turn = next()
      if (!turn) return
      turn.state = 'looking'
      const look = options.look(turn.board).then(() => {
        looking.delete(look)
        over(turn)
        pump()
      })
      looking.add(look)
    }
  }

  return {
    start: () => {
      if (!stopped) return
      stopped = false
      untoured = turns.size
      for (const turn of turns.values()) {
        turn.toured = false
        if (turn.state === 'looking') turn.again = true
        else later.push(turn)
        if (turn.state !== 'looking') turn.state = 'waiting'
      }
      pump()
    },
    within: (board, most) => {
      const turn = turns.get(board)
      if (stopped || !turn) return
      if (turn.state === 'looking') {
        turn.again ||= most === 0
        return
      }
      turn.soon = true
      if (turn.state === 'resting') {
        const at = Math.max(clock.now() + most, turn.lookedAt + between)
        if (turn.dueAt > at) rest(turn, at - clock.now())
        return
      }
      const at = later.indexOf(turn)
      if (at >= 0) soon.push(...later.splice(at, 1))
    },
    stop: async () => {
      stopped = true
      soon = []
      later = []
      for (const turn of turns.values()) {
        turn.cancel?.()
        turn.cancel = undefined
        turn.again = false
        if (turn.state === 'waiting') turn.state = 'resting'
      }
      await Promise.all(looking)
    },
  }
}
