import type { Millis } from '../../kernel/clock.ts'

/** What goes wrong on the simulated line. Switches stay as set; counters wear off by use. */
export interface SandboxFaults {
  /** Boards that neither hear nor speak. */
  readonly silent: Set<number>
  /** The adapter repeats to the master what the master sends. */
  echo: boolean
  /** Bytes before every answer: line noise, a converter's registration packet. */
  noise: Uint8Array
  /** What the converter says to whoever connects: a registration packet. */
  greeting: Uint8Array
  /** What the converter says of itself from time to time, from the next question on, whoever else is speaking. */
  heartbeat: { readonly bytes: Uint8Array; readonly every: Millis } | undefined
  /** So many answers have something before and behind them that their board says unasked, in one piece. */
  pushes: number
  /** Every byte of an answer travels alone, as slowly as the serial line would carry it. */
  split: boolean
  /** So many questions are lost on their way: nothing happens at the door. */
  deaf: number
  /** So many answers are lost on their way: what was asked has happened all the same. */
  mute: number
  /** So many answers arrive with a bit turned over. */
  corrupt: number
  /** So many answers are kept back until the next answer leaves, and go out with it in one piece. */
  glue: number
  /** Delays of the next answers, in ms beyond the board's own time. */
  readonly late: Millis[]
  /** The next answer breaks off after so many bytes and the connection with it. */
  breakAfter: number | undefined
}

export const noFaults = (): SandboxFaults => ({
  silent: new Set(),
  echo: false,
  noise: new Uint8Array(0),
  greeting: new Uint8Array(0),
  heartbeat: undefined,
  pushes: 0,
  split: false,
  deaf: 0,
  mute: 0,
  corrupt: 0,
  glue: 0,
  late: [],
  breakAfter: undefined,
})
