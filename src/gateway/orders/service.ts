import type { Sighting } from '../../adapters/couriers/courier.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { OrderJson, OrderPageJson } from '../http/api/reader.ts'
import type { ScanResultJson, TodayJson, WorkRowJson } from '../http/api/staff.ts'
import { orderById } from '../store/orders.ts'
import { putAwayOf, reviveOf } from '../store/outbox.ts'
import { ordersOfParcel, parcelByNumber, parcelByWaybill } from '../store/parcels.ts'
import { workLineById } from '../store/work.ts'
import { type ActOn, type ActResult, act, findLine, locateLine } from './acts.ts'
import { checkTable } from './check-table.ts'
import type { RawEvidence } from './evidence.ts'
import type { Fact } from './implied.ts'
import type { Told } from './ingest.ts'
import { createIntake, type IntakeDeps } from './intake.ts'
import type { LineStatus, Order, ReturnWay } from './order.ts'
import type { Boundary } from './perform.ts'
import { placeOrder } from './place.ts'
import { checkTaker, type PlaceRequest } from './place-checks.ts'
import type { OrderPorts } from './ports.ts'
import { type Quote, quoteOrder } from './quote.ts'
import { type Scan, type ScanDeps, scan } from './scan.ts'
import { sightingEvidence } from './sightings.ts'
import { factOf, type StaffInput } from './staff-actions.ts'
import { standingAt } from './standing.ts'
import { steps } from './steps/index.ts'
import { createViews } from './views/views.ts'
import type { StaffAsk, WorkListName } from './views/work.ts'
import { createWatch } from './watch.ts'
import { createWorker, type Worker, type WorkerOptions } from './worker.ts'

export interface OrdersOptions
  extends Omit<IntakeDeps, 'boundary' | 'wake' | 'changed'>,
    Pick<WorkerOptions, 'lease' | 'poll' | 'concurrency' | 'alone' | 'patience' | 'others'> {
  readonly ports: OrderPorts
  readonly boundary?: Boundary
  /** Which record a barcode of a library belongs to; undefined for a barcode that nobody knows. */
  readonly recordOf: ScanDeps['recordOf']
  /** How long a scan waits for what the ILS says to it before it answers "noted". Default 4 s. */
  readonly answerWithin?: Millis
}

/** A reader's own line. */
export interface ReaderLine extends ActOn {
  readonly patronId: string
}

/** The heart of the gateway: orders are placed, evidence comes in, and everything else follows from the table. */
export interface Orders {
  readonly worker: Worker
  quote(request: Omit<PlaceRequest, 'key' | 'actor'>): Promise<Answer<Quote>>
  place(request: PlaceRequest): Promise<Answer<{ readonly order: Order; readonly replayed: boolean }>>
  /** Evidence of couriers, lockers, staff and hooks, each with its own id. Twice is harmless. */
  ingest(evidence: readonly RawEvidence[]): Promise<Answer<readonly Told[]>>
  /** What a carrier saw; `refused/unknown-parcel` when it is none of ours. */
  sighted(courier: string, sighting: Sighting): Promise<Answer<readonly Told[]>>
  cancel(on: ReaderLine): Promise<Answer<ActResult>>
  renew(on: ReaderLine): Promise<Answer<ActResult>>
  requestReturn(on: ReaderLine, way: WantedReturn): Promise<Answer<ActResult>>
  cancelReturn(on: ReaderLine): Promise<Answer<ActResult>>
  /** `toPatronId` has shown card and PIN on the spot. */
  transfer(on: ReaderLine, toPatronId: string): Promise<Answer<ActResult>>
  /** An order as its reader sees it; undefined when there is none of this reader. */
  view(of: {
    readonly libraryId: string
    readonly orderId: string
    readonly patronId?: string
  }): Promise<OrderJson | undefined>
  /** A reader's orders, newest first. */
  page(
    who: { readonly libraryId: string; readonly patronId: string },
    page: { readonly state: 'open' | 'closed'; readonly cursor?: string | undefined; readonly limit: number },
  ): Promise<OrderPageJson>
  /** A staff list in walking order. */
  work(list: WorkListName, ask: StaffAsk): Promise<readonly WorkRowJson[]>
  today(ask: StaffAsk): Promise<TodayJson>
  /** Any code that staff scan: the right thing happens, or it is said why not. */
  scan(ask: Scan): Promise<ScanResultJson>
  /** A button of the staff pages, by the name of its action. */
  staffAct(
    on: { readonly lineId: string; readonly libraryId: string; readonly actor: string },
    action: string,
    input: StaffInput,
  ): Promise<Answer<ActResult>>
}

/** How a reader wants to give it back; the courier is the library's choice. */
export type WantedReturn =
  | { readonly way: 'courier'; readonly addressId: string }
  | { readonly way: 'branch'; readonly branchId: string }
  | { readonly way: 'locker'; readonly lockerId: string }

