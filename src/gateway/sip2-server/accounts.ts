import type { Encoding } from '../../adapters/ils/sip2/encodings.ts'
import type { Millis } from '../../kernel/clock.ts'

/** How one make of machine writes and reads. */
export interface Speech {
  readonly encoding: Encoding
  readonly delimiter: string
  /** What ends our answers; any line end is taken in requests. */
  readonly terminator: 'cr' | 'crlf' | 'lf'
  /** `auto` does as the machine does; `required` answers 96 to a message without; `off` never looks or writes. */
  readonly errorDetection: 'auto' | 'required' | 'off'
}

export const plainSpeech: Speech = {
  encoding: 'utf-8',
  delimiter: '|',
  terminator: 'cr',
  errorDetection: 'auto',
}

/** One machine, or a row of the same ones, that may connect. */
export interface Account {
  readonly id: string
  /** Left out: known by its address alone, without a log-in. */
  readonly user?: string | undefined
  /** In clear, or `scrypt$N$r$p$salt$hash`. */
  readonly password?: string | undefined
  /** Networks it may come from (`10.1.0.0/16`, `10.1.2.3`); empty: from anywhere. */
  readonly addresses: readonly string[]
  readonly libraryId: string
  /** `cabinet`: a locker of another make, whose branch is the cabinet itself. */
  readonly use: 'kiosk' | 'gate' | 'sorter' | 'cabinet'
  /** Where it stands. */
  readonly branchId: string
  /** AO of our answers where the request has none. */
  readonly institution: string
  /** AP of returns that name none. */
  readonly location: string
  readonly speech: Speech
  /** Language of texts where the request tells none: a code of the protocol. */
  readonly language: string
  readonly holdCount: 'waiting' | 'all'
  readonly lists: 'barcode' | 'title'
  readonly dueDates: DueDates
  /** Whether what has physically happened is taken while the library system is away. */
  readonly offline: { readonly checkouts: boolean; readonly checkins: boolean; readonly loanDays: number }
  /** Sort bins (CL) by destination: a location code, branch or library, or `here`, `hold`, `elsewhere`, `staff`. */
  readonly bins: Readonly<Record<string, string>>
  /** Whether it is told whose a held book is: cabinets and sorters must know, a public screen must not. */
  readonly tellsHolder: boolean
  readonly connections: number
  /** The only commands it may use; all when left out. */
  readonly commands?: readonly string[] | undefined
  readonly passesUnknown: boolean
  /** The library has no link: its staff do by hand what a machine has done. */
  readonly byHand: boolean
}

export const dueDateForms = ['theirs', 'sip', 'YYYY-MM-DD', 'YYYY-MM-DD HH:mm:ss'] as const
/** How AH is written; `theirs` passes on what the library system wrote. */
export type DueDates = (typeof dueDateForms)[number]

export interface Listener {
  readonly host: string
  /** 0 lets the machine choose. */
  readonly port: number
  readonly tls?:
    | {
        readonly cert: string
        readonly key: string
        /** Set: only machines with a certificate of this authority get in. */
        readonly clientCa?: string | undefined
      }
    | undefined
}

export interface Limits {
  readonly connections: number
  readonly connectionsPerAddress: number
  /** Bytes of one message. */
  readonly messageBytes: number
  /** Requests of one connection that may wait behind the one that is served. */
  readonly waiting: number
  readonly requestsPerSecond: number
  /** Time to log in. */
  readonly loginTime: Millis
  /** Time for the rest of a message that has begun, and for taking in an answer. */
  readonly patience: Millis
  /** 0: never cut for silence. */
  readonly idleTime: Millis
  /** What 98 says, and what we keep to. */
  readonly answerTime: Millis
}

export const usualLimits: Limits = {
  connections: 2000,
  connectionsPerAddress: 100,
  messageBytes: 16 * 1024,
  waiting: 8,
  requestsPerSecond: 20,
  loginTime: 10_000,
  patience: 30_000,
  idleTime: 0,
  answerTime: 25_000,
}
