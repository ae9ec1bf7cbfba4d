/** The steps of the tour, and how far the book itself says it has come. Pure: needs no browser. */
import type { LineJson, OrderJson } from '../../gateway/http/api/reader.ts'

export const steps = ['order', 'find', 'pack', 'load', 'collect', 'giveBack', 'receive'] as const
export type Step = (typeof steps)[number]

/** Whose screen each step happens on. */
export const stageOf: Readonly<Record<Step, 'reader' | 'staff' | 'kiosk'>> = {
  order: 'reader',
  find: 'staff',
  pack: 'staff',
  load: 'kiosk',
  collect: 'kiosk',
  giveBack: 'kiosk',
  receive: 'staff',
}

/** How many steps are behind a line in this state. */
const behind: Readonly<Record<LineJson['status'], number>> = {
  requested: 1,
  confirmed: 1,
  picking: 1,
  seeking: 1,
  missing: 1,
  cancelling: 1,
  checkout_refused: 2,
  found: 2,
  charged: 2,
  packed: 3,
  shipped: 3,
  in_locker: 4,
  at_branch: 4,
  expired: 4,
  recovered: 4,
  delivered: 5,
  collected: 5,
  on_loan: 5,
  transferring: 5,
  return_requested: 5,
  return_shipped: 6,
  return_in_locker: 6,
  return_at_branch: 6,
  received: 7,
  discharged: 7,
  closed: 7,
}

export const stepsDone = (line: LineJson | undefined): number => (line ? behind[line.status] : 0)

/** The tour cannot go on with a book that ended any other way than by being given back. */
export const wentWrong = (line: LineJson | undefined): boolean =>
  line?.outcome !== null && line?.outcome !== undefined && line.outcome !== 'returned'

/** The order of the tour's book that was not there when the tour began. */
export const tourOrder = (
  orders: readonly OrderJson[],
  recordId: string,
  before: ReadonlySet<string>,
): OrderJson | undefined =>
  orders.find(order => !before.has(order.id) && order.lines.some(line => line.recordId === recordId))
