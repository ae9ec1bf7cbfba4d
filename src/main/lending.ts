import { hostname } from 'node:os'
import type { Courier } from '../adapters/couriers/courier.ts'
import { createOwnVan } from '../adapters/couriers/own-van.ts'
import type { RecordsLoans } from '../adapters/credit/credit.ts'
import type { Config } from '../config.ts'
import { cardControl, performCardAct } from '../gateway/bindings/cards.ts'
import { bindCredit } from '../gateway/bindings/credit.ts'
import { bindFees } from '../gateway/bindings/fees.ts'
import { ordersOf } from '../gateway/bindings/here.ts'
import { bindHoldings } from '../gateway/bindings/holdings.ts'
import { bindLockers } from '../gateway/bindings/lockers.ts'
import { tellOverdue } from '../gateway/bindings/overdue.ts'
import { addressOf, bindReaders } from '../gateway/bindings/readers.ts'
import { findByBarcode } from '../gateway/catalogue/record.ts'
import { createPushes, type Pushes, sightedEffect } from '../gateway/couriers/pushes.ts'
import { performSighted } from '../gateway/couriers/sighted.ts'
import type { LibraryPolicy } from '../gateway/credit/accounts.ts'
import { type Credit, createCredit } from '../gateway/credit/credit.ts'
import type { ProviderOf } from '../gateway/credit/firewall.ts'
import { jincheng } from '../gateway/credit/packs/jincheng.ts'
import type { Tariff } from '../gateway/fees/tariff.ts'
import { tariffs } from '../gateway/fees/tariffs.ts'
import type { Deps } from '../gateway/http/deps.ts'
import { createSupply } from '../gateway/ill/supply.ts'
import { happenedKinds } from '../gateway/ils-queue/happened.ts'
import { tellHappened } from '../gateway/ils-queue/tell.ts'
import { watchLinks } from '../gateway/ils-queue/watch.ts'
import type { Library, LockerPlace } from '../gateway/libraries.ts'
import { nearestDesk } from '../gateway/lockers/desk.ts'
import { createLockers, type Lockers } from '../gateway/lockers/lockers.ts'
import type { OtherStep } from '../gateway/orders/perform.ts'
import type { OrderPorts } from '../gateway/orders/ports.ts'
import { createOrders, type Orders } from '../gateway/orders/service.ts'
import type { Db, Store } from '../gateway/store/db.ts'
import { forgetRequests } from '../gateway/store/idempotency.ts'
import { sweepAttempts } from '../gateway/store/limits.ts'
import { presenceKept, sweepPresence } from '../gateway/store/locker-presence.ts'
import { sweepSessions } from '../gateway/store/sessions.ts'
import type { Millis } from '../kernel/clock.ts'
import { orThrow } from '../kernel/problem.ts'
import { Registry } from '../kernel/registry.ts'
import type { LockerDriver } from '../lockers/locker.ts'
import { makeCourier, makeCreditProvider, makeLockerLine, type Workshop } from './vendors.ts'

/** The parts of the gateway that lend, built from the settings. */
export interface Lending {
  readonly credit: Credit
  readonly lockers: Lockers
  readonly orders: Orders
  readonly couriers: Registry<Courier>
  /** The driver of each line of lockers. */
  readonly lines: ReadonlyMap<string, LockerDriver>
  readonly pushes: Pushes
  readonly ports: OrderPorts
  /** Tells the pages that a library system, or what waits for it, has changed. */
  readonly linkChanged: (libraryId: string) => void
  readonly policyOf: (libraryId: string) => LibraryPolicy
  readonly tariffOf: (name: string) => Tariff
  start(): Promise<void>
  stop(): Promise<void>
}

const sweepEvery: Millis = 5 * 60_000
const keysKept: Millis = 7 * 86_400_000
const packs = new Registry('policy pack', [{ name: 'jincheng', pack: jincheng }])
const tariffsByName = new Registry(
  'tariff',
  tariffs.map(tariff => ({ name: tariff.id, tariff })),
)

