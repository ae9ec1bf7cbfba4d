import { findTail, hex4, sumUnits, type Tail, type Verdict, verdict } from './checksum.ts'
import { decode, type Encoding } from './encodings.ts'
import { fields as fieldTable, longestValue } from './fields.ts'
import { cutFixed } from './fixed.ts'
import { type MessageType, messages } from './messages.ts'

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
}

const isLetter = (code: number): boolean => code >= 65 && code <= 90
const isDigit = (code: number): boolean => code >= 48 && code <= 57

const isFieldId = (text: string, at: number): boolean =>
  isLetter(text.charCodeAt(at)) && (isLetter(text.charCodeAt(at + 1)) || isDigit(text.charCodeAt(at + 1)))

/** Reads one message, with or without its terminator. Never throws; splits decoded text, never bytes. */
export const parseMessage = (bytes: Uint8Array, options: ParseOptions): Parsed | Unreadable => {
  const framed = trimFrame(bytes)
  if (framed.length < 2) return { error: 'too short for a message' }
  for (const byte of framed) {
    if (byte === 0) return { error: 'a NUL inside' }
    if (byte === 13 || byte === 10) return { error: 'a line end inside' }
  }
  const text = decode(framed, options.encoding)
  if (!isDigit(text.charCodeAt(0)) || !isDigit(text.charCodeAt(1)))
    return { error: 'does not begin with a command of two digits' }
  return readText(framed, text, options)
}

const readText = (bytes: Uint8Array, text: string, options: ParseOptions): Parsed => {
  const delimiter = options.delimiter ?? '|'
  const command = text.slice(0, 2)
  const type = messages.get(command)
  const tail = findTail(text, delimiter, 2 + (type?.fixedLength ?? 0))
  const body = text.slice(0, tail.start)
  const checksum = verdict(bytes, text, tail, delimiter)
  const cut = type ? cutFixed(type, body, delimiter) : cutUnknown(body, delimiter)
  const problems = [...cut.problems]
  const fields = splitFields(body, cut.end, delimiter, options.lenientSplit === true, problems)
  if (checksum === 'ok:dp2' && fields.length === 0) drop(problems, 'empty-segment: 0')
  checkFields(fields, type, problems)
  if (text.includes('\ufffd')) problems.push('undecodable')
  if (tail.end < text.length) problems.push('trailing-blanks')
  if (tail.sumEnd >= 0 && written(body, text, tail, checksum, delimiter))
    problems.push(`checksum-written: ${tail.digits}`)
  return {
    command,
    name: type?.name ?? 'Unknown',
    fixed: cut.fixed,
    fields,
    sequence: tail.sequence,
    checksum,
    problems,
  }
}

const drop = (problems: string[], problem: string): void => {
  const at = problems.indexOf(problem)
  if (at >= 0) problems.splice(at, 1)
}

/** Whether the digits must be kept because computing them would give others. */
const written = (body: string, text: string, tail: Tail, checksum: Verdict, delimiter: string): boolean => {
  if (checksum === 'wrong' || !/^[0-9A-F]{4}$/.test(tail.digits)) return true
  return (
    checksum === 'ok:dp2' &&
    !(text[tail.start - 1] === delimiter && dp2Digits(body.slice(0, -1)) === tail.digits)
  )
}

/** The sum as dp2 takes it: over the UTF-16 units of the text before the delimiter and AY. */
export const dp2Digits = (before: string): string => hex4(sumUnits(before))

const cutUnknown = (body: string, delimiter: string) => {
  const found = body.indexOf(delimiter, 2)
  const end = found < 0 ? body.length : found
  return { fixed: { text: body.slice(2, end) }, end, problems: ['unknown-command'] }
}

const trimFrame = (bytes: Uint8Array): Uint8Array => {
  let from = 0
  let to = bytes.length
  while (from < to && (bytes[from] === 32 || bytes[from] === 0 || bytes[from] === 13 || bytes[from] === 10))
    from++
  while (to > from && (bytes[to - 1] === 13 || bytes[to - 1] === 10)) to--
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to)
}

const splitFields = (
  body: string,
  start: number,
  delimiter: string,
  lenient: boolean,
  problems: string[],
): Field[] => {
  const fields: Field[] = []
  let at = start
  while (at < body.length) {
    const next = lenient ? nextBeforeId(body, delimiter, at) : body.indexOf(delimiter, at)
    const end = next < 0 ? body.length : next
    if (next < 0) problems.push('no-final-delimiter')
    if (end === at) problems.push(`empty-segment: ${fields.length}`)
    else takeSegment(body, at, end, fields, problems)
    at = end + 1
  }
  return fields
}

/** The first delimiter at or after `at` that an id or the end follows; a run of delimiters counts from its first. */
const nextBeforeId = (body: string, delimiter: string, at: number): number => {
  let next = body.indexOf(delimiter, at)
  while (next >= 0 && next + 1 < body.length && !isFieldId(body, next + 1))
    next = body.indexOf(delimiter, next + 1)
  while (next > at && body[next - 1] === delimiter) next--
  return next
}

const takeSegment = (body: string, at: number, end: number, fields: Field[], problems: string[]): void => {
  const id = body.slice(at, Math.min(at + 2, end))
  if (!isFieldId(body, at)) {
    if (body.slice(at, end).trim() === '') {
      problems.push('blank-segment')
      return
    }
    problems.push(`odd-field-id: ${printable(id)}`)
  }
  // Spydus leaves the delimiter out behind a one-character field: `BLYBV7.00|`.
  if (
    end - at > 4 &&
    fieldTable.get(id)?.length === 1 &&
    'YN'.includes(body[at + 2]!) &&
    fieldTable.has(body.slice(at + 3, at + 5))
  ) {
    fields.push([id, body.slice(at + 2, at + 3)])
    problems.push(`no-delimiter-after: ${id}`)
    takeSegment(body, at + 3, end, fields, problems)
    return
  }
  fields.push([id, body.slice(Math.min(at + 2, end), end)])
}

/** A field id that may be shown. */
export const printable = (id: string): string => (/^[ -~]*$/.test(id) ? id : '??')

/** What may not stand in any value. */
export const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/

const checkFields = (fields: readonly Field[], type: MessageType | undefined, problems: string[]): void => {
  const seen = new Set<string>()
  for (const [id, value] of fields) {
    if (seen.has(id) && fieldTable.get(id)?.repeatable !== true)
      problems.push(`repeated-field: ${printable(id)}`)
    seen.add(id)
    if (value.length > longestValue) problems.push(`too-long: ${printable(id)}`)
    if (control.test(value)) problems.push(`control-character: ${printable(id)}`)
  }
  for (const id of type?.required ?? []) if (!seen.has(id)) problems.push(`missing-field: ${id}`)
}
