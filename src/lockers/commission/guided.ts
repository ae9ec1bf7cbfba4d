import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import { type Answer, asProblem, no, type Problem, ProblemError, yes } from '../../kernel/problem.ts'
import type { Door } from '../locker.ts'
import type { BoardFacts } from './facts.ts'
import {
  doorHolds,
  labelTaken,
  movedOn,
  noBoardsChosen,
  noSuchChannel,
  noSuchWiring,
  nothingRead,
  notNow,
} from './guided-words.ts'
import { type KnownDoor, likelyDoor } from './layout.ts'
import type { OpenLine } from './open-line.ts'
import { toldOpen, type Wiring, wirings } from './polarity.ts'
import type { MappedDoor } from './settings-text.ts'
import { type FoundBoard, type Heard, survey } from './survey.ts'
import { type BoardWiring, createWiredLine, sameDoor, type WiredLine } from './wired-line.ts'

/** What was learned on a line, to be carried over into a later set-up of the same line. */
export interface Learned {
  /** With what was learned of their wiring. */
  readonly boards: readonly FoundBoard[]
  /** Boards of which an opening has shown that the readings are right. */
  readonly sure: readonly number[]
  readonly doors: readonly MappedDoor[]
  readonly none: readonly Door[]
}

export interface GuidedOptions {
  readonly line: OpenLine
  readonly facts: BoardFacts
  /** Boards that the settings name: their channels are believed, not the room in their answers. */
  readonly settled: readonly FoundBoard[]
  readonly known: readonly KnownDoor[]
  readonly learned?: Learned
  readonly clock: Clock
  /** How long the line may take to come up. */
  readonly patience: Millis
  /** Doors behind which books lie, or may lie. */
  readonly holding: () => Promise<readonly Door[]>
  /** Before every pulse: writes it down. Throws when it cannot be, when the line is no longer ours, or books lie there. */
  readonly beforePulse: (door: Door) => Promise<void>
  /** Something is otherwise than it was shown. */
  readonly changed: () => void
}

/** What the person at the page wants. `turn` of the picture it was decided on goes with it. */
export type GuidedAct =
  | { readonly act: 'look'; readonly addresses: readonly number[] }
  | { readonly act: 'stop-looking' }
  /** All doors of these boards (of all that were found) are shut: read them once for each way they may be wired. */
  | { readonly act: 'shut'; readonly boards?: readonly { address: number; channels: number }[] | undefined }
  | { readonly act: 'wiring'; readonly board: number; readonly wiring: Wiring }
  | ({ readonly act: 'open' } & Door)
  /** The door that opened. */
  | { readonly act: 'which'; readonly door: Omit<MappedDoor, 'board' | 'channel'> }
  | { readonly act: 'none' }
  /** Is everything shut again? Changes nothing but the picture. */
  | { readonly act: 'check' }
  | { readonly act: 'change'; readonly door: MappedDoor }
  | ({ readonly act: 'forget' } & Door)
  | { readonly act: 'back-to-boards' }

export interface GuidedView {
  readonly step: 'connecting' | 'looking' | 'found' | 'doors'
  /** Rises with everything that is done. */
  readonly turn: number
  readonly progress: {
    readonly done: number
    readonly of: number
    readonly address: number
    /** It has answered already, and is asked how many channels it has: so many? */
    readonly counting: number | null
  } | null
  readonly problem: Problem | null
  readonly echo: boolean
  readonly boards: readonly {
    readonly address: number
    readonly channels: number
    /** The most it has room for. */
    readonly room: number
    readonly heard: Heard
    readonly inSettings: boolean
  }[]
  readonly wirings: readonly BoardWiring[]
  /** Told as open with every door shut: no lock there, or a broken contact. */
  readonly idle: readonly Door[]
  readonly channels: readonly Door[]
  readonly holding: readonly Door[]
  readonly doors: readonly MappedDoor[]
  readonly none: readonly Door[]
  /** The door pulsed last, until it is named and shut again. */
  readonly at: {
    readonly door: Door
    readonly told: 'yes' | 'no' | 'unsure'
    readonly seen: readonly Door[]
    readonly problem: Problem | null
    readonly waits: 'which' | 'shut'
    readonly likely: MappedDoor
  } | null
  readonly stillOpen: readonly Door[]
  /** What the last opening taught. */
  readonly taught: 'agrees' | 'rewired' | 'no-contact' | null
  readonly silent: readonly { readonly board: number; readonly problem: Problem }[]
}

/** A set-up of one line, step by step, at the pace of the person who stands before the cabinet. */
export interface Guided {
  view(): GuidedView
  /** One after the other; what was decided on an older picture is refused with `locker-setup-moved-on`. */
  act(turn: number, act: GuidedAct): Promise<Answer<void>>
  learned(): Learned
  /** Ends what is under way and closes the line. */
  close(): Promise<void>
}

/** After the pulse: the spring, and the contact behind it. */
const settles: Millis = 400

