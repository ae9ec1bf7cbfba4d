import type { Courier } from '../../../src/adapters/couriers/courier.ts'
import { createOwnVan } from '../../../src/adapters/couriers/own-van.ts'
import type { Ils, IlsPatron, PatronQuery } from '../../../src/adapters/ils/ils.ts'
import { cardControl } from '../../../src/gateway/bindings/cards.ts'
import { bindCredit } from '../../../src/gateway/bindings/credit.ts'
import { bindFees } from '../../../src/gateway/bindings/fees.ts'
import { ordersOf } from '../../../src/gateway/bindings/here.ts'
import { bindHoldings } from '../../../src/gateway/bindings/holdings.ts'
import { askItemStatus } from '../../../src/gateway/bindings/item-status.ts'
import { kioskLookups } from '../../../src/gateway/bindings/kiosk.ts'
import { bindLockers } from '../../../src/gateway/bindings/lockers.ts'
import { addressOf, bindReaders } from '../../../src/gateway/bindings/readers.ts'
import { createKnowledge } from '../../../src/gateway/catalogue/knowledge.ts'
import { findByBarcode } from '../../../src/gateway/catalogue/record.ts'
import { searchRecords } from '../../../src/gateway/catalogue/search.ts'
import { createPushes, sightedEffect } from '../../../src/gateway/couriers/pushes.ts'
import { performSighted } from '../../../src/gateway/couriers/sighted.ts'
import { consentText } from '../../../src/gateway/credit/consents.ts'
import { createCredit } from '../../../src/gateway/credit/credit.ts'
import { jincheng } from '../../../src/gateway/credit/packs/jincheng.ts'
import type { Pool } from '../../../src/gateway/fees/pools.ts'
import { suzhou } from '../../../src/gateway/fees/tariffs.ts'
import type { Deps } from '../../../src/gateway/http/deps.ts'
import { hereRoutes } from '../../../src/gateway/http/routes/here.ts'
import { hookRoutes } from '../../../src/gateway/http/routes/hooks.ts'
import { kioskRoutes } from '../../../src/gateway/http/routes/kiosk.ts'
import { lockerCareRoutes } from '../../../src/gateway/http/routes/locker-care.ts'
import { meRoutes } from '../../../src/gateway/http/routes/me.ts'
import { officeRoutes } from '../../../src/gateway/http/routes/office.ts'
import { openRoutes } from '../../../src/gateway/http/routes/open.ts'
import { orderRoutes } from '../../../src/gateway/http/routes/orders.ts'
import { sessionRoutes } from '../../../src/gateway/http/routes/session.ts'
import { staffRoutes } from '../../../src/gateway/http/routes/staff.ts'
import { staffLockerRoutes } from '../../../src/gateway/http/routes/staff-lockers.ts'
import { createSupply } from '../../../src/gateway/ill/supply.ts'
import { createLibraries, type Library } from '../../../src/gateway/libraries.ts'
import { createLockers, type Lockers } from '../../../src/gateway/lockers/lockers.ts'
import type { Line } from '../../../src/gateway/orders/order.ts'
import { defaultPolicy, type OrderPolicy } from '../../../src/gateway/orders/policy.ts'
import type { OrderPorts } from '../../../src/gateway/orders/ports.ts'
import { createOrders, type Orders } from '../../../src/gateway/orders/service.ts'
import { createManualWork } from '../../../src/gateway/readers/manual-work.ts'
import { createReaders } from '../../../src/gateway/readers/readers.ts'
import { orderById } from '../../../src/gateway/store/orders.ts'
import { rememberPatron } from '../../../src/gateway/store/patrons.ts'
import { startSession } from '../../../src/gateway/store/sessions.ts'
import { addUser, type StaffRole } from '../../../src/gateway/store/users.ts'
import { noHolidays } from '../../../src/kernel/holidays.ts'
import { type Answer, orThrow } from '../../../src/kernel/problem.ts'
import { WorkingTime } from '../../../src/kernel/working-time.ts'
import { type TestApp, testApp } from '../../harness/app.ts'
import { book, bring, copies } from '../catalogue/books.ts'
import { handDriver } from '../lockers/hand-driver.ts'
import { boards, layout } from '../lockers/rig.ts'
import { ModelIls } from '../orders/model-ils.ts'

/** A library system that can check PINs: everybody's is 1234. */
export class PinIls extends ModelIls {
  readonly names = new Map<string, string>()

