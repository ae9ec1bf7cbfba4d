import { sql } from 'kysely'
import type { Db } from '../store/db.ts'

/** Lines for which something waits for an ILS to come back: an act on it was tried in vain and will be again. */
export const ilsPendingLines = async (
  db: Db,
  libraryIds: readonly string[],
  lineIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  if (lineIds.length === 0) return new Set()
  const rows = await db
    .selectFrom('outbox')
    .select('line_id')
    .distinct()
    .where('library_id', 'in', libraryIds)
    .where('line_id', 'in', lineIds)
    .where('state', '=', sql.lit('ready' as const))
    .where('kind', 'like', 'ils.%')
    .where('last_problem', 'is not', null)
    .execute()
  return new Set(rows.flatMap(r => r.line_id ?? []))
}
