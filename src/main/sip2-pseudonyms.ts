import { createHmac } from 'node:crypto'
import { fields as fieldTable } from '../adapters/ils/sip2/fields.ts'
import type { Field, Parsed } from '../adapters/ils/sip2/message.ts'

type Kind = 'card' | 'name' | 'secret' | 'address' | 'mail' | 'phone' | 'number'

const kinds: Readonly<Record<string, Kind>> = {
  AA: 'card',
  CY: 'card',
  XI: 'card',
  AE: 'name',
  DA: 'name',
  AD: 'secret',
  AC: 'secret',
  CO: 'secret',
  BD: 'address',
  BE: 'mail',
  BF: 'phone',
  PZ: 'number',
}

const chinese = /\p{Script=Han}/u

const shown: Readonly<Record<Kind, (number: string, value: string) => string>> = {
  card: number => `T${number.padStart(7, '0')}`,
  name: (number, value) =>
    chinese.test(value) ? `读者${number.padStart(4, '0')}` : `Reader ${number.padStart(4, '0')}`,
  secret: number => `*${number}`,
  address: (number, value) =>
    chinese.test(value) ? `地址${number.padStart(4, '0')}` : `Address ${number.padStart(4, '0')}`,
  mail: number => `reader${number.padStart(4, '0')}@example.invalid`,
  phone: number => number.padStart(11, '0'),
  number: number => number.padStart(6, '0'),
}

/** Identifiers of things, not of people: shown as they are, and not searched for people. */
const things = new Set(['AB', 'AO', 'AP', 'AQ', 'BS', 'BX', 'CN', 'CP', 'CT', 'CL', 'BH', 'BV', 'CK'])
/** Texts in which library systems speak to a person, and may use a secret or a given name. */
const spoken = new Set(['AF', 'AG'])

/** What belongs to a person wherever it stands: mobile and identity numbers, mail addresses. */
const personal = /(?<![0-9])(?:1[3-9]\d{9}|\d{17}[\dXx])(?![0-9])|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g

/** Different values that are told apart by number; beyond them by a keyed hash, which needs no memory. */
const mostKept = 50_000
const shortestSecret = 4

/**
 * Replaces what belongs to people by made-up values: the same value by the same one as long as this lives, so
 * that a recording still tells one card from another. The key is made for one recording and thrown away with it.
 */
export class Pseudonyms {
  readonly #key: Uint8Array
  readonly #limit: number
  readonly #kept = new Map<string, string>()
  readonly #counts = new Map<Kind, number>()
  /** By length: what to look for in texts. `spoken` only in what is said to a person. */
  readonly #known = new Map<number, Map<string, { readonly mask: string; readonly spoken: boolean }>>()

  constructor(key: Uint8Array, limit = mostKept) {
    this.#key = key
    this.#limit = limit
  }

  /** Values that are remembered. */
  get size(): number {
    return this.#kept.size
  }

  /** The fields of a message without people in them. Empty values stay empty; unknown fields become `***`. */
  mask({ fields }: Pick<Parsed, 'fields'>): Field[] {
    const owner = fields.find(([id]) => id === 'AA' || id === 'CN')?.[1].trim() ?? ''
    const first = fields.map(([id, value]): Field => [id, this.#field(id, value, owner)])
    return first.map(([id, value]) => [id, isText(id) ? this.#within(value, spoken.has(id)) : value])
  }

  #field(id: string, value: string, owner: string): string {
    const core = value.trim()
    if (core === '') return value
    const info = fieldTable.get(id)
    const kind = kinds[id]
    if (kind) return value.replace(core, () => this.#pseudonym(kind, core, kind === 'secret' ? owner : ''))
    if (info === undefined || info.mask !== undefined) return '***'
    return value
  }

  #pseudonym(kind: Kind, value: string, owner: string): string {
    const key = `${kind}\0${owner}\0${value}`
    const kept = this.#kept.get(key)
    if (kept !== undefined) return kept
    if (this.#kept.size >= this.#limit) return shown[kind](this.#hash(key), value)
    const number = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, number)
    const mask = shown[kind](String(number), value)
    this.#kept.set(key, mask)
    this.#remember(kind, value, mask)
    return mask
  }

  /** A number above those that are counted. */
  #hash(key: string): string {
    const digest = createHmac('sha256', this.#key).update(key).digest()
    return String(1_000_000 + (digest.readUInt32BE(0) % 8_999_999))
  }

  #remember(kind: Kind, value: string, mask: string): void {
    const put = (text: string, onlySpoken: boolean): void => {
      if (text.length < 2) return
      const same = this.#known.get(text.length) ?? new Map()
      this.#known.set(text.length, same.set(text, { mask, spoken: onlySpoken }))
    }
    if (kind === 'secret') {
      if (value.length >= shortestSecret) put(value, true)
      return
    }
    put(value, false)
    if (kind !== 'name') return
    if (chinese.test(value) && value.length > 2) put(value.slice(1), true)
    else for (const part of value.split(/[\s,]+/)) if (part.length > 2 && part !== value) put(part, true)
  }

  /** The longest known value at each place of a text is replaced; of letters and digits only whole words. */
  #within(text: string, toPerson: boolean): string {
    const lengths = [...this.#known.keys()].sort((a, b) => b - a)
    let out = ''
    let at = 0
    while (at < text.length) {
      const length = lengths.find(size => this.#stands(text, at, size, toPerson) !== undefined)
      if (length === undefined) out += text[at++]
      else {
        out += this.#stands(text, at, length, toPerson)
        at += length
      }
    }
    return out.replaceAll(personal, '***')
  }

  #stands(text: string, at: number, length: number, toPerson: boolean): string | undefined {
    if (at + length > text.length) return undefined
    const value = text.slice(at, at + length)
    const found = this.#known.get(length)?.get(value)
    if (!found || (found.spoken && !toPerson)) return undefined
    const word = /^\w/.test(value) && /\w/.test(text[at - 1] ?? '')
    const onward = /\w$/.test(value) && /\w/.test(text[at + length] ?? '')
    return word || onward ? undefined : found.mask
  }
}

const isText = (id: string): boolean => kinds[id] === undefined && !things.has(id)
