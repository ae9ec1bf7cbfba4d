import iconv from 'iconv-lite'
import type { TownLibrary, TownRecord } from './facts.ts'

type Subfields = readonly (readonly [code: string, value: string])[]

/** The catalogue of one library of the town as an ISO 2709 file of CNMARC, as its ILS would export it. */
export const marcFileOf = (
  library: TownLibrary,
  records: readonly TownRecord[],
  encoding: 'utf-8' | 'gb18030',
): Uint8Array => Buffer.concat(records.map(record => encodeRecord(fieldsOf(library, record), encoding)))

const fieldsOf = (
  library: TownLibrary,
  { controlNumber, book, copies }: TownRecord,
): readonly (readonly [string, string])[] => {
  const field = (tag: string, indicators: string, subfields: Subfields): [string, string][] => {
    const kept = subfields.filter(([, value]) => value !== '')
    return kept.length === 0
      ? []
      : [[tag, indicators + kept.map(([code, value]) => `\x1f${code}${value}`).join('')]]
  }
  const language = 'chi'
  const general = `20261121d${String(book.year ?? 2000)}    em y0${language}y50      ea`
  return [
    ['001', controlNumber],
    ...field('010', '  ', [['a', book.isbn ?? '']]),
    ...field('100', '  ', [['a', general]]),
    ...field('101', '0 ', [['a', language]]),
    ...field('200', '1 ', [
      ['a', book.title],
      ['f', book.author ?? ''],
    ]),
    ...field('210', '  ', [
      ['a', book.place ?? ''],
      ['c', book.publisher ?? ''],
      ['d', book.year === undefined ? '' : String(book.year)],
    ]),
    ...field('690', '  ', [['a', book.clc]]),
    ...field('701', ' 0', [['a', book.author?.split(/[;；,，]/)[0]?.trim() ?? '']]),
    ...field('801', ' 0', [
      ['a', 'CN'],
      ['b', library.id.toUpperCase()],
    ]),
    ...copies.flatMap(copy =>
      field('905', '  ', [
        ['a', library.id.toUpperCase()],
        ['b', copy.barcode],
        ['c', copy.location],
        ['s', copy.callNumber],
      ]),
    ),
  ]
}

const encodeRecord = (fields: readonly (readonly [string, string])[], encoding: string): Uint8Array => {
  const bodies = fields.map(([, value]) =>
    Buffer.concat([iconv.encode(value, encoding), Buffer.from([0x1e])]),
  )
  const base = 24 + 12 * fields.length + 1
  const length = base + bodies.reduce((sum, body) => sum + body.length, 0) + 1
  let start = 0
  const directory = fields
    .map(([tag], i) => {
      const entry = tag + String(bodies[i]!.length).padStart(4, '0') + String(start).padStart(5, '0')
      start += bodies[i]!.length
      return entry
    })
    .join('')
  const leader = `${String(length).padStart(5, '0')}nam0 22${String(base).padStart(5, '0')}   450 `
  return Buffer.concat([Buffer.from(`${leader}${directory}\x1e`, 'latin1'), ...bodies, Buffer.from([0x1d])])
}
