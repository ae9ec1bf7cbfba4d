import type { CardRef, CreditFact, Draft } from './effects.ts'
import type { Evidence } from './evidence.ts'
import type { Context } from './guards.ts'
import type { Line, LineStatus, Order } from './order.ts'
import { linesTogether } from './parcels.ts'

/** A move as its effects see it: the line as it was and as it has become. */
export interface Spot {
  readonly was: Line
  readonly line: Line
  readonly order: Order
  readonly evidence: Evidence
  readonly context: Context
}

type Recipe = (spot: Spot) => readonly Draft[]

const card = ({ line, order, context }: Spot): CardRef => {
  const patronId = order.patronId
  if (line.supplierId === line.libraryId) return { of: 'patron', patronId }
  const libraryId = line.libraryId
  return context.policy.interLibraryCharge === 'shared-card'
    ? { of: 'shared', patronId, libraryId }
    : { of: 'institution', libraryId }
}

const item = (line: Line): { at: string; barcode: string } => ({
  at: line.supplierId,
  barcode: line.barcode ?? '',
})

const checkout =
  (noBlock: boolean): Recipe =>
  spot => [
    {
      kind: 'ils.checkout',
      payload: { ...item(spot.line), card: card(spot), when: spot.evidence.at, noBlock },
    },
  ]

const cancelHold = (spot: Spot, of: Line, loose: boolean): Draft => ({
  kind: 'ils.cancel-hold',
  payload: { ...item(of), card: card({ ...spot, line: of }), when: spot.evidence.at, loose },
})

const checkin = (spot: Spot, of: Line, how: { cancel: boolean; loose: boolean }): Draft => ({
  kind: 'ils.checkin',
  payload: {
    ...item(of),
    when: spot.evidence.at,
    returnedAt: returnedAt(spot, of),
    branchId: spot.evidence.what === 'received' ? spot.evidence.data.branchId : null,
    card: card({ ...spot, line: of }),
    dueBefore: of.dueAt,
    ...how,
  },
})

const returnedAt = ({ evidence, context }: Spot, line: Line): number =>
  context.policy.loanClockStops === 'handed-in' ? (line.handedInAt ?? evidence.at) : evidence.at

/** What stands in the ILS for a copy that the line no longer wants, whether it stands yet or is on its way. */
const standing = (line: Line): { hold: boolean; loan: boolean } => ({
  hold: line.held || line.pending.includes('ils.place-hold'),
  loan: line.charged || line.chargeOwed || line.pending.includes('ils.checkout'),
})

/** From here on the item was lent, rightly or wrongly: giving it back is a return and no undoing. */
const withReader: readonly LineStatus[] = ['delivered', 'collected', 'on_loan']

/** Undoes a check-out; some systems then bring back the hold that it had used up. */
const undo = (spot: Spot): readonly Draft[] => [
  checkin(spot, spot.line, { cancel: true, loose: false }),
  ...(spot.line.hadHold ? [cancelHold(spot, spot.line, false)] : []),
]

const releaseCompartment: Recipe = ({ was, order }) => {
  const { parcelNumber, lockerId } = was
  const target = lockerId ?? (order.delivery.way === 'locker' ? order.delivery.lockerId : null)
  if (parcelNumber === null || target === null || linesTogether(order, was).length > 0) return []
  return [
    {
      kind: 'locker.release',
      payload: { lockerId: target, parcelNumber },
      once: `${parcelNumber}/locker.release`,
    },
  ]
}

const cancelCourier: Recipe = ({ was, order }) => {
  if (order.delivery.way !== 'home' || was.parcelNumber === null || was.status !== 'packed') return []
  if (linesTogether(order, was).length > 0) return []
  const { courier } = order.delivery
  return [
    {
      kind: 'courier.cancel',
      payload: { courier, parcelNumber: was.parcelNumber },
      once: `${was.parcelNumber}/courier.cancel`,
    },
  ]
}

const credit =
  (fact: CreditFact): Recipe =>
  ({ was, line, order, evidence }) => [
    {
      kind: 'credit.record',
      payload: {
        fact,
        patronId: order.patronId,
        when: fact === 'returned' ? (line.handedInAt ?? evidence.at) : evidence.at,
        dueAt: was.dueAt,
      },
    },
  ]

const ended = (line: Line): boolean => line.status === 'closed'
const neverArrived = (line: Line): boolean =>
  line.outcome === 'not_supplied' || line.outcome === 'lost_in_transit'

