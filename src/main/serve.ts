import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { getRequestListener } from '@hono/node-server'
import type { Agent } from 'undici'
import type { Courier, ReadsPushes } from '../adapters/couriers/courier.ts'
import { createHttp } from '../adapters/http.ts'
import type { Ils } from '../adapters/ils/ils.ts'
import type { Config } from '../config.ts'
import { askItemStatus } from '../gateway/bindings/item-status.ts'
import { kioskLookups } from '../gateway/bindings/kiosk.ts'
import { itemOfCatalogue } from '../gateway/bindings/manual-items.ts'
import { createKnowledge } from '../gateway/catalogue/knowledge.ts'
import type { DemoJson } from '../gateway/http/api/demo.ts'
import { createApp } from '../gateway/http/app.ts'
import type { App, Deps } from '../gateway/http/deps.ts'
import { healthRoutes } from '../gateway/http/health.ts'
import { linkMetrics } from '../gateway/http/link-metrics.ts'
import { createMetrics, metricsRoutes } from '../gateway/http/metrics.ts'
import { openApiRoutes } from '../gateway/http/openapi.ts'
import { demoRoutes } from '../gateway/http/routes/demo.ts'
import { doorLinkRoutes } from '../gateway/http/routes/door-links.ts'
import { hereRoutes } from '../gateway/http/routes/here.ts'
import { type CourierHook, hookRoutes, type LockerHook } from '../gateway/http/routes/hooks.ts'
import { kioskRoutes } from '../gateway/http/routes/kiosk.ts'
import { linkRoutes } from '../gateway/http/routes/links.ts'
import { lockerCareRoutes } from '../gateway/http/routes/locker-care.ts'
import { lockerSetupRoutes } from '../gateway/http/routes/locker-setup.ts'
import { meRoutes } from '../gateway/http/routes/me.ts'
import { officeRoutes } from '../gateway/http/routes/office.ts'
import { openRoutes } from '../gateway/http/routes/open.ts'
import { orderRoutes } from '../gateway/http/routes/orders.ts'
import { reportRoutes } from '../gateway/http/routes/reports.ts'
import { sessionRoutes } from '../gateway/http/routes/session.ts'
import { staffRoutes } from '../gateway/http/routes/staff.ts'
import { staffLockerRoutes } from '../gateway/http/routes/staff-lockers.ts'
import { staticRoutes } from '../gateway/http/static.ts'
import { createStream, streamRoutes } from '../gateway/http/stream.ts'
import { createIlsDesk } from '../gateway/ils-queue/desk.ts'
import { createLinks, type Links } from '../gateway/ils-queue/links.ts'
import type { Orders } from '../gateway/orders/service.ts'
import { createManualTasks } from '../gateway/readers/manual-ils.ts'
import { createManualWork } from '../gateway/readers/manual-work.ts'
import { createReaders, type Readers } from '../gateway/readers/readers.ts'
import type { KioskServer } from '../gateway/sip2-server/server.ts'
import { registrationsOf } from '../gateway/store/cabinet-keys.ts'
import { migrate, openStore, type Store } from '../gateway/store/db.ts'
import { createPasswords } from '../gateway/store/passwords.ts'
import {
  createPersonal,
  type Personal,
  parsePersonalKeys,
  personalKeysFile,
} from '../gateway/store/personal.ts'
import { type Clock, systemClock } from '../kernel/clock.ts'
import type { Ids, RandomBytes } from '../kernel/ids.ts'
import type { Log } from '../kernel/log.ts'
import { can } from '../kernel/power.ts'
import { misconfigured, ProblemError } from '../kernel/problem.ts'
import { noTranscript, type Transcript } from '../kernel/transcript.ts'
import { createTurns } from '../kernel/turns.ts'
import type { HearsPushes, LockerDriver } from '../lockers/locker.ts'
import { startKiosks } from './kiosks.ts'
import { createLending, type Lending } from './lending.ts'
import { librariesOf } from './libraries.ts'
import { lineSetupOf, setupParts } from './locker-setup.ts'
import { makeIls, type Workshop } from './vendors.ts'

export interface GatewayOptions {
  readonly config: Config
  /** Folder of keys and of the SQLite database. */
  readonly data: string
  readonly databaseUrl: string
  readonly host: string
  /** 0 lets the machine choose. */
  readonly port: number
  /** Clock of orders and sessions. */
  readonly clock: Clock
  /** Clock of sockets and their deadlines; the real one unless told otherwise. */
  readonly wireClock?: Clock
  readonly random: RandomBytes
  readonly ids: Ids
  readonly log: Log
  readonly transcript?: Transcript
  /** Folder of the built pages. */
  readonly pages?: string
  /** The gateway of the demo town: what its guided tour needs. */
  readonly demo?: DemoParts
}

export interface DemoParts {
  /** Undefined until the town is furnished. */
  readonly guide: () => DemoJson | undefined
  /** A hand that shuts a door of a simulated cabinet. */
  readonly hand: (bus: string, board: number, channel: number) => void
}