/** How long the line of a gateway that died is nobody's. */
const lineLease: Millis = 15_000

/** Builds credit, lockers, couriers, fees and orders; nothing moves before `start`. */
export const createLending = (
  config: Config,
  deps: Deps,
  shop: Workshop,
  closing: AsyncDisposableStack,
): Lending => {
  const { store, clock, ids, personal, libraries, ils, log } = deps
  const policyOf = (libraryId: string): LibraryPolicy => {
    const { zone, policyPack } = libraries.get(libraryId)
    return { zone, packs: [packs.get(policyPack).pack] }
  }
  const tariffOf = (name: string): Tariff => tariffsByName.get(name).tariff
  const couriers = couriersOf(config, shop)
  const zhima = config.credit.zhima
    ? (makeCreditProvider('zhima', config.credit.zhima, shop) as ProviderOf<'zhima'> & Partial<RecordsLoans>)
    : undefined
  const credit = createCredit({
    store,
    clock,
    ids,
    personal,
    log,
    policyOf,
    cards: cardControl(ids, clock),
    providersOf: () => (zhima ? { zhima } : {}),
  })
  const shared = store.dialect === 'postgres'
  const lines = new Map(config.lockerBuses.map(bus => [bus.id, makeLockerLine(bus.id, bus, shop, shared)]))
  for (const line of lines.values()) closing.defer(() => line.close())
  let orders: Orders | undefined
  const lockers = createLockers({
    store,
    clock,
    ids,
    personal,
    log,
    lines,
    sites: libraries.all().flatMap(sitesOf),
    // SQLite has one gateway; several may share PostgreSQL, and `doctor locker` asks for the line as they do.
    ...(shared
      ? { lease: { owner: `gateway ${hostname()} ${process.pid} ${ids.next()}`, duration: lineLease } }
      : {}),
    ingest: async evidence => orThrow(await orders!.ingest([evidence])),
    titles: (db, libraryId, lineIds) => titlesOfLines(db, libraryId, lineIds),
    ordersOf,
    changed: lockerId => {
      const { libraryId } = libraries.locker(lockerId)
      deps.stream.publish({ libraryId, staff: true }, 'locker', { lockerId })
    },
  })
  const readers = bindReaders({ store, clock, personal, credit })
  const ports: OrderPorts = {
    libraries,
    ils,
    couriers,
    readers,
    supply: createSupply({ store, clock, libraries, ils, holdings: bindHoldings(store) }),
    lockers: bindLockers(lockers),
    fees: bindFees({
      store,
      clock,
      libraries,
      credit,
      address: (db, libraryId, addressId) => addressOf(db, personal, libraryId, addressId),
      tariff: tariffOf,
      poolOf: libraryId => poolOf(config, libraryId),
    }),
    credit: bindCredit(store, credit),
    sender: branchId =>
      senderOf(libraries.branch(branchId), libraries.get(libraries.branch(branchId).libraryId)),
    institutionCard: (borrower, supplier) =>
      config.libraries.find(library => library.id === supplier)?.partnerCards[borrower],
    changed: change => {
      const { libraryId, patronId, orderId, version } = change
      deps.stream.publish({ libraryId, patronId }, 'order', { orderId, version })
      if (change.message) deps.stream.publish({ libraryId, patronId }, 'message', {})
      for (const supplier of new Set([libraryId, ...change.suppliers]))
        deps.stream.publish({ libraryId: supplier, staff: true }, 'work', {})
    },
  }
  const sighted = performSighted({
    store,
    clock,
    ids,
    couriers,
    sender: ports.sender,
    sighted: (courier, sighting) => orders!.sighted(courier, sighting),
  })
  const card = performCardAct({ store, personal, ils })
  const watch = watchLinks(clock, libraries, ils, libraryId =>
    deps.stream.publish({ libraryId, staff: true }, 'link', {}),
  )
  const telling = tellHappened({ store, clock, personal, ils })
  const tell: OtherStep = async claim => {
    const answer = await telling(claim)
    watch.changed(claim.libraryId)
    return answer
  }
  const happened = Object.fromEntries(Object.values(happenedKinds).map(kind => [kind, tell]))
  orders = createOrders({
    store,
    clock,
    ids,
    ports,
    alone: true,
    recordOf: async (libraryId, barcode) => (await findByBarcode(store.db, barcode, libraryId))[0]?.workId,
    others: { 'card.block': card, 'card.enable': card, [sightedEffect]: sighted, ...happened },
  })
  const { worker } = orders
  const pushes = createPushes({ store, clock, ids, log, metrics: deps.metrics, wake: () => worker.wake() })
  const told = new Set<string>()
  let stopSweep = (): void => {}
  const sweep = (): void => {
    tidy(store, credit, clock.now())
      .then(() => tellOverdue({ store, clock, libraries, credit, told }))
      .catch(error => log.error({ error: String(error) }, 'tidying up stumbled'))
      .finally(() => {
        stopSweep = clock.after(sweepEvery, sweep)
      })
  }
  return {
    credit,
    lockers,
    orders,
    couriers,
    lines,
    pushes,
    ports,
    linkChanged: watch.changed,
    policyOf,
    tariffOf,
    start: async () => {
      await lockers.start()
      await worker.start()
      watch.start()
      sweep()
    },
    stop: async () => {
      stopSweep()
      watch.stop()
      await worker.stop()
      await lockers.stop()
    },
  }
}

