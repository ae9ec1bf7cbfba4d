import type { Clock } from '../../kernel/clock.ts'
import type { Answer, Problem } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../locker.ts'
import { agrees, toldOpen, type Wiring } from './polarity.ts'
import { type FoundBoard, readWhenUp } from './survey.ts'

type Readings = readonly DoorReading[]

/** How each board is taken to be wired, by its address. */
export type WiringOf = (board: number) => Wiring

export interface WiredLineOptions {
  readonly boards: readonly FoundBoard[]
  /** Ways boards may be wired; for each board those that its settings name come first. */
  readonly wirings: readonly Wiring[]
  /** Boards whose wiring an earlier opening has shown. */
  readonly sure?: readonly number[]
  /** A driver for boards wired like this; the one before it is closed first. */
  readonly driver: (of: WiringOf) => LockerDriver
  readonly clock: Clock
  /** A board could not be read. */
  readonly trouble: (problem: Problem, board: number) => void
}

/** One way of wiring, and how many of the doors of a board, all of them shut, it reads as open. */
export interface Candidate {
  readonly wiring: Wiring
  readonly open: number
}

export interface BoardWiring {
  readonly board: number
  /** An opening has shown that its readings are right. */
  readonly sure: boolean
  /** Ways that may still be right, the likeliest first. */
  readonly candidates: readonly Candidate[]
}

/** What an opening that a person saw says of the wiring of its board. */
export interface Believed {
  /** The readings tell just this door, under some wiring. */
  readonly agrees: boolean
  /** The wiring believed from now on, where it is another than before. */
  readonly rewired: Wiring | undefined
}

/**
 * Boards on a line of which is not known how their contacts are wired, each by itself; every opening by a person teaches
 * it. Boards that nothing is known of yet are taken to be wired as the one just learned, where their readings allow it.
 */
export interface WiredLine {
  /** Believed now. */
  wiring: WiringOf
  boards(): readonly BoardWiring[]
  /** What was read, under the wirings believed now, when all doors were shut. */
  shut(): Readings
  channels(): readonly Door[]
  /** Reads every board once for each way of wiring. Call it with every door shut. */
  learnShut(): Promise<void>
  /** A person knows better. False: there is no such board or way. */
  choose(board: number, wiring: Wiring): boolean
  open(door: Door): ReturnType<LockerDriver['open']>
  /** Doors told as open that were not when all were shut. */
  changed(): Promise<readonly Door[]>
  /** The person sees that this door is open, and no other of its board has moved. */
  believe(door: Door, boardSaidOpen: boolean): Promise<Believed>
  close(): Promise<void>
}

export const sameDoor = (a: Door, b: Door): boolean => a.board === b.board && a.channel === b.channel

const sameWiring = (a: Wiring, b: Wiring): boolean =>
  Object.entries(a).every(([key, value]) => b[key] === value)

