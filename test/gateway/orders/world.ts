import { sql } from 'kysely'
import { expect } from 'vitest'
import type { Courier, Parcel } from '../../../src/adapters/couriers/courier.ts'
import { createSupply } from '../../../src/gateway/ill/supply.ts'
import { createLibraries, type Library } from '../../../src/gateway/libraries.ts'
import type { What } from '../../../src/gateway/orders/evidence.ts'
import type { Line, Order } from '../../../src/gateway/orders/order.ts'
import type { Boundary } from '../../../src/gateway/orders/perform.ts'
import type { WantedDelivery } from '../../../src/gateway/orders/place-checks.ts'
import { defaultPolicy, type OrderPolicy } from '../../../src/gateway/orders/policy.ts'
import type { Changed, Copy, Fees, OrderPorts } from '../../../src/gateway/orders/ports.ts'
import { createOrders, type Orders } from '../../../src/gateway/orders/service.ts'
import type { Store } from '../../../src/gateway/store/db.ts'
import { orderById } from '../../../src/gateway/store/orders.ts'
import type { ManualClock } from '../../../src/kernel/clock.ts'
import { chinaHolidays } from '../../../src/kernel/holidays.ts'
import type { Ids } from '../../../src/kernel/ids.ts'
import { orThrow, refused, yes } from '../../../src/kernel/problem.ts'
import { WorkingTime } from '../../../src/kernel/working-time.ts'
import { ModelIls } from './model-ils.ts'

const everyDay = ['09:00', '17:00'] as const
const hours = () =>
  new WorkingTime({
    zone: 'Asia/Shanghai',
    weekly: {
      1: [everyDay],
      2: [everyDay],
      3: [everyDay],
      4: [everyDay],
      5: [everyDay],
      6: [everyDay],
      7: [everyDay],
    },
    holidays: chinaHolidays,
    onHoliday: 'as-usual',
  })
const name = (zh: string) => ({ zh, en: zh })

const branch = (id: string, libraryId: string) => ({
  id,
  libraryId,
  name: name(id),
  hours: hours(),
  hoursText: name('每天'),
  address: '某路 1 号',
  locations: [id.toUpperCase()],
  shelving: 'open' as const,
})
const locker = (id: string, libraryId: string) => ({
  id,
  libraryId,
  name: name(id),
  hours: hours(),
  hoursText: name('每天'),
  place: '门口',
  bus: 'bus',
  compartments: [],
})
const library = (id: string, policy: Partial<OrderPolicy>): Library => ({
  id,
  name: name(id),
  phone: '0512-00000000',
  zone: 'Asia/Shanghai',
  divisionCode: '320508',
  region: { province: '江苏省', city: '苏州市', district: '姑苏区' },
  policyPack: 'jincheng',
  tariff: 'suzhou',
  policy: { ...defaultPolicy, ...policy },
  hours: hours(),
  branches: [branch(`${id}-main`, id), branch(`${id}-east`, id)],
  lockers: [locker(`${id}-locker`, id)],
})

const contact = {
  name: '某',
  phone: '000',
  province: '江苏省',
  city: '苏州市',
  district: '姑苏区',
  address: '某路',
}

/** Everything outside the gateway, as it is in truth. It outlives every crash of the gateway. */
export interface Outside {
  readonly ils: { readonly home: ModelIls; readonly away: ModelIls }
  readonly compartments: Map<string, { readonly id: string; state: 'reserved' | 'expired' }>
  readonly freeCompartments: { count: number; away?: boolean }
  readonly booked: Map<string, Parcel>
  readonly cancelled: string[]
  readonly credit: Map<string, string>
  readonly copies: Map<string, Copy[]>
}

const copy = (supplierId: string, barcode: string, at = 'main'): Copy => ({
  supplierId,
  branchId: `${supplierId}-${at}`,
  barcode,
  shelving: 'open',
  callNumber: 'I247',
  location: at.toUpperCase(),
})

