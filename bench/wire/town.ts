/** What both sides of the lines of B9 know of the lockers between them. */

export interface Town {
  readonly name: string
  /** A converter's port, and the boards behind it: each is a locker of its own. */
  readonly serial: readonly { readonly port: number; readonly boards: number }[]
  /** Lockers behind each of the embedded brokers: one a site. */
  readonly sites: readonly number[]
}

/** A board alone on its line, one of several on a line, a cabinet behind the broker. */
export type Kind = 'alone' | 'shared' | 'mqtt'

/** Of each locker. */
export const doors = 12
export const cabinetName = (town: string, number: number): string => `${town}-cabinet-${number}`
export const cabinetPassword = (number: number): string => `of-cabinet-${number}`.padStart(16, '-')

/** A door of this board is broken open; `line` is the place of its converter in the town, or the name of its site. */
export interface Forced {
  readonly locker: string
  readonly kind: Kind
  readonly line: number | string
  readonly board: number
}