/** Another belief takes another driver on the line. */
export const createWiredLine = ({
  boards,
  wirings,
  sure: known = [],
  driver: make,
  clock,
  trouble,
}: WiredLineOptions): WiredLine => {
  const suspects = new Map(boards.map(one => [one.address, likeliestFirst(one, wirings)]))
  const sure = new Set(known)
  const shut = new Map<Wiring, Readings>()
  let current: { readonly key: string; readonly driver: LockerDriver } | undefined
  let down = false

  const wiring: WiringOf = board => suspects.get(board)![0]!
  const by = async (of: WiringOf): Promise<LockerDriver> => {
    const key = boards.map(one => wirings.indexOf(of(one.address))).join()
    if (current?.key === key) return current.driver
    await current?.driver.close()
    current = { key, driver: make(of) }
    // An opening is sent at once or not at all: the line has to be dialled by then.
    await readWhenUp(current.driver, boards[0]?.address ?? 0, clock)
    return current.driver
  }
  /** Each board is given time for the line to be dialled; a line that does not come back is not waited for again. */
  const read = async (of: WiringOf, only?: number): Promise<Readings> => {
    const driver = await by(of)
    const all: DoorReading[] = []
    down = false
    for (const { address } of boards) {
      if (only !== undefined && address !== only) continue
      const answer: Answer<Readings> = await readWhenUp(driver, address, clock)
      if (answer.ok) all.push(...answer.value)
      else trouble(answer.problem, address)
      down = !answer.ok && lineIsGone.has(answer.problem.code)
      if (down) return all
    }
    return all
  }
  const shutOf = (board: number, way: Wiring): Readings =>
    (shut.get(way) ?? []).filter(one => one.board === board)
  const shutNow = (): Readings => boards.flatMap(({ address }) => shutOf(address, wiring(address)))
  const openIn = (board: number, way: Wiring): number => toldOpen(shutOf(board, way)).length

  const agreeing = async (door: Door): Promise<readonly Wiring[]> => {
    const agree: Wiring[] = []
    for (const way of suspects.get(door.board)!) {
      const now = await read(board => (board === door.board ? way : wiring(board)), door.board)
      if (agrees(shutOf(door.board, way), now, door)) agree.push(way)
      if (down) return []
    }
    return agree
  }

  /** Boards of one line are mostly wired alike. */
  const spread = (way: Wiring): void => {
    for (const [board, ways] of suspects) {
      const fewest = Math.min(...ways.map(one => openIn(board, one)))
      if (sure.has(board) || !ways.includes(way) || openIn(board, way) > fewest) continue
      suspects.set(board, [way, ...ways.filter(one => one !== way)])
    }
  }

  return {
    wiring,
    boards: () =>
      [...suspects].map(([board, ways]) => ({
        board,
        sure: sure.has(board),
        candidates: ways.map(way => ({ wiring: way, open: openIn(board, way) })),
      })),
    shut: shutNow,
    channels: () =>
      boards.flatMap(({ address, channels }) =>
        Array.from({ length: channels }, (_, at) => ({ board: address, channel: at + 1 })),
      ),
    learnShut: async () => {
      for (const way of wirings) {
        shut.set(way, await read(() => way))
        if (down) return
      }
      for (const [board, ways] of suspects)
        suspects.set(
          board,
          ways.toSorted((a, b) => openIn(board, a) - openIn(board, b)),
        )
    },
    choose: (board, wanted) => {
      const ways = suspects.get(board) ?? []
      const found = ways.find(one => sameWiring(one, wanted))
      if (found) suspects.set(board, [found, ...ways.filter(one => one !== found)])
      return found !== undefined
    },
    open: async door => (await by(wiring)).open(door),
    changed: async () => {
      const then = shutNow()
      return toldOpen(await read(wiring)).filter(
        door => !then.some(one => sameDoor(one, door) && one.door === 'open'),
      )
    },
    believe: async (door, boardSaidOpen) => {
      const before = wiring(door.board)
      const holds = agrees(shutOf(door.board, before), await read(wiring, door.board), door)
      const agree = holds && boardSaidOpen ? suspects.get(door.board)! : await agreeing(door)
      if (agree.length === 0) return { agrees: false, rewired: undefined }
      // Its answer was read under the wiring believed so far: where that reads right, another that does is the one.
      const others = agree.filter(one => one !== before)
      const kept = boardSaidOpen || !agree.includes(before) || others.length === 0 ? agree : others
      suspects.set(door.board, kept)
      sure.add(door.board)
      const now = wiring(door.board)
      spread(now)
      return { agrees: true, rewired: now === before ? undefined : now }
    },
    close: async () => {
      await current?.driver.close()
    },
  }
}

const lineIsGone: ReadonlySet<string> = new Set(['locker-line-down', 'locker-line-closed'])

/** The ways of wiring with those first that agree with what the settings of a board say. */
export const likeliestFirst = (board: FoundBoard, all: readonly Wiring[]): readonly Wiring[] => {
  const agreeing = (one: Wiring): number =>
    Object.entries(one).filter(([key, to]) => board[key] === to).length
  return all.toSorted((a, b) => agreeing(b) - agreeing(a))
}