/** Two libraries that lend to each other. `home` has r1 (H1, H2 in main, H3 in east), r2 (H4), r3 (H5); `away` r1 (A1), r4 (A4). */
export const outside = (clock: ManualClock): Outside => {
  const home = new ModelIls('home', clock)
  const away = new ModelIls('away', clock)
  const copies = new Map<string, Copy[]>([
    ['r1', [copy('home', 'H1'), copy('home', 'H2'), copy('home', 'H3', 'east'), copy('away', 'A1')]],
    ['r2', [copy('home', 'H4')]],
    ['r3', [copy('home', 'H5')]],
    ['r4', [copy('away', 'A4')]],
  ])
  for (const [record, all] of copies)
    for (const c of all) (c.supplierId === 'home' ? home : away).addItem(c.barcode, `书 ${record}`)
  for (const card of ['C-p1', 'C-p2', 'C-p3']) home.addPatron(card)
  away.addPatron('INST-home')
  home.addPatron('INST-away')
  return {
    ils: { home, away },
    compartments: new Map(),
    freeCompartments: { count: 10 },
    booked: new Map(),
    cancelled: [],
    credit: new Map(),
    copies,
  }
}

/** Money and quota of the model, kept in the store itself, since they are decided in its transactions. */
export const modelFees = (store: Store, mood: { fail: boolean } = { fail: false }): Fees => {
  const fee = { tariff: 500, tierDiscount: 0, concession: 0, subsidy: 200, due: 300, why: [] }
  const once = async (column: 'settled' | 'refunded' | 'released', orderId: string, key: string) => {
    await store.tx(async tx => {
      const known = await sql`select 1 from model_key where id = ${key}`.execute(tx)
      if (known.rows.length > 0) return
      await sql`insert into model_key (id) values (${key})`.execute(tx)
      await sql`update model_fee set ${sql.ref(column)} = ${sql.ref(column)} + 1 where order_id = ${orderId}`.execute(
        tx,
      )
    })
    return yes(undefined)
  }
  return {
    quote: async () => fee,
    decide: async (tx, ask) => {
      if (mood.fail) throw new Error('no money today')
      await sql`insert into model_fee (order_id, settled, refunded, released) values (${ask.orderId}, 0, 0, 0)`.execute(
        tx,
      )
      return fee
    },
    settle: act => once('settled', act.order.id, act.key),
    refund: act => once('refunded', act.order.id, act.key),
    releaseQuota: act => once('released', act.order.id, act.key),
  }
}

export interface FeeRow {
  readonly order_id: string
  readonly settled: number
  readonly refunded: number
  readonly released: number
}
export const feeRows = async (store: Store): Promise<readonly FeeRow[]> =>
  (await sql<FeeRow>`select * from model_fee order by order_id`.execute(store.db)).rows

export const prepareModel = async (store: Store): Promise<void> => {
  await sql`create table model_fee (order_id text primary key, settled int, refunded int, released int)`.execute(
    store.db,
  )
  await sql`create table model_key (id text primary key)`.execute(store.db)
}

export interface World {
  readonly orders: Orders
  readonly out: Outside
  readonly store: Store
  readonly clock: ManualClock
  readonly changes: Changed[]
  /** Lets the decision about the fee fail. */
  readonly fees: { fail: boolean }
  /** Places an order of patron p1 and works until nothing is due. */
  place(options?: Partial<Wanted>): Promise<Order>
  order(id: string): Promise<Order>
  line(order: { readonly id: string }, position?: number): Promise<Line>
  /** Staff press a button, and everything due is worked off. */
  staff(order: { readonly id: string }, action: string, input?: StaffPress): Promise<Line>
  /** Any other evidence about a line. */
  tell(
    order: { readonly id: string },
    source: 'courier' | 'locker' | 'timer' | 'staff',
    what: What,
    data?: Record<string, unknown>,
    more?: { readonly id?: string; readonly at?: number; readonly position?: number },
  ): Promise<Line>
  idle(): Promise<void>
}
type StaffPress = Parameters<Orders['staffAct']>[2] & {
  readonly position?: number
  readonly libraryId?: string
}
export interface Wanted {
  readonly patronId: string
  readonly recordIds: readonly string[]
  readonly delivery: WantedDelivery
  readonly key: string
}

