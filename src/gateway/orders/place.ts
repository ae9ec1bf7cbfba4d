import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { type Answer, no, ProblemError, yes } from '../../kernel/problem.ts'
import type { Library } from '../libraries.ts'
import { takeItem } from '../store/claims.ts'
import type { Store, Tx } from '../store/db.ts'
import { appendEvents } from '../store/events.ts'
import { keptAnswer, onceInTx } from '../store/idempotency.ts'
import { insertOrder, nextNumber, orderById } from '../store/orders.ts'
import { enqueueAll } from '../store/outbox.ts'
import { chooseAgain, type Found, look, TakenMeanwhile } from './choose.ts'
import { contextOf } from './context.ts'
import { advance, type Moved } from './engine.ts'
import type { Evidence } from './evidence.ts'
import { localDay } from './local-day.ts'
import { newLine } from './new-line.ts'
import type { Delivery, FeeBreakdown, Line, Order } from './order.ts'
import type { Boundary } from './perform.ts'
import { checkDelivery, checkLimits, checkReader, checkSize, type PlaceRequest } from './place-checks.ts'
import { placeRefusals as refusals } from './place-words.ts'
import type { OrderPorts } from './ports.ts'
import { promisedAt } from './promise.ts'
import { itemOf } from './save.ts'

export interface PlaceDeps {
  readonly store: Store
  readonly clock: Clock
  readonly ids: Ids
  readonly ports: OrderPorts
  readonly boundary: Boundary
  /** Called after the commit. */
  readonly placed: (order: Order) => void
}

/** Times another copy is chosen because somebody else took the first one between the look and the claim. */
const chances = 3

/**
 * Places an order: eligibility, limits, items, fee and quota are decided in one transaction. While the ILS is away
 * the order is taken all the same and checked when it is back. The same key and wish give the same order.
 */
export const placeOrder = async (
  deps: PlaceDeps,
  request: PlaceRequest,
): Promise<Answer<{ readonly order: Order; readonly replayed: boolean }>> => {
  const { store, ports } = deps
  const library = ports.libraries.get(request.libraryId)
  const recordIds = [...new Set(request.recordIds)]
  const asked = idempotency({ ...request, recordIds })
  const kept = await keptAnswer(store.db, asked)
  if (kept) return replay(deps, request.libraryId, kept.answer)
  const delivery = await checkDelivery(deps, request, library)
  if (!delivery.ok) return delivery
  const size = checkSize(recordIds, library)
  if (size) return no(size)
  const checked = await checkReader(deps, request)
  if (!checked.ok) return checked
  const found = await look(ports, request.libraryId, recordIds, delivery.value, new Map())
  for (let chance = 1; ; chance++) {
    if (found.some(f => f.supply.record === null)) return no(refusals.unknownRecord())
    try {
      return await commit(deps, request, asked, delivery.value, found, checked.value)
    } catch (thrown) {
      if (thrown instanceof ProblemError) return no(thrown.problem)
      if (!(thrown instanceof TakenMeanwhile)) throw thrown
      await chooseAgain(ports, request.libraryId, delivery.value, found, thrown, chance < chances)
    }
  }
}

const idempotency = (request: PlaceRequest) => ({
  libraryId: request.libraryId,
  scope: `order:${request.patronId}`,
  key: request.key,
  body: JSON.stringify([request.recordIds, request.delivery]),
})

const replay = async (
  { store }: PlaceDeps,
  libraryId: string,
  answer: unknown,
): Promise<Answer<{ order: Order; replayed: boolean }>> => {
  const order = await orderById(store.db, libraryId, (answer as { orderId: string }).orderId)
  if (!order) throw new Error('an order was placed under this key and is gone')
  return yes({ order, replayed: true })
}

const commit = async (
  deps: PlaceDeps,
  request: PlaceRequest,
  asked: ReturnType<typeof idempotency>,
  delivery: Delivery,
  found: readonly Found[],
  { checked }: { checked: boolean },
): Promise<Answer<{ order: Order; replayed: boolean }>> => {
  const now = deps.clock.now()
  let order: Order | undefined
  const kept = await deps.store.tx(async (tx, after) => {
    order = undefined
    return onceInTx(tx, asked, now, async () => {
      order = await place(tx, deps, request, delivery, found, checked, now)
      after(() => deps.placed(order!))
      await deps.boundary('in place')
      return { status: 201, answer: { orderId: order.id } }
    })
  })
  return order ? yes({ order, replayed: false }) : replay(deps, request.libraryId, kept.answer)
}

