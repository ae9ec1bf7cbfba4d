import { sql } from 'kysely'
import type { BibRecord } from '../../adapters/catalogue/catalogue.ts'
import type { BibBriefJson } from '../http/api/open.ts'
import { inList } from '../store/bulk.ts'
import { type BibKey, bibsOf, type WorkTable } from '../store/catalogue.ts'
import type { Db } from '../store/db.ts'

export type BriefWork = Pick<WorkTable, 'place' | 'id' | 'clc' | 'bibs'>

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
  const keys = works.map(work => JSON.parse(work.bibs) as BibKey[])
  const shown = await bibsOf(
    db,
    keys.map(([first]) => first!),
  )
  const records = new Map(shown.map(row => [`${row.library_id}\n${row.control_number}`, row.record]))
  const counts = await copyCounts(
    db,
    works.map(work => work.id),
  )
  return works.map((work, i): BibBriefJson => {
    const record = JSON.parse(records.get(keys[i]![0]!.join('\n'))!) as BibRecord
    const count = counts.get(work.id)
    const libraries = [...new Set(keys[i]!.map(([library]) => library))].sort()
    return {
      ...briefOf(work.id, work.clc, record),
      copies: count?.copies ?? 0,
      free: count?.free ?? 0,
      libraries,
    }
  })
}

/** What a list shows of a record. */
export const briefOf = (
  id: string,
  clc: string | null,
  { title, titleRest, author, publisher, year, isbns }: BibRecord,
): Omit<BibBriefJson, 'copies' | 'free' | 'libraries'> => ({
  id,
  title,
  ...(titleRest === undefined ? {} : { titleRest }),
  ...(author === undefined ? {} : { author }),
  ...(publisher === undefined ? {} : { publisher }),
  ...(year === undefined ? {} : { year }),
  ...(isbns[0] === undefined ? {} : { isbn: isbns[0] }),
  ...(clc === null ? {} : { clc }),
})
