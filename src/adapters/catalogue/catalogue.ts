/** A bibliographic record as the gateway keeps it, whatever format it came in. */
export interface BibRecord {
  /** Control number (001) of the source; unique within a library. */
  readonly controlNumber: string
  readonly title: string
  /** Subtitle, part number and part title, as one display text. */
  readonly titleRest?: string
  readonly author?: string
  readonly otherAuthors: readonly string[]
  readonly publisher?: string
  readonly place?: string
  readonly year?: number
  /** Valid ISBNs as 13 digits without hyphens; the first is the record's own. */
  readonly isbns: readonly string[]
  /** Chinese Library Classification number, e.g. `I247.55`. */
  readonly clc?: string
  readonly subjects: readonly string[]
  readonly summary?: string
  /** ISO 639-2 code, e.g. `chi`. */
  readonly language?: string
  readonly items: readonly BibItem[]
}

/** A physical copy (馆藏复本). */
export interface BibItem {
  readonly barcode: string
  readonly callNumber?: string
  /** The source's location code, e.g. of a branch or a stack. */
  readonly location?: string
  /** 开架 or 闭架 at import; the library's location table may say otherwise. */
  readonly shelving: 'open' | 'closed'
}

/** One record of a source, readable or not; nothing is ever silently left out. */
export type SourceRecord =
  | {
      readonly ok: true
      readonly number: number
      readonly offset: number
      readonly record: BibRecord
      readonly warnings: readonly string[]
    }
  | { readonly ok: false; readonly number: number; readonly offset: number; readonly reason: string }

/** Where records come from: a file, a harvest, a search. `number` counts from 1, `offset` is in bytes. */
export interface CatalogueSource {
  readonly name: string
  /** Bytes in all, when known, for progress. */
  readonly size?: number
  records(): AsyncIterable<SourceRecord>
}
