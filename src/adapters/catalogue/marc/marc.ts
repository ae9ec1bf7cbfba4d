import { createHash } from 'node:crypto'
import { isbn13 } from '../../../kernel/isbn.ts'
import type { BibRecord, SourceRecord } from '../catalogue.ts'
import { fromCnmarc } from './cnmarc.ts'
import type { Draft, Note } from './draft.ts'
import { decoderFor, type Encoding } from './encoding.ts'
import { MarcRecord } from './fields.ts'
import type { Frame } from './frames.ts'
import { defaultHoldings, type HoldingsSettings } from './holdings.ts'
import { type RawRecord, readRecord, tagCode } from './iso2709.ts'
import { fromMarc21 } from './marc21.ts'
import { garbling, nameGarbling } from './mojibake.ts'
import { reason } from './reasons.ts'
import { unique } from './tidy.ts'

export const formats = ['auto', 'cnmarc', 'marc21'] as const
export type Format = (typeof formats)[number]

export interface MarcSettings {
  readonly encoding: Encoding
  readonly format: Format
  readonly holdings: HoldingsSettings
}

/** Encoding and format are found for each record by itself; holdings as `defaultHoldings` says. */
export const defaultMarcSettings: MarcSettings = {
  encoding: 'auto',
  format: 'auto',
  holdings: defaultHoldings,
}

type Read =
  | { readonly ok: true; readonly record: BibRecord; readonly warnings: readonly Note[] }
  | ({ readonly ok: false } & Note)

/** One frame as a record or a refusal, with its number. Pure; never throws. */
export const readFrame = (frame: Frame, number: number, settings: MarcSettings): SourceRecord => {
  const { offset } = frame
  const read = frame.fault === 'too-long' ? refuse('too-long') : readBytes(frame, settings)
  if (!read.ok) return { ok: false, number, offset, reason: reason(read.code, read.detail) }
  const notes = frame.fault ? [{ code: frame.fault }, ...read.warnings] : read.warnings
  return { ok: true, number, offset, record: read.record, warnings: notes.map(n => reason(n.code, n.detail)) }
}

const refuse = (code: Note['code'], detail?: string): { ok: false } & Note => ({
  ok: false,
  code,
  ...(detail === undefined ? {} : { detail }),
})

const readBytes = ({ bytes, fault }: Frame, settings: MarcSettings): Read => {
  const raw = readRecord(bytes)
  if (!raw.ok) return refuse(fault === 'no-leader' ? fault : raw.code)
  const { leader, fields, warnings } = raw.record
  if (leader[5] === 'd') return refuse('deleted')
  if ('uvwxyzq'.includes(leader[6] ?? ' ')) return refuse('not-bibliographic', leader[6])
  const format = settings.format === 'auto' ? formatOf(raw.record) : settings.format
  const decoder = decoderFor(bytes, settings.encoding, format === 'cnmarc')
  if (!decoder.ok) return refuse(decoder.code, decoder.detail)
  const record = new MarcRecord(bytes, { leader, fields, warnings }, decoder.decode)
  const map = format === 'cnmarc' ? fromCnmarc : fromMarc21
  return checked(record, map(record, settings.holdings), warnings)
}

const tag200 = tagCode('200')
const tag245 = tagCode('245')

/** Title fields tell: 200 is CNMARC's, 245 MARC21's. Both or neither: the entry map's fourth digit. */
const formatOf = ({ leader, fields }: RawRecord): 'cnmarc' | 'marc21' => {
  const has200 = fields.some(f => f.tag === tag200)
  const has245 = fields.some(f => f.tag === tag245)
  if (has200 !== has245) return has200 ? 'cnmarc' : 'marc21'
  return leader[23] === '0' ? 'marc21' : 'cnmarc'
}

const bounds = { title: 1000, name: 300, subject: 200, summary: 8000, list: 100, items: 5000 }

const cut = (text: string, length: number): string =>
  text.length <= length ? text : text.slice(0, length).replace(/[\ud800-\udbff]$/, '')

/** A record from its draft: bounded, ISBNs valid, garbled parts left out with a warning. */
const checked = (marc: MarcRecord, draft: Draft, known: readonly Note[]): Read => {
  if (draft.title === '') return refuse('no-title')
  const garbled = garbling(`${draft.title} ${draft.titleRest}`)
  if (garbled) return refuse('garbled', `${garbled} (${draft.title})`)
  const notes: Note[] = [...known]
  const sound = (field: string, text: string, length: number): string => {
    if (text === '') return ''
    if (nameGarbling(text)) {
      notes.push({ code: 'garbled-field', detail: field })
      return ''
    }
    if (text.length > length) notes.push({ code: 'shortened', detail: field })
    return cut(text, length)
  }
  const list = (field: string, texts: readonly string[], length: number): string[] =>
    unique(texts.slice(0, bounds.list).map(text => sound(field, text, length)))
  const isbns = unique(draft.isbns.map(text => isbnOf(text, notes)))
  for (const barcode of draft.invalidBarcodes) notes.push({ code: 'invalid-barcode', detail: barcode })
  const [author = '', ...otherAuthors] = list('author', draft.authors, bounds.name)
  const told = present({
    titleRest: cut(draft.titleRest, bounds.title),
    author,
    publisher: sound('publisher', draft.publisher, bounds.name),
    place: sound('place', draft.place, bounds.name),
    year: draft.year,
    clc: draft.clc,
    summary: sound('summary', draft.summary, bounds.summary),
    language: /^[a-z]{3}$/.test(draft.language) ? draft.language : '',
  })
  const content = {
    title: cut(draft.title, bounds.title),
    ...told,
    otherAuthors,
    isbns,
    subjects: list('subject', draft.subjects, bounds.subject),
    items: draft.items.slice(0, bounds.items),
  }
  return {
    ok: true,
    record: { controlNumber: controlNumber(marc, content, notes), ...content },
    warnings: notes,
  }
}

/** Only what is told. */
const present = <T extends Record<string, string | number | undefined>>(
  told: T,
): { [K in keyof T]?: NonNullable<T[K]> } => {
  const found: { [K in keyof T]?: NonNullable<T[K]> } = {}
  for (const name in told) {
    const value = told[name]
    if (value !== '' && value !== undefined) found[name] = value as NonNullable<T[typeof name]>
  }
  return found
}

const isbnOf = (text: string, notes: Note[]): string => {
  const isbn = isbn13(text)
  if (isbn === undefined && /[0-9]/.test(text)) notes.push({ code: 'invalid-isbn', detail: text })
  return isbn ?? ''
}

/** 001; without one a digest of the content, so that the same record has the same number at the next import. */
const controlNumber = (
  marc: MarcRecord,
  content: Omit<BibRecord, 'controlNumber'>,
  notes: Note[],
): string => {
  const own = marc.control('001')
  if (own !== '' && own.length <= 100) return own
  notes.push({ code: 'no-control-number' })
  const { title, titleRest, author, publisher, year, isbns } = content
  const text = JSON.stringify([title, titleRest, author, publisher, year, isbns])
  return `x${createHash('sha256').update(text).digest('hex').slice(0, 20)}`
}
