import type { Answer } from '../kernel/problem.ts'

/**
 * A driver of one locker make on one line (bus, broker, cloud). It knows bytes and channels; it knows neither
 * readers nor orders. Board and channel are counted as the vendor counts them.
 */
export interface LockerDriver {
  readonly name: string
  /** Opens one door. `opened` false: the board answered and says that the door did not open (jammed). */
  open(door: Door): Promise<Answer<{ readonly opened: boolean | 'unconfirmed' }>>
  /** Reads every door of a board in one exchange where the board can. Never delays an opening. */
  read(board: number): Promise<Answer<readonly DoorReading[]>>
  close(): Promise<void>
}

export interface Door {
  readonly board: number
  readonly channel: number
}
export interface DoorReading extends Door {
  readonly door: 'open' | 'closed' | 'unknown'
  /** Only boards with a sensor tell. */
  readonly occupied?: boolean
}

export const sizes = ['small', 'medium', 'large'] as const
export type CompartmentSize = (typeof sizes)[number]
