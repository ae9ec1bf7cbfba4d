import { fields } from './fields.ts'
import type { FixedPart, MessageType } from './messages.ts'

/** The part of a message before its first field, cut into its named pieces. */
export interface FixedCut {
  readonly fixed: Record<string, string>
  /** Index in the text where the fields begin. */
  readonly end: number
  readonly problems: readonly string[]
}

const noProblems: readonly string[] = []

/** Cuts by length, as the protocol says; a part that is too short is mended where the rest tells how. */
export const cutFixed = (type: MessageType, body: string, delimiter: string): FixedCut => {
  const end = 2 + type.fixedLength
  const early = body.indexOf(delimiter, 2)
  const short = body.length < end || (early >= 0 && early < end)
  if (!short) {
    const fixed: Record<string, string> = {}
    let badDate: string | undefined
    let at = 2
    for (const part of type.fixed) {
      const value = body.slice(at, at + part.length)
      fixed[part.name] = value
      at += part.length
      if (part.kind === 'date' && !isDate(value)) badDate ??= part.name
    }
    if (badDate === undefined) return { fixed, end, problems: noProblems }
    return mended(type, body, end) ?? { fixed, end, problems: [`bad-date: ${badDate}`] }
  }
  const headEnd = Math.min(body.length, early < 0 ? body.length : early)
  return mended(type, body, headEnd) ?? cutShort(type, body, headEnd)
}

/** Digits where a date has them; the zone is blank, `0000` or letters. Blank as a whole is a date too: none. */
const isDate = (value: string): boolean => {
  for (let i = 0; i < 18; i++) {
    const code = value.charCodeAt(i)
    const digit = code >= 48 && code <= 57
    if (i >= 8 && i < 12 ? code > 48 && digit : !digit) return value.trim() === ''
  }
  return true
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
    return { fixed, end, problems: ['short-fixed-part'] }
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
  return { fixed, end, problems: ['short-fixed-part'] }
}

const fieldStarts = (type: MessageType, body: string, headEnd: number): number[] => {
  const starts: number[] = []
  for (let at = 2; at + 2 <= headEnd; at++) {
    const id = body.slice(at, at + 2)
    if (fields.has(id) && type.order.includes(id)) starts.push(at)
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
