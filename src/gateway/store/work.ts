import type { Millis } from '../../kernel/clock.ts'
import type { Line, LineStatus } from '../orders/order.ts'
import type { Db } from './db.ts'

export interface WorkQuery {
  /** The library whose staff look: lines they supply, and for returns and troubles also those their readers have. */
  readonly libraryId: string
  /** Its lockers and desks: what lies there is its staff's to see to, whoever owns it. */
  readonly places: readonly string[]
  /** Empty: all branches. */
  readonly branchIds: readonly string[]
  readonly statuses: readonly LineStatus[]
  /** Also lines in any state that have a trouble. */
  readonly troubles: boolean
  readonly own: boolean
  readonly limit: number
}

export interface WorkLine {
  readonly line: Line
  readonly orderNumber: string
  readonly patronId: string
}

/** Lines on staff's lists that want a record: a scanned copy of it may serve any of them. */
export const linesWanting = async (
  db: Db,
  libraryId: string,
  recordId: string,
): Promise<readonly WorkLine[]> =>
  (
    await db
      .selectFrom('order_line')
      .select(['body', 'order_number', 'patron_id'])
      .where('supplier_id', '=', libraryId)
      .where('status', 'in', ['confirmed', 'picking'])
      .where('record_id', '=', recordId)
      .orderBy('submitted_at')
      .execute()
  ).map(read)

/** Open lines of a library in a compartment. */
export const linesInCompartment = async (
  db: Db,
  libraryId: string,
  places: readonly string[],
  compartmentId: string,
): Promise<readonly WorkLine[]> =>
  (
    await workLines(db, {
      libraryId,
      places,
      branchIds: [],
      statuses: ['in_locker', 'expired', 'return_in_locker'],
      troubles: false,
      own: true,
      limit: 5000,
    })
  ).filter(
    ({ line }) =>
      line.compartmentId === compartmentId || `${line.lockerId}/${line.compartmentId}` === compartmentId,
  )

/** Open lines in a parcel, by its label. */
export const linesInParcel = async (db: Db, parcelNumber: string): Promise<readonly WorkLine[]> =>
  (
    await db
      .selectFrom('order_line')
      .select(['body', 'order_number', 'patron_id'])
      .where(e => e.or([e('parcel_number', '=', parcelNumber), e('return_parcel_number', '=', parcelNumber)]))
      .where('status', '<>', 'closed')
      .execute()
  ).map(read)

/** One line with what a row needs beside it. */
export const workLineById = async (db: Db, lineId: string): Promise<WorkLine | undefined> => {
  const row = await db
    .selectFrom('order_line')
    .select(['body', 'order_number', 'patron_id'])
    .where('id', '=', lineId)
    .executeTakeFirst()
  return row && read(row)
}

const read = (r: { body: string; order_number: string; patron_id: string }): WorkLine => ({
  line: JSON.parse(r.body) as Line,
  orderNumber: r.order_number,
  patronId: r.patron_id,
})

/** Open lines in some states, for the staff of one library. */
export const workLines = async (db: Db, query: WorkQuery): Promise<readonly WorkLine[]> => {
  const { libraryId, places, branchIds, statuses, troubles, own, limit } = query
  let rows = db
    .selectFrom('order_line')
    .select(['body', 'order_number', 'patron_id'])
    .where('status', '<>', 'closed')
    .where(e =>
      e.or([
        e('supplier_id', '=', libraryId),
        ...(own ? [e('library_id', '=', libraryId)] : []),
        ...(places.length > 0 ? [e('place_id', 'in', places)] : []),
      ]),
    )
    .where(e =>
      troubles
        ? e.or([e('status', 'in', statuses), e('trouble', 'is not', null)])
        : e('status', 'in', statuses),
    )
    .orderBy('submitted_at')
    .limit(limit)
  // What comes back may come to any branch.
  if (branchIds.length > 0 && !own) rows = rows.where('branch_id', 'in', branchIds)
  return (await rows.execute()).map(read)
}

/** When lines of a library's branches passed each step since then; for the chart of the day. */
export const passedSince = (
  db: Db,
  libraryId: string,
  branchIds: readonly string[],
  since: Millis,
): Promise<
  readonly {
    readonly confirmed_at: Millis | null
    readonly found_at: Millis | null
    readonly packed_at: Millis | null
    readonly sent_at: Millis | null
    readonly in_hand_at: Millis | null
  }[]
> => {
  let rows = db
    .selectFrom('order_line')
    .select(['confirmed_at', 'found_at', 'packed_at', 'sent_at', 'in_hand_at'])
    .where('supplier_id', '=', libraryId)
    .where('status', '<>', 'closed')
    .where(e =>
      e.or(
        (['confirmed_at', 'found_at', 'packed_at', 'sent_at', 'in_hand_at'] as const).map(c =>
          e(c, '>=', since),
        ),
      ),
    )
  if (branchIds.length > 0) rows = rows.where('branch_id', 'in', branchIds)
  return rows.execute()
}
