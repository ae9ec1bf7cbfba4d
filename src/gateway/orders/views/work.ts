import type { Millis } from '../../../kernel/clock.ts'
import type { WorkListJson, WorkRowJson } from '../../http/api/staff.ts'
import type { Libraries } from '../../libraries.ts'
import type { Db } from '../../store/db.ts'
import { ordersByIds } from '../../store/orders.ts'
import { type WorkLine, type WorkQuery, workLines } from '../../store/work.ts'
import { ilsPendingLines } from '../ils-pending.ts'
import { placeName, placeOf, placesOf } from '../lying.ts'
import type { Line, LineStatus, Order } from '../order.ts'
import type { OrderPorts } from '../ports.ts'
import { whereTo } from '../routing-words.ts'
import { states } from '../states.ts'
import { staffCan } from './can.ts'
import { deadlineOf } from './deadlines.ts'
import { deliveryName } from './order-json.ts'

export type WorkListName = WorkListJson['list']

interface ListRule {
  readonly statuses: readonly LineStatus[]
  readonly troubles?: true
  /** The reader's library sees them too, whoever supplied the item. */
  readonly own?: true
}

/** Which lines are on which list. */
const lists: Readonly<Record<WorkListName, ListRule>> = {
  find: { statuses: ['confirmed', 'picking'] },
  pack: { statuses: ['found', 'charged'] },
  send: { statuses: ['packed'] },
  receive: { statuses: ['return_shipped', 'return_in_locker', 'return_at_branch'], own: true },
  recover: { statuses: ['expired'] },
  exceptions: { statuses: ['checkout_refused', 'missing', 'discharged'], troubles: true, own: true },
  // Tasks of an ILS that staff work by hand are no lines; they come from its own list.
  manual: { statuses: [] },
}

const most = 500

export interface StaffAsk {
  readonly libraryId: string
  /** Empty: all branches. */
  readonly branchIds: readonly string[]
}

export interface WorkDeps {
  readonly db: Db
  readonly ports: Pick<OrderPorts, 'libraries' | 'readers'>
  readonly now: Millis
}

/** A staff list in walking order: by location, then by call number, then by title. */
export const workRows = async (
  deps: WorkDeps,
  list: WorkListName,
  ask: StaffAsk,
): Promise<readonly WorkRowJson[]> => {
  const rule = lists[list]
  if (rule.statuses.length === 0) return []
  return rowsOf(deps, await linesOn(deps, list, ask))
}

/** The lines of a list; among them what lies in this library's lockers and at its desks, whoever owns it. */
export const linesOn = (deps: WorkDeps, list: WorkListName, ask: StaffAsk): Promise<readonly WorkLine[]> =>
  workLines(deps.db, queryOf(deps, lists[list], ask))

const queryOf = ({ ports }: WorkDeps, rule: ListRule, ask: StaffAsk): WorkQuery => ({
  ...ask,
  places: placesOf(ports.libraries, ask.libraryId),
  statuses: rule.statuses,
  troubles: rule.troubles ?? false,
  own: rule.own ?? false,
  limit: most,
})

/** Rows of some lines, in walking order. */
export const rowsOf = async (
  { db, ports, now }: WorkDeps,
  lines: readonly WorkLine[],
): Promise<readonly WorkRowJson[]> => {
  const orders = await ordersOf(db, lines)
  const names = await namesOf(ports, lines)
  const pending = await ilsPendingLines(
    db,
    [...new Set(lines.map(l => l.line.libraryId))],
    lines.map(l => l.line.id),
  )
  return lines
    .toSorted((a, b) => walking(a.line, b.line))
    .flatMap(({ line, orderNumber, patronId }) => {
      const order = orders.get(line.orderId)
      if (!order) return []
      const reader = names.get(`${line.libraryId} ${patronId}`) ?? ''
      return rowJson(line, order, orderNumber, reader, pending.has(line.id), ports, now)
    })
}

const walking = (a: Line, b: Line): number =>
  compare(a.location, b.location) || compare(a.callNumber, b.callNumber) || compare(a.title, b.title)

const collator = new Intl.Collator('zh', { numeric: true })
const compare = (a: string | null, b: string | null): number => collator.compare(a ?? '\uffff', b ?? '\uffff')

const ordersOf = async (db: Db, lines: readonly WorkLine[]): Promise<ReadonlyMap<string, Order>> => {
  const found = new Map<string, Order>()
  for (const [libraryId, theirs] of Map.groupBy(lines, l => l.line.libraryId))
    for (const order of await ordersByIds(db, libraryId, [...new Set(theirs.map(l => l.line.orderId))]))
      found.set(order.id, order)
  return found
}

const namesOf = async (
  { readers }: WorkDeps['ports'],
  lines: readonly WorkLine[],
): Promise<ReadonlyMap<string, string>> => {
  const names = new Map<string, string>()
  for (const [libraryId, theirs] of Map.groupBy(lines, l => l.line.libraryId)) {
    const masked = await readers.maskedNames(libraryId, [...new Set(theirs.map(l => l.patronId))])
    for (const [id, name] of masked) names.set(`${libraryId} ${id}`, name)
  }
  return names
}

const rowJson = (
  line: Line,
  order: Order,
  orderNumber: string,
  reader: string,
  ilsPending: boolean,
  { libraries }: WorkDeps['ports'],
  now: Millis,
): WorkRowJson => {
  const deadline = deadlineOf(line, order, libraries, now)
  const { zh, en } = states[line.status]
  return {
    orderId: order.id,
    orderNumber,
    lineId: line.id,
    title: line.title,
    ...(line.author === null ? {} : { author: line.author }),
    barcode: line.barcode,
    callNumber: line.callNumber,
    location: placeOf(line) === null ? line.location : null,
    place: placeName(libraries, line),
    branchId: line.branchId,
    reader,
    status: line.status,
    statusName: { zh, en },
    delivery: { way: order.delivery.way, name: deliveryName(order.delivery, libraries) },
    deadline: deadline.at === null ? null : libraries.time(order.libraryId, deadline.at),
    secondsLeft: deadline.secondsLeft,
    risk: deadline.risk,
    parcelNumber: line.parcelNumber,
    compartment: line.compartmentId,
    trouble: troubleOf(line, libraries),
    ilsPending,
    can: [...staffCan(line, order.delivery, libraries.get(order.libraryId).policy.chargeAt)],
  }
}

const troubleOf = (line: Line, libraries: Libraries): WorkRowJson['trouble'] => {
  if (line.trouble) return { zh: line.trouble.zh, en: line.trouble.en }
  return line.status === 'discharged' && line.routing ? whereTo(line, libraries) : null
}
