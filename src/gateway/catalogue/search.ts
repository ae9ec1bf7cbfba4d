import { type RawBuilder, sql } from 'kysely'
import { ProblemError, refused } from '../../kernel/problem.ts'
import type { RecordPageJson } from '../http/api/open.ts'
import { countFound, foundPlaces, type WordQuery } from '../store/catalogue-words.ts'
import type { Db } from '../store/db.ts'
import { type BriefWork, briefs } from './brief.ts'
import { type Asked, ask, type SearchField } from './query.ts'

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

/**
 * One page of works, each with its copies over all libraries. By relevance: the very title, titles that begin so,
 * then what is borrowed most, then the newest. Pages follow each other without gaps or repetitions while the
 * catalogue stays as it is. Free copies are counted among the newest hits, up to `countedUpTo` of them. Throws `refused/bad-cursor` for a cursor that was not made here.
 */
export const searchRecords = async (db: Db, query: SearchQuery): Promise<RecordPageJson> => {
  const asked = ask(query.q, query.field, query.library)
  if (!asked) return { items: [], next: null, total: 0 }
  const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
  const limit = Math.min(Math.max(1, Math.trunc(query.limit)), 100)
  const { words } = asked
  const page =
    query.sort === 'new' || query.q.trim() === '' || !words
      ? await newestPage(db, words, limit, cursor)
      : await rankedPage(db, { ...asked, words }, limit, cursor)
  const next = page.next ? writeCursor(page.next) : null
  return { items: await briefs(db, page.works), next, total: page.total }
}

const countAll = async (db: Db, words: WordQuery | undefined): Promise<number> => {
  if (words) return countFound(db, words, countedUpTo)
  const { rows } = await sql<{ n: number }>`select count(*) as n from
    (select 1 from work limit ${countedUpTo}) as found`.execute(db)
  return rows[0]?.n ?? 0
}

/** `exact`: the very titles; `window`: what was found below a place; `newest`: in the order of places. */
interface Cursor {
  readonly phase: 'exact' | 'window' | 'newest'
  readonly total: number
  readonly below: number
  readonly after?: Rank
}

interface Rank {
  readonly tier: number
  readonly loans: number
  readonly place: number
}

interface Page {
  readonly works: readonly BriefWork[]
  readonly total: number
  readonly next?: Cursor
}

const newestPage = async (
  db: Db,
  words: WordQuery | undefined,
  limit: number,
  cursor: Cursor | undefined,
): Promise<Page> => {
  const total = cursor?.total ?? (await countAll(db, words))
  const below = cursor?.below ?? noPlace
  const window = { below, limit: limit + 1, few: total < countedUpTo }
  const places = words
    ? foundPlaces(db, words, window)
    : sql<{
        place: number
      }>`select place from work where place < ${below} order by place desc limit ${limit + 1}`
  const { rows } = await sql<BriefWork>`with hits as (${places})
    select work.place, id, clc, bibs from hits join work on work.place = hits.place
    order by work.place desc`.execute(db)
  const works = rows.slice(0, limit)
  if (rows.length <= limit) return { works, total }
  return { works, total, next: { phase: 'newest', total, below: works.at(-1)!.place } }
}

type RankedWork = BriefWork & Rank
type AskedWords = Asked & { readonly words: WordQuery }

const rankedPage = async (
  db: Db,
  asked: AskedWords,
  limit: number,
  cursor: Cursor | undefined,
): Promise<Page> => {
  if (cursor) return laterPage(db, asked, limit, cursor)
  const hits = foundPlaces(db, asked.words, { below: noPlace, limit: windowSize, few: true })
  const { rows, inWindow } = await ranked(db, hits, { key: asked.key, limit: limit + 1 })
  if (inWindow === windowSize) {
    const total = await countAll(db, asked.words)
    return laterPage(db, asked, limit, { phase: asked.exact ? 'exact' : 'window', total, below: noPlace })
  }
  const works = rows.slice(0, limit)
  const at: Cursor = { phase: 'window', total: inWindow, below: noPlace }
  return { works, total: inWindow, ...(rows.length > limit ? { next: after(at, works.at(-1)) } : {}) }
}

