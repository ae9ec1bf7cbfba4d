import type { BibItem } from '../catalogue.ts'
import type { ReasonCode } from './reasons.ts'

/** What a mapping found, before it is checked and bounded. '' and empty lists mean: not told. */
export interface Draft {
  readonly title: string
  readonly titleRest: string
  /** Names, those with primary responsibility first. */
  readonly authors: readonly string[]
  readonly publisher: string
  readonly place: string
  readonly year: number | undefined
  /** As they stand in the record, valid or not. */
  readonly isbns: readonly string[]
  readonly clc: string | undefined
  readonly subjects: readonly string[]
  readonly summary: string
  readonly language: string
  readonly items: readonly BibItem[]
  readonly invalidBarcodes: readonly string[]
}

export interface Note {
  readonly code: ReasonCode
  readonly detail?: string
}
