import type { ClcClassJson } from '../http/api/open.ts'
import type { Db } from '../store/db.ts'
import { clcClasses } from './clc-classes.ts'

/**
 * The classes of the Chinese Library Classification with the number of works in each, of the consortium or of one
 * library: the main classes, or the divisions of one (`parent`).
 */
export const classCounts = async (
  db: Db,
  query: { readonly library?: string; readonly parent?: string } = {},
): Promise<ClcClassJson[]> => {
  const rows = await db
    .selectFrom('class_count')
    .select(['class', 'works'])
    .where('library_id', '=', query.library ?? '')
    .execute()
  const counts = new Map(rows.map(row => [row.class, row.works]))
  return clcClasses
    .filter(c => c.parent === query.parent)
    .map(({ code, zh, en }) => ({ code, name: { zh, en }, records: counts.get(code) ?? 0 }))
}
