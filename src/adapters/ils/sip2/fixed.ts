import type { FixedPart, MessageType } from './messages.ts'

/** The part of a message before its first field, cut into its named pieces. */
export interface FixedCut {
  readonly fixed: Record<string, string>
  /** Index in the text where the fields begin. */
  readonly end: number
}

/**
 * Cuts by length, as the protocol says; a part that is too short is mended where the rest tells how.
 * The fixed part and the fields end before `length`; `early` is where the first delimiter stands, or `length`.
 */
export const cutFixed = (
  type: MessageType,
  bytes: Uint8Array,
  text: string,
  length: number,
  early: number,
  problems: string[],
): FixedCut => {
  const end = 2 + type.fixedLength
  if (early < end) return cutShort(type, text, early, problems)
  const fixed: Record<string, string> = {}
  let badDate = ''
  let at = 2
  for (let i = 0; i < type.fixed.length; i++) {
    const part = type.fixed[i]!
    const next = at + part.length
    fixed[part.name] = text.slice(at, next)
    if (part.kind === 'date' && !isDate(bytes, at) && text.slice(at, next).trim() !== '')
      badDate ||= part.name
    at = next
  }
  if (badDate === '') return { fixed, end }
  const better = mended(type, text, Math.min(end, length))
  problems.push(better ? 'short-fixed-part' : `bad-date: ${badDate}`)
  return better ?? { fixed, end }
}

/**
 * Whether a date may begin here, by its ends and its zone, which is blank, `0000` or letters. The fixed part is
 * ASCII, so it stands at the same places in the bytes. Reading the date tells for certain.
 */
const isDate = (bytes: Uint8Array, at: number): boolean => {
  const first = bytes[at]!
  const last = bytes[at + 7]!
  const hour = bytes[at + 12]!
  const second = bytes[at + 17]!
  // Negative once a character is no digit; the zone's only when it is a digit above 0.
  let odd = (first - 48) | (57 - first) | (last - 48) | (57 - last)
  odd |= (hour - 48) | (57 - hour) | (second - 48) | (57 - second)
  for (let i = at + 8; i < at + 12; i++) odd |= (48 - bytes[i]!) & (bytes[i]! - 58)
  return odd >= 0
}

/**
 * Some senders write a date with fewer than four characters of zone, or a print width without its padding
 * (`990401.00`). Tries every place where a known field could begin until the parts fit.
 */
const mended = (type: MessageType, body: string, headEnd: number): FixedCut | undefined => {
  const pattern = relaxed(type)
  for (const end of [...fieldStarts(type, body, headEnd), headEnd]) {
    const match = pattern.exec(body.slice(2, end))
    if (!match) continue
    const fixed: Record<string, string> = {}
    type.fixed.forEach((part, i) => {
      fixed[part.name] = match[i + 1]!
    })
    return { fixed, end }
  }
  return undefined
}

const cutShort = (type: MessageType, text: string, headEnd: number, problems: string[]): FixedCut => {
  problems.push('short-fixed-part')
  const better = mended(type, text, headEnd)
  if (better) return better
  const end = fieldStarts(type, text, headEnd)[0] ?? headEnd
  const fixed: Record<string, string> = {}
  let at = 2
  for (const part of type.fixed) {
    fixed[part.name] = text.slice(Math.min(at, end), Math.min(at + part.length, end))
    at += part.length
  }
  return { fixed, end }
}

const fieldStarts = (type: MessageType, body: string, headEnd: number): number[] => {
  const starts: number[] = []
  for (let at = 2; at + 2 <= headEnd; at++) {
    if (type.order.includes(body.slice(at, at + 2))) starts.push(at)
  }
  return starts
}

const relaxedPart = (part: FixedPart): string => {
  if (part.kind === 'date') return '( {0,18}|\\d{8}.{0,4}\\d{6})'
  if (part.kind === 'version') return '(\\d\\.\\d[\\dA-Z]?)'
  return part.name === 'maxPrintWidth' ? '(.{0,3})' : `(.{${part.length}})`
}

const patterns = new Map<string, RegExp>()

const relaxed = (type: MessageType): RegExp => {
  const known = patterns.get(type.command)
  if (known) return known
  const made = new RegExp(`^${type.fixed.map(relaxedPart).join('')}$`, 's')
  patterns.set(type.command, made)
  return made
}
