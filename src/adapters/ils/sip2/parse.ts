import { findTail, hex4, sumUnits, type Tail, type Verdict, verdict } from './checksum.ts'
import { decode, decodeAscii, type Encoding } from './encodings.ts'
import {
  fields as fieldTable,
  longestValue,
  oneCharacter,
  repeatable,
  slotAt,
  slotCount,
  slotTexts,
  slotTraits,
} from './fields.ts'
import { cutFixed, type FixedCut } from './fixed.ts'
import { control, type Field, type Parsed, type ParseOptions, printable, type Unreadable } from './message.ts'
import { type MessageType, messageTypes } from './messages.ts'
import { reading, walk } from './walk.ts'

const isDigit = (code: number): boolean => code >= 48 && code <= 57

/** Reads one message, with or without its terminator. Never throws; splits decoded text, never bytes. */
export const parseMessage = (bytes: Uint8Array, options: ParseOptions): Parsed | Unreadable => {
  const framed = trimFrame(bytes)
  if (framed.length < 2) return { error: 'too short for a message' }
  const { total, ascii } = walk(framed, framed.length, reading.weights)
  const low = reading.hasControls(total)
  if (low) {
    if (framed.includes(0)) return { error: 'a NUL inside' }
    const lineEnds = options.lineEndsInside !== true && (framed.includes(13) || framed.includes(10))
    if (lineEnds) return { error: 'a line end inside' }
  }
  const text = ascii ? decodeAscii(framed) : decode(framed, options.encoding)
  if (!isDigit(text.charCodeAt(0)) || !isDigit(text.charCodeAt(1)))
    return { error: 'does not begin with a command of two digits' }
  const parsed = readText(framed, text, reading.sum(total), options)
  if (low || (!ascii && isSuspect(framed, text, options.encoding))) addSuspects(text, parsed)
  return parsed
}

interface Draft extends Parsed {
  readonly problems: string[]
}

