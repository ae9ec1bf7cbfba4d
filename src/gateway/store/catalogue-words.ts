import { type Kysely, type RawBuilder, sql } from 'kysely'
import { inList, insertMany } from './bulk.ts'
import type { Db, Tx } from './db.ts'
import { isPostgres } from './migrations/columns.ts'

/**
 * The search words of works: the one place where the two databases differ. SQLite has an FTS5 index without the
 * texts, PostgreSQL a tsvector with GIN. Both take words as they are cut in `gateway/catalogue/text.ts`, which are
 * letters and digits only; neither database's own idea of a word is asked.
 */

export const wordFields = ['title', 'author', 'other', 'codes'] as const
export type WordField = (typeof wordFields)[number]

/** What to find. A phrase's words follow each other; the last may be but a beginning. */
export type WordQuery =
  | {
      readonly in: readonly WordField[]
      readonly words: readonly string[]
      readonly beginning?: boolean
    }
  | { readonly all: readonly WordQuery[] }
  | { readonly any: readonly WordQuery[] }

/** The words of each field, with blanks between them. */
export interface WorkWords extends Readonly<Record<WordField, string>> {
  /** The work's place: year of publication, then order of arrival. */
  readonly place: number
}

export const createWordIndex = async (db: Kysely<unknown>): Promise<void> => {
  if (isPostgres(db)) {
    await sql`create table work_words (place bigint primary key, words tsvector not null)`.execute(db)
    await sql`create index work_words_index on work_words using gin (words)`.execute(db)
    return
  }
  await sql`create virtual table work_words using fts5 (title, author, other, codes,
    content='', contentless_delete=1, tokenize='ascii')`.execute(db)
}

/** Adds works that are not yet in the index. */
export const addWords = async (tx: Tx, works: readonly WorkWords[]): Promise<void> => {
  // FTS5 writes its buffer out whenever a row number is smaller than the last.
  const sorted = works.toSorted((a, b) => a.place - b.place)
  if (isPostgres(tx)) {
    const rows = sorted.map(work => [work.place, vector(work)])
    await insertMany(tx, 'work_words', ['place', 'words'], rows, { casts: { words: 'tsvector' } })
    return
  }
  const rows = sorted.map(work => [work.place, ...wordFields.map(field => work[field])])
  await insertMany(tx, 'work_words', ['rowid', ...wordFields], rows)
}

export const removeWords = async (tx: Tx, places: readonly number[]): Promise<void> => {
  if (places.length === 0) return
  const column = sql.ref(isPostgres(tx) ? 'place' : 'rowid')
  await sql`delete from work_words where ${inList(tx, column, places)}`.execute(tx)
}

export interface Window {
  /** Only places below this one. */
  readonly below: number
  readonly limit: number
  /**
   * The query finds fewer places than this: PostgreSQL then goes by the index of words, not by places. Where it
   * finds more after all, these are any of them.
   */
  readonly fewerThan?: number
}

/** A select of the places found, the newest first, as `place`. */
export const foundPlaces = (db: Db, query: WordQuery, window: Window): RawBuilder<{ place: number }> => {
  const { below, limit, fewerThan } = window
  if (!isPostgres(db))
    // Numbers are bound as REAL, which FTS5 does not take for the bound of a range.
    return sql`select rowid as place from work_words where work_words match ${ftsQuery(query)}
      and rowid < cast(${below} as integer) order by rowid desc limit ${limit}`
  const matching = sql`select place from work_words where words @@ ${tsQuery(query)}::tsquery and place < ${below}`
  return fewerThan === undefined
    ? sql`${matching} order by place desc limit ${limit}`
    : sql`with matching as materialized (${matching} limit ${fewerThan})
        select place from matching order by place desc limit ${limit}`
}

/** How many works a query finds, counted up to `most`. */
export const countFound = async (db: Db, query: WordQuery, most: number): Promise<number> => {
  const matching = isPostgres(db)
    ? sql`select 1 from work_words where words @@ ${tsQuery(query)}::tsquery limit ${most}`
    : sql`select 1 from work_words where work_words match ${ftsQuery(query)} limit ${most}`
  const { rows } = await sql<{ n: number }>`select count(*) as n from (${matching}) as found`.execute(db)
  return rows[0]?.n ?? 0
}

const quoted = (word: string): string => `"${word.replaceAll('"', '""')}"`

/** FTS5: `{title author} : ("三体 体问")`. */
const ftsQuery = (query: WordQuery): string => {
  if ('all' in query) return `(${query.all.map(ftsQuery).join(' AND ')})`
  if ('any' in query) return `(${query.any.map(ftsQuery).join(' OR ')})`
  return `{${query.in.join(' ')}} : ${quoted(query.words.join(' '))}${query.beginning ? ' *' : ''}`
}

const weights: Record<WordField, string> = { title: 'A', author: 'B', codes: 'C', other: 'D' }
const lexeme = (word: string): string => `'${word.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`

/** tsquery: `('三体':AB <-> '体问':AB)`. */
const tsQuery = (query: WordQuery): string => {
  if ('all' in query) return `(${query.all.map(tsQuery).join(' & ')})`
  if ('any' in query) return `(${query.any.map(tsQuery).join(' | ')})`
  const weight = query.in.map(field => weights[field]).join('')
  const last = query.words.length - 1
  const parts = query.words.map(
    (word, i) => `${lexeme(word)}:${query.beginning && i === last ? '*' : ''}${weight}`,
  )
  return `(${parts.join(' <-> ')})`
}

/** PostgreSQL keeps positions up to this one. */
const lastPosition = 16_383

/** tsvector: each field's words at positions of its own, so that no phrase runs from one field into another. */
const vector = (work: WorkWords): string => {
  const parts: string[] = []
  let position = 0
  for (const field of wordFields) {
    for (const word of work[field].split(' '))
      if (word) parts.push(`${lexeme(word)}:${Math.min(++position, lastPosition)}${weights[field]}`)
    position++
  }
  return parts.join(' ')
}