/** Every effect that the table of states names, as what it asks for. */
export const recipes = {
  'check patron': ({ line, order }) => [
    {
      kind: 'ils.check-patron',
      payload: { at: line.libraryId, card: { of: 'patron', patronId: order.patronId } },
    },
  ],
  'place hold': spot =>
    spot.line.barcode === null
      ? []
      : [
          {
            kind: 'ils.place-hold',
            payload: { ...item(spot.line), card: card(spot), when: spot.evidence.at },
          },
        ],
  'cancel hold': spot => [cancelHold(spot, spot.line, false)],
  'swap hold': spot =>
    spot.was.held && spot.was.barcode !== spot.line.barcode ? [cancelHold(spot, spot.was, true)] : [],
  'check out': checkout(false),
  'tell check-out': checkout(true),
  /** Where the loan begins at hand-over: the reader has it, so the ILS is told, not asked. */
  'charge in hand': spot =>
    spot.context.policy.chargeAt === 'collect' && !standing(spot.line).loan ? checkout(true)(spot) : [],
  'undo check-out': spot => undo(spot),
  'check in': spot => {
    const { hold, loan } = standing(spot.line)
    return [
      ...(loan ? [checkin(spot, spot.line, { cancel: false, loose: false })] : []),
      ...(hold && !loan ? [cancelHold(spot, spot.line, false)] : []),
    ]
  },
  /** Undoes only what surely stands; what is still on its way is undone when its answer comes. */
  'undo what stands': spot => [
    ...(spot.line.held && !spot.line.charged ? [cancelHold(spot, spot.line, false)] : []),
    ...(spot.line.charged ? undo(spot) : []),
  ],
  /**
   * The line goes on without this copy: what stands for it, or is on its way, is undone behind its back. Whether a
   * check-out on its way takes the hold along cannot be known, so the hold is undone after it all the same.
   */
  'give copy back': spot => {
    const { hold, loan } = standing(spot.was)
    return [
      ...(loan
        ? [checkin(spot, spot.was, { cancel: !withReader.includes(spot.was.status), loose: true })]
        : []),
      ...(hold || spot.was.hadHold ? [cancelHold(spot, spot.was, true)] : []),
    ]
  },
  renew: spot => [
    {
      kind: 'ils.renew',
      payload: {
        ...item(spot.line),
        card: card(spot),
        when: spot.evidence.at,
        dueBefore: spot.line.dueAt,
      },
    },
  ],
  'hand over': spot => [{ kind: 'ils.transfer', payload: { ...item(spot.line), when: spot.evidence.at } }],
  'charge to the other reader': spot => [
    {
      kind: 'ils.checkout',
      payload: {
        ...item(spot.line),
        card: { of: 'patron', patronId: spot.line.transferTo ?? '' },
        when: spot.evidence.at,
        noBlock: false,
      },
    },
  ],
  recheck: spot => [{ kind: 'ils.recheck', payload: { ...item(spot.line), card: card(spot) } }],
  seek: () => [{ kind: 'copy.seek', payload: {} }],
  'reserve compartment': ({ line, order }) => {
    if (order.delivery.way !== 'locker' || line.parcelNumber === null) return []
    const { lockerId } = order.delivery
    return [
      {
        kind: 'locker.reserve',
        payload: { lockerId, parcelNumber: line.parcelNumber },
        once: `${line.parcelNumber}/locker.reserve`,
      },
    ]
  },
  'release compartment': releaseCompartment,
  'close compartment': ({ line }) =>
    line.lockerId === null || line.parcelNumber === null
      ? []
      : [
          {
            kind: 'locker.expire',
            payload: { lockerId: line.lockerId, parcelNumber: line.parcelNumber },
            once: `${line.parcelNumber}/locker.expire`,
          },
        ],
  'book courier': ({ line, order }) => {
    if (order.delivery.way !== 'home' || line.parcelNumber === null) return []
    const { courier, addressId } = order.delivery
    return [
      {
        kind: 'courier.book',
        payload: { courier, addressId, parcelNumber: line.parcelNumber },
        once: `${line.parcelNumber}/courier.book`,
      },
    ]
  },
  'cancel courier': cancelCourier,
  'book return': ({ line }) =>
    line.returnWay?.way === 'courier' && line.returnParcelNumber !== null
      ? [
          {
            kind: 'courier.book-return',
            payload: {
              courier: line.returnWay.courier,
              addressId: line.returnWay.addressId,
              parcelNumber: line.returnParcelNumber,
            },
          },
        ]
      : [],
  'cancel return': ({ was }) =>
    was.returnWay?.way === 'courier' && was.returnParcelNumber !== null
      ? [
          {
            kind: 'courier.cancel-return',
            payload: { courier: was.returnWay.courier, parcelNumber: was.returnParcelNumber },
          },
        ]
      : [],
  /** The first dispatch of an order spends its fee and its grant. */
  'spend fee': ({ order }) => {
    if (order.feeState !== 'granted') return []
    const items = order.lines.filter(l => !ended(l)).length
    return [
      {
        kind: 'fee.settle',
        payload: { items, itemsAsked: order.lines.length },
        once: `${order.id}/fee.settle`,
      },
    ]
  },
  /** The end of the last line of an order of which nothing was dispatched, or nothing arrived. */
  'give fee back': ({ line, order }) => {
    const lines = order.lines.map(l => (l.id === line.id ? line : l))
    if (!lines.every(ended)) return []
    const refund = (reason: 'not-dispatched' | 'never-arrived'): Draft => ({
      kind: 'fee.refund',
      payload: { reason },
      once: `${order.id}/fee.refund`,
    })
    if (order.feeState === 'granted')
      return [
        refund('not-dispatched'),
        { kind: 'quota.release', payload: {}, once: `${order.id}/quota.release` },
      ]
    return order.feeState === 'spent' && lines.every(neverArrived) ? [refund('never-arrived')] : []
  },
  'record borrowed': credit('borrowed'),
  'record returned': credit('returned'),
  'record uncollected': spot => (spot.line.ending === 'uncollected' ? credit('uncollected')(spot) : []),
  'record lost': spot => (spot.line.mishap === null ? credit('lost')(spot) : []),
  'record damage': spot =>
    spot.evidence.what === 'received' && spot.evidence.data.damaged ? credit('damaged')(spot) : [],
} satisfies Record<string, Recipe>

export type RecipeName = keyof typeof recipes
