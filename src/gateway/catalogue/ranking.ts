import { type RawBuilder, sql } from 'kysely'
import type { Db } from '../store/db.ts'
import type { BriefWork } from './brief.ts'
import type { Rank } from './cursor.ts'

export type RankedWork = BriefWork & Rank

export interface Choice {
  /** By tier, loans and place; or by place alone. */
  readonly order: 'rank' | 'place'
  /** Title key: works with this very title are tier 0, those that begin with it tier 1, all others 2. */
  readonly key: string
  /** Only works with a copy that is free by our last knowledge. */
  readonly available: boolean
  /** Only works whose title is the key itself, or only the others. */
  readonly titles?: 'exact' | 'others' | undefined
  /** Only works behind this one. */
  readonly behind?: Rank
  readonly limit: number
}

export interface Chosen {
  readonly works: readonly RankedWork[]
  /** How many places were found, how many of their works may be chosen at all, and the lowest place. */
  readonly found: number
  readonly eligible: number
  readonly bottom: number
}

/** A copy that can be lent and is not known to be out. */
const hasFreeCopy = sql`exists (select 1 from item
  where item.work_id = work.id and lendable = 1 and status in ('free', 'unknown'))`

const always = sql`1 = 1`

const tierOf = (key: string): RawBuilder<unknown> =>
  key === ''
    ? sql`2`
    : sql`case when title_key = ${key} then 0
        when substr(title_key, 1, ${[...key].length}) = ${key} then 1 else 2 end`

/** The first works, in order, of the places found. */
export const choose = async (
  db: Db,
  found: RawBuilder<{ place: number }>,
  { order, key, available, titles, behind, limit }: Choice,
): Promise<Chosen> => {
  const rest = behind
    ? sql`(tier > ${behind.tier} or tier = ${behind.tier} and
        (loans < ${behind.loans} or loans = ${behind.loans} and place < ${behind.place}))`
    : always
  const ofTitles =
    titles === undefined ? always : titles === 'exact' ? sql`title_key = ${key}` : sql`title_key <> ${key}`
  const by = order === 'rank' ? sql`tier, loans desc, place desc` : sql`place desc`
  type Row = { [K in keyof RankedWork]: RankedWork[K] | null } & {
    found: number
    eligible: number | null
    bottom: number | null
  }
  const { rows } = await sql<Row>`
    with hits as materialized (${found}),
      extent as (select count(*) as found, min(place) as bottom from hits),
      ranked as (
        select work.place as place, id, bibs, loans, ${tierOf(key)} as tier
        from hits join work on work.place = hits.place
        where ${ofTitles} and ${available ? hasFreeCopy : always}),
      chosen as (select * from ranked where ${rest} order by ${by} limit ${limit})
    select chosen.*, found, bottom, ${available ? sql`(select count(*) from ranked)` : sql`null`} as eligible
    from extent left join chosen on ${always} order by ${by}`.execute(db)
  const [first] = rows
  return {
    works: rows.filter((row): row is Row & RankedWork => row.id !== null),
    found: first?.found ?? 0,
    eligible: first?.eligible ?? first?.found ?? 0,
    bottom: first?.bottom ?? 0,
  }
}
