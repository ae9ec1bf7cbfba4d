import { hash } from 'node:crypto'
import type { BibRecord } from '../../adapters/catalogue/catalogue.ts'
import type { HeldBib } from '../store/catalogue.ts'
import type { WorkWords } from '../store/catalogue-words.ts'
import { divisionOf } from './clc-classes.ts'
import { apart, clcKey, titleKey, wordText } from './text.ts'

/**
 * Which records are the same book. With an ISBN: the same ISBN, main title and volume; the volumes of a set often
 * share the set's ISBN, and whoever wants the second volume is not served with the first. Without one: the same
 * title, volume, author and year. The id is made from that, so it is the same at every import.
 */
export const workId = (record: BibRecord): string => {
  const title = titleKey(mainTitle(record.title))
  const volume = volumeOf(`${record.title} ${record.titleRest ?? ''}`)
  const [isbn] = record.isbns
  const key = isbn
    ? ['isbn', isbn, title, volume]
    : ['title', title, titleKey(record.titleRest ?? ''), titleKey(record.author ?? ''), record.year ?? '']
  return hash('sha256', key.join('|'), 'base64url').slice(0, 16)
}

/** Without what follows a colon, an equals sign or a bracket: some put the subtitle there, some in its own field. */
const mainTitle = (title: string): string => {
  if (!/[:=([：＝（［]/.test(title)) return title
  const [main = ''] = title.normalize('NFKC').split(/[:=([]/)
  return titleKey(main) === '' ? title : main
}

const volume =
  /(?:第\s*([0-9一二三四五六七八九十百]+)\s*[卷册冊部集辑輯编編]|[(（]([上中下])[)）]|\b(?:v|vol|volume|part|no)\.?\s*([0-9]+))/i

const hint = /[第(（]|v|no|part/i

const volumeOf = (text: string): string => {
  if (!hint.test(text)) return ''
  const found = volume.exec(text.normalize('NFKC').toLowerCase())
  return found?.[1] ?? found?.[2] ?? found?.[3] ?? ''
}

/** How much a record tells: of a work's records the fullest is shown and searched. */
export const richness = (r: BibRecord): number =>
  (r.clc ? 4 : 0) +
  (r.author ? 2 : 0) +
  (r.year ? 2 : 0) +
  (r.publisher ? 1 : 0) +
  (r.titleRest ? 1 : 0) +
  (r.summary ? 1 : 0) +
  (r.place ? 1 : 0) +
  Math.min(r.subjects.length, 3)

/** The fullest first; of two equally full ones always the same. */
export const byRichness = (a: HeldBib, b: HeldBib): number =>
  b[2] - a[2] || (a[0] === b[0] ? (a[1] < b[1] ? -1 : 1) : a[0] < b[0] ? -1 : 1)

/** The libraries of a work's records. */
export const librariesOf = (bibs: readonly HeldBib[]): string[] => [...new Set(bibs.map(b => b[0]))].sort()

/** What the fullest record tells, with what it lacks from the others, in their order. */
export const merged = (best: BibRecord, others: readonly BibRecord[]): BibRecord =>
  others.reduce(filled, best)

/** What only the other tells, then all that the best one does. */
const filled = (best: BibRecord, other: BibRecord): BibRecord => ({
  ...other,
  ...best,
  otherAuthors: best.otherAuthors.length > 0 ? best.otherAuthors : other.otherAuthors,
  isbns: [...new Set([...best.isbns, ...other.isbns])],
  subjects: [...new Set([...best.subjects, ...other.subjects])],
})

/** The classes in which a work is counted: `I247.55` -> `I`, `I2`. */
export const classesOf = (clc: string | null | undefined): string[] => {
  if (!clc) return []
  const division = divisionOf(clc)
  return division ? [clc[0]!, division] : [clc[0]!]
}

const yearStep = 2 ** 32

/** Year of publication, then order of arrival. */
export const placeOf = (year: number | null | undefined, number: number): number =>
  (year ?? 0) * yearStep + number

export const yearOfPlace = (place: number): number => Math.floor(place / yearStep)

/** Code words that no text word can be: they are looked up in their own field. */
export const libraryCode = (libraryId: string): string => `l${Buffer.from(libraryId).toString('hex')}`
export const clcCode = (key: string): string => `c${key}`
/** For titles with many others like them: of two titles with one code by chance, the key tells which is meant. */
export const titleCode = (key: string): string => {
  let hashed = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hashed = Math.imul(hashed ^ key.charCodeAt(i), 0x01000193)
  return `t${(hashed >>> 0).toString(16)}`
}

/** What a work is found by. `key` is its `titleKey`. */
export const wordsOf = (
  record: BibRecord,
  libraries: readonly string[],
  place: number,
  key: string,
): WorkWords => {
  const { title, titleRest, author = '', otherAuthors, publisher = '', subjects, isbns, clc } = record
  let codes = titleCode(key)
  for (const isbn of isbns) codes += ` ${isbn}`
  for (const library of libraries) codes += ` ${libraryCode(library)}`
  const number = clc ? clcKey(clc) : ''
  for (let i = 1; i <= number.length; i++) codes += ` ${clcCode(number.slice(0, i))}`
  return {
    place,
    title: wordText(titleRest ? title + apart + titleRest : title),
    author: wordText(otherAuthors.length > 0 ? [author, ...otherAuthors].join(apart) : author),
    other: wordText(subjects.length > 0 ? [publisher, ...subjects].join(apart) : publisher),
    codes,
  }
}
