import type { Clock } from '../../kernel/clock.ts'
import type { Answer, Problem } from '../../kernel/problem.ts'
import type { Door, DoorReading, LockerDriver } from '../locker.ts'
import { agrees, toldOpen, type Wiring } from './polarity.ts'
import { type FoundBoard, readWhenUp } from './survey.ts'

type Readings = readonly DoorReading[]

export interface WiredLineOptions {
  readonly boards: readonly FoundBoard[]
  /** Ways the boards may be wired, the likeliest first. */
  readonly wirings: readonly Wiring[]
  /** A driver for boards wired like this; the one before it is closed first. */
  readonly driver: (wiring: Wiring) => LockerDriver
  readonly clock: Clock
  /** A board could not be read. */
  readonly trouble: (problem: Problem, board: number) => void
}

/** One way of wiring, and how many of the doors, all of them shut, it reads as open. */
export interface Candidate {
  readonly wiring: Wiring
  readonly open: number
}

/** What an opening that a person saw says of the wiring. */
export interface Believed {
  /** The readings tell just this door, under some wiring. */
  readonly agrees: boolean
  /** The wiring believed from now on, where it is another than before. */
  readonly rewired: Wiring | undefined
}

/** Boards on a line of which is not known how their contacts are wired; every opening by a person teaches it. */
export interface WiredLine {
  /** Believed now. */
  wiring(): Wiring
  /** Ways that may still be right, the likeliest first, with what each read when all doors were shut. */
  candidates(): readonly Candidate[]
  /** What was read, under the wiring believed now, when all doors were shut. */
  shut(): Readings
  channels(): readonly Door[]
  /** Reads every board once for each way of wiring. Call it with every door shut. */
  learnShut(): Promise<void>
  /** A person knows better. False: there is no such way. */
  choose(wiring: Wiring): boolean
  open(door: Door): ReturnType<LockerDriver['open']>
  /** Doors told as open that were not when all were shut. */
  changed(): Promise<readonly Door[]>
  /** The person sees that this door is open, and nothing else has moved. */
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
  driver: make,
  clock,
  trouble,
}: WiredLineOptions): WiredLine => {
  let suspects = wirings
  let current: { readonly wiring: Wiring; readonly driver: LockerDriver } | undefined
  const shut = new Map<Wiring, Readings>()
  let down = false

  const by = async (wiring: Wiring): Promise<LockerDriver> => {
    if (current?.wiring === wiring) return current.driver
    await current?.driver.close()
    current = { wiring, driver: make(wiring) }
    // An opening is sent at once or not at all: the line has to be dialled by then.
    await readWhenUp(current.driver, boards[0]?.address ?? 0, clock)
    return current.driver
  }
  /** Each board is given time for the line to be dialled; a line that does not come back is not waited for again. */
  const read = async (wiring: Wiring): Promise<Readings> => {
    const driver = await by(wiring)
    const all: DoorReading[] = []
    down = false
    for (const { address } of boards) {
      const answer: Answer<Readings> = await readWhenUp(driver, address, clock)
      if (answer.ok) all.push(...answer.value)
      else trouble(answer.problem, address)
      down = !answer.ok && lineIsGone.has(answer.problem.code)
      if (down) return all
    }
    return all
  }
  const wiring = (): Wiring => suspects[0]!
  const shutNow = (): Readings => shut.get(wiring()) ?? []
  const openIn = (one: Wiring): number => toldOpen(shut.get(one) ?? []).length

  const agreeing = async (door: Door): Promise<readonly Wiring[]> => {
    const agree: Wiring[] = []
    for (const one of suspects) {
      if (agrees(shut.get(one) ?? [], await read(one), door)) agree.push(one)
      if (down) return []
    }
    return agree
  }

  return {
    wiring,
    candidates: () => suspects.map(one => ({ wiring: one, open: openIn(one) })),
    shut: shutNow,
    channels: () =>
      boards.flatMap(({ address, channels }) =>
        Array.from({ length: channels }, (_, at) => ({ board: address, channel: at + 1 })),
      ),
    learnShut: async () => {
      for (const one of suspects) {
        shut.set(one, await read(one))
        if (down) return
      }
      suspects = suspects.toSorted((a, b) => openIn(a) - openIn(b))
    },
    choose: wanted => {
      const found = suspects.find(one => sameWiring(one, wanted))
      if (found) suspects = [found, ...suspects.filter(one => one !== found)]
      return found !== undefined
    },
    open: async door => (await by(wiring())).open(door),
    changed: async () => {
      const then = shutNow()
      return toldOpen(await read(wiring())).filter(
        door => !then.some(one => sameDoor(one, door) && one.door === 'open'),
      )
    },
    believe: async (door, boardSaidOpen) => {
      const before = wiring()
      const holds = agrees(shutNow(), await read(before), door)
      const agree = holds && boardSaidOpen ? suspects : await agreeing(door)
      if (agree.length === 0) return { agrees: false, rewired: undefined }
      // Its answer was read under the wiring believed so far: where that reads right, another that does is the one.
      const others = agree.filter(one => one !== before)
      suspects = boardSaidOpen || !agree.includes(before) || others.length === 0 ? agree : others
      return { agrees: true, rewired: wiring() === before ? undefined : wiring() }
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