const place = async (
  tx: Tx,
  deps: PlaceDeps,
  request: PlaceRequest,
  delivery: Delivery,
  found: readonly Found[],
  checked: boolean,
  now: Millis,
): Promise<Order> => {
  const library = deps.ports.libraries.get(request.libraryId)
  await checkLimits(tx, deps, request, found, library, now)
  const id = deps.ids.next()
  const parcels = Math.ceil(found.length / library.policy.itemsPerParcel)
  const { libraryId, patronId } = request
  const fee = await deps.ports.fees.decide(tx, {
    libraryId,
    orderId: id,
    patronId,
    delivery,
    items: found.length,
    parcels,
    at: now,
  })
  if (fee.due > (request.dueAtMost ?? fee.due)) throw new ProblemError(refusals.dearer(fee.due))
  const number = await nextNumber(tx, libraryId, localDay(now, library.zone))
  const draft = draftOrder(deps, { id, number, fee, request, delivery, found, library, now })
  const moves = draft.lines.map(line => submit(deps, draft, line, checked, request.actor, now))
  const order = { ...draft, lines: moves.map(m => m.line) }
  await claimItems(tx, order)
  await insertOrder(tx, order)
  await appendEvents(tx, [
    event(deps, order, null, 'order.placed', { delivery, items: found.length, checked }, request.actor, now),
    ...moves.map(m =>
      event(
        deps,
        order,
        m.line.id,
        'line.submitted',
        { from: 'requested', path: m.move.path, round: 0 },
        request.actor,
        now,
      ),
    ),
  ])
  await enqueueAll(
    tx,
    moves.flatMap(m => m.effects),
    now,
  )
  return order
}

const event = (
  deps: PlaceDeps,
  order: Order,
  lineId: string | null,
  kind: string,
  data: Readonly<Record<string, unknown>>,
  actor: string,
  now: Millis,
) => ({
  libraryId: order.libraryId,
  id: deps.ids.next(),
  orderId: order.id,
  lineId,
  kind,
  at: now,
  recordedAt: now,
  actor,
  source: actor.startsWith('staff') ? 'staff' : 'reader',
  data,
})

const draftOrder = (
  deps: PlaceDeps,
  from: {
    readonly id: string
    readonly number: string
    readonly fee: FeeBreakdown
    readonly request: PlaceRequest
    readonly delivery: Delivery
    readonly found: readonly Found[]
    readonly library: Library
    readonly now: Millis
  },
): Order => {
  const { id, number, fee, request, delivery, found, library, now } = from
  const lines = found.map(({ recordId, supply, tried }, position) => ({
    ...newLine({
      id: deps.ids.next(),
      orderId: id,
      libraryId: request.libraryId,
      recordId,
      position,
      parcel: 1 + Math.floor(position / library.policy.itemsPerParcel),
      supply,
      fallbackBranchId: library.branches[0]!.id,
      at: now,
    }),
    tried,
  }))
  return {
    id,
    number,
    libraryId: request.libraryId,
    patronId: request.patronId,
    delivery,
    fee,
    feeState: 'granted',
    promisedAt: latest(lines.map(line => promisedAt({ ...line, delivery, at: now }, deps.ports.libraries))),
    createdAt: now,
    version: 1,
    lines,
  }
}

const latest = (instants: readonly (Millis | null)[]): Millis | null => {
  const known = instants.filter(i => i !== null)
  return known.length === 0 ? null : Math.max(...known)
}

const submit = (
  deps: PlaceDeps,
  order: Order,
  line: Line,
  checked: boolean,
  actor: string,
  now: Millis,
): Moved => {
  const evidence: Evidence = {
    id: `submitted:${line.id}`,
    libraryId: order.libraryId,
    orderId: order.id,
    lineId: line.id,
    source: actor.startsWith('staff') ? 'staff' : 'reader',
    what: 'submitted',
    at: now,
    receivedAt: now,
    data: { checked },
  }
  const verdict = advance(line, order, evidence, contextOf(deps.ports.libraries, order.libraryId))
  if (verdict.is !== 'moved') throw new Error(`a new line was ${verdict.is}: ${verdict.reason}`)
  return verdict
}

const claimItems = async (tx: Tx, order: Order): Promise<void> => {
  const taken: string[] = []
  for (const line of order.lines) {
    const item = itemOf(line)
    if (!item) continue
    const holder = { libraryId: order.libraryId, orderId: order.id, lineId: line.id }
    if (!(await takeItem(tx, item, holder))) taken.push(line.recordId)
  }
  if (taken.length > 0) throw new TakenMeanwhile(taken)
}
