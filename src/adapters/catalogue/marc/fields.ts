import type { Decode } from './encoding.ts'
import type { RawField, RawRecord } from './iso2709.ts'

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
  readonly #decode: Decode
  readonly #byTag = new Map<string, RawField[]>()

  constructor(bytes: Buffer, raw: RawRecord, decode: Decode) {
    this.leader = raw.leader
    this.#bytes = bytes
    this.#decode = decode
    for (const field of raw.fields) {
      const known = this.#byTag.get(field.tag)
      if (known) known.push(field)
      else this.#byTag.set(field.tag, [field])
    }
  }

  has(tag: string): boolean {
    return this.#byTag.has(tag)
  }

  /** The text of a control field (001-009), '' when there is none. */
  control(tag: string): string {
    const field = this.#byTag.get(tag)?.[0]
    return field ? clean(this.#text(field)).trim() : ''
  }

  /** A control field whose columns count: nothing is trimmed. */
  columns(tag: string): string {
    const field = this.#byTag.get(tag)?.[0]
    return field ? this.#text(field) : ''
  }

  /** The data fields with one of the tags, in the record's order for each tag. */
  all(...tags: readonly string[]): readonly Field[] {
    return tags.flatMap(tag => (this.#byTag.get(tag) ?? []).map(field => parseField(tag, this.#text(field))))
  }

  #text(field: RawField): string {
    return this.#decode(this.#bytes.subarray(field.start, field.end))
  }
}

/** Indicators, then `US code value`, repeated. A code that lost its way to an accent (`á`) is its base letter. */
const parseField = (tag: string, text: string): Field => {
  const [indicators = '', ...parts] = text.split('\x1f')
  const subfields = parts.map(part => ({ code: codeOf(part), value: clean(part.slice(1)).trim() }))
  return { tag, indicators, subfields: subfields.filter(s => s.value !== '') }
}

const codeOf = (part: string): string => {
  const code = part[0] ?? ''
  return code > '\x7f' ? (code.normalize('NFKD')[0] ?? '') : code
}

/**
 * Controls become blanks; those that only mark where a heading is filed from (NSB and NSE: U+0098 and U+009C, or
 * U+0088 and U+0089) vanish.
 */
const clean = (text: string): string =>
  /[\x00-\x1f\x7f-\x9f]/.test(text)
    ? text.replace(/[\x88\x89\x98\x9c]/g, '').replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    : text

/** The first value of a subfield, '' when there is none. */
export const first = (field: Field | undefined, code: string): string =>
  field?.subfields.find(s => s.code === code)?.value ?? ''

/** All values of a subfield over some fields. */
export const values = (fields: readonly Field[], code: string): string[] =>
  fields.flatMap(f => f.subfields.filter(s => s.code === code).map(s => s.value))