export const createGuided = (options: GuidedOptions): Guided => {
  const { line, facts, clock, learned: before } = options
  let step: GuidedView['step'] = 'connecting'
  let turn = 0
  let closed = false
  let stopLooking = false
  let atIt = false
  let looking: Promise<void> = Promise.resolve()
  let order: Promise<unknown> = Promise.resolve()
  let progress: GuidedView['progress'] = null
  let problem: Problem | null = null
  let echo = false
  let found = new Map<number, { channels: number; room: number; heard: Heard }>()
  let boards: readonly FoundBoard[] = []
  let wired: WiredLine | undefined
  let holding: readonly Door[] = []
  let doors: readonly MappedDoor[] = before?.doors ?? []
  let none: readonly Door[] = before?.none ?? []
  let at: GuidedView['at'] = null
  let stillOpen: readonly Door[] = []
  let taught: GuidedView['taught'] = null
  const silent = new Map<number, Problem>()

  const boardWirings = (): readonly BoardWiring[] => wired?.boards() ?? []
  const asWired = (board: FoundBoard): Wiring =>
    Object.fromEntries(facts.switches.map(({ key }) => [key, String(board[key])]))
  const move = (): void => {
    turn += 1
    options.changed()
  }
  const settledBoard = (address: number): FoundBoard | undefined =>
    before?.boards.find(one => one.address === address) ??
    options.settled.find(one => one.address === address)

  const look = async (addresses: readonly number[]): Promise<void> => {
    const up = await line.whenUp(options.patience, () => stopLooking || closed)
    if (closed) return
    if (!up.ok) {
      problem = up.problem
      step = 'found'
      move()
      return
    }
    step = 'looking'
    move()
    const asked = new Set<number>()
    const seen = await survey({
      facts,
      addresses,
      driver: line.driver,
      clock,
      stopped: () => stopLooking || closed || !line.up(),
      echoes: () => {
        echo = true
      },
      told: (address, channels) => {
        const counting = asked.has(address) ? channels : null
        asked.add(address)
        progress = { done: asked.size, of: addresses.length, address, counting }
        options.changed()
      },
      answered: (address, heard, room) => {
        const channels = Math.min(settledBoard(address)?.channels ?? room, facts.channels)
        found.set(address, { channels, room, heard })
        options.changed()
      },
    })
    if (closed) return
    if (!line.up()) problem = (await line.whenUp(0)).ok ? null : nothingRead
    boards = seen.map(board => ({
      ...settledBoard(board.address),
      ...board,
      channels: found.get(board.address)!.channels,
    }))
    progress = null
    step = 'found'
    move()
  }

  const begin = (addresses: readonly number[]): Answer<void> => {
    if (atIt || step === 'doors') return no(notNow)
    atIt = true
    found = new Map()
    boards = []
    problem = null
    stopLooking = false
    step = 'connecting'
    looking = look(addresses)
      .catch(error => {
        problem = asProblem(error)
        progress = null
        step = 'found'
        if (!closed) move()
      })
      .finally(() => {
        atIt = false
      })
    return yes(undefined)
  }

  const choose = (chosen: readonly { address: number; channels: number }[]): Answer<void> => {
    if (step !== 'found') return no(notNow)
    const known = chosen.flatMap(({ address, channels }) => {
      const seen = found.get(address)
      if (seen?.heard !== 'board') return []
      const most = Math.min(facts.channels, Math.max(seen.room, settledBoard(address)?.channels ?? 0))
      return [{ ...settledBoard(address), address, channels: Math.max(1, Math.min(channels, most)) }]
    })
    if (known.length === 0 || known.length > facts.most) return no(noBoardsChosen)
    boards = known
    for (const { address, channels } of known) found.set(address, { ...found.get(address)!, channels })
    return yes(undefined)
  }

  const learnShut = async (): Promise<Answer<void>> => {
    if (atIt) return no(notNow)
    if (boards.length === 0) return no(noBoardsChosen)
    await wired?.close()
    silent.clear()
    wired = createWiredLine({
      boards,
      wirings: wirings(facts.switches),
      sure: before?.sure ?? [],
      driver: of => line.driver(boards.map(board => ({ ...board, ...of(board.address) }))),
      clock,
      trouble: (what, board) => silent.set(board, what),
    })
    await wired.learnShut()
    if (wired.shut().length === 0) return no([...silent.values()][0] ?? nothingRead)
    for (const board of boards)
      if (before?.sure.includes(board.address)) wired.choose(board.address, asWired(board))
    holding = await options.holding()
    at = null
    stillOpen = []
    step = 'doors'
    return yes(undefined)
  }

  const open = async (door: Door): Promise<Answer<void>> => {
    if (step !== 'doors' || !wired || at?.waits === 'which') return no(notNow)
    if (!wired.channels().some(one => sameDoor(one, door))) return no(noSuchChannel)
    holding = await options.holding()
    if (holding.some(one => sameDoor(one, door))) return no(doorHolds(door))
    await options.beforePulse(door)
    const sent = await wired.open(door)
    if (!sent.ok && !sent.problem.maybeDone) return sent
    await pause(clock, settles)
    silent.clear()
    const seen = await wired.changed()
    const opened = sent.ok ? sent.value.opened : 'unconfirmed'
    at = {
      door,
      told: opened === 'unconfirmed' ? 'unsure' : opened ? 'yes' : 'no',
      seen,
      problem: sent.ok ? null : sent.problem,
      waits: 'which',
      likely: likelyDoor(options.known, doors, door),
    }
    taught = null
    stillOpen = []
    return yes(undefined)
  }

  const name = async (told: Omit<MappedDoor, 'board' | 'channel'>): Promise<Answer<void>> => {
    if (!wired || at?.waits !== 'which') return no(notNow)
    const { door } = at
    const mapped = { ...door, ...told }
    const others = doors.filter(one => !sameDoor(one, door))
    if (others.some(one => one.label === mapped.label)) return no(labelTaken(mapped.label))
    doors = [...others, mapped]
    none = none.filter(one => !sameDoor(one, door))
    const believed = await wired.believe(door, at.told !== 'no')
    taught = !believed.agrees ? 'no-contact' : believed.rewired ? 'rewired' : 'agrees'
    stillOpen = await wired.changed()
    at = { ...at, waits: 'shut', seen: stillOpen }
    return yes(undefined)
  }

  const noneOpened = (): Answer<void> => {
    if (at?.waits !== 'which') return no(notNow)
    const { door } = at
    none = [...none.filter(one => !sameDoor(one, door)), door]
    doors = doors.filter(one => !sameDoor(one, door))
    at = null
    taught = null
    return yes(undefined)
  }

  const check = async (): Promise<Answer<void>> => {
    if (!wired || at?.waits !== 'shut') return yes(undefined)
    silent.clear()
    const open = await wired.changed()
    const shut = open.length === 0 && silent.size === 0
    if (shut) at = null
    if (shut || open.length !== stillOpen.length) options.changed()
    stillOpen = open
    return yes(undefined)
  }

  const change = (door: MappedDoor): Answer<void> => {
    if (!doors.some(one => sameDoor(one, door))) return no(noSuchChannel)
    const others = doors.filter(one => !sameDoor(one, door))
    if (others.some(one => one.label === door.label)) return no(labelTaken(door.label))
    doors = doors.map(one => (sameDoor(one, door) ? door : one))
    return yes(undefined)
  }

  const perform = async (act: GuidedAct): Promise<Answer<void>> => {
    switch (act.act) {
      case 'look':
        return begin(act.addresses)
      case 'stop-looking':
        stopLooking = true
        await looking
        return yes(undefined)
      case 'shut': {
        const chosen = act.boards ? choose(act.boards) : yes(undefined)
        return chosen.ok ? learnShut() : chosen
      }
      case 'wiring':
        return wired?.choose(act.board, act.wiring) ? yes(undefined) : no(noSuchWiring)
      case 'open':
        return open({ board: act.board, channel: act.channel })
      case 'which':
        return name(act.door)
      case 'none':
        return noneOpened()
      case 'check':
        return check()
      case 'change':
        return change(act.door)
      case 'forget':
        doors = doors.filter(one => !sameDoor(one, act))
        none = none.filter(one => !sameDoor(one, act))
        return yes(undefined)
      case 'back-to-boards':
        if (step !== 'doors' || at?.waits === 'which') return no(notNow)
        step = 'found'
        return yes(undefined)
    }
  }

  const inTurn = async (of: number, act: GuidedAct): Promise<Answer<void>> => {
    if (closed) return no(notNow)
    if (act.act !== 'check' && of !== turn) return no(movedOn)
    try {
      const answer = await perform(act)
      if (act.act !== 'check') move()
      return answer
    } catch (error) {
      if (act.act !== 'check') move()
      if (error instanceof ProblemError) return no(error.problem)
      throw error
    }
  }

  return {
    view: () => ({
      step,
      turn,
      progress,
      problem,
      echo,
      boards: [...found]
        .map(([address, seen]) => ({
          address,
          ...seen,
          inSettings: options.settled.some(one => one.address === address),
        }))
        .filter(one => one.heard !== 'silent' || one.inSettings)
        .sort((a, b) => a.address - b.address),
      wirings: boardWirings(),
      idle: wired ? toldOpen(wired.shut()) : [],
      channels: step === 'doors' ? (wired?.channels() ?? []) : [],
      ...{ holding, doors, none, at, stillOpen, taught },
      silent: [...silent].map(([board, what]) => ({ board, problem: what })),
    }),
    act: (of, act) => {
      const done = order.then(() => inTurn(of, act))
      order = done.catch(() => {})
      return done
    },
    learned: () => ({
      boards: wired ? boards.map(board => ({ ...board, ...wired?.wiring(board.address) })) : boards,
      sure: boardWirings().flatMap(one => (one.sure ? [one.board] : [])),
      doors,
      none,
    }),
    close: async () => {
      closed = true
      await line.close()
      await looking
      await order
      await wired?.close()
    },
  }
}
