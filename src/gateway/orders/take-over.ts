import type { Millis } from '../../kernel/clock.ts'
import { noticeFor } from '../notices/notices.ts'
import { takeItem } from '../store/claims.ts'
import type { Tx } from '../store/db.ts'
import type { Event } from '../store/events.ts'
import { insertMessages } from '../store/messages.ts'
import { nextNumber, OrderChanged } from '../store/orders.ts'
import { type Effect, number } from './effects.ts'
import type { IngestDeps } from './ingest.ts'
import { localDay } from './local-day.ts'
import type { Line, Order } from './order.ts'

/**
 * The loan that another reader took over on the spot, as that reader's own order: it begins where the first one
 * ended, on loan, and takes the claim on the item with it. The caller writes the order, its event and its effects.
 */
export const takeOver = async (
  tx: Tx,
  deps: IngestDeps,
  from: Order,
  line: Line,
  was: Line,
  now: Millis,
): Promise<{ order: Order; event: Event; effects: readonly Effect[] }> => {
  const id = deps.ids.next()
  const { libraryId } = from
  const at = line.times.closed ?? now
  const theirs: Line = {
    ...line,
    id: deps.ids.next(),
    orderId: id,
    position: 0,
    parcel: 1,
    status: 'on_loan',
    outcome: null,
    ending: null,
    charged: true,
    pending: [],
    parcelNumber: null,
    parcelsBack: [],
    lockerId: null,
    compartmentId: null,
    collectUntil: null,
    renewals: 0,
    returnWay: null,
    returnParcelNumber: null,
    handedInAt: null,
    notFoundAt: null,
    mishap: null,
    transferTo: null,
    transfers: line.transfers + 1,
    routing: null,
    trouble: null,
    timer: line.dueAt === null ? null : { what: 'recheck', at: line.dueAt },
    moves: 0,
    movedAt: at,
    acts: 0,
    waiting: 0,
    times: { requested: at, on_loan: at },
  }
  const draft: Order = {
    id,
    number: await nextNumber(tx, libraryId, localDay(now, deps.libraries.get(libraryId).zone)),
    libraryId,
    patronId: was.transferTo ?? '',
    delivery: { way: 'branch', branchId: line.branchId },
    fee: { tariff: 0, tierDiscount: 0, concession: 0, subsidy: 0, due: 0, why: [] },
    feeState: 'spent',
    promisedAt: null,
    createdAt: at,
    version: 1,
    lines: [theirs],
  }
  const borrowed = {
    fact: 'borrowed',
    patronId: draft.patronId,
    when: at,
    dueAt: line.dueAt,
  } as const
  const counted = number([{ kind: 'credit.record', payload: borrowed }], theirs, draft, now)
  const order = { ...draft, lines: [counted.line] }
  await insertMessages(tx, [
    {
      libraryId,
      id: deps.ids.next(),
      patronId: order.patronId,
      orderId: id,
      lineId: theirs.id,
      notice: 'taken-over',
      ...noticeFor('taken-over', theirs, order, deps.libraries, null),
      at: now,
    },
  ])
  const item = { libraryId: line.supplierId, barcode: line.barcode ?? '' }
  if (!(await takeItem(tx, item, { libraryId, orderId: id, lineId: theirs.id })))
    throw new OrderChanged(`item ${item.barcode} was taken meanwhile`)
  return {
    order,
    effects: counted.effects,
    event: {
      libraryId,
      id: deps.ids.next(),
      orderId: id,
      lineId: theirs.id,
      kind: 'order.taken-over',
      at,
      recordedAt: now,
      actor: 'gateway',
      source: 'gateway',
      data: { from: line.id },
    },
  }
}
