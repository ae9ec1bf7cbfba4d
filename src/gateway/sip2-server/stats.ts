import type { Millis } from '../../kernel/clock.ts'
import type { Account } from './accounts.ts'

/** Upper ends of the classes of latency, ms; the last class has no end. */
export const latencyClasses = [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000] as const

export interface Latency {
  readonly count: number
  /** Milliseconds of all answers together. */
  readonly sum: number
  /** Answers in each class, one more than `latencyClasses`. */
  readonly classes: readonly number[]
}

/** Masked: what it said last, and what it was told. */
export interface Words {
  readonly at: Millis
  readonly request: string
  readonly answer: string
}

export type ErrorKind =
  | 'unreadable'
  | 'wrong-checksum'
  | 'asked-again'
  | 'duplicate'
  | 'before-login'
  | 'bad-login'
  | 'unknown-command'
  | 'malformed'
  | 'not-allowed'
  | 'too-long'
  | 'flood'
  | 'too-slow'
  | 'idle'
  | 'never-reads'
  | 'ils-away'
  | 'ils-slow'
  | 'ils-refused'
  | 'frozen'
  | 'held-for-other'
  | 'clock-off'
  | 'late-loan'
  | 'bug'

export interface ConnectionStats {
  readonly id: number
  readonly address: string
  readonly tls: boolean
  readonly since: Millis
  readonly lastAt: Millis | null
  readonly requests: number
}

export interface AccountStats {
  readonly account: string
  readonly libraryId: string
  readonly use: Account['use']
  readonly connections: readonly ConnectionStats[]
  readonly requests: Readonly<Record<string, number>>
  /** Answers that said no. */
  readonly refusals: number
  readonly errors: Readonly<Partial<Record<ErrorKind, number>>>
  readonly latency: Latency
  /** The newest last. */
  readonly lastWords: readonly Words[]
}

export interface ServerStats {
  readonly listeners: readonly { readonly host: string; readonly port: number; readonly tls: boolean }[]
  readonly connections: number
  /** Turned away at the door, by reason. */
  readonly turnedAway: Readonly<Record<string, number>>
  readonly accounts: readonly AccountStats[]
  /** Connections that have not logged in. */
  readonly strangers: {
    readonly connections: number
    readonly errors: Readonly<Partial<Record<ErrorKind, number>>>
  }
}

const wordsKept = 8

/** Counts of one account (or of strangers). */
export class Tally {
  readonly requests = new Map<string, number>()
  readonly errors = new Map<ErrorKind, number>()
  readonly #classes: number[] = Array.from({ length: latencyClasses.length + 1 }, () => 0)
  readonly #words: Words[] = []
  #count = 0
  #sum = 0
  refusals = 0

  request(command: string): void {
    const name = /^\d\d$/.test(command) ? command : '??'
    this.requests.set(name, (this.requests.get(name) ?? 0) + 1)
  }

  error(kind: ErrorKind): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1)
  }

  answered(millis: Millis): void {
    const at = latencyClasses.findIndex(most => millis <= most)
    this.#classes[at < 0 ? latencyClasses.length : at]! += 1
    this.#count += 1
    this.#sum += millis
  }

  said(words: Words): void {
    this.#words.push(words)
    if (this.#words.length > wordsKept) this.#words.shift()
  }

  get latency(): Latency {
    return { count: this.#count, sum: this.#sum, classes: [...this.#classes] }
  }

  get words(): readonly Words[] {
    return [...this.#words]
  }
}
