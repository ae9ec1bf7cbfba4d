import { sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { CompartmentFact, FactSource, LineFact, Period } from '../../reports/facts.ts'
import type { Db } from './db.ts'

/** Rows fetched at a time: memory stays the same however long the period is. */
const page = 2000

/** The lines and locker events of the store as facts for the reports. Reads only. */
export const factSource = (db: Db): FactSource => ({
  lines: query => lines(db, query),
  compartments: query => compartments(db, query),
  compartmentStateAt: (lockerId, at) => stateAt(db, lockerId, at),
})

const moments = ['found_at', 'not_found_at', 'ready_at', 'in_hand_at', 'closed_at'] as const

async function* lines(db: Db, query: Period & { readonly libraryId?: string }): AsyncGenerator<LineFact> {
  for (let last: { library: string; id: string } | undefined; ; ) {
    let select = db
      .selectFrom('order_line')
      .select([
        'library_id',
        'id',
        'order_number',
        'supplier_id',
        'branch_id',
        'title',
        'shelving',
        'submitted_at',
        'confirmed_at',
        'found_at',
        'not_found_at',
        'ready_at',
        'in_hand_at',
        'closed_at',
        'outcome',
      ])
      .where('submitted_at', '<', query.to)
      .where(e => e.or(moments.map(moment => e.and([e(moment, '>=', query.from), e(moment, '<', query.to)]))))
      .orderBy('library_id')
      .orderBy('id')
      .limit(page)
    if (query.libraryId !== undefined) select = select.where('library_id', '=', query.libraryId)
    if (last) select = select.where(sql<boolean>`(library_id, id) > (${last.library}, ${last.id})`)
    const rows = await select.execute()
    for (const r of rows)
      yield {
        lineId: r.id,
        orderNumber: r.order_number,
        libraryId: r.library_id,
        supplierId: r.supplier_id,
        branchId: r.branch_id,
        title: r.title,
        shelving: r.shelving === 'closed' ? 'closed' : 'open',
        submittedAt: r.submitted_at,
        confirmedAt: r.confirmed_at,
        foundAt: r.found_at,
        notFoundAt: r.not_found_at,
        readyAt: r.ready_at,
        inHandAt: r.in_hand_at,
        closedAt: r.closed_at,
        outcome: r.outcome,
      }
    const end = rows.at(-1)
    if (rows.length < page || !end) return
    last = { library: end.library_id, id: end.id }
  }
}

/** What the locker's history calls it, and what the report counts it as. */
const kinds: Readonly<Record<string, CompartmentFact['kind']>> = {
  loaded: 'deposited',
  collected: 'collected',
  returned: 'returned',
  emptied: 'emptied',
  recovered: 'emptied',
  released: 'emptied',
  expired: 'expired',
  jammed: 'failed-opening',
  'not-opened': 'failed-opening',
  'out-of-service': 'out-of-service',
  'in-service': 'in-service',
}

async function* compartments(
  db: Db,
  query: Period & { readonly lockerId: string },
): AsyncGenerator<CompartmentFact> {
  for (let last: { at: Millis; id: string } | undefined; ; ) {
    let select = db
      .selectFrom('locker_event')
      .select(['id', 'compartment_id', 'kind', 'at'])
      .where('locker_id', '=', query.lockerId)
      .where('at', '>=', query.from)
      .where('at', '<', query.to)
      .where('compartment_id', 'is not', null)
      .where('kind', 'in', Object.keys(kinds))
      .orderBy('at')
      .orderBy('id')
      .limit(page)
    if (last) select = select.where(sql<boolean>`(at, id) > (${last.at}, ${last.id})`)
    const rows = await select.execute()
    for (const r of rows)
      yield { lockerId: query.lockerId, compartmentId: r.compartment_id!, at: r.at, kind: kinds[r.kind]! }
    const end = rows.at(-1)
    if (rows.length < page || !end) return
    last = { at: end.at, id: end.id }
  }
}

const after: Readonly<Record<string, 'occupied' | 'out-of-service' | 'free'>> = {
  deposited: 'occupied',
  returned: 'occupied',
  collected: 'free',
  emptied: 'free',
  'out-of-service': 'out-of-service',
  'in-service': 'free',
}

/** The last event of each compartment before `at` tells how it stood. */
const stateAt = async (
  db: Db,
  lockerId: string,
  at: Millis,
): Promise<ReadonlyMap<string, 'occupied' | 'out-of-service' | 'free'>> => {
  const settling = Object.keys(kinds).filter(kind => kinds[kind]! in after)
  const rows = await db
    .selectFrom('locker_event')
    .select(['compartment_id', 'kind', 'at', 'id'])
    .where('locker_id', '=', lockerId)
    .where('at', '<', at)
    .where('compartment_id', 'is not', null)
    .where('kind', 'in', settling)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('locker_event as later')
            .select('later.id')
            .whereRef('later.locker_id', '=', 'locker_event.locker_id')
            .whereRef('later.compartment_id', '=', 'locker_event.compartment_id')
            .where('later.kind', 'in', settling)
            .where('later.at', '<', at)
            .where(e =>
              e.or([
                e('later.at', '>', e.ref('locker_event.at')),
                e.and([
                  e('later.at', '=', e.ref('locker_event.at')),
                  e('later.id', '>', e.ref('locker_event.id')),
                ]),
              ]),
            ),
        ),
      ),
    )
    .execute()
  return new Map(rows.map(r => [r.compartment_id!, after[kinds[r.kind]!]!]))
}
