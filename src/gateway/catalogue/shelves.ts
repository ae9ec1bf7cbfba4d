import type { Millis } from '../../kernel/clock.ts'
import type { ShelfJson } from '../http/api/open.ts'
import type { Db } from '../store/db.ts'
import { briefs } from './brief.ts'
import { placeOf } from './work.ts'

const names = {
  new: { zh: '新书', en: 'New books' },
  popular: { zh: '借阅排行', en: 'Most borrowed' },
}

/** The rows of the first page: the newest books and those borrowed most. A shelf without books is left out. */
export const shelves = async (
  db: Db,
  { now, limit = 12 }: { readonly now: Millis; readonly limit?: number },
): Promise<ShelfJson[]> => {
  const columns = ['place', 'id', 'bibs'] as const
  // A year that is still to come is a typing error: such a book would head the shelf for ever.
  const tooNew = placeOf(new Date(now).getUTCFullYear() + 2, 0)
  const newest = await db
    .selectFrom('work')
    .select(columns)
    .where('place', '<', tooNew)
    .orderBy('place', 'desc')
    .limit(limit)
    .execute()
  const popular = await db
    .selectFrom('work')
    .select(columns)
    .where('loans', '>', 0)
    .orderBy('loans', 'desc')
    .orderBy('place', 'desc')
    .limit(limit)
    .execute()
  const rows = [
    { id: 'new' as const, name: names.new, items: await briefs(db, newest) },
    { id: 'popular' as const, name: names.popular, items: await briefs(db, popular) },
  ]
  return rows.filter(row => row.items.length > 0)
}
