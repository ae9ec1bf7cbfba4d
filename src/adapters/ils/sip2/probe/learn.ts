import type { Millis } from '../../../../kernel/clock.ts'
import { field, fieldsOf, isUnreadable, type Parsed, parseMessage } from '../codec.ts'
import type { Encoding } from '../encodings.ts'
import { messages } from '../messages.ts'
import { readStatus } from '../status.ts'
import type { Facts } from './facts.ts'
import type { Heard } from './step.ts'

/** An answer, and when it came. */
export interface Seen {
  readonly parsed: Parsed
  readonly heard: Extract<Heard, { heard: 'line' }>
  readonly now: Millis
  /** It came before any log-in. */
  readonly early: boolean
}

/** Fields whose text shows a charset, and holds nobody's name. */
const telling = ['AM', 'AF', 'AJ', 'AN', 'AQ', 'AP', 'AE']

/** Takes from one answer what any answer tells: line end, sums, numbers, forms of dates, texts. */
export const learn = (facts: Facts, seen: Seen, asked: Uint8Array): void => {
  const { parsed, heard, now, early } = seen
  facts.lines.theirs.add(heard.end)
  facts.took.push(heard.took)
  learnSums(facts, seen, asked)
  for (const part of messages.get(parsed.command)?.fixed ?? [])
    if (part.kind === 'date') learnZone(facts, parsed.fixed[part.name] ?? '')
  learnTexts(early ? facts.early : facts.samples, heard.bytes, parsed)
  if (parsed.command === '98') {
    facts.status = readStatus(parsed)
    facts.statusMessage = parsed
    learnClock(facts, parsed.fixed.date ?? '', now)
  }
}

const tail = /AY(\d)AZ[0-9A-Fa-f]{1,4}[\r\n]*$/
const mostHeard = 100

const learnSums = (facts: Facts, { parsed, heard, early }: Seen, asked: Uint8Array): void => {
  const ours = tail.exec(Buffer.from(asked).toString('latin1'))?.[1]
  if (ours === undefined) return
  if (facts.sums.heard.length < mostHeard) facts.sums.heard.push({ bytes: heard.bytes, early })
  if (parsed.sequence === null) return
  if (String(parsed.sequence) === ours) facts.sequence.copied++
  else facts.sequence.other++
  if (parsed.sequence !== 4) facts.sequence.always4 = false
}

/** Judges the sums of all answers by the charsets that have been found. */
export const judgeSums = (facts: Facts, encoding: Encoding, early: Encoding): void => {
  for (const heard of facts.sums.heard) {
    const options = { encoding: heard.early ? early : encoding, delimiter: facts.delimiter }
    const parsed = parseMessage(heard.bytes, options)
    if (isUnreadable(parsed)) continue
    facts.sums.theirs.add(parsed.checksum)
    if (heard.bytes.some(byte => byte >= 0x80)) facts.sums.told.add(parsed.checksum)
  }
}

const learnZone = (facts: Facts, date: string): void => {
  const between = /^\d{8}(.{4})\d{6}$/.exec(date)?.[1]
  if (between === undefined || /^0{8}/.test(date)) return
  facts.zones.add(
    between === '    '
      ? 'blank'
      : between === '0000'
        ? '0000'
        : /^ {0,3}[A-Z] {0,3}$/.test(between)
          ? 'letter'
          : 'other',
  )
}

/** Keeps a few answers that may show the charset. */
const learnTexts = (samples: Uint8Array[], bytes: Uint8Array, parsed: Parsed): void => {
  if (samples.length >= 40) return
  const high = bytes.some(byte => byte >= 0x80)
  if (high || telling.some(id => /\?{3}/.test(field(parsed, id) ?? ''))) samples.push(bytes)
}

const hour = 3_600_000

/** Its clock as it stands in 98, compared with ours: the nearest half hour is its zone, the rest is wrong. */
const learnClock = (facts: Facts, date: string, now: Millis): void => {
  const match = /^(\d{4})(\d\d)(\d\d)(.{4})(\d\d)(\d\d)(\d\d)$/.exec(date)
  if (!match) return
  const [year, month, day, between, hours, minutes, seconds] = match.slice(1) as string[]
  const wall = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hours),
    Number(minutes),
    Number(seconds),
  )
  if (/[A-Z]/.test(between ?? '') || !Number.isFinite(wall) || year === '0000') return
  const ahead = wall - now
  const offset = Math.round(ahead / (hour / 2)) * (hour / 2)
  facts.clock = { skew: ahead - offset, offset }
}

/** Lists of 64 by their field. */
export const listOf = (parsed: Parsed, id: string): string[] =>
  fieldsOf(parsed, id)
    .map(value => value.trim())
    .filter(value => value !== '')
