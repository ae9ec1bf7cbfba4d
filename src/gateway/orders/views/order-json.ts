import type { Words } from '../../../kernel/problem.ts'
import type { LineJson, OrderJson } from '../../http/api/reader.ts'
import type { Libraries } from '../../libraries.ts'
import type { Db } from '../../store/db.ts'
import { type Event, eventsOf } from '../../store/events.ts'
import { ilsPendingLines } from '../ils-pending.ts'
import type { Delivery, Line, Order } from '../order.ts'
import { states } from '../states.ts'
import { readerCan } from './can.ts'
import { timelineOf } from './timeline.ts'

const toHome: Words = { zh: '送书上门', en: 'Home delivery' }

/** Where an order goes, by name; a reader's address is never named. */
export const deliveryName = (delivery: Delivery, libraries: Libraries): Words => {
  if (delivery.way === 'home') return toHome
  return delivery.way === 'branch'
    ? libraries.branch(delivery.branchId).name
    : libraries.locker(delivery.lockerId).name
}

const targetOf = (delivery: Delivery): string => {
  if (delivery.way === 'home') return delivery.addressId
  return delivery.way === 'branch' ? delivery.branchId : delivery.lockerId
}

/** Orders as their reader sees them. */
export const ordersView = async (
  db: Db,
  libraries: Libraries,
  orders: readonly Order[],
): Promise<readonly OrderJson[]> => {
  const lineIds = orders.flatMap(o => o.lines.map(l => l.id))
  const pending = await ilsPendingLines(db, [...new Set(orders.map(o => o.libraryId))], lineIds)
  const views: OrderJson[] = []
  for (const order of orders) {
    const events = await eventsOf(db, order.libraryId, order.id)
    views.push(orderJson(order, libraries, events, pending))
  }
  return views
}

const orderJson = (
  order: Order,
  libraries: Libraries,
  events: readonly Event[],
  pending: ReadonlySet<string>,
): OrderJson => {
  const time = (at: number): string => libraries.time(order.libraryId, at)
  return {
    id: order.id,
    number: order.number,
    libraryId: order.libraryId,
    createdAt: time(order.createdAt),
    delivery: {
      way: order.delivery.way,
      name: deliveryName(order.delivery, libraries),
      targetId: targetOf(order.delivery),
    },
    fee: { ...order.fee, why: [...order.fee.why] },
    promisedAt: order.promisedAt === null ? null : time(order.promisedAt),
    lines: order.lines.map(line => lineJson(line, order, libraries, events, pending.has(line.id))),
    hasCode: order.lines.some(line => line.status === 'in_locker'),
    version: order.version,
  }
}

const lineJson = (
  line: Line,
  order: Order,
  libraries: Libraries,
  events: readonly Event[],
  ilsPending: boolean,
): LineJson => {
  const time = (at: number | null): string | null =>
    at === null ? null : libraries.time(order.libraryId, at)
  const { zh, en } = states[line.status]
  return {
    id: line.id,
    recordId: line.recordId,
    title: line.title,
    ...(line.author === null ? {} : { author: line.author }),
    ...(line.clc === null ? {} : { clc: line.clc }),
    status: line.status,
    outcome: line.outcome,
    statusName: line.outcome === null ? { zh, en } : outcomeNames[line.outcome],
    supplierId: line.supplierId,
    barcode: line.barcode,
    dueAt: time(line.dueAt),
    ilsPending,
    trouble: line.trouble && readerTrouble,
    timeline: timelineOf(line, order, events).map(step => ({ ...step, at: time(step.at) })),
    can: [...readerCan(line, libraries.get(order.libraryId).policy)],
  }
}

/** Staff see what is wrong; a reader is told that it is being seen to. */
const readerTrouble: Words = { zh: '馆员正在处理。', en: 'A librarian is looking into it.' }

const outcomeNames: Readonly<Record<NonNullable<Line['outcome']>, Words>> = {
  returned: { zh: '已还', en: 'Returned' },
  not_supplied: { zh: '没能借到', en: 'Could not be supplied' },
  cancelled_by_reader: { zh: '已取消', en: 'Cancelled' },
  cancelled_by_staff: { zh: '图书馆已取消', en: 'Cancelled by the library' },
  cancelled_by_timeout: { zh: '超时取消', en: 'Given up after too long' },
  refused: { zh: '没有借成', en: 'Not lent' },
  uncollected: { zh: '没有来取', en: 'Not collected' },
  lost: { zh: '已按丢失处理', en: 'Settled as lost' },
  lost_in_transit: { zh: '途中丢失', en: 'Lost on the way' },
  transferred: { zh: '已转借', en: 'Passed on' },
}
