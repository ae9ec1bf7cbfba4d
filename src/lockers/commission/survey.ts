import { type Clock, type Millis, pause } from '../../kernel/clock.ts'
import type { Answer } from '../../kernel/problem.ts'
import type { DoorReading, LockerDriver, TellsLine } from '../locker.ts'
import type { BoardFacts } from './facts.ts'

/** A board as the settings will name it: address, channels, and what its switches stand at. */
export interface FoundBoard {
  readonly address: number
  readonly channels: number
  readonly [setting: string]: string | number | boolean
}

/**
 * What an address said: it is a board; nothing; something that cannot be read, or not with this many channels; or
 * another board answered in its place.
 */
export type Heard = 'board' | 'silent' | 'unreadable' | 'foreign'

export interface SurveyOptions {
  readonly facts: BoardFacts
  /** Addresses to ask, in turn. */
  readonly addresses: readonly number[]
  /** A driver for boards like these on the line; the one before it is closed first. */
  readonly driver: (boards: readonly FoundBoard[]) => LockerDriver
  readonly clock: Clock
  /** Before each address is asked. */
  readonly told?: (address: number, channels: number) => void
  /** After each, with what it said and the channels that count. */
  readonly answered?: (address: number, heard: Heard, channels: number) => void
  /** True: nothing more is asked. */
  readonly stopped?: () => boolean
  /** Once, when the adapter was heard to repeat what it sends. */
  readonly echoes?: () => void
}

/** A board is there, and has another number of channels than it was asked for. */
const spokes: ReadonlySet<string> = new Set(['locker-answer-garbled', 'locker-board-cannot'])

const heardOf = (answer: Answer<unknown>): Heard => {
  if (answer.ok) return 'board'
  if (answer.problem.code === 'locker-answer-foreign') return 'foreign'
  return spokes.has(answer.problem.code) ? 'unreadable' : 'silent'
}

/** Channel counts that are sold. */
const sold = [50, 48, 36, 32, 24, 18, 16, 12, 8, 4, 2, 1] as const

/**
 * Finds the boards of a line by reading alone; no door moves. The longest answer is looked for first, since a long
 * answer can hold a shorter one that looks right. The count found is the most the answer has room for: a board of
 * 18 locks that answers for 24 is found as 24.
 */
export const survey = async (options: SurveyOptions): Promise<readonly FoundBoard[]> => {
  const { facts, clock } = options
  const found: FoundBoard[] = []
  let heard = false
  let left = options.addresses.filter(one => one >= facts.addresses.from && one <= facts.addresses.to)
  for (const channels of sold.filter(count => count <= facts.channels)) {
    const spoke: number[] = []
    for (const part of parts(left, facts.most)) {
      const driver = options.driver(part.map(address => ({ address, channels })))
      try {
        for (const address of part) {
          if (options.stopped?.()) return found.sort((a, b) => a.address - b.address)
          options.told?.(address, channels)
          const answer = await readWhenUp(driver, address, clock)
          if (!heard && echoes(driver)) {
            heard = true
            options.echoes?.()
          }
          const known = answer.ok ? lastKnown(answer.value) : channels
          if (answer.ok) found.push({ address, channels: known })
          else if (spokes.has(answer.problem.code)) spoke.push(address)
          options.answered?.(address, heardOf(answer), known)
        }
      } finally {
        await driver.close()
      }
    }
    left = spoke
    if (left.length === 0) break
  }
  return found.sort((a, b) => a.address - b.address)
}

/** Whether the line's adapter repeats what it sends, as far as the driver can tell by now. */
export const echoes = (driver: LockerDriver & Partial<TellsLine>): boolean => driver.line?.().echo === 'yes'

const dialTime: Millis = 6000
const lookAgain: Millis = 100

/** Reads a board, and gives the line the time it needs to be dialled. */
export const readWhenUp = async (
  driver: LockerDriver,
  board: number,
  clock: Clock,
): Promise<Answer<readonly DoorReading[]>> => {
  const until = clock.now() + dialTime
  for (;;) {
    const answer = await driver.read(board)
    if (answer.ok || answer.problem.code !== 'locker-line-down' || clock.now() >= until) return answer
    await pause(clock, lookAgain)
  }
}

/** Boards that count their locks themselves leave the rest unknown. */
const lastKnown = (readings: readonly DoorReading[]): number =>
  Math.max(...readings.filter(one => one.door !== 'unknown').map(one => one.channel), 1)

const parts = (addresses: readonly number[], most: number): readonly (readonly number[])[] =>
  Array.from({ length: Math.ceil(addresses.length / most) }, (_, at) =>
    addresses.slice(at * most, (at + 1) * most),
  )
