import type { Chance } from './random.ts'

/** What is thrown at one part of the program, and what must be true afterwards. */
export interface Target {
  readonly name: string
  /** Of the inputs of a run, this part of a hundred goes here. */
  readonly share: number
  /** Inputs (messages, lines) in one case. */
  readonly inputs: number
  /** Everything a case needs, as plain JSON: what is kept of a case that fails. */
  make(chance: Chance): unknown
  /** Throws, or rejects, when something is not as it must be. */
  check(made: unknown): void | Promise<void>
}

export const must = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const unhex = (text: string): Uint8Array => Buffer.from(text, 'hex')
