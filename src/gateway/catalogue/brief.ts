import { sql } from 'kysely'
import type { BibRecord } from '../../adapters/catalogue/catalogue.ts'
import type { BibBriefJson } from '../http/api/open.ts'
import { inList } from '../store/bulk.ts'
import { bibKey, bibsOf, type HeldBib, type WorkTable } from '../store/catalogue.ts'
import type { Db } from '../store/db.ts'
import { librariesOf } from './work.ts'

export type BriefWork = Pick<WorkTable, 'place' | 'id' | 'bibs'>

interface CopyCount {
  readonly work_id: string
  readonly copies: number
  readonly free: number
}

const copyCounts = async (db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, CopyCount>> => {
  const { rows } = await sql<CopyCount>`select work_id, count(*) as copies,
      sum(case when lendable = 1 and status in ('free', 'unknown') then 1 else 0 end) as free
    from item where ${inList(db, sql.ref('work_id'), ids)} group by work_id`.execute(db)
  return new Map(rows.map(row => [row.work_id, row]))
}

/** Works as lists show them, in the order given. A copy counts as free until it is known to be out. */
export const briefs = async (db: Db, works: readonly BriefWork[]): Promise<BibBriefJson[]> => {
  if (works.length === 0) return []
  const bibs = works.map(work => JSON.parse(work.bibs) as HeldBib[])
  const shown = await bibsOf(
    db,
    bibs.map(([best]) => best!),
  )
  const records = new Map(shown.map(row => [bibKey(row.library_id, row.control_number), row.record]))
  const counts = await copyCounts(
    db,
    works.map(work => work.id),
  )
  return works.map((work, i): BibBriefJson => {
    const [library, number] = bibs[i]![0]!
    const record = JSON.parse(records.get(bibKey(library, number))!) as BibRecord
    const count = counts.get(work.id)
    return {
      ...briefOf(work.id, record),
      copies: count?.copies ?? 0,
      free: count?.free ?? 0,
      libraries: librariesOf(bibs[i]!),
    }
  })
}

/** What a list shows of a record. */
export const briefOf = (
  id: string,
  { title, titleRest, author, publisher, year, isbns, clc }: BibRecord,
): Omit<BibBriefJson, 'copies' | 'free' | 'libraries'> => ({
  id,
  title,
  ...(titleRest === undefined ? {} : { titleRest }),
  ...(author === undefined ? {} : { author }),
  ...(publisher === undefined ? {} : { publisher }),
  ...(year === undefined ? {} : { year }),
  ...(isbns[0] === undefined ? {} : { isbn: isbns[0] }),
  ...(clc === undefined ? {} : { clc }),
})