/** A gateway that runs. */
export interface Gateway {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly deps: Deps
  readonly readers: Readers
  readonly lending: Lending
  /** Where machines that speak SIP2 connect; undefined where the settings have none. */
  readonly kiosks: KioskServer | undefined
  /** Takes nothing new, finishes what is under way, and lets go of everything. */
  close(): Promise<void>
}

export const builtPages = fileURLToPath(new URL('../../dist/web', import.meta.url))

/** Opens the data, builds every part from the settings, and serves. What was started is closed when a later part fails. */
export const startGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const closing = new AsyncDisposableStack()
  try {
    return await start(options, closing)
  } catch (thrown) {
    await closing.disposeAsync()
    throw thrown
  }
}

const start = async (options: GatewayOptions, closing: AsyncDisposableStack): Promise<Gateway> => {
  const { config, clock, ids, log } = options
  const store = await openData(options, closing)
  const personal = personalOf(options)
  const libraries = librariesOf(config)
  const shop = await workshopOf(options, store, personal, closing)
  const metrics = createMetrics(store)
  const links = createLinks(shop.clock, metrics.ilsRequest)
  const ils = ilsOf(config, heardBy(shop, links), links, closing)
  let kiosks: KioskServer | undefined
  const started = { web: false, worker: false, lockers: false }
  const deps: Deps = {
    store,
    clock,
    ids,
    personal,
    log,
    libraries,
    ils,
    passwords: createPasswords(options.random),
    stream: createStream(ids),
    metrics,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    metricsToken: config.metricsToken,
    started: () => started,
    demo: options.demo !== undefined,
    kioskStats: () => kiosks?.stats(),
  }
  const knowledge = createKnowledge({ store, wire: shop.clock, log })
  closing.defer(() => knowledge.close())
  const lending = createLending(config, deps, shop, closing)
  const { credit, lockers } = lending
  const setup = lineSetupOf(config, deps, shop, lockers)
  linkMetrics(metrics.registry, {
    store,
    clock,
    libraries,
    ils,
    kioskStats: () => kiosks?.stats(),
    lockerOnline: async id => {
      const picture = await lockers.picture(id)
      return picture.ok ? picture.value.online : undefined
    },
  })
  const readers = createReaders({ store, clock, ids, personal, libraries, ils, credit })
  const describeReader = readers.describe
  const app = createApp(deps, [
    healthRoutes(deps),
    metricsRoutes(deps),
    openApiRoutes,
    sessionRoutes({ ...deps, describeReader }),
    openRoutes({
      ...deps,
      lockers,
      itemStatus: askItemStatus({ clock, wire: shop.clock, ils }),
      knowledge,
      policyOf: lending.policyOf,
      tariffOf: lending.tariffOf,
    }),
    meRoutes({ ...deps, credit, readers }),
    orderRoutes({ ...deps, lockers, orders: placingInTurn(lending) }),
    hereRoutes({ ...deps, lockers }),
    kioskRoutes({ ...deps, lockers, ...kioskLookups({ store, clock }) }),
    staffRoutes({
      ...deps,
      orders: lending.orders,
      ports: lending.ports,
      lockers,
      manual: createManualWork({
        store,
        clock,
        personal,
        ports: lending.ports,
        wake: () => lending.orders.worker.wake(),
      }),
    }),
    officeRoutes({ ...deps, orders: lending.orders }),
    linkRoutes({
      ...deps,
      desk: createIlsDesk({
        ...deps,
        readers: lending.ports.readers,
        links,
        kioskStats: () => kiosks?.stats(),
        wake: () => lending.orders.worker.wake(),
        changed: lending.linkChanged,
      }),
    }),
    staffLockerRoutes({ ...deps, lockers }),
    lockerCareRoutes({ ...deps, lockers }),
    lockerSetupRoutes({ ...deps, setup, ...setupParts(config) }),
    doorLinkRoutes(deps),
    reportRoutes(deps),
    hookRoutes({
      ...deps,
      hooks: hooksOf(config, lending),
      lockerHooks: lockerHooksOf(lending),
      pushes: lending.pushes,
    }),
    demoRoutes({
      ...deps,
      guide: () => options.demo?.guide(),
      hand: (...door) => options.demo?.hand(...door),
    }),
    streamRoutes(deps),
    staticRoutes(options.pages ?? builtPages),
  ])
  closing.defer(() => lending.stop())
  closing.defer(() => setup.stop())
  await lending.start()
  Object.assign(started, { worker: true, lockers: true })
  kiosks = await startKiosks(config, deps, shop, lending, options.transcript ?? noTranscript)
  const running = kiosks
  if (running) closing.defer(() => running.close())
  const url = await listen(app, options, deps, closing)
  started.web = true
  return { url, deps, readers, lending, kiosks, close: () => closing.disposeAsync() }
}

