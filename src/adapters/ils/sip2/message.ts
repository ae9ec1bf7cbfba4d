import type { Verdict } from './checksum.ts'
import type { Encoding } from './encodings.ts'

export type Field = readonly [id: string, value: string]

/**
 * A message that could be read. `problems` lists, as `code: subject`, everything that is not as the protocol
 * would write it; none of them holds a value of a field. Together with them `rebuildMessage` writes the very
 * same bytes again:
 *
 * | problem | means |
 * |---|---|
 * | `unknown-command` | the command is none of the protocol; `fixed.text` holds what stands before the first delimiter |
 * | `short-fixed-part` | the part before the fields is not as long as it must be; its pieces may be incomplete |
 * | `bad-date: date` | that piece is neither a date nor blank |
 * | `missing-field: AC` | a required field is not there |
 * | `repeated-field: AJ` | a field that may stand once is there again; the first one counts |
 * | `odd-field-id: 10` | a segment does not begin with an id (a letter, then a letter or digit) |
 * | `too-long: AF` | a value of more than 255 characters |
 * | `control-character: AF` | a value holds one |
 * | `undecodable` | bytes that are no character of the charset; they show as U+FFFD |
 * | `empty-segment: 3` | a delimiter too many after the third field (0: right after the fixed part) |
 * | `blank-segment` | a segment of blanks only |
 * | `no-final-delimiter` | the last field lacks its delimiter |
 * | `no-delimiter-after: BL` | a one-character field ran into the next field |
 * | `trailing-blanks` | blanks behind the checksum |
 * | `checksum-written: F400` | the digits as they stood: a wrong sum, or not four digits in capitals |
 */
export interface Parsed {
  readonly command: string
  readonly name: string
  readonly fixed: Record<string, string>
  readonly fields: readonly Field[]
  /** The digit of AY; null without one. */
  readonly sequence: number | null
  readonly checksum: Verdict
  readonly problems: readonly string[]
}

/** Bytes that are no message at all; `error` says why, in words without any of its text. */
export interface Unreadable {
  readonly error: string
}

export interface ParseOptions {
  readonly encoding: Encoding
  /** One character; `|` by default. */
  readonly delimiter?: string
  /**
   * Splits only where a delimiter is followed by something like a field id, for systems that do not keep the
   * delimiter out of values (`BEa|b@c.d|`, Sierra by way of Palace).
   */
  readonly lenientSplit?: boolean
  /** Takes line ends inside a value for control characters of it rather than for a broken message. */
  readonly lineEndsInside?: boolean
}

export interface Message {
  readonly command: string
  /** Every piece of the fixed part by its name in `messages.ts`, at its exact length. */
  readonly fixed: Readonly<Record<string, string>>
  readonly fields: readonly Field[]
  readonly sequence?: number | null
  /** Of no command of the protocol: passed on as it came, with `fixed.text` before its fields. */
  readonly foreign?: true
}

/** What a peer can take; 0 bytes means that they are not counted. */
export interface Caps {
  readonly valueCharacters: number
  readonly valueBytes: number
  /** Of the whole message with its terminator. */
  readonly messageBytes: number
}

export interface BuildOptions {
  readonly encoding: Encoding
  readonly delimiter?: string
  /** Whether to add AY and AZ, and by which rule; `true` is that of the protocol; `dp2` always writes AY4. */
  readonly checksum: boolean | 'utf-16' | 'dp2'
  readonly terminator: string
  /**
   * Several servers drop everything but ASCII letters and digits from the end of a message: with this, a
   * message without checksum never ends in other characters (an empty AC is put last, if need be).
   */
  readonly trailingAsciiField?: boolean
  /** Left out: 255 characters in a value. */
  readonly caps?: Caps
  /** Told what had to be changed in free text: `replaced: AF`, `lacking: AF é`, `cut: AF`. */
  readonly note?: (what: string) => void
}

/** What may not stand in any value. */
export const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

/** A field id that may be shown. */
export const printable = (id: string): string => (/^[ -~]*$/.test(id) ? id : '??')