/** Freezes that have run out, answers of providers, sessions, attempts and idempotency keys that are over. */
const tidy = async (store: Store, credit: Credit, now: Millis): Promise<void> => {
  await credit.sweep()
  await sweepSessions(store.db, now)
  await sweepAttempts(store, now)
  await sweepPresence(store.db, now - presenceKept)
  await forgetRequests(store, now - keysKept)
}

const couriersOf = (config: Config, shop: Workshop): Registry<Courier> => {
  const named = config.couriers.map(entry => ({ ...makeCourier(entry.name, entry, shop), name: entry.name }))
  const van = named.some(courier => courier.name === 'own-van') ? [] : [createOwnVan({})]
  return new Registry<Courier>('courier', [...named, ...van])
}

const sitesOf = (library: Library) =>
  library.lockers.map(locker => ({
    id: locker.id,
    libraryId: library.id,
    name: locker.name,
    place: locker.place,
    phone: library.phone,
    line: locker.bus,
    ...deskOf(locker, library),
    keptForReturns: locker.keptForReturns ?? 0,
    compartments: locker.compartments,
  }))

const deskOf = (locker: LockerPlace, { branches }: Library): { readonly desk?: string } => {
  const near = nearestDesk(locker, branches)
  return near === undefined ? {} : { desk: near }
}

const titlesOfLines = async (
  db: Db,
  libraryId: string,
  lineIds: readonly string[],
): Promise<readonly string[]> =>
  lineIds.length === 0
    ? []
    : (
        await db
          .selectFrom('order_line')
          .select('title')
          .where('library_id', '=', libraryId)
          .where('id', 'in', lineIds)
          .orderBy('id')
          .execute()
      ).map(row => row.title)

const poolOf = (config: Config, libraryId: string) => {
  const subsidy = config.libraries.find(library => library.id === libraryId)?.subsidy
  return (
    subsidy && {
      id: 'subsidy',
      name: subsidy.name,
      perDay: subsidy.perDay,
      policy: 'at-once' as const,
      perReader: subsidy.perReader ?? null,
    }
  )
}

const senderOf = (
  branch: { readonly name: { readonly zh: string }; readonly address: string },
  library: Library,
) => ({
  name: `${library.name.zh}${branch.name.zh}`,
  phone: library.phone,
  ...library.region,
  address: branch.address,
})
