import type { Millis } from '../../../kernel/clock.ts'

/**
 * How the four characters between date and time are written. Blank means local time, as the protocol prefers;
 * `letter` is local time with the letter of its offset, `utc` is UTC with `Z`.
 */
export type ZoneStyle = 'blank' | '0000' | 'letter' | 'utc'

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0')

/**
 * `20261122    093000`: the local time of `zone` (an IANA name, `Asia/Shanghai`), never the machine's own.
 * With the style `letter` it says so (`   H` in China); an offset without a letter is written as UTC.
 */
export const sipDate = (millis: Millis, zone: string, style: ZoneStyle = 'blank'): string => {
  const instant = Temporal.Instant.fromEpochMilliseconds(millis)
  const local = instant.toZonedDateTimeISO(zone)
  const letter = style === 'letter' ? letterOf(local.offsetNanoseconds / 3_600_000_000_000) : undefined
  const utc = style === 'utc' || (style === 'letter' && letter === undefined)
  const at = utc ? instant.toZonedDateTimeISO('UTC') : local
  const between = style === '0000' ? '0000' : `   ${utc ? 'Z' : (letter ?? ' ')}`
  return `${pad(at.year, 4)}${pad(at.month)}${pad(at.day)}${between}${pad(at.hour)}${pad(at.minute)}${pad(at.second)}`
}

/** What stands where a date is required and there is none. */
export const noDate = ' '.repeat(18)

const eastern = 'ZABCDEFGHIKLM'
const western = 'ZNOPQRSTUVWXY'

/** Hours east of UTC of a military zone letter; J is none. */
const letterHours = (letter: string): number | undefined => {
  const east = eastern.indexOf(letter)
  if (east >= 0) return east
  const west = western.indexOf(letter)
  return west >= 0 ? -west : undefined
}

/** The letter of an offset in hours; none for parts of an hour. */
const letterOf = (hours: number): string | undefined => (hours < 0 ? western[-hours] : eastern[hours])

/**
 * Reads YYYYMMDDZZZZHHMMSS. A letter in the zone is an offset of the military scheme (H is China, Z is UTC);
 * blanks, `0000` (Sierra) and anything unknown mean the local time of `zone`. Undefined for blanks, zeros and
 * what is no date.
 */
export const parseSipDate = (text: string, zone: string): Millis | undefined => {
  const match = /^(\d{4})(\d{2})(\d{2})(.{4})(\d{2})(\d{2})(\d{2})$/.exec(text)
  if (!match) return undefined
  const [, year, month, day, between = '', hour, minute, second] = match
  const letter = /^ {0,3}([A-Z]) {0,3}$/.exec(between)?.[1]
  return instant(
    { year, month, day, hour, minute, second },
    zone,
    letter === undefined ? undefined : letterHours(letter),
  )
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second'

const instant = (
  parts: Partial<Record<Part, string | undefined>>,
  zone: string,
  offsetHours?: number,
): Millis | undefined => {
  const number = (part: Part, otherwise: number): number =>
    parts[part] === undefined ? otherwise : Number(parts[part])
  const dateOnly = parts.hour === undefined
  try {
    const local = Temporal.PlainDateTime.from(
      {
        year: number('year', 0),
        month: number('month', 0),
        day: number('day', 0),
        hour: number('hour', 23),
        minute: number('minute', dateOnly ? 59 : 0),
        second: number('second', dateOnly ? 59 : 0),
      },
      { overflow: 'reject' },
    )
    if (offsetHours !== undefined)
      return local.toZonedDateTime('UTC').epochMilliseconds - offsetHours * 3_600_000
    return local.toZonedDateTime(zone).epochMilliseconds
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined
    throw thrown
  }
}

/**
 * The ways of writing a due date that leave no doubt. Day before month and month before day can only come from
 * a library's own settings: they are never guessed.
 */
export const usualDueDates: readonly string[] = [
  'sip',
  'YYYY-MM-DD HH:mm:ss',
  'YYYY-MM-DDTHH:mm:ssZ',
  'YYYY-MM-DDTHH:mm:ss',
  'YYYY-MM-DD HH:mm',
  'YYYY-MM-DD',
  'YYYY/MM/DD HH:mm:ss',
  'YYYY/MM/DD',
  'YYYYMMDD',
  'YYYY年M月D日',
]

const tokens: Readonly<Record<string, readonly [Part | 'offset', string]>> = {
  YYYY: ['year', '\\d{4}'],
  MM: ['month', '\\d{2}'],
  M: ['month', '\\d{1,2}'],
  DD: ['day', '\\d{2}'],
  D: ['day', '\\d{1,2}'],
  HH: ['hour', '\\d{2}'],
  H: ['hour', '\\d{1,2}'],
  mm: ['minute', '\\d{2}'],
  ss: ['second', '\\d{2}'],
  Z: ['offset', 'Z|[+-]\\d{2}:?\\d{2}'],
}

interface DueFormat {
  readonly pattern: RegExp
  readonly parts: readonly (Part | 'offset')[]
}

const compiled = new Map<string, DueFormat>()

const compile = (format: string): DueFormat => {
  const known = compiled.get(format)
  if (known) return known
  const parts: (Part | 'offset')[] = []
  const body = format.replace(/YYYY|MM?|DD?|HH?|mm|ss|Z|[^YMDHmsZ]+/g, piece => {
    const token = tokens[piece]
    if (!token) return piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
    parts.push(token[0])
    return `(${token[1]})`
  })
  // A name of a zone behind the time (`CEST`) tells no more than that it is the library's local time.
  const made = { pattern: new RegExp(`^${body}(?: [A-Z]{2,5})?$`), parts }
  compiled.set(format, made)
  return made
}

/**
 * Reads a due date (AH) by the first of `formats` that fits: `sip`, or a pattern of YYYY MM M DD D HH H mm ss
 * Z (an offset). Without a time it means the end of that day. Undefined when none fits: the raw text is what a
 * person is shown then.
 */
export const parseDueDate = (text: string, formats: readonly string[], zone: string): Millis | undefined => {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  for (const format of formats) {
    if (format === 'sip') {
      const at = parseSipDate(trimmed, zone)
      if (at !== undefined) return at
      continue
    }
    const { pattern, parts } = compile(format)
    const match = pattern.exec(trimmed)
    if (!match) continue
    const found: Partial<Record<Part | 'offset', string>> = {}
    parts.forEach((part, i) => {
      found[part] = match[i + 1]!
    })
    const at = instant(found, zone, found.offset === undefined ? undefined : offsetHours(found.offset))
    if (at !== undefined) return at
  }
  return undefined
}

const offsetHours = (text: string): number => {
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(text)
  if (!match) return 0
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) + Number(match[3]) / 60)
}