/** With few hits one window holds them all; with many, the very titles come first and windows leave them out. */
const laterPage = async (db: Db, asked: AskedWords, limit: number, from: Cursor): Promise<Page> => {
  const { total } = from
  const many = total >= windowSize
  const works: RankedWork[] = []
  for (let at = from; ; ) {
    const wanted = limit - works.length
    const words = at.phase === 'exact' && asked.exact ? asked.exact : asked.words
    const hits = foundPlaces(db, words, { below: at.below, limit: windowSize, few: total < countedUpTo })
    const { rows, inWindow, bottom } = await ranked(db, hits, {
      key: asked.key,
      withoutExact: many && at.phase === 'window',
      limit: wanted + 1,
      ...(at.after ? { behind: at.after } : {}),
    })
    works.push(...rows.slice(0, wanted))
    if (rows.length > wanted) return { works, total, next: after(at, rows[wanted - 1]) }
    if (at.phase === 'exact') at = { phase: 'window', total, below: noPlace }
    else if (inWindow < windowSize) return { works, total }
    else at = { phase: 'window', total, below: bottom }
  }
}

/** Where the next page begins: behind this work, or at the beginning of the phase. */
const after = (at: Cursor, last: RankedWork | undefined): Cursor => {
  if (!last) return at
  const { tier, loans, place } = last
  return { ...at, after: { tier, loans, place } }
}

interface Ranking {
  readonly key: string
  /** Leave out works whose title is the key itself. */
  readonly withoutExact?: boolean
  /** Only works behind this one. */
  readonly behind?: Rank
  readonly limit: number
}

interface Ranked {
  readonly rows: readonly RankedWork[]
  /** How many works the window holds in all, and its lowest place. */
  readonly inWindow: number
  readonly bottom: number
}

const ranked = async (
  db: Db,
  hits: RawBuilder<{ place: number }>,
  { key, withoutExact = false, behind, limit }: Ranking,
): Promise<Ranked> => {
  const tier =
    key === ''
      ? sql`2`
      : sql`case when title_key = ${key} then 0
          when substr(title_key, 1, ${[...key].length}) = ${key} then 1 else 2 end`
  const others = withoutExact ? sql`title_key <> ${key}` : sql`1 = 1`
  const rest = behind
    ? sql`(tier > ${behind.tier} or tier = ${behind.tier} and
        (loans < ${behind.loans} or loans = ${behind.loans} and place < ${behind.place}))`
    : sql`1 = 1`
  type Row = { [K in keyof RankedWork]: RankedWork[K] | null } & { in_window: number; bottom: number | null }
  const { rows } = await sql<Row>`
    with hits as materialized (${hits}),
      extent as (select count(*) as in_window, min(place) as bottom from hits),
      ranked as (
        select work.place as place, id, clc, bibs, loans, ${tier} as tier
        from hits join work on work.place = hits.place where ${others}),
      chosen as (
        select * from ranked where ${rest} order by tier, loans desc, place desc limit ${limit})
    select chosen.*, in_window, bottom from extent left join chosen on 1 = 1
    order by tier, loans desc, place desc`.execute(db)
  return {
    rows: rows.filter((row): row is Row & RankedWork => row.id !== null),
    inWindow: rows[0]?.in_window ?? 0,
    bottom: rows[0]?.bottom ?? 0,
  }
}

const phases = ['exact', 'window', 'newest'] as const

const writeCursor = ({ phase, total, below, after }: Cursor): string => {
  const numbers = after ? [after.tier, after.loans, after.place] : []
  return [phases.indexOf(phase), total, below, ...numbers].map(n => n.toString(36)).join('-')
}

const readCursor = (text: string): Cursor => {
  const numbers = text.length <= 100 && /^[0-9a-z]+(-[0-9a-z]+)*$/.test(text) ? text.split('-') : []
  const [phase, total, below, tier, loans, place] = numbers.map(n => Number.parseInt(n, 36))
  const known = phase === undefined ? undefined : phases[phase]
  const sound = [total, below, tier ?? 0, loans ?? 0, place ?? 0].every(n => Number.isSafeInteger(n))
  if (!known || total === undefined || below === undefined || !sound) throw new ProblemError(badCursor)
  const start = { phase: known, total, below }
  return tier === undefined || loans === undefined || place === undefined
    ? start
    : { ...start, after: { tier, loans, place } }
}

const badCursor = refused('bad-cursor', {
  zh: '翻页标记无效，请重新检索。',
  en: 'This page marker is not valid; please search again.',
})
