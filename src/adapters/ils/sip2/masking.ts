import { type Answer, no } from '../../../kernel/problem.ts'
import { maskName, maskSecret, maskTail } from '../../../kernel/redaction.ts'
import { fields as fieldTable } from './fields.ts'
import type { Field } from './message.ts'
import { messages } from './messages.ts'

/** What was found in the masked fields of an exchange and must not show in its free text either. */
export type Personal = ReadonlyMap<string, string>

const nothing: Personal = new Map()

const masks = { name: maskName, tail: maskTail, secret: maskSecret }

const latin = /^[\p{Script=Latin}\p{N}'’.-]+$/u

/** The values of `fields` that must not be shown, with what to show for them. */
export const personalOf = (fields: readonly Field[]): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [id, value] of fields) {
    const mask = fieldTable.get(id)?.mask
    const text = value.trim()
    if (mask === undefined || text.length < 2) continue
    found.set(text, masks[mask](text))
    // `LAST, FIRST` is repeated as `First Last`, or by one of both.
    if (mask === 'name')
      for (const part of text.split(/[\s,，·]+/))
        if (part.length > 1 && part !== text && !found.has(part)) found.set(part, maskName(part))
  }
  return found
}

const isWordCharacter = (char: string | undefined): boolean =>
  char !== undefined && /[\p{L}\p{N}]/u.test(char)

/** Latin words only where they stand alone, whatever their case: `Li` is no part of `library`. */
const maskWord = (text: string, value: string, mask: string): string => {
  const small = text.toLowerCase()
  const word = value.toLowerCase()
  if (small.length !== text.length) return text.replaceAll(value, mask)
  let shown = ''
  let from = 0
  for (let at = small.indexOf(word); at >= 0; at = small.indexOf(word, at + word.length)) {
    if (isWordCharacter(text[at - 1]) || isWordCharacter(text[at + word.length])) continue
    shown += text.slice(from, at) + mask
    from = at + word.length
  }
  return shown + text.slice(from)
}

/** `text` with every value of `personal` masked: libraries repeat names and cards in their messages. */
export const maskWithin = (text: string, personal: Personal): string => {
  let shown = text
  // The longest first: a name may hold another one.
  for (const [value, mask] of [...personal].sort(([a], [b]) => b.length - a.length))
    shown =
      latin.test(value) && !/\d/.test(value) ? maskWord(shown, value, mask) : shown.replaceAll(value, mask)
  return shown
}

/** Telephone and identity numbers that stand in a sentence, without their fields to tell them. */
const longNumber = /(?<![0-9A-Za-z])\d{10,17}[0-9Xx](?![0-9A-Za-z])/g

/**
 * A library system's own words as staff and logs may see them: without the names, cards and secrets of the
 * exchange, and without long numbers that are not the item's.
 */
export const maskedWords = (text: string, exchange: readonly Field[]): string => {
  const items = new Set(exchange.filter(([id]) => id === 'AB').map(([, value]) => value.trim()))
  return maskWithin(text, personalOf(exchange)).replaceAll(longNumber, number =>
    items.has(number) ? number : maskTail(number),
  )
}

/** A problem whose words of the library system have been masked. */
export const withMaskedWords = <T>(answer: Answer<T>, masked: (text: string) => string): Answer<T> => {
  const their = answer.ok ? undefined : answer.problem.their
  if (answer.ok || their?.text === undefined) return answer
  return no({ ...answer.problem, their: { ...their, text: masked(their.text) } })
}

/**
 * A message as a transcript may show it: secrets only as `***`, names, cards, addresses and phones masked, in
 * their own fields and wherever else they are repeated; fields of unknown meaning as `***`.
 */
export const maskedText = (
  message: {
    readonly command: string
    readonly fixed: Readonly<Record<string, string>>
    readonly fields: readonly Field[]
    readonly sequence?: number | null
  },
  personal: Personal = nothing,
): string => {
  const known = new Map([...personal, ...personalOf(message.fields)])
  const fixed = messages.has(message.command) ? Object.values(message.fixed).join('') : '***'
  const body = message.fields.map(([id, value]) => `${id}${maskedValue(id, value, known)}|`).join('')
  const sequence = message.sequence === null || message.sequence === undefined ? '' : `AY${message.sequence}`
  return `${message.command}${fixed}${body}${sequence}`
}

const maskedValue = (id: string, value: string, personal: Personal): string => {
  const info = fieldTable.get(id)
  if (!info) return maskSecret(value)
  if (info.mask) return masks[info.mask](value)
  return maskWithin(value, personal)
}
