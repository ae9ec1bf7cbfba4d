import type { Millis } from '../../kernel/clock.ts'
import type { Line } from './order.ts'
import type { SupplyAnswer } from './ports.ts'

export interface NewLine {
  readonly id: string
  readonly orderId: string
  readonly libraryId: string
  readonly recordId: string
  readonly position: number
  readonly parcel: number
  readonly supply: SupplyAnswer
  /** Whose pick list a line is on that has no copy yet. */
  readonly fallbackBranchId: string
  readonly at: Millis
}

/** A line as the reader submits it, before anything has happened to it. */
export const newLine = (from: NewLine): Line => {
  const { supply, at } = from
  const { copy } = supply
  return {
    id: from.id,
    orderId: from.orderId,
    libraryId: from.libraryId,
    position: from.position,
    parcel: from.parcel,
    supplierId: copy?.supplierId ?? from.libraryId,
    branchId: copy?.branchId ?? supply.branchId ?? from.fallbackBranchId,
    recordId: from.recordId,
    title: supply.record?.title ?? '',
    author: supply.record?.author ?? null,
    clc: supply.record?.clc ?? null,
    barcode: copy?.barcode ?? null,
    callNumber: copy?.callNumber ?? null,
    location: copy?.location ?? null,
    shelving: copy?.shelving ?? supply.shelving,
    status: 'requested',
    outcome: null,
    ending: null,
    round: 0,
    parcelsBack: [],
    tried: [],
    held: false,
    hadHold: false,
    charged: false,
    chargeOwed: false,
    pending: [],
    parcelNumber: null,
    lockerId: null,
    compartmentId: null,
    deskId: null,
    collectUntil: null,
    dueAt: null,
    renewals: 0,
    returnWay: null,
    returnParcelNumber: null,
    handedInAt: null,
    notFoundAt: null,
    mishap: null,
    transferTo: null,
    transfers: 0,
    routing: null,
    trouble: null,
    timer: null,
    moves: 0,
    movedAt: at,
    acts: 0,
    lastAct: at,
    waiting: 0,
    times: { requested: at },
  }
}