export const toLocker: WantedDelivery = { way: 'locker', lockerId: 'home-locker' }
export const toBranch: WantedDelivery = { way: 'branch', branchId: 'home-main' }
export const toHome: WantedDelivery = { way: 'home', addressId: 'a1' }

export interface WorldOptions {
  readonly store: Store
  readonly clock: ManualClock
  readonly ids: Ids
  readonly out: Outside
  readonly policy?: Partial<OrderPolicy>
  readonly boundary?: Boundary
  readonly maxItems?: number | null
  /** How long a scan waits for the ILS; not at all when left out. */
  readonly answerWithin?: number
  readonly concurrency?: number
}

/** The gateway's order service over the model outside. Made again over the same store and outside, it goes on. */
export const world = (options: WorldOptions): World => {
  const { store, clock, ids, out, policy = {} } = options
  const libraries = createLibraries([library('home', policy), library('away', policy)], ['home', 'away'])
  const ils = (id: string) => (id === 'home' ? out.ils.home : out.ils.away)
  const changes: Changed[] = []
  const fees = { fail: false }
  const ports: OrderPorts = {
    libraries,
    ils,
    supply: createSupply({
      store,
      clock,
      libraries,
      ils,
      holdings: {
        copies: async id => {
          const copies = out.copies.get(id)
          return copies && { title: `书 ${id}`, author: null, clc: null, copies }
        },
      },
    }),
    lockers: modelLockers(out),
    couriers: { get: () => modelCourier(out) },
    sender: () => contact,
    fees: modelFees(store, fees),
    credit: {
      record: async act => {
        out.credit.set(act.key, `${act.fact} ${act.patronId} ${act.lineId}`)
        return yes(undefined)
      },
    },
    readers: {
      card: async (libraryId, patronId, at) => (at === libraryId ? `C-${patronId}` : undefined),
      standing: async () => ({ frozenUntil: null, maxItems: options.maxItems ?? null }),
      maskedNames: async (_library, patronIds) => new Map(patronIds.map(id => [id, '李**'])),
      address: async (_library, _patron, addressId) => (addressId === 'a1' ? contact : undefined),
    },
    institutionCard: borrower => `INST-${borrower}`,
    changed: change => changes.push(change),
  }
  const { boundary } = options
  const orders = createOrders({
    store,
    clock,
    ids,
    ports,
    alone: true,
    answerWithin: options.answerWithin ?? 0,
    recordOf: async (libraryId, barcode) =>
      [...out.copies].find(([, all]) =>
        all.some(c => c.barcode === barcode && c.supplierId === libraryId),
      )?.[0],
    ...(boundary ? { boundary } : {}),
    ...(options.concurrency ? { concurrency: options.concurrency } : {}),
  })
  const idle = () => orders.worker.untilIdle()
  const order = async (id: string): Promise<Order> => {
    const found = await orderById(store.db, 'home', id)
    if (!found) throw new Error(`no order ${id}`)
    return found
  }
  const line = async (of: { readonly id: string }, position = 0): Promise<Line> =>
    (await order(of.id)).lines[position]!
  let keys = 0
  return {
    orders,
    out,
    store,
    clock,
    changes,
    fees,
    order,
    line,
    idle,
    place: async ({ patronId = 'p1', recordIds = ['r1'], delivery = toLocker, key } = {}) => {
      const request = {
        libraryId: 'home',
        patronId,
        recordIds,
        delivery,
        key: key ?? `key-${patronId}-${++keys}`,
      }
      const placed = orThrow(await orders.place({ ...request, actor: `reader:${patronId}` }))
      await idle()
      return order(placed.order.id)
    },
    staff: async (of, action, { position = 0, libraryId = 'home', ...input } = {}) => {
      const { id } = await line(of, position)
      orThrow(await orders.staffAct({ lineId: id, libraryId, actor: 'staff:s1' }, action, input))
      await idle()
      return line(of, position)
    },
    tell: async (of, source, what, data = {}, { id = ids.next(), at = clock.now(), position = 0 } = {}) => {
      const { id: lineId } = await line(of, position)
      const told = await orders.ingest([
        { id, libraryId: 'home', orderId: of.id, lineId, source, what, at, receivedAt: clock.now(), data },
      ])
      orThrow(told)
      await idle()
      return line(of, position)
    },
  }
}

