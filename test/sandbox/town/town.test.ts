import { describe, expect, it } from 'vitest'
import { marcBytes } from '../../../src/adapters/catalogue/marc/source.ts'
import { isbn13 } from '../../../src/kernel/isbn.ts'
import { holdingsOf, townBooks, townLibraries, townReaders } from '../../../src/sandbox/town/facts.ts'
import { ilsSeedOf } from '../../../src/sandbox/town/ils-seed.ts'
import { marcFileOf } from '../../../src/sandbox/town/marc-file.ts'

const now = Date.UTC(2026, 10, 23)

describe('the books of the demo town', () => {
  const books = townBooks()
  it('are at least 300, each with a title, a class and the place its facts come from', () => {
    expect(books.length).toBeGreaterThanOrEqual(300)
    for (const book of books) {
      expect(book.title.trim()).not.toBe('')
      expect(book.clc).toMatch(/^[A-Z]/)
      expect(book.source).toMatch(/^(opac|marc|books)\//)
    }
  })
  it('have only ISBNs whose check digit is right', () => {
    for (const { isbn } of books) if (isbn !== undefined) expect(isbn13(isbn)).toBe(isbn)
  })
})

describe('the readers of the demo town', () => {
  const readers = townReaders()
  it('are 40, with cards of their own and ID numbers of no existing division', () => {
    expect(readers.length).toBe(40)
    expect(new Set(readers.map(reader => reader.card)).size).toBe(40)
    for (const { idNumber } of readers) expect(idNumber).toMatch(/^999999\d{11}[\dX]$/)
  })
  it('stand on every side of the threshold, or are unknown to the platform', () => {
    const scores = readers.map(reader => reader.zhimaScore)
    expect(scores.some(score => score === undefined)).toBe(true)
    expect(scores.some(score => score !== undefined && score < 550)).toBe(true)
    expect(scores.some(score => score !== undefined && score >= 650)).toBe(true)
  })
})

describe.each(townLibraries.map(library => [library.name, library] as const))('%s', (_, library) => {
  const records = holdingsOf(library)
  it('has the copies of its catalogue in its library system, and no barcode twice', () => {
    const barcodes = records.flatMap(record => record.copies.map(copy => copy.barcode))
    expect(new Set(barcodes).size).toBe(barcodes.length)
    expect(new Set(ilsSeedOf(library, 'x', now).items.map(item => item.barcode))).toEqual(new Set(barcodes))
  })
  it.each(['utf-8', 'gb18030'] as const)(
    'writes a CNMARC file in %s of which every record is read back',
    async encoding => {
      const source = marcBytes('town.iso', marcFileOf(library, records, encoding))
      const read = await Array.fromAsync(source.records())
      expect(read.filter(record => !record.ok)).toEqual([])
      const titles = read.flatMap(record => (record.ok ? [record.record.title] : []))
      expect(titles.length).toBe(records.length)
      const copies = read.flatMap(record =>
        record.ok ? record.record.items.map(item => `${item.barcode} ${item.location}`) : [],
      )
      expect(copies).toEqual(
        records.flatMap(record => record.copies.map(copy => `${copy.barcode} ${copy.location}`)),
      )
    },
  )
})