  override async patron(query: PatronQuery): Promise<Answer<IlsPatron>> {
    const answer = await super.patron(query)
    if (!answer.ok) return answer
    const pinValid = query.pin === undefined ? null : answer.value.valid && query.pin === '1234'
    return { ok: true, value: { ...answer.value, name: this.names.get(query.card) ?? '读者', pinValid } }
  }
}

const zone = 'Asia/Shanghai'
const weekly = Object.fromEntries([1, 2, 3, 4, 5, 6, 7].map(d => [d, [['09:00', '21:00']]]))
const hours = new WorkingTime({ zone, holidays: noHolidays, weekly })
const hoursText = { zh: '每天 09:00–21:00', en: 'daily 09:00–21:00' }
const names: Record<string, string> = { sucheng: '苏城图书馆', wujiang: '吴江图书馆' }

const library = (id: string, policy: Partial<OrderPolicy>): Library => {
  const branch = (at: string, zh: string) => ({
    id: `${id}-${at}`,
    libraryId: id,
    name: { zh, en: at },
    hours,
    hoursText,
    address: '人民路 1 号',
    locations: [at.toUpperCase()],
    shelving: 'open' as const,
    lat: 31.3,
    lng: 120.6,
  })
  return {
    id,
    name: { zh: names[id]!, en: id },
    phone: '0512-00000001',
    zone,
    divisionCode: '320508',
    region: { province: '江苏省', city: '苏州市', district: '姑苏区' },
    policyPack: 'jincheng',
    tariff: 'suzhou',
    policy: { ...defaultPolicy, ...policy },
    hours,
    branches: [branch('main', '总馆'), branch('east', '东馆')],
    lockers:
      id === 'sucheng'
        ? [
            {
              id: 'guanqian',
              libraryId: id,
              name: { zh: '观前街柜', en: 'Guanqian Street' },
              place: '观前街 1 号',
              hours,
              hoursText,
              bus: 'a',
              compartments: layout,
            },
          ]
        : [],
  }
}

export interface Who {
  readonly patronId: string
  readonly headers: Record<string, string>
}
export interface TestGateway extends TestApp {
  readonly ils: Readonly<Record<'sucheng' | 'wujiang', PinIls>>
  readonly orders: Orders
  readonly hand: ReturnType<typeof handDriver>
  readonly lockers: Lockers
  /** Record id of a title. */
  record(title: string): Promise<string>
  /** A reader with a session, who has joined by card. */
  reader(card: string): Promise<Who>
  staff(libraryId?: string, role?: StaffRole): Promise<Record<string, string>>
  /** A JSON request of a page; throws what was refused, with status and code. */
  ask<T>(who: Record<string, string>, method: string, path: string, json?: unknown, key?: string): Promise<T>
  /** Places an order of one title and works off what is due. */
  order(who: Who, title: string, delivery?: object): Promise<{ readonly id: string; readonly lineId: string }>
  line(order: { readonly id: string; readonly lineId: string }): Promise<Line>
  /** Staff press a button, and what is due is worked off. */
  press(staff: Record<string, string>, lineId: string, action: string, input?: object): Promise<Pressed>
  /** Walks a line to the reader's hands over the desk of the main branch. */
  lend(staff: Record<string, string>, order: { readonly lineId: string }): Promise<void>
  idle(): Promise<void>
}
export interface Pressed {
  readonly signal: string
  readonly say: { readonly zh: string }
  readonly next: { readonly zh: string } | null
  readonly row: { readonly can: readonly string[]; readonly status: string } | null
}
export interface GatewayOptions {
  readonly policy?: Partial<OrderPolicy>
  readonly couriers?: readonly Courier[]
  readonly hooks?: Parameters<typeof hookRoutes>[0]['hooks']
  readonly lockerHooks?: Parameters<typeof hookRoutes>[0]['lockerHooks']
  /** Money that pays for the readers. */
  readonly pool?: Pool
  /** Another library system than the model. */
  readonly ils?: (libraryId: string) => Ils | undefined
}

const toDesk = { way: 'branch', branchId: 'sucheng-main' }

