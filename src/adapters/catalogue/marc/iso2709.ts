import { fieldEnd, recordEnd } from './frames.ts'
import type { ReasonCode } from './reasons.ts'

/** Where one field's data lies in its record, without the field terminator. */
export interface RawField {
  /** `tagCode` of the tag. */
  readonly tag: number
  readonly start: number
  readonly end: number
}

/** Three characters as one number: tags are compared some hundred times for each record. */
export const tagCode = (text: string, at = 0): number =>
  (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2)

/** A record as its leader and directory describe it; nothing is decoded yet. */
export interface RawRecord {
  /** 24 characters, one for each byte. */
  readonly leader: string
  readonly fields: readonly RawField[]
  readonly warnings: readonly { readonly code: ReasonCode; readonly detail?: string }[]
}

export type RawAnswer =
  | { readonly ok: true; readonly record: RawRecord }
  | { readonly ok: false; readonly code: ReasonCode }

interface Entry extends RawField {
  /** As the directory tells it, from the base address; -1 when it is no number. */
  readonly place: number
  readonly sound: boolean
}

interface Piece {
  readonly start: number
  readonly end: number
}

const leaderLength = 24
const entryLength = 12

const number = (bytes: Buffer, from: number, count: number): number => {
  let value = 0
  for (let i = from; i < from + count; i++) {
    const digit = bytes[i]! - 0x30
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/**
 * Reads leader and directory of one record. Known sloppiness is borne: a wrong base address, a directory whose
 * places are off (lengths counted in characters, fields edited by hand), fields in any order. Never throws.
 */
export const readRecord = (bytes: Buffer): RawAnswer => {
  if (bytes.length < leaderLength + 2) return { ok: false, code: 'no-leader' }
  const directoryEnd = bytes.indexOf(fieldEnd, leaderLength)
  const count = Math.floor((directoryEnd - leaderLength) / entryLength)
  if (directoryEnd < 0 || count < 1) return { ok: false, code: 'no-directory' }
  const base = directoryEnd + 1
  const end = bytes[bytes.length - 1] === recordEnd ? bytes.length - 1 : bytes.length
  const directory = bytes.toString('latin1', 0, directoryEnd)
  const entries: Entry[] = []
  let sound = 0
  for (let i = 0; i < count; i++) {
    const entry = entryAt(bytes, directory, leaderLength + i * entryLength, base, end)
    if (entry.sound) sound++
    entries.push(entry)
  }
  const leader = directory.slice(0, leaderLength)
  if (sound === count) return { ok: true, record: { leader, fields: entries, warnings: [] } }
  const fields = repaired(entries, piecesOf(bytes, base, end))
  if (fields) return { ok: true, record: { leader, fields, warnings: [{ code: 'wrong-directory' }] } }
  if (sound === 0) return { ok: false, code: 'no-fields' }
  const lost = { code: 'lost-fields' as const, detail: String(count - sound) }
  return { ok: true, record: { leader, fields: entries.filter(e => e.sound), warnings: [lost] } }
}

/** Sound means: it lies inside the record and stands between two field terminators. */
const entryAt = (bytes: Buffer, directory: string, at: number, base: number, recordsEnd: number): Entry => {
  const tag = tagCode(directory, at)
  const length = number(bytes, at + 3, 4)
  const place = number(bytes, at + 7, 5)
  const start = base + place
  const end = start + length - 1
  const sound =
    length > 0 && place >= 0 && end < recordsEnd && bytes[end] === fieldEnd && bytes[start - 1] === fieldEnd
  return { tag, start, end, place, sound }
}

/** The data cut at its field terminators. */
const piecesOf = (bytes: Buffer, base: number, end: number): Piece[] => {
  const pieces: Piece[] = []
  for (let start = base; start < end; ) {
    const stop = bytes.indexOf(fieldEnd, start)
    if (stop < 0 || stop >= end) {
      pieces.push({ start, end })
      break
    }
    pieces.push({ start, end: stop })
    start = stop + 1
  }
  return pieces
}

/**
 * Gives each entry that is not sound one of the pieces that no sound entry has taken, in the order of the told
 * places where all can be read, else in that of the directory; undefined when their numbers differ.
 */
const repaired = (entries: readonly Entry[], pieces: readonly Piece[]): RawField[] | undefined => {
  const taken = new Set(entries.filter(e => e.sound).map(e => e.start))
  const free = pieces.filter(p => !taken.has(p.start))
  const astray = entries.filter(e => !e.sound)
  if (free.length !== astray.length) return undefined
  const ordered = astray.some(e => e.place < 0) ? astray : astray.toSorted((a, b) => a.place - b.place)
  const place = new Map(ordered.map((entry, i) => [entry, free[i]!]))
  return entries.map(entry => ({
    tag: entry.tag,
    ...(place.get(entry) ?? { start: entry.start, end: entry.end }),
  }))
}