const modelLockers = (out: Outside): OrderPorts['lockers'] => ({
  reserve: async (_tx, { parcel }) => {
    const kept = out.compartments.get(parcel)
    if (kept) return yes({ compartmentId: kept.id })
    if (out.freeCompartments.away) return { ok: false, problem: refused('locker-offline', name('柜离线')) }
    if (out.compartments.size >= out.freeCompartments.count)
      return { ok: false, problem: refused('locker-full', name('柜满')) }
    const id = `K${out.compartments.size + 1}-${parcel}`.slice(0, 60)
    out.compartments.set(parcel, { id, state: 'reserved' })
    return yes({ compartmentId: id })
  },
  deskFor: () => 'home-main',
  release: async (_tx, _library, parcel) => {
    out.compartments.delete(parcel)
  },
  expire: async (_tx, _library, parcel) => {
    const kept = out.compartments.get(parcel)
    if (kept) kept.state = 'expired'
  },
})

const modelCourier = (out: Outside): Courier => ({
  name: 'sf',
  book: async parcel => {
    const already = out.booked.has(parcel.number)
    out.booked.set(parcel.number, parcel)
    return yes({ waybill: `SF-${parcel.number}`, already })
  },
  cancel: async number => {
    out.cancelled.push(number)
    return yes(undefined)
  },
})

/** Walks one line to where a test wants to begin. */
export const walk = async (
  w: World,
  order: Order,
  to: 'found' | 'packed' | 'ready' | 'on_loan',
): Promise<Line> => {
  await w.staff(order, 'found')
  if (to === 'found') return w.line(order)
  const packed = await w.staff(order, 'pack')
  if (to === 'packed') return packed
  const { delivery } = order
  if (delivery.way === 'home') {
    await w.staff(order, 'send')
    return w.tell(order, 'courier', 'delivered', parcelOf(packed))
  }
  if (delivery.way === 'branch') await w.staff(order, 'at-branch')
  else {
    const place = { lockerId: delivery.lockerId, compartmentId: (await w.line(order)).compartmentId ?? 'K' }
    await w.tell(order, 'locker', 'put-in-locker', { ...place, ...parcelOf(packed) })
  }
  if (to === 'ready') return w.line(order)
  return collect(w, order)
}

const parcelOf = (line: Line) => (line.parcelNumber === null ? {} : { parcelNumber: line.parcelNumber })

/** The reader takes it; the locker's compartment is free again by its own doing. */
export const collect = async (w: World, order: Order): Promise<Line> => {
  const line = await w.line(order)
  if (order.delivery.way !== 'locker') return w.staff(order, 'hand-over')
  const after = await w.tell(order, 'locker', 'collected', {
    lockerId: order.delivery.lockerId,
    ...parcelOf(line),
  })
  if (line.parcelNumber !== null) w.out.compartments.delete(line.parcelNumber)
  return after
}

/** The statuses a line has been in, from its events. */
export const pathOf = async (w: Pick<World, 'store'>, order: { readonly id: string }, lineId?: string) => {
  const rows = await w.store.db
    .selectFrom('event')
    .select(['kind', 'data', 'line_id'])
    .where('order_id', '=', order.id)
    .where('kind', 'like', 'line.%')
    .orderBy('id')
    .execute()
  return rows
    .filter(r => lineId === undefined || r.line_id === lineId)
    .flatMap(r => (JSON.parse(r.data) as { path: string[] }).path)
}

export const expectStatus = (line: Line, status: Line['status']): void => {
  expect(line.status, JSON.stringify({ trouble: line.trouble, pending: line.pending })).toBe(status)
}
