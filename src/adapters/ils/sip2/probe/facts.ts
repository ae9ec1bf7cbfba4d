import type { Millis } from '../../../../kernel/clock.ts'
import type { Verdict } from '../checksum.ts'
import type { Parsed } from '../codec.ts'
import type { AcsStatus } from '../status.ts'
import type { EncodingGuess } from './guess-encoding.ts'
import type { LineEnd, Spent } from './step.ts'

/** How the other side met a message. */
export type Reaction = 'answer' | '96' | 'closed' | 'silence' | 'garbage'

/** What speaks at the other end when it is no library system. */
export type Stranger = 'web' | 'ssh' | 'mail-or-files' | 'text' | 'flood' | 'silence' | 'closes' | 'tls'

export type LoginForm = '93' | 'telnet' | 'none'
export type LoginOutcome = 'well' | 'refused' | 'unclear' | 'not-tried'

/** The shape of a list of 64. */
export interface ListFacts {
  readonly count: number | undefined
  readonly entries: readonly string[]
}

/** Everything a probe has seen; what is absent has not been looked at or not been told. */
export interface Facts {
  readonly lines: { ours: 'cr' | 'crlf' | 'lf'; taken: ('cr' | 'crlf' | 'lf')[]; theirs: Set<LineEnd> }
  readonly sums: {
    /** Whether our messages carry AY and AZ. */
    send: boolean
    rule: 'bytes' | 'utf-16'
    without?: Reaction
    wrong?: Reaction
    /** Answers to messages with AY and AZ; they are judged once their charset is known. */
    readonly heard: { readonly bytes: Uint8Array; readonly early: boolean }[]
    /** The verdicts on them; `told` those of answers that hold more than ASCII. */
    readonly theirs: Set<Verdict>
    readonly told: Set<Verdict>
  }
  readonly sequence: { copied: number; other: number; always4: boolean }
  readonly served: Map<string, Reaction>
  readonly zones: Set<'blank' | '0000' | 'letter' | 'other'>
  readonly took: Millis[]
  /** Answers that hold more than ASCII, and others that may have been stripped; `early`: before any log-in. */
  readonly samples: Uint8Array[]
  readonly early: Uint8Array[]
  reach?: 'ok' | { readonly code: string }
  stranger?: { readonly is: Stranger; readonly words: string }
  tls: 'no' | 'asked' | 'found'
  tlsProblem?: string
  greeting?: 'none' | 'telnet' | 'text'
  login: { form: LoginForm | 'unknown'; outcome: LoginOutcome; words: string; needed?: boolean }
  /** 99 before and after the log-in. */
  statusBefore?: Reaction
  statusAfter?: Reaction
  status?: AcsStatus
  statusMessage?: Parsed
  delimiter: string
  /** Milliseconds by which the clock of the other side is ahead of ours, in its own zone; and that offset. */
  clock?: { readonly skew: Millis; readonly offset: Millis }
  encoding?: EncodingGuess
  /** Of answers before the log-in, where they are in another one. */
  loginEncoding?: EncodingGuess
  /** What became of Chinese in a question. */
  echo?: 'same' | 'lost' | 'changed' | 'not-told' | 'refused'
  /** Chinese at the very end of a message without AY and AZ. */
  tail?: 'kept' | 'lost'
  repeat?: 'remembered' | 'again' | 'unclear'
  resend?: 'kept' | 'zero' | 'other' | Exclude<Reaction, 'answer' | 'garbage'>
  zeroZone?: Reaction
  foreignInstitution?: Reaction
  oneRequest?: boolean
  /** Questions are answered only with these fields, though empty. */
  emptyFields?: readonly string[]
  readonly dueTexts: string[]
  readonly fineLines: string[]
  patron?: {
    readonly known: boolean
    readonly name: boolean
    readonly amount?: string
    readonly rightPin?: 'Y' | 'N' | 'not-told'
    blankPin?: 'Y' | 'N' | 'not-told'
    wrongPin?: 'Y' | 'N' | 'not-told'
    wrongPinTried?: boolean
    holds?: ListFacts
    waitingUnavailable?: ListFacts
    charged?: ListFacts
    pages?: 'honoured' | 'ignored'
    /** Whether an entry of a list is known as an item. */
    entriesAre?: 'barcode' | 'title'
  }
  item?: { readonly known: boolean; readonly status: string; readonly lent: boolean }
  connections?: {
    readonly opened: number
    readonly bound: number
    readonly end: 'bound' | Reaction | 'refused'
  }
  /** `now`: what the item was when all was over. */
  changes?: { readonly done: readonly string[]; readonly left: readonly string[]; now?: string }
  stopped?: Spent['what']
}

export const noFacts = (): Facts => ({
  lines: { ours: 'cr', taken: [], theirs: new Set() },
  sums: { send: true, rule: 'bytes', heard: [], theirs: new Set(), told: new Set() },
  sequence: { copied: 0, other: 0, always4: true },
  served: new Map(),
  zones: new Set(),
  took: [],
  samples: [],
  early: [],
  tls: 'no',
  login: { form: 'unknown', outcome: 'not-tried', words: '' },
  delimiter: '|',
  dueTexts: [],
  fineLines: [],
})
