import type { Decode } from './encoding.ts'
import { type RawField, type RawRecord, tagCode } from './iso2709.ts'

/** A data field as text. */
export interface Field {
  readonly tag: string
  /** The two indicators, or what stands in their place. */
  readonly indicators: string
  readonly subfields: readonly Subfield[]
}

export interface Subfield {
  readonly code: string
  readonly value: string
}

/** Decodes a record's fields when they are asked for: most of them never are. */
export class MarcRecord {
  readonly leader: string
  readonly #bytes: Buffer
  readonly #fields: readonly RawField[]
  readonly #decode: Decode

  constructor(bytes: Buffer, raw: RawRecord, decode: Decode) {
    this.leader = raw.leader
    this.#bytes = bytes
    this.#fields = raw.fields
    this.#decode = decode
  }

  /** The text of a control field (001-009), '' when there is none. */
  control(tag: string): string {
    return clean(this.columns(tag)).trim()
  }

  /** A control field whose columns count: nothing is trimmed. */
  columns(tag: string): string {
    const code = codeOf(tag)
    const field = this.#fields.find(f => f.tag === code)
    return field ? this.#decode(this.#bytes, field.start, field.end) : ''
  }

  /** The data fields with one of the tags, tag by tag, in the record's order for each. */
  all(...tags: readonly string[]): readonly Field[] {
    let found: Field[] | undefined
    for (const tag of tags) {
      const code = codeOf(tag)
      for (const field of this.#fields)
        if (field.tag === code) {
          found ??= []
          found.push(parseField(tag, this.#decode(this.#bytes, field.start, field.end)))
        }
    }
    return found ?? nothing
  }
}

const codes = new Map<string, number>()

/** The tags asked for are few, and always the same ones. */
const codeOf = (tag: string): number => {
  const known = codes.get(tag)
  if (known !== undefined) return known
  const code = tagCode(tag)
  codes.set(tag, code)
  return code
}

const nothing: readonly never[] = []

/** Indicators, then `US code value`, repeated. A code that lost its way to an accent (`á`) is its base letter. */
const parseField = (tag: string, text: string): Field => {
  const subfields: Subfield[] = []
  const sound = clean(text)
  let at = sound.indexOf('\x1f')
  const indicators = at < 0 ? sound : sound.slice(0, at)
  while (at >= 0) {
    const next = sound.indexOf('\x1f', at + 1)
    const value = (next < 0 ? sound.slice(at + 2) : sound.slice(at + 2, next)).trim()
    if (value !== '') subfields.push({ code: codeAt(sound, at + 1), value })
    at = next
  }
  return { tag, indicators, subfields }
}

const codeAt = (text: string, at: number): string => {
  const code = text[at] ?? ''
  return code > '\x7f' ? (code.normalize('NFKD')[0] ?? '') : code
}

/**
 * Controls become blanks; those that only mark where a heading is filed from (NSB and NSE: U+0098 and U+009C, or
 * U+0088 and U+0089) vanish. The subfield delimiter stays.
 */
const clean = (text: string): string =>
  /[\x00-\x1e\x7f-\x9f]/.test(text)
    ? text.replace(/[\x88\x89\x98\x9c]/g, '').replace(/[\x00-\x1e\x7f-\x9f]+/g, ' ')
    : text

/** The first value of a subfield, '' when there is none. */
export const first = (field: Field | undefined, code: string): string => {
  if (field) for (const subfield of field.subfields) if (subfield.code === code) return subfield.value
  return ''
}

/** All values of a subfield over some fields. */
export const values = (fields: readonly Field[], code: string): string[] => {
  const found: string[] = []
  for (const field of fields)
    for (const subfield of field.subfields) if (subfield.code === code) found.push(subfield.value)
  return found
}
