import { clcNumber } from '../../kernel/clc.ts'
import { isbn13 } from '../../kernel/isbn.ts'
import type { WordField, WordQuery } from '../store/catalogue-words.ts'
import { clcRange, phrases, titleKey } from './text.ts'
import { clcCode, libraryCode, titleCode } from './work.ts'

export const searchFields = ['any', 'title', 'author', 'isbn', 'clc'] as const
export type SearchField = (typeof searchFields)[number]

export interface Asked {
  /** Absent when everything is asked for. */
  readonly words?: WordQuery
  /** Works whose title is exactly what was typed; absent where that makes no sense. */
  readonly exact?: WordQuery
  /** The typed title as a key. */
  readonly key: string
}

/** More words than anybody types; a pasted page is cut here. */
const longestText = 200

const code = (...words: readonly string[]): WordQuery => ({ in: ['codes'], words })

/** What narrows a search beside its words. */
export interface Narrowing {
  /** Works that this library holds. */
  readonly library?: string | undefined
  /** Works of this class of the Chinese Library Classification: `I2`, `TP3`, `I3/7`. */
  readonly clc?: string | undefined
}

/**
 * What a reader's text asks for. Parts between blanks must all be found, each anywhere. Undefined when nothing can
 * be found: no letter or digit, not an ISBN or not a class where one is asked for. Every word in the answer is made
 * of letters and digits alone, so no text can change the query's shape.
 */
export const ask = (
  text: string,
  field: SearchField,
  { library, clc }: Narrowing = {},
): Asked | undefined => {
  const typed = text.slice(0, longestText).trim()
  const within = clc === undefined ? undefined : ofClass(clc)
  if (clc !== undefined && !within) return undefined
  const filter = [...(library === undefined ? [] : [code(libraryCode(library))]), ...(within ? [within] : [])]
  if (typed === '') return { key: '', ...(filter.length > 0 ? { words: all(filter) } : {}) }
  const wanted = wordsFor(typed, field)
  if (!wanted) return undefined
  const words = all([wanted, ...filter])
  const key = field === 'any' || field === 'title' ? titleKey(typed) : ''
  if (key === '') return { key, words }
  return { key, words, exact: { all: [code(titleCode(key)), ...filter] } }
}

const wordsFor = (typed: string, field: SearchField): WordQuery | undefined => {
  const isbn = isbn13(typed)
  if (field === 'isbn') return isbn ? code(isbn) : undefined
  if (field === 'clc') return ofClass(typed)
  if (field === 'any' && isbn) return code(isbn)
  const fields: readonly WordField[] = field === 'any' ? ['title', 'author', 'other'] : [field]
  const parts = typed.split(/\s+/).map(part => partOf(part, fields, field === 'any'))
  const found = parts.filter(part => part !== undefined)
  return found.length === 0 ? undefined : all(found)
}

const all = (queries: readonly WordQuery[]): WordQuery =>
  queries.length === 1 ? queries[0]! : { all: queries }

const partOf = (part: string, fields: readonly WordField[], orClass: boolean): WordQuery | undefined => {
  const text = phrases(part).map(
    (phrase): WordQuery => ({ in: fields, words: phrase.words, beginning: phrase.beginning }),
  )
  if (text.length === 0) return undefined
  const classes = orClass && /^[A-Z]{1,2}[0-9]/.test(part) ? ofClass(part) : undefined
  return classes ? { any: [all(text), classes] } : all(text)
}

/** All numbers that begin like this one: `TP3`, `I247.5`; or that lie in a range: `I3/7`. */
const ofClass = (typed: string): WordQuery | undefined => {
  if (clcNumber(typed) === undefined) return undefined
  const keys = clcRange(typed.trim().toUpperCase()).filter(key => key !== '')
  return keys.length === 1 ? code(clcCode(keys[0]!)) : { any: keys.map(key => code(clcCode(key))) }
}
