import { findTail, hex4, sumUnits, type Tail, type Verdict, verdict } from './checksum.ts'
import { decode, decodeAscii, type Encoding } from './encodings.ts'
import { fields as fieldTable, idCode, idCodes, ids, longestValue } from './fields.ts'
import { cutFixed, type FixedCut } from './fixed.ts'
import { type MessageType, messageTypes } from './messages.ts'

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

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Reads one message, with or without its terminator. Never throws; splits decoded text, never bytes. */
export const parseMessage = (bytes: Uint8Array, options: ParseOptions): Parsed | Unreadable => {
  const framed = trimFrame(bytes)
  if (framed.length < 2) return { error: 'too short for a message' }
  const { sum, ascii, low } = scan(framed)
  const text = ascii ? decodeAscii(framed) : decode(framed, options.encoding)
  const controls = ascii ? low || text.includes('\x7f') : control.test(text)
  if (low) {
    if (framed.includes(0)) return { error: 'a NUL inside' }
    if (framed.includes(13) || framed.includes(10)) return { error: 'a line end inside' }
  }
  if (!isDigit(text.charCodeAt(0)) || !isDigit(text.charCodeAt(1)))
    return { error: 'does not begin with a command of two digits' }
  const parsed = readText(text, sum, options)
  if (controls) parsed.problems.push(...withControls(parsed.fields))
  if (!ascii && text.includes('\ufffd')) parsed.problems.push('undecodable')
  return parsed
}

/** One walk over the bytes: their sum, whether all are ASCII, and whether one is below the blank. */
const scan = (bytes: Uint8Array): { sum: number; ascii: boolean; low: boolean } => {
  let sum = 0
  let bits = 0
  let low = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    sum += byte
    bits |= byte
    low |= byte - 32
  }
  return { sum, ascii: bits < 128, low: low < 0 }
}

interface Draft extends Parsed {
  readonly problems: string[]
}

const readText = (text: string, sum: number, options: ParseOptions): Draft => {
  const delimiter = options.delimiter ?? '|'
  const type = messageTypes[(text.charCodeAt(0) - 48) * 10 + text.charCodeAt(1) - 48]
  const tail = findTail(text, delimiter, 2 + (type?.fixedLength ?? 0))
  const body = tail.start === text.length ? text : text.slice(0, tail.start)
  const checksum = verdict(sum, text, tail, delimiter)
  const problems: string[] = []
  const cut = type ? cutFixed(type, body, delimiter, problems) : cutUnknown(body, delimiter, problems)
  const fields = splitFields(body, cut.end, delimiter, options.lenientSplit === true, type, problems)
  if (checksum === 'ok:dp2' && fields.length === 0) drop(problems, 'empty-segment: 0')
  if (tail.end < text.length) problems.push('trailing-blanks')
  if (tail.sumEnd >= 0 && (checksum !== 'ok' || !tail.proper) && isOwn(body, text, tail, checksum, delimiter))
    problems.push(`checksum-written: ${text.slice(tail.sumEnd, tail.end)}`)
  return {
    command: type?.command ?? text.slice(0, 2),
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

/** Whether the digits must be kept because computing them by the rule would give others. */
const isOwn = (body: string, text: string, tail: Tail, checksum: Verdict, delimiter: string): boolean => {
  if (checksum === 'wrong' || !tail.proper) return true
  if (checksum !== 'ok:dp2') return false
  return text[tail.start - 1] !== delimiter || hex4(sumUnits(body, body.length - 1)) !== hex4(-tail.value)
}

const cutUnknown = (body: string, delimiter: string, problems: string[]): FixedCut => {
  const found = body.indexOf(delimiter, 2)
  const end = found < 0 ? body.length : found
  problems.push('unknown-command')
  return { fixed: { text: body.slice(2, end) }, end }
}

const trimFrame = (bytes: Uint8Array): Uint8Array => {
  let from = 0
  let to = bytes.length
  while (from < to && (bytes[from] === 32 || bytes[from] === 0 || bytes[from] === 13 || bytes[from] === 10))
    from++
  while (to > from && (bytes[to - 1] === 13 || bytes[to - 1] === 10)) to--
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to)
}

/** For each id the last message that had it, as a number: what was seen in this one without clearing anything. */
const seenIn = new Uint32Array(idCodes)
let messageNumber = 0

const splitFields = (
  body: string,
  start: number,
  delimiter: string,
  lenient: boolean,
  type: MessageType | undefined,
  problems: string[],
): Field[] => {
  const fields: Field[] = []
  messageNumber = (messageNumber + 1) >>> 0
  let at = start
  let found = 0
  while (at < body.length) {
    const next = lenient ? nextBeforeId(body, delimiter, at) : body.indexOf(delimiter, at)
    const end = next < 0 ? body.length : next
    if (next < 0) problems.push('no-final-delimiter')
    const code = end - at < 2 ? -1 : idCode(body, at)
    if (code < 0) takeOdd(body, at, end, fields, problems)
    else {
      const id = ids[code]!
      if (id.oneCharacter && end - at > 3) takeOdd(body, at, end, fields, problems)
      else fields.push([id.text, body.slice(at + 2, end)])
      if (type) found |= type.needed[code]!
      if (seenIn[code] === messageNumber && !id.mayRepeat) problems.push(`repeated-field: ${id.text}`)
      seenIn[code] = messageNumber
      if (end - at - 2 > longestValue) problems.push(`too-long: ${id.text}`)
    }
    at = end + 1
  }
  if (type && found !== type.allNeeded) problems.push(...missing(fields, type))
  return fields
}

const missing = (fields: readonly Field[], type: MessageType): string[] =>
  type.required.filter(id => !fields.some(([have]) => have === id)).map(id => `missing-field: ${id}`)

const withControls = (fields: readonly Field[]): string[] =>
  fields.filter(([, value]) => control.test(value)).map(([id]) => `control-character: ${printable(id)}`)

/** The first delimiter at or after `at` that an id or the end follows; a run of delimiters counts from its first. */
const nextBeforeId = (body: string, delimiter: string, at: number): number => {
  let next = body.indexOf(delimiter, at)
  while (next >= 0 && next + 1 < body.length && idCode(body, next + 1) < 0)
    next = body.indexOf(delimiter, next + 1)
  while (next > at && body[next - 1] === delimiter) next--
  return next
}

/** Segments that are empty, blank or without an id, and one-character fields, which may hold the next field too. */
const takeOdd = (body: string, at: number, end: number, fields: Field[], problems: string[]): void => {
  if (end === at) {
    problems.push(`empty-segment: ${fields.length}`)
    return
  }
  const id = body.slice(at, Math.min(at + 2, end))
  if (idCode(id, 0) < 0) {
    if (body.slice(at, end).trim() === '') {
      problems.push('blank-segment')
      return
    }
    problems.push(`odd-field-id: ${printable(id)}`)
  }
  // Spydus leaves the delimiter out behind a one-character field: `BLYBV7.00|`.
  if (
    end - at > 4 &&
    'YN'.includes(body[at + 2]!) &&
    fieldTable.get(id)?.length === 1 &&
    fieldTable.has(body.slice(at + 3, at + 5))
  ) {
    fields.push([id, body.slice(at + 2, at + 3)])
    problems.push(`no-delimiter-after: ${id}`)
    takeOdd(body, at + 3, end, fields, problems)
    return
  }
  fields.push([id, body.slice(Math.min(at + 2, end), end)])
}

/** A field id that may be shown. */
export const printable = (id: string): string => (/^[ -~]*$/.test(id) ? id : '??')

/** What may not stand in any value. */
export const control = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/
