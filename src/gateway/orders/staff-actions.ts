import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { Fact } from './implied.ts'
import type { Line, Order } from './order.ts'
import { parcelNumberOf } from './parcels.ts'
import { states } from './states.ts'
import { refusals } from './words.ts'

/** What comes with a press on a button of the staff pages. */
export interface StaffInput {
  /** The copy in the hand; for `not-found` the copy that was looked for. */
  readonly barcode?: string | undefined
  readonly reason?: string | undefined
  readonly note?: string | undefined
  readonly lockerId?: string | undefined
  readonly parcelNumber?: string | undefined
  /** Where the person stands; the line's own branch when nobody says. */
  readonly branchId?: string | undefined
}

type Maker = (line: Line, order: Order, input: StaffInput) => Fact | undefined

const branch = (line: Line, order: Order, input: StaffInput): string =>
  input.branchId ?? (order.delivery.way === 'branch' ? order.delivery.branchId : line.branchId)

const parcelOf = (line: Line) => (line.parcelNumber === null ? {} : { parcelNumber: line.parcelNumber })

const returnParcelOf = (line: Line) =>
  line.returnParcelNumber === null ? {} : { parcelNumber: line.returnParcelNumber }

const damaged: Maker = (line, order, { note = '', branchId }) =>
  states[line.status].rank < states.packed.rank
    ? { what: 'item-not-found', data: { reason: `damaged ${note}`.trim().slice(0, 200) } }
    : { what: 'received', data: { branchId: branch(line, order, { branchId }), damaged: true, note } }

/** Every button of the staff pages, as the fact it stands for. */
const makers = {
  found: (line, _order, { barcode }) => {
    const code = barcode ?? line.barcode
    return code === null ? undefined : { what: 'item-found', data: { barcode: code } }
  },
  'not-found': (_line, _order, { reason = '' }) => ({ what: 'item-not-found', data: { reason } }),
  pack: (line, order, { parcelNumber }) => ({
    what: 'packed',
    data: { parcelNumber: parcelNumber ?? parcelNumberOf(order, line) },
  }),
  send: (line, order) => ({
    what: 'shipped',
    data: { via: order.delivery.way === 'home' ? 'courier' : 'van', ...parcelOf(line) },
  }),
  'put-in-locker': (line, order, { lockerId }) => {
    const locker = lockerId ?? (order.delivery.way === 'locker' ? order.delivery.lockerId : undefined)
    if (locker === undefined) return undefined
    const compartmentId = line.lockerId === locker && line.compartmentId ? line.compartmentId : 'by-hand'
    return { what: 'put-in-locker', data: { lockerId: locker, compartmentId, ...parcelOf(line) } }
  },
  'at-branch': (line, order, input) => ({
    what: 'at-branch',
    data: { branchId: branch(line, order, input), ...parcelOf(line) },
  }),
  'hand-over': (line, order, input) => ({
    what: 'collected',
    data: { branchId: branch(line, order, input), ...parcelOf(line) },
  }),
  delivered: line => ({ what: 'delivered', data: parcelOf(line) }),
  receive: (line, order, input) => ({ what: 'received', data: { branchId: branch(line, order, input) } }),
  recover: () => ({ what: 'recovered', data: {} }),
  'retry-checkout': () => ({ what: 'checkout-retried', data: {} }),
  'retry-checkin': () => ({ what: 'checkin-retried', data: {} }),
  cancel: (_line, _order, { reason }) => ({
    what: 'cancel-requested',
    data: { by: 'staff', ...(reason === undefined ? {} : { reason }) },
  }),
  lost: () => ({ what: 'reported-lost', data: {} }),
  damaged,
  'claimed-returned': () => ({ what: 'claimed-returned', data: {} }),
  'lost-paid': () => ({ what: 'lost-paid', data: {} }),
  'found-with-reader': () => ({ what: 'found-again', data: { where: 'reader' } }),
  'found-in-library': () => ({ what: 'found-again', data: { where: 'library' } }),
  'carrier-lost': line => ({
    what: 'carrier-lost',
    data: line.status === 'return_shipped' ? returnParcelOf(line) : parcelOf(line),
  }),
  'sent-back': (line, _order, { reason }) => ({
    what: 'sent-back',
    data: { fault: reason === 'carrier' ? 'carrier' : 'reader', ...parcelOf(line) },
  }),
  'refused-damaged': line => ({ what: 'refused-damaged', data: parcelOf(line) }),
  'picked-up': line => ({ what: 'return-picked-up', data: returnParcelOf(line) }),
  'wrong-item': () => ({ what: 'wrong-item', data: {} }),
  routed: () => ({ what: 'routed', data: {} }),
  'settled-by-hand': () => ({ what: 'trouble-settled', data: { byHand: true } }),
} satisfies Record<string, Maker>

export type StaffAction = keyof typeof makers | 'retry'
/** The names of all buttons; `retry` tries failed steps again. */
export const staffActions: readonly StaffAction[] = [
  ...(Object.keys(makers) as (keyof typeof makers)[]),
  'retry',
]

/** The fact that a button stands for. `refused/unknown-action`, `refused/something-missing`. */
export const factOf = (action: string, line: Line, order: Order, input: StaffInput): Answer<Fact> => {
  if (!Object.hasOwn(makers, action)) return no(unknownAction)
  // Pressed twice, the second press would speak of the next copy.
  if (action === 'not-found' && input.barcode !== undefined && input.barcode !== line.barcode)
    return no(refused('round', refusals.round))
  const fact = (makers as Record<string, Maker>)[action]!(line, order, input)
  return fact ? yes(fact) : no(missing)
}

const unknownAction = refused('unknown-action', { zh: '没有这个操作。', en: 'There is no such action.' })
const missing = refused('something-missing', {
  zh: '请先扫描条码或选择地点。',
  en: 'Please scan the item or choose the place first.',
})