/** Orders of one library are placed one after another: the day of its subsidy pool is one hot row. */
const placingInTurn = ({ orders }: Lending): Orders => {
  const turns = createTurns()
  return { ...orders, place: request => turns.run(request.libraryId, () => orders.place(request)) }
}

/** Couriers that push, with the secret of the address that they push to. */
const hooksOf = (config: Config, { couriers }: Lending): CourierHook[] =>
  config.couriers.flatMap(({ name, hookSecret }) => {
    const courier = couriers.get(name)
    if (typeof hookSecret !== 'string' || !can(courier, 'readPush')) return []
    return [{ secret: hookSecret, courier: courier as Courier & ReadsPushes }]
  })

/** Lines of lockers whose cloud pushes. */
const lockerHooksOf = ({ lines }: Lending): LockerHook[] =>
  [...lines].flatMap(([line, driver]) => {
    if (!can(driver, 'hear')) return []
    const cloud = driver as LockerDriver & HearsPushes
    return cloud.hookSecret === undefined ? [] : [{ secret: cloud.hookSecret, line, driver: cloud }]
  })

const openData = async (options: GatewayOptions, closing: AsyncDisposableStack): Promise<Store> => {
  mkdirSync(options.data, { recursive: true, mode: 0o700 })
  const store = openStore(options.databaseUrl, { log: options.log, exclusive: true })
  closing.defer(() => store.close())
  await migrate(store)
  return store
}

const personalOf = ({ config, data, random }: GatewayOptions): Personal =>
  createPersonal(
    config.personalKeys === undefined
      ? personalKeysFile(join(data, 'personal.keys'), random)
      : parsePersonalKeys(config.personalKeys),
    random,
  )

const workshopOf = async (
  { config, wireClock, random, ids, log, transcript = noTranscript }: GatewayOptions,
  store: Store,
  personal: Personal,
  closing: AsyncDisposableStack,
): Promise<Workshop> => {
  const clock = wireClock ?? systemClock
  let made: Promise<Agent> | undefined
  const agent = (): Promise<Agent> => {
    made ??= import('undici').then(({ Agent }) => new Agent({ connections: 32, pipelining: 1 }))
    return made
  }
  closing.defer(async () => (await made)?.close())
  const manual = new Map(
    await Promise.all(
      config.libraries
        .filter(({ ils }) => ils.driver === 'manual')
        .map(async ({ id: libraryId }) => {
          const item = (library: string, barcode: string) => itemOfCatalogue(store, library, barcode)
          return [libraryId, await createManualTasks({ libraryId, store, personal, item })] as const
        }),
    ),
  )
  const http = createHttp({ agent, clock, transcript })
  const registrations = (line: string) => registrationsOf(store, ids, clock, line)
  return { clock, random, ids, log, transcript, http, registrations, manualTasks: id => manual.get(id)! }
}

/** The workshop with lines that are listened to. */
const heardBy = (shop: Workshop, { hear }: Links): Workshop => ({
  ...shop,
  transcript: line => {
    hear(line)
    shop.transcript(line)
  },
})

const ilsOf = (
  config: Config,
  shop: Workshop,
  links: Links,
  closing: AsyncDisposableStack,
): ((id: string) => Ils) => {
  const made = new Map(config.libraries.map(({ id, ils }) => [id, links.observe(id, makeIls(id, ils, shop))]))
  for (const ils of made.values()) closing.defer(() => ils.close())
  return id => {
    const ils = made.get(id)
    if (ils) return ils
    throw new ProblemError(
      misconfigured('unknown-library', { zh: `没有图书馆“${id}”。`, en: `there is no library "${id}"` }),
    )
  }
}

/** How long requests under way may take to end when the gateway closes. */
const drainTime = 5000

const listen = async (
  app: App,
  { host, port }: GatewayOptions,
  { stream }: Deps,
  closing: AsyncDisposableStack,
): Promise<string> => {
  const server = createServer(
    { maxHeaderSize: 16 * 1024, headersTimeout: 15_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
    getRequestListener(app.fetch),
  )
  await new Promise<void>((resolve, reject) => {
    server.once('error', error => reject(cannotListen(error, host, port)))
    server.listen(port, host, resolve)
  })
  closing.defer(
    () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        stream.close()
        server.closeIdleConnections()
        systemClock.after(drainTime, () => server.closeAllConnections())
      }),
  )
  const bound = (server.address() as AddressInfo).port
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`
}

const cannotListen = (cause: Error, host: string, port: number): ProblemError =>
  new ProblemError(
    misconfigured(
      'cannot-listen',
      {
        zh: `端口 ${host}:${port} 用不了：换一个（PORT=…），或停掉占用它的程序。`,
        en: `cannot listen on ${host}:${port}: choose another (PORT=...), or stop what uses it`,
      },
      { their: { text: cause.message } },
    ),
    { cause },
  )
