import type { Millis } from '../../kernel/clock.ts'
import type { Copy, RankedCopy } from '../orders/ports.ts'
import type { Db, Tx } from './db.ts'

interface RequestOf {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  /** The effect's key: asked once, however often it is tried. */
  readonly key: string
}

/** Keeps what was asked for, who was chosen, and the figures of all candidates. */
export const illRequest =
  (of: RequestOf, copy: Copy | null, ranking: readonly RankedCopy[], at: Millis) =>
  async (tx: Tx): Promise<readonly never[]> => {
    await tx
      .insertInto('ill_request')
      .values({
        library_id: of.libraryId,
        id: of.key,
        order_id: of.orderId,
        line_id: of.lineId,
        supplier_id: copy?.supplierId ?? null,
        barcode: copy?.barcode ?? null,
        outcome: copy ? 'assigned' : 'unfilled',
        figures: JSON.stringify(ranking),
        at,
      })
      .onConflict(c => c.columns(['library_id', 'id']).doNothing())
      .execute()
    return []
  }

/** Libraries that were asked for a line so far. */
export const suppliersAsked = async (
  db: Db,
  libraryId: string,
  lineId: string,
): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom('ill_request')
    .select('supplier_id')
    .distinct()
    .where('library_id', '=', libraryId)
    .where('line_id', '=', lineId)
    .where('supplier_id', 'is not', null)
    .execute()
  return new Set(rows.flatMap(r => r.supplier_id ?? []))
}

export interface IllRequest {
  readonly orderId: string
  readonly lineId: string
  readonly supplierId: string | null
  readonly barcode: string | null
  readonly outcome: string
  readonly figures: readonly RankedCopy[]
  readonly at: Millis
}

/** What was asked for a line, in order, each with the figures that ranked the candidates. */
export const illRequestsOf = async (
  db: Db,
  libraryId: string,
  lineId: string,
): Promise<readonly IllRequest[]> =>
  (
    await db
      .selectFrom('ill_request')
      .selectAll()
      .where('library_id', '=', libraryId)
      .where('line_id', '=', lineId)
      .orderBy('at')
      .execute()
  ).map(r => ({
    orderId: r.order_id,
    lineId: r.line_id,
    supplierId: r.supplier_id,
    barcode: r.barcode,
    outcome: r.outcome,
    figures: JSON.parse(r.figures) as RankedCopy[],
    at: r.at,
  }))
