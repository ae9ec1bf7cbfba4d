import { greatCircle } from '../ill/ranking.ts'
import type { Libraries, LockerPlace } from '../libraries.ts'
import type { Lockers } from '../lockers/lockers.ts'
import type { Db } from '../store/db.ts'
import type { PatronKey } from '../store/locker-presence.ts'
import { lent } from './kiosk.ts'

/** Which of the orders are this reader's own. */
export const ordersOf = async (
  db: Db,
  { libraryId, patronId }: PatronKey,
  orderIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom('lending_order')
    .select('id')
    .where('library_id', '=', libraryId)
    .where('patron_id', '=', patronId)
    .where('id', 'in', orderIds)
    .execute()
  return new Set(rows.map(row => row.id))
}

export interface OwnLoan {
  readonly orderId: string
  readonly lineId: string
  readonly title: string
}

const most = 50

/** What a reader has at home, whichever library it belongs to, the one due first in front. */
export const loansOf = (db: Db, { libraryId, patronId }: PatronKey): Promise<readonly OwnLoan[]> =>
  db
    .selectFrom('order_line')
    .select(['order_id as orderId', 'id as lineId', 'title'])
    .where('library_id', '=', libraryId)
    .where('patron_id', '=', patronId)
    .where('status', 'in', lent)
    .orderBy('due_at')
    .orderBy('id')
    .limit(most)
    .execute()

/** The nearest other cabinet of the consortium that has a door free; undefined where there is none. */
export const nearestFree = async (
  { libraries, lockers }: { libraries: Libraries; lockers: Pick<Lockers, 'summary'> },
  lockerId: string,
): Promise<{ readonly place: LockerPlace; readonly metres: number | null } | undefined> => {
  const from = libraries.locker(lockerId)
  const others = libraries
    .all()
    .flatMap(one => one.lockers)
    .filter(one => one.id !== lockerId)
    .map(place => ({ place, metres: distance(from, place) }))
    .sort((a, b) => (a.metres ?? Number.MAX_VALUE) - (b.metres ?? Number.MAX_VALUE))
  for (const one of others) {
    const { online, free } = await lockers.summary(one.place.id)
    if (online && free > 0) return one
  }
  return undefined
}

const distance = (a: LockerPlace, b: LockerPlace): number | null =>
  a.lat === undefined || a.lng === undefined || b.lat === undefined || b.lng === undefined
    ? null
    : Math.round(greatCircle(a.lat, a.lng, b.lat, b.lng) * 1000)
