import { maskName, maskSecret, maskTail } from '../../../kernel/redaction.ts'
import { fields as fieldTable } from './fields.ts'
import type { Field } from './message.ts'
import { messages } from './messages.ts'

/** What was found in the masked fields of an exchange and must not show in its free text either. */
export type Personal = ReadonlyMap<string, string>

const nothing: Personal = new Map()

const masks = { name: maskName, tail: maskTail, secret: maskSecret }

/** The values of `fields` that must not be shown, with what to show for them. */
export const personalOf = (fields: readonly Field[]): Map<string, string> => {
  const found = new Map<string, string>()
  for (const [id, value] of fields) {
    const mask = fieldTable.get(id)?.mask
    if (mask !== undefined && value.trim().length > 1) found.set(value.trim(), masks[mask](value.trim()))
  }
  return found
}

/** `text` with every value of `personal` masked: libraries repeat names and cards in their messages. */
export const maskWithin = (text: string, personal: Personal): string => {
  let shown = text
  for (const [value, mask] of personal) shown = shown.replaceAll(value, mask)
  return shown
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
