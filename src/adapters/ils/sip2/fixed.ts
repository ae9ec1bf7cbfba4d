import type { FixedPart, MessageType } from './messages.ts'

/** The part of a message before its first field, cut into its named pieces. */
export interface FixedCut {
  readonly fixed: Record<string, string>
  /** Index in the text where the fields begin. */
  readonly end: number
}

/** Cuts by length, as the protocol says; a part that is too short is mended where the rest tells how. */
export const cutFixed = (
  type: MessageType,
  body: string,
  delimiter: string,
  problems: string[],
): FixedCut => {
  const end = 2 + type.fixedLength
  const early = body.indexOf(delimiter, 2)
  if (body.length >= end && (early < 0 || early >= end)) {
    const fixed: Record<string, string> = {}
    let badDate = ''
    let at = 2
    for (const { name, length, kind } of type.fixed) {
      fixed[name] = body.slice(at, at + length)
      if (kind === 'date' && !isDate(body, at)) badDate ||= name
      at += length
    }
    if (badDate === '') return { fixed, end }
    const better = mended(type, body, end)
    problems.push(better ? 'short-fixed-part' : `bad-date: ${badDate}`)
    return better ?? { fixed, end }
  }
  const headEnd = Math.min(body.length, early < 0 ? body.length : early)
  problems.push('short-fixed-part')
  return mended(type, body, headEnd) ?? cutShort(type, body, headEnd)
}

/**
 * Whether a date may begin here, by its ends and its zone, which is blank, `0000` or letters; none at all is
 * blanks. Reading the date tells for certain.
 */
const isDate = (body: string, at: number): boolean => {
  // Negative once a character is no digit; the zone's only when it is a digit above 0.
  const first = body.charCodeAt(at)
  const last = body.charCodeAt(at + 7)
  const hour = body.charCodeAt(at + 12)
  const second = body.charCodeAt(at + 17)
  let odd = (first - 48) | (57 - first) | (last - 48) | (57 - last)
  odd |= (hour - 48) | (57 - hour) | (second - 48) | (57 - second)
  for (let i = at + 8; i < at + 12; i++) {
    const code = body.charCodeAt(i)
    odd |= (48 - code) & (code - 58)
  }
  return odd >= 0 || body.slice(at, at + 18).trim() === ''
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

const cutShort = (type: MessageType, body: string, headEnd: number): FixedCut => {
  const end = fieldStarts(type, body, headEnd)[0] ?? headEnd
  const fixed: Record<string, string> = {}
  let at = 2
  for (const part of type.fixed) {
    fixed[part.name] = body.slice(Math.min(at, end), Math.min(at + part.length, end))
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
