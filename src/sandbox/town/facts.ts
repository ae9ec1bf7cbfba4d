import { readFileSync } from 'node:fs'

/** A real book of the town, as `fixtures/town/books.json` has it; `source` names where its facts stand. */
export interface TownBook {
  readonly title: string
  readonly author?: string
  readonly publisher?: string
  readonly place?: string
  readonly year?: number
  readonly isbn?: string
  readonly clc: string
  readonly source: string
}

/** An invented reader. The division 999999 of the ID numbers does not exist. */
export interface TownReader {
  readonly library: LibraryId
  readonly card: string
  readonly pin: string
  readonly name: string
  readonly category: 'adult' | 'student' | 'senior' | 'child' | 'disabled'
  readonly idNumber: string
  /** What the credit platform of the sandbox holds; absent: not enough data. */
  readonly zhimaScore?: number
  readonly block?: 'owes' | 'card-lost' | 'overdue' | 'limit'
}

export const libraryIds = ['gusu', 'songling', 'lucheng'] as const
export type LibraryId = (typeof libraryIds)[number]

const fixture = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/town/${name}`, import.meta.url), 'utf8'))

export const townBooks = (): readonly TownBook[] => fixture('books.json') as TownBook[]
export const townReaders = (): readonly TownReader[] => fixture('readers.json') as TownReader[]
/** The town's settings file, with `${...}` for ports and keys of the sandbox. */
export const townSettingsFile = new URL('../../../fixtures/town/shuqiao.yaml', import.meta.url)

export interface TownLibrary {
  readonly id: LibraryId
  readonly name: string
  /** Begins its barcodes. */
  readonly prefix: string
  readonly desk: string
  readonly branch: string
  /** Closed stacks. */
  readonly stacks: string
  readonly places: readonly { readonly code: string; readonly name: string }[]
}

export const townLibraries: readonly TownLibrary[] = [
  {
    id: 'gusu',
    name: '苏城图书馆',
    prefix: 'GS',
    desk: 'GS-GQ',
    branch: 'GS-CL',
    stacks: 'GS-BK',
    places: [
      { code: 'GS-GQ', name: '观前馆' },
      { code: 'GS-CL', name: '沧浪分馆' },
      { code: 'GS-BK', name: '观前馆闭架书库' },
    ],
  },
  {
    id: 'songling',
    name: '松陵图书馆',
    prefix: 'SL',
    desk: 'SL-ZG',
    branch: 'SL-SZ',
    stacks: 'SL-BK',
    places: [
      { code: 'SL-ZG', name: '松陵馆' },
      { code: 'SL-SZ', name: '盛泽分馆' },
      { code: 'SL-BK', name: '松陵馆闭架书库' },
    ],
  },
  {
    id: 'lucheng',
    name: '鹿城图书馆',
    prefix: 'LC',
    desk: 'LC-YS',
    branch: 'LC-HQ',
    stacks: 'LC-BK',
    places: [
      { code: 'LC-YS', name: '玉山馆' },
      { code: 'LC-HQ', name: '花桥分馆' },
      { code: 'LC-BK', name: '玉山馆闭架书库' },
    ],
  },
]

/** A copy on a shelf of the town. */
export interface TownCopy {
  readonly barcode: string
  readonly location: string
  readonly callNumber: string
}
export interface TownRecord {
  readonly controlNumber: string
  readonly book: TownBook
  readonly copies: readonly TownCopy[]
}

/**
 * The holdings of one library: about two titles in three at the first, one in two at the others, with one to
 * three copies over its places. The same at every start.
 */
export const holdingsOf = (
  library: TownLibrary,
  books: readonly TownBook[] = townBooks(),
): readonly TownRecord[] => {
  const index = libraryIds.indexOf(library.id)
  const records: TownRecord[] = []
  let number = 0
  books.forEach((book, i) => {
    // The first title is at the first library alone, the second only at the second: for the tour and for borrowing across.
    const has =
      i === 0 ? index === 0 : i === 1 ? index === 1 : (i * 7 + index * 3) % 6 < (index === 0 ? 4 : 3)
    if (!has) return
    const copies = i === 0 ? 3 : 1 + ((i + index) % 3)
    const places = [library.desk, library.branch, library.stacks]
    records.push({
      controlNumber: `${library.prefix}${String(i + 1).padStart(8, '0')}`,
      book,
      copies: Array.from({ length: copies }, (_, n) => ({
        barcode: `${library.prefix}${String(++number).padStart(7, '0')}`,
        location: places[(i + n) % (i % 5 === 4 ? 3 : 2)]!,
        callNumber: `${book.clc}/${100 + ((i * 37) % 900)}${n > 0 ? `:${n + 1}` : ''}`,
      })),
    })
  })
  return records
}