/** The app over a store in memory with the real services; at 10:00 on a Monday. */
export const testGateway = async (options: GatewayOptions = {}): Promise<TestGateway> => {
  let parts: ReturnType<typeof assemble> | undefined
  const t = await testApp(deps => {
    parts = assemble(deps, options)
    return parts.routes
  })
  const { ils, orders, hand, credit, lockers } = parts!
  const { store, clock, ids, personal } = t
  await clock.advance(2 * 3_600_000)
  await stock(t, ils)
  await lockers.start()
  await orders.worker.start()
  const idle = async (): Promise<void> => {
    await orders.worker.untilIdle()
    await lockers.told()
    await orders.worker.untilIdle()
  }
  const ask: TestGateway['ask'] = async (who, method, path, json, key) => {
    const headers = { ...who, ...(key === undefined ? {} : { 'Idempotency-Key': key }) }
    const answer = await t.send(method, path, { headers, ...(json === undefined ? {} : { json }) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${/urn:shuqiao:problem:([\w-]+)/.exec(text)?.[1]}`)
    return (text === '' ? undefined : JSON.parse(text)) as never
  }
  const record = async (title: string): Promise<string> => {
    const found = await searchRecords(store.db, { q: title, field: 'title', sort: 'relevance', limit: 1 })
    return found.items[0]!.id
  }
  let keys = 0
  const press: TestGateway['press'] = async (staff, lineId, action, input = {}) => {
    const result = await ask<Pressed>(staff, 'POST', `/api/staff/lines/${lineId}/${action}`, input)
    await idle()
    return result
  }
  return {
    ...t,
    ils,
    orders,
    hand,
    lockers,
    record,
    ask,
    press,
    idle,
    reader: async card => {
      const libraryId = 'sucheng'
      const now = clock.now()
      const name = ils.sucheng.names.get(card) ?? '读者'
      const { patron, token } = await store.tx(async tx => {
        const patron = await rememberPatron(tx, { libraryId, card, name }, personal, ids, now)
        const token = await startSession(tx, { libraryId, kind: 'reader', subjectId: patron.id }, ids, now)
        return { patron, token }
      })
      const who = { libraryId, patronId: patron.id }
      orThrow(await credit.join({ ...who, way: 'card', consent: { textVersion: consentText.version } }))
      return { patronId: patron.id, headers: { Cookie: `shuqiao_session=${token}` } }
    },
    staff: (libraryId = 'sucheng', role = 'librarian') =>
      store.tx(async tx => {
        const user = {
          libraryId,
          id: ids.next(),
          login: `${role}-${ids.digits(6)}`,
          name: '林岚',
          role,
          branches: [],
          createdAt: clock.now(),
        }
        await addUser(tx, user, 'none')
        const subject = { libraryId, kind: 'staff', subjectId: user.id } as const
        return { Cookie: `shuqiao_staff=${await startSession(tx, subject, ids, clock.now())}` }
      }),
    order: async (who, title, delivery = toDesk) => {
      const wish = { recordIds: [await record(title)], delivery }
      const key = `order-key-of-test-${++keys}`
      const placed = await ask<{ id: string; lines: { id: string }[] }>(
        who.headers,
        'POST',
        '/api/orders',
        wish,
        key,
      )
      await idle()
      return { id: placed.id, lineId: placed.lines[0]!.id }
    },
    line: async ({ id, lineId }) =>
      (await orderById(store.db, 'sucheng', id))!.lines.find(line => line.id === lineId)!,
    lend: async (staff, { lineId }) => {
      for (const action of ['found', 'pack', 'at-branch', 'hand-over']) await press(staff, lineId, action)
    },
    close: async () => {
      await orders.worker.stop()
      await lockers.stop()
      await t.close()
    },
  }
}

const stock = async (t: TestApp, ils: TestGateway['ils']): Promise<void> => {
  await bring(t, 'sucheng', [
    book('1', '三体', { author: '刘慈欣', year: 2008, clc: 'I247.55', items: copies('S1', 'S2') }),
    book('2', '活着', { author: '余华', year: 2012, clc: 'I247.57', items: copies('S3') }),
    book('3', '平凡的世界', { author: '路遥', year: 2015, clc: 'I247.57', items: copies('S4') }),
  ])
  await bring(t, 'wujiang', [
    book('1', '三体', { author: '刘慈欣', year: 2008, clc: 'I247.55', items: copies('W1') }),
    book('9', '吴江县志', { year: 1994, clc: 'K295.34', items: copies('W9') }),
  ])
  for (const barcode of ['S1', 'S2', 'S3', 'S4']) ils.sucheng.addItem(barcode, barcode)
  for (const barcode of ['W1', 'W9']) ils.wujiang.addItem(barcode, barcode)
  for (const [card, name] of [
    ['2120500001', '王芳'],
    ['2120500002', '李明'],
  ] as const) {
    ils.sucheng.addPatron(card)
    ils.sucheng.names.set(card, name)
  }
  ils.wujiang.addPatron('INST-sucheng')
}

const assemble = (base: Deps, options: GatewayOptions) => {
  const { store, clock, ids, personal, log, stream, metrics } = base
  const ils = { sucheng: new PinIls('sucheng', clock), wujiang: new PinIls('wujiang', clock) }
  const libraries = createLibraries(
    [library('sucheng', options.policy ?? {}), library('wujiang', {})],
    ['sucheng', 'wujiang'],
  )
  const deps = {
    ...base,
    libraries,
    ils: (id: string) => options.ils?.(id) ?? ils[libraries.get(id).id as 'sucheng'],
  }
  const policyOf = () => ({ zone, packs: [jincheng] })
  const tariffOf = () => suzhou
  const cards = cardControl(ids, clock)
  const credit = createCredit({ store, clock, ids, personal, log, policyOf, cards, providersOf: () => ({}) })
  const hand = handDriver(boards)
  const site = libraries.locker('guanqian')
  const lockers = createLockers({
    ...{ store, clock, ids, personal, log },
    lines: new Map([['a', hand.driver]]),
    sites: [{ ...site, phone: libraries.get(site.libraryId).phone, line: site.bus }],
    ingest: async evidence => orThrow(await orders.ingest([evidence])),
    ordersOf,
  })
  const couriers = new Map([createOwnVan(), ...(options.couriers ?? [])].map(one => [one.name, one]))
  const registry = { get: (name: string) => couriers.get(name)! }
  const ports: OrderPorts = {
    libraries,
    ils: deps.ils,
    couriers: registry,
    readers: bindReaders({ store, clock, personal, credit }),
    supply: createSupply({ store, clock, libraries, ils: deps.ils, holdings: bindHoldings(store) }),
    lockers: bindLockers(lockers),
    fees: bindFees({
      ...{ store, clock, libraries, credit },
      address: (db, libraryId, addressId) => addressOf(db, personal, libraryId, addressId),
      tariff: tariffOf,
      poolOf: () => options.pool,
    }),
    credit: bindCredit(store, credit),
    sender: branchId => {
      const { libraryId, address, name } = libraries.branch(branchId)
      const { phone, region } = libraries.get(libraryId)
      return { ...region, name: name.zh, phone, address }
    },
    institutionCard: borrower => `INST-${borrower}`,
    changed: ({ libraryId, patronId, orderId, version, suppliers }) => {
      stream.publish({ libraryId, patronId }, 'order', { orderId, version })
      for (const one of new Set([libraryId, ...suppliers]))
        stream.publish({ libraryId: one, staff: true }, 'work', {})
    },
  }
  const orders: Orders = createOrders({
    ...{ store, clock, ids, ports, log },
    alone: true,
    answerWithin: 0,
    recordOf: async (libraryId, barcode) => (await findByBarcode(store.db, barcode, libraryId))[0]?.workId,
    others: {
      [sightedEffect]: performSighted({
        ...{ store, clock, ids, couriers: registry, sender: ports.sender },
        sighted: (courier, sighting) => orders.sighted(courier, sighting),
      }),
    },
  })
  const wake = (): void => orders.worker.wake()
  const readers = createReaders({ store, clock, ids, personal, libraries, ils: deps.ils, credit })
  const itemStatus = askItemStatus({ ils: deps.ils, clock, wire: clock })
  const knowledge = createKnowledge({ store, wire: clock, log })
  const pushes = createPushes({ store, clock, ids, log, metrics, wake })
  const manual = createManualWork({ store, clock, personal, ports, wake })
  const routes = [
    sessionRoutes({ ...deps, describeReader: readers.describe }),
    openRoutes({ ...deps, lockers, itemStatus, knowledge, policyOf, tariffOf }),
    meRoutes({ ...deps, credit, readers }),
    orderRoutes({ ...deps, orders, lockers }),
    hereRoutes({ ...deps, lockers }),
    kioskRoutes({ ...deps, lockers, ...kioskLookups({ store, clock }) }),
    staffRoutes({ ...deps, orders, ports, lockers, manual }),
    staffLockerRoutes({ ...deps, lockers }),
    lockerCareRoutes({ ...deps, lockers }),
    officeRoutes({ ...deps, orders }),
    hookRoutes({ log, hooks: options.hooks ?? [], lockerHooks: options.lockerHooks ?? [], pushes }),
  ]
  return { routes, ils, orders, hand, credit, lockers }
}