/** Throws when the table of states is wrong. The worker stands still until it is started. */
export const createOrders = (options: OrdersOptions): Orders => {
  checkTable()
  const { store, clock, ids, ports } = options
  const boundary = options.boundary ?? (() => {})
  let worker: Worker | undefined
  const watch = createWatch(clock, options.answerWithin ?? 4000)
  const deps: IntakeDeps = {
    ...options,
    boundary,
    wake: () => worker?.wake(),
    changed: change => {
      watch.changed()
      ports.changed?.(change)
    },
  }
  const intake = createIntake(deps)
  worker = createWorker({
    ...options,
    boundary,
    steps,
    ingest: async (tx, after, evidence, known) => {
      await intake.takeInTx(tx, after, evidence, known)
    },
  })
  const placing = {
    store,
    clock,
    ids,
    ports,
    boundary,
    placed: (order: Order) => {
      deps.changed(placedChange(order))
      deps.wake()
    },
  }

  const wish = async (on: ReaderLine, fact: Fact): Promise<Answer<ActResult>> => {
    const found = await findLine(deps, on, on.patronId)
    return found.ok ? act(deps, intake, found.value, fact, { source: 'reader', actor: on.actor }) : found
  }

  return {
    worker,
    quote: request => quoteOrder(placing, request),
    place: async request => {
      await boundary('before place')
      const answer = await placeOrder(placing, request)
      await boundary('after place')
      return answer
    },
    ingest: intake.take,
    sighted: async (courier, sighting) => {
      const number =
        sighting.parcelNumber ?? (await parcelByWaybill(store.db, courier, sighting.waybill))?.number
      const parcel = number === undefined ? undefined : await parcelByNumber(store.db, number)
      if (number === undefined || parcel?.courier !== courier) return no(unknownParcel)
      const evidence: RawEvidence[] = []
      for (const { libraryId, orderId } of await ordersOfParcel(store.db, number)) {
        const order = await orderById(store.db, libraryId, orderId)
        if (order) evidence.push(...sightingEvidence(courier, sighting, number, order, clock.now()))
      }
      return intake.take(evidence)
    },
    cancel: on => wish(on, { what: 'cancel-requested', data: { by: 'reader' } }),
    renew: on => wish(on, { what: 'renew-requested', data: {} }),
    cancelReturn: on => wish(on, { what: 'return-request-cancelled', data: {} }),
    transfer: async (on, toPatronId) => {
      if (toPatronId === on.patronId) return no(toOneself)
      const taker = { libraryId: on.libraryId, patronId: toPatronId }
      const refusal = await checkTaker(store.db, { ports }, taker, clock.now())
      if (refusal) return no(refusal)
      return wish(on, { what: 'transfer-requested', data: { toPatronId } })
    },
    requestReturn: async (on, wanted) => {
      const way = await returnWay(ports, on, wanted)
      return way.ok ? wish(on, { what: 'return-requested', data: { way: way.value } }) : way
    },
    ...createViews(options),
    scan: ask => {
      const settled = (lineId: string, from: LineStatus): Promise<void> =>
        watch.until(async () => (await workLineById(store.db, lineId))?.line.status !== from)
      return scan({ ...deps, recordOf: options.recordOf, settled }, intake, ask)
    },
    staffAct: async (on, action, input) => {
      const found = await locateLine(deps, on.lineId, on.libraryId)
      if (!found.ok) return found
      const { order, line } = found.value
      const who = { source: 'staff', actor: on.actor } as const
      if (action === 'retry') {
        await store.tx(tx => reviveOf(tx, order.libraryId, line.id, clock.now()))
        return act(deps, intake, found.value, { what: 'trouble-settled', data: { byHand: false } }, who)
      }
      const branchId = input.branchId ?? standingAt(ports.libraries, on.libraryId, line, order)
      const fact = factOf(action, line, order, { ...input, branchId })
      const answer = fact.ok ? await act(deps, intake, found.value, fact.value, who) : fact
      if (action === 'settled-by-hand') await store.tx(tx => putAwayOf(tx, order.libraryId, line.id))
      return answer
    },
  }
}

const returnWay = async (
  ports: OrderPorts,
  on: ReaderLine,
  wanted: WantedReturn,
): Promise<Answer<ReturnWay>> => {
  if (wanted.way === 'branch') ports.libraries.branch(wanted.branchId)
  if (wanted.way === 'locker') ports.libraries.locker(wanted.lockerId)
  if (wanted.way !== 'courier') return yes(wanted)
  const address = await ports.readers.address(on.libraryId, on.patronId, wanted.addressId)
  if (!address) return no(unknownAddress)
  return yes({ ...wanted, courier: ports.libraries.get(on.libraryId).policy.courier })
}

const placedChange = (order: Order) => ({
  libraryId: order.libraryId,
  orderId: order.id,
  patronId: order.patronId,
  version: order.version,
  suppliers: [...new Set(order.lines.map(l => l.supplierId))],
  message: false,
})

const unknownParcel = refused('unknown-parcel', { zh: '没有这个包裹。', en: 'There is no such parcel.' })
const toOneself = refused('transfer-to-oneself', {
  zh: '不能转借给自己。',
  en: 'A loan cannot be passed on to oneself.',
})
const unknownAddress = refused('unknown-address', {
  zh: '请先选择取件地址。',
  en: 'Please choose the address first.',
})
