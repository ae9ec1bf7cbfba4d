import type { Insertable, Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { EvidenceTable } from './ground.ts'
import { preparedInsert } from './prepared.ts'

/** What came from outside about one line; its id is its identity for ever. */
export interface StoredEvidence {
  readonly id: string
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  readonly source: string
  readonly what: string
  /** When it happened, by the source. */
  readonly at: Millis
  readonly receivedAt: Millis
  readonly data: Readonly<Record<string, unknown>>
}

export type EvidenceState = EvidenceTable['state']

/** Stores evidence as `state`; false when this id has been seen before. */
export const insertEvidence = async (
  tx: Tx,
  evidence: StoredEvidence,
  state: EvidenceState,
): Promise<boolean> => (await insert(tx, [toRow(evidence, state)])) === 1

const insert = preparedInsert(
  'evidence',
  [
    ...(['id', 'library_id', 'order_id', 'line_id', 'source'] as const),
    ...(['what', 'at', 'received_at', 'data', 'state'] as const),
  ],
  query => query.onConflict(c => c.column('id').doNothing()),
)

export const setEvidenceState = async (tx: Tx, id: string, state: EvidenceState): Promise<void> => {
  await tx.updateTable('evidence').set({ state }).where('id', '=', id).execute()
}

/** Evidence that came too early for its line, in the order it happened. */
export const waitingEvidence = async (
  db: Db,
  libraryId: string,
  orderId: string,
  lineId: string,
): Promise<readonly StoredEvidence[]> =>
  (
    await db
      .selectFrom('evidence')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('order_id', '=', orderId)
      .where('line_id', '=', lineId)
      .where('state', '=', 'waiting')
      .orderBy('at')
      .orderBy('id')
      .execute()
  ).map(fromRow)

/** Everything that came about an order, in the order it was received. */
export const evidenceOf = async (
  db: Db,
  libraryId: string,
  orderId: string,
): Promise<readonly (StoredEvidence & { readonly state: EvidenceState })[]> =>
  (
    await db
      .selectFrom('evidence')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('order_id', '=', orderId)
      .orderBy('received_at')
      .orderBy('id')
      .execute()
  ).map(r => ({ ...fromRow(r), state: r.state }))

const toRow = (e: StoredEvidence, state: EvidenceState): Insertable<EvidenceTable> => ({
  id: e.id,
  library_id: e.libraryId,
  order_id: e.orderId,
  line_id: e.lineId,
  source: e.source,
  what: e.what,
  at: e.at,
  received_at: e.receivedAt,
  data: JSON.stringify(e.data),
  state,
})

const fromRow = (r: Selectable<EvidenceTable>): StoredEvidence => ({
  id: r.id,
  libraryId: r.library_id,
  orderId: r.order_id,
  lineId: r.line_id,
  source: r.source,
  what: r.what,
  at: r.at,
  receivedAt: r.received_at,
  data: JSON.parse(r.data) as Record<string, unknown>,
})
