import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { Store } from '../store/db.ts'
import { orderById, placeOfLine } from '../store/orders.ts'
import type { Source } from './evidence.ts'
import { type Fact, withImplied } from './implied.ts'
import type { Told } from './ingest.ts'
import type { Intake, IntakeDeps } from './intake.ts'
import { houseOf } from './lying.ts'
import type { Line, Order } from './order.ts'
import type { OrderPorts } from './ports.ts'
import { refusals } from './words.ts'

/** Who asks, and which line is meant. */
export interface ActOn {
  readonly libraryId: string
  readonly orderId: string
  readonly lineId: string
  /** `reader:<id>`, `staff:<id>`. */
  readonly actor: string
}

/** What became of it: done now, or noted until the step before is done. */
export interface ActResult {
  readonly order: Order
  readonly line: Line
  readonly is: 'moved' | 'waiting'
}

export const unknownLine = refused('unknown-line', { zh: '没有这一册。', en: 'There is no such item.' })

/** The order and the line; a refusal when they are not there, or not the reader's. */
export const findLine = async (
  { store }: Pick<IntakeDeps, 'store'>,
  on: Pick<ActOn, 'libraryId' | 'orderId' | 'lineId'>,
  patronId?: string,
): Promise<Answer<{ order: Order; line: Line }>> => {
  const order = await orderById(store.db, on.libraryId, on.orderId)
  const line = order?.lines.find(l => l.id === on.lineId)
  if (!order || !line || (patronId !== undefined && order.patronId !== patronId)) return no(unknownLine)
  return yes({ order, line })
}

/**
 * Where a line is, by its id alone: staff act on what their library supplies, on what its readers asked for, and on
 * what lies in its house.
 */
export const locateLine = async (
  { store, ports }: { readonly store: Store; readonly ports: Pick<OrderPorts, 'libraries'> },
  lineId: string,
  staffLibraryId: string,
): Promise<Answer<{ order: Order; line: Line }>> => {
  const found = await placeOfLine(store.db, lineId)
  if (!found) return no(unknownLine)
  const { library_id: libraryId, order_id: orderId, supplier_id: supplierId, place_id: place } = found
  const house = place === null ? undefined : houseOf(ports.libraries, place)
  return [libraryId, supplierId, house].includes(staffLibraryId)
    ? findLine({ store }, { libraryId, orderId, lineId })
    : no(unknownLine)
}

/** Tells the engine what somebody saw or wants, with the steps that this implies, and answers in words. */
export const act = async (
  deps: IntakeDeps,
  intake: Intake,
  at: { readonly order: Order; readonly line: Line },
  fact: Fact,
  who: { readonly source: Source; readonly actor: string },
): Promise<Answer<ActResult>> => {
  const now = deps.clock.now()
  const { order, line } = at
  const policy = deps.ports.libraries.get(order.libraryId).policy
  const facts = who.source === 'staff' ? withImplied(line, order, fact, policy) : [fact]
  const told = await intake.take(
    facts.map(({ what, data }) => ({
      id: deps.ids.next(),
      libraryId: order.libraryId,
      orderId: order.id,
      lineId: line.id,
      source: who.source,
      what,
      at: now,
      receivedAt: now,
      data: { ...data, round: line.round, actor: who.actor },
    })),
    order,
  )
  return told.ok ? resultOf(told.value.at(-1)!) : told
}

/** Evidence that did nothing is a refusal to the one who brought it. */
export const resultOf = ({ is, reason, order, line }: Told): Answer<ActResult> => {
  if (is === 'moved' || is === 'waiting') return yes({ order, line, is })
  const name = reason ?? 'not-now'
  return no(refused(name, refusals[name]))
}