const readText = (bytes: Uint8Array, text: string, sum: number, options: ParseOptions): Draft => {
  const { delimiter = '|', lenientSplit = false } = options
  const type = messageTypes[(text.charCodeAt(0) - 48) * 10 + text.charCodeAt(1) - 48]
  const tail = findTail(bytes, text, delimiter, 2 + (type?.fixedLength ?? 0))
  const length = tail.start
  const checksum = verdict(sum, text, tail, delimiter)
  const problems: string[] = []
  const first = text.indexOf(delimiter, 2)
  const early = first < 0 || first > length ? length : first
  const cut = type ? cutFixed(type, bytes, text, length, early, problems) : cutUnknown(text, early, problems)
  const split = lenientSplit ? splitLeniently : splitFields
  const fields = split(text, length, cut.end, delimiter, early, type, problems)
  const own =
    tail.sumEnd >= 0 && (checksum !== 'ok' || !tail.proper) && isOwn(text, tail, checksum, delimiter)
  // The rule writes that delimiter by itself, but not beside digits that are kept as they stood.
  if (checksum === 'ok:dp2' && fields.length === 0 && !own) drop(problems, 'empty-segment: 0')
  if (tail.end < text.length) problems.push('trailing-blanks')
  if (own) problems.push(`checksum-written: ${text.slice(tail.sumEnd, tail.end)}`)
  return {
    command: type ? type.command : text.slice(0, 2),
    name: type ? type.name : 'Unknown',
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
const isOwn = (text: string, tail: Tail, checksum: Verdict, delimiter: string): boolean => {
  if (checksum === 'wrong' || !tail.proper) return true
  if (checksum !== 'ok:dp2') return false
  return text[tail.start - 1] !== delimiter || hex4(sumUnits(text, tail.start - 1)) !== hex4(-tail.value)
}

const cutUnknown = (text: string, early: number, problems: string[]): FixedCut => {
  problems.push('unknown-command')
  return { fixed: { text: text.slice(2, early) }, end: early }
}

const trimFrame = (bytes: Uint8Array): Uint8Array => {
  let from = 0
  let to = bytes.length
  while (from < to && (bytes[from] === 32 || bytes[from] === 0 || bytes[from] === 13 || bytes[from] === 10))
    from++
  while (to > from && (bytes[to - 1] === 13 || bytes[to - 1] === 10)) to--
  return from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to)
}

/** For each listed id the number of the last message that had it: nothing need be cleared between messages. */
const seenIn = new Int32Array(slotCount)
let messageNumber = 0

const anyMessage = { needed: new Uint8Array(slotCount), allNeeded: 0, required: [] }

/** Cuts what stands from `start` to `length`; `early` is where the first delimiter of the text stands. */
const splitFields = (
  text: string,
  length: number,
  start: number,
  delimiter: string,
  early: number,
  type: MessageType | undefined,
  problems: string[],
): Field[] => {
  const fields: Field[] = []
  const { needed, allNeeded, required } = type ?? anyMessage
  const number = (messageNumber + 1) & 0x3fffffff
  messageNumber = number
  let found = 0
  let at = start
  while (at < length) {
    const next = at <= early ? early : text.indexOf(delimiter, at)
    const end = next < 0 || next > length ? length : next
    const slot = end - at < 2 ? -1 : slotAt(text, at)
    if (slot <= 0 || (slotTraits[slot]! & oneCharacter && end - at > 3))
      takeOdd(text, at, end, fields, problems)
    else fields.push([slotTexts[slot]!, text.slice(at + 2, end)])
    if (slot > 0) {
      found |= needed[slot]!
      if (seenIn[slot] === number && !(slotTraits[slot]! & repeatable))
        problems.push(`repeated-field: ${slotTexts[slot]}`)
      seenIn[slot] = number
    }
    if (end - at - 2 > longestValue) problems.push(`too-long: ${printable(text.slice(at, at + 2))}`)
    if (end === length) problems.push('no-final-delimiter')
    at = end + 1
  }
  if (found !== allNeeded)
    for (const id of required)
      if (!fields.some(([have]) => have === id)) problems.push(`missing-field: ${id}`)
  return fields
}

/** Stands for a delimiter that ends no field; it cannot be in a message. */
const inner = '\0'

/**
 * Cuts only where an id or the end follows, at once or behind more delimiters. The other delimiters are hidden
 * from the plain way of cutting and put back into the values.
 */
const splitLeniently: typeof splitFields = (text, length, start, delimiter, early, type, problems) => {
  const characters = text.split('')
  let cuts = true
  for (let at = length - 1; at >= Math.max(start, early); at--) {
    if (characters[at] !== delimiter) continue
    if (at + 1 < length && text[at + 1] !== delimiter) cuts = slotAt(text, at + 1) >= 0
    if (!cuts) characters[at] = inner
  }
  const marked = characters.join('')
  const first = marked.indexOf(delimiter, start)
  const found = splitFields(marked, length, start, delimiter, first < 0 ? length : first, type, problems)
  return found.map(([id, value]) => [id, value.replaceAll(inner, delimiter)])
}

/** Segments that are empty, blank or without an id, and one-character fields, which may hold the next field too. */
const takeOdd = (text: string, at: number, end: number, fields: Field[], problems: string[]): void => {
  if (end === at) {
    problems.push(`empty-segment: ${fields.length}`)
    return
  }
  const id = text.slice(at, Math.min(at + 2, end))
  if (slotAt(id, 0) < 0) {
    if (text.slice(at, end).trim() === '') {
      problems.push('blank-segment')
      return
    }
    problems.push(`odd-field-id: ${printable(id)}`)
  }
  // Spydus leaves the delimiter out behind a one-character field: `BLYBV7.00|`.
  if (
    end - at > 4 &&
    'YN'.includes(text[at + 2]!) &&
    fieldTable.get(id)?.length === 1 &&
    fieldTable.has(text.slice(at + 3, at + 5))
  ) {
    fields.push([id, text.slice(at + 2, at + 3)])
    problems.push(`no-delimiter-after: ${id}`)
    takeOdd(text, at + 3, end, fields, problems)
    return
  }
  fields.push([id, text.slice(Math.min(at + 2, end), end)])
}

/** The same, and what stands for bytes that are no character. */
const suspect = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/

const isSuspect = (bytes: Uint8Array, text: string, encoding: Encoding): boolean => {
  if (encoding !== 'utf-8') return suspect.test(text)
  return text.includes('\ufffd') || ((bytes.includes(0xc2) || bytes.includes(0xe2)) && control.test(text))
}

const addSuspects = (text: string, { fields, problems }: Draft): void => {
  for (const [id, value] of fields)
    if (control.test(value)) problems.push(`control-character: ${printable(id)}`)
  if (text.includes('\ufffd')) problems.push('undecodable')
}
