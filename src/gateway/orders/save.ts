import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import { noticeFor } from '../notices/notices.ts'
import type { NoticeName } from '../notices/words.ts'
import { type ItemRef, releaseItem, takeItem, withdrawItem } from '../store/claims.ts'
import type { Tx } from '../store/db.ts'
import { appendEvents, type Event } from '../store/events.ts'
import { insertMessages, messagesSince, type NewMessage } from '../store/messages.ts'
import { insertOrder, OrderChanged, saveOrder } from '../store/orders.ts'
import { enqueueAll } from '../store/outbox.ts'
import type { Effect } from './effects.ts'
import type { Moved } from './engine.ts'
import type { IngestDeps } from './ingest.ts'
import type { Line, LineStatus, Order } from './order.ts'
import { takeOver } from './take-over.ts'

/** What one transaction does to one order, gathered before it is written. */
export interface Changes {
  order: Order
  /** As it was read. */
  readonly loaded: Order
  readonly changed: Set<string>
  readonly effects: Effect[]
  readonly events: Event[]
  readonly tell: { readonly lineId: string; readonly notice: NoticeName; readonly reason: string | null }[]
  readonly claims: ClaimChange[]
  readonly takenOver: { readonly line: Line; readonly was: Line }[]
  /** Replaces a line of the order. */
  put(line: Line): void
  claim(was: Line, line: Line, withdrawn: Moved['withdrawn']): void
}

type ClaimChange =
  | { readonly is: 'taken' | 'released'; readonly item: ItemRef; readonly lineId: string }
  | { readonly is: 'withdrawn'; readonly item: ItemRef; readonly lineId: string; readonly why: string }

const free: readonly LineStatus[] = ['seeking', 'discharged', 'closed']

/** The item that an open line has to itself. */
export const itemOf = (line: Line): ItemRef | null =>
  line.barcode === null || free.includes(line.status)
    ? null
    : { libraryId: line.supplierId, barcode: line.barcode }

const same = (a: ItemRef | null, b: ItemRef | null): boolean =>
  a?.libraryId === b?.libraryId && a?.barcode === b?.barcode

export const newChanges = (order: Order): Changes => {
  const changes: Changes = {
    order,
    loaded: order,
    changed: new Set(),
    effects: [],
    events: [],
    tell: [],
    claims: [],
    takenOver: [],
    put: line => {
      changes.changed.add(line.id)
      const lines = changes.order.lines.map(l => (l.id === line.id ? line : l))
      changes.order = { ...changes.order, lines }
    },
    claim: (was, line, withdrawn) => {
      const before = itemOf(was)
      const after = itemOf(line)
      if (same(before, after)) return
      if (before && withdrawn)
        changes.claims.push({ is: 'withdrawn', item: before, lineId: line.id, why: withdrawn.why })
      else if (before) changes.claims.push({ is: 'released', item: before, lineId: line.id })
      if (after) changes.claims.push({ is: 'taken', item: after, lineId: line.id })
    },
  }
  return changes
}

/** Writes what was gathered; the order as it is now. Throws `OrderChanged`. */
export const saveChanges = async (tx: Tx, deps: IngestDeps, work: Changes, now: Millis): Promise<Order> => {
  const { order } = work
  if (work.changed.size === 0) {
    await appendEvents(tx, work.events)
    return order
  }
  await writeClaims(tx, deps, work, now)
  await saveOrder(tx, order, work.loaded)
  const messages = await notTwice(tx, messagesOf(deps, work, now), now)
  await insertMessages(tx, messages)
  if (deps.notifies) work.effects.push(...messages.map(m => sendEffect(m, now)))
  for (const { line, was } of work.takenOver) {
    const theirs = await takeOver(tx, deps, order, line, was, now)
    await insertOrder(tx, theirs.order)
    work.events.push(theirs.event)
    work.effects.push(...theirs.effects)
  }
  await appendEvents(tx, work.events)
  await enqueueAll(tx, work.effects, now)
  work.order = { ...order, version: order.version + 1 }
  return work.order
}

const writeClaims = async (tx: Tx, deps: IngestDeps, work: Changes, now: Millis): Promise<void> => {
  const { order } = work
  const keep = deps.libraries.get(order.libraryId).policy.withdrawnDays * 86_400_000
  for (const change of work.claims) {
    const { item, lineId } = change
    if (change.is === 'released') await releaseItem(tx, item, lineId)
    else if (change.is === 'withdrawn') await withdrawItem(tx, item, lineId, change.why, now + keep)
    else if (!(await takeItem(tx, item, { libraryId: order.libraryId, orderId: order.id, lineId })))
      throw new OrderChanged(`item ${item.libraryId}/${item.barcode} was taken meanwhile`)
  }
}

const messagesOf = (deps: IngestDeps, work: Changes, now: Millis): NewMessage[] =>
  work.tell.map(({ lineId, notice, reason }) => {
    const line = work.order.lines.find(l => l.id === lineId)!
    return {
      libraryId: work.order.libraryId,
      id: deps.ids.next(),
      patronId: work.order.patronId,
      orderId: work.order.id,
      lineId,
      notice,
      ...noticeFor(notice, line, work.order, deps.libraries, reason),
      at: now,
    }
  })

/** Notices of a cabinet as a whole: every line behind its doors brings one. */
const ofCabinets: readonly NoticeName[] = ['locker-away', 'locker-back']
const onceIn: Millis = 3_600_000

/** What a reader was told of a cabinet within the hour, word for word, is not told again for the next book in it. */
const notTwice = async (tx: Tx, messages: readonly NewMessage[], now: Millis): Promise<NewMessage[]> => {
  const fresh: NewMessage[] = []
  for (const one of messages) {
    const same = (other: { notice: string; body: Words }) =>
      other.notice === one.notice && other.body.zh === one.body.zh
    if (ofCabinets.some(notice => notice === one.notice)) {
      if (fresh.some(same) || (await messagesSince(tx, one, now - onceIn)).some(same)) continue
    }
    fresh.push(one)
  }
  return fresh
}

const sendEffect = (message: NewMessage, now: Millis): Effect => ({
  libraryId: message.libraryId,
  id: `${String(now).padStart(14, '0')}-${message.id}`,
  orderId: message.orderId ?? '',
  lineId: message.lineId ?? '',
  kind: 'notify.send',
  payload: { messageId: message.id, round: 0 },
  key: `${message.id}/notify.send`,
  queue: `notify:${message.libraryId}`,
  sequence: null,
  dueAt: now,
})
