import { type RawBuilder, sql } from 'kysely'
import type { RecordPageJson } from '../http/api/open.ts'
import { countFound, foundPlaces, type Window, type WordQuery } from '../store/catalogue-words.ts'
import type { Db } from '../store/db.ts'
import { type BriefWork, briefs } from './brief.ts'
import { type Cursor, readCursor, writeCursor } from './cursor.ts'
import { ask, type SearchField } from './query.ts'
import { choose, type RankedWork } from './ranking.ts'

export interface SearchQuery {
  readonly q: string
  readonly field: SearchField
  /** Only works that this library holds. */
  readonly library?: string
  /** Only works of this class. */
  readonly clc?: string
  /** Only works with a copy that is free by our last knowledge. */
  readonly available?: boolean
  readonly sort: 'relevance' | 'new'
  /** `next` of the page before. */
  readonly cursor?: string
  /** 1 to 100. */
  readonly limit: number
}

/** Totals are exact up to here; this number means "so many or more". */
export const countedUpTo = 10_000
/** Works that are ranked against each other: the newest of those found, then the next newest. */
const windowSize = 1000
const noPlace = Number.MAX_SAFE_INTEGER

interface Sought {
  /** Absent when everything is asked for. */
  readonly words?: WordQuery
  readonly exact?: WordQuery
  readonly key: string
  readonly available: boolean
  readonly limit: number
}

interface Page {
  readonly works: readonly BriefWork[]
  readonly total: number
  readonly next?: Cursor
}

/**
 * One page of works, each with its copies over all libraries. By relevance: the very title, titles that begin so,
 * then what is borrowed most, then the newest. Pages follow each other without gaps or repetitions while the
 * catalogue stays as it is. With `available` the total is counted among the newest `countedUpTo` works found.
 * Throws `refused/bad-cursor` for a cursor that was not made here.
 */
export const searchRecords = async (db: Db, query: SearchQuery): Promise<RecordPageJson> => {
  const { q, library, clc, available = false, sort } = query
  const asked = ask(q, query.field, { library, clc })
  if (!asked) return { items: [], next: null, total: 0 }
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
  const sought = { ...asked, available, limit: Math.min(Math.max(1, Math.trunc(query.limit)), 100) }
  const page =
    sort === 'new' || q.trim() === '' || !asked.words
      ? await newestPage(db, sought, cursor)
      : await rankedPage(db, { ...sought, words: asked.words }, cursor)
  const next = page.next ? writeCursor(page.next) : null
  return { items: await briefs(db, page.works), next, total: page.total }
}

type Places = RawBuilder<{ place: number }>
type Few = Pick<Window, 'fewerThan'>

const fewIf = (few: boolean): Few => (few ? { fewerThan: countedUpTo } : {})

/** The newest places found below one; all places where no words are sought. */
const placesBelow = (db: Db, words: WordQuery | undefined, below: number, limit: number, few: Few): Places =>
  words
    ? foundPlaces(db, words, { below, limit, ...few })
    : sql`select place from work where place < ${below} order by place desc limit ${limit}`

const countAll = async (db: Db, { words, key, available }: Sought): Promise<number> => {
  if (words && !available) return countFound(db, words, countedUpTo)
  const places = placesBelow(db, words, noPlace, countedUpTo, {})
  return (await choose(db, places, { order: 'place', key, available, limit: 0 })).eligible
}

const newestPage = async (db: Db, sought: Sought, cursor: Cursor | undefined): Promise<Page> => {
  const { words, key, available, limit } = sought
  const total = cursor?.total ?? (await countAll(db, sought))
  const size = available ? windowSize : limit + 1
  const works: BriefWork[] = []
  for (let below = cursor?.below ?? noPlace; ; ) {
    const wanted = limit - works.length
    const places = placesBelow(db, words, below, size, fewIf(total < countedUpTo))
    const chosen = await choose(db, places, { order: 'place', key, available, limit: wanted + 1 })
    works.push(...chosen.works.slice(0, wanted))
    const last = works.at(-1)
    if (chosen.works.length > wanted && last)
      return { works, total, next: { phase: 'newest', total, below: last.place } }
    if (chosen.found < size) return { works, total }
    below = chosen.bottom
  }
}

type SoughtWords = Sought & { readonly words: WordQuery }

const rankedPage = async (db: Db, sought: SoughtWords, cursor: Cursor | undefined): Promise<Page> => {
  if (cursor) return laterPage(db, sought, cursor)
  const { words, key, available, limit } = sought
  const places = foundPlaces(db, words, { below: noPlace, limit: windowSize, fewerThan: windowSize })
  const { works, found, eligible } = await choose(db, places, {
    order: 'rank',
    key,
    available,
    limit: limit + 1,
  })
  if (found === windowSize) {
    const total = await countAll(db, sought)
    return laterPage(db, sought, { phase: sought.exact ? 'exact' : 'many', total, below: noPlace })
  }
  const page = works.slice(0, limit)
  const last = page.at(-1)
  const start: Cursor = { phase: 'few', total: eligible, below: noPlace }
  return { works: page, total: eligible, ...(works.length > limit ? { next: behind(start, last) } : {}) }
}

/** Few hits are one window. Of many, the very titles come first; windows of the others follow. */
const laterPage = async (db: Db, sought: SoughtWords, from: Cursor): Promise<Page> => {
  const { key, available, limit } = sought
  const { total } = from
  const works: RankedWork[] = []
  for (let at = from; ; ) {
    const wanted = limit - works.length
    const words = at.phase === 'exact' && sought.exact ? sought.exact : sought.words
    const few = fewIf(at.phase !== 'many' || total < countedUpTo)
    const places = foundPlaces(db, words, { below: at.below, limit: windowSize, ...few })
    const chosen = await choose(db, places, {
      order: 'rank',
      key,
      available,
      titles: at.phase === 'exact' ? 'exact' : at.phase === 'many' ? 'others' : undefined,
      limit: wanted + 1,
      ...(at.after ? { behind: at.after } : {}),
    })
    works.push(...chosen.works.slice(0, wanted))
    if (chosen.works.length > wanted) return { works, total, next: behind(at, chosen.works[wanted - 1]) }
    if (at.phase === 'exact') at = { phase: 'many', total, below: noPlace }
    else if (at.phase === 'few' || chosen.found < windowSize) return { works, total }
    else at = { phase: 'many', total, below: chosen.bottom }
  }
}

/** Where the next page begins: behind this work, or at the beginning of the phase. */
const behind = (at: Cursor, last: RankedWork | undefined): Cursor =>
  last ? { ...at, after: { tier: last.tier, loans: last.loans, place: last.place } } : at
