import type { Ils } from '../../../src/adapters/ils/ils.ts'
import type { Fact } from '../../../src/gateway/orders/implied.ts'
import {
  type Account,
  type Limits,
  type Listener,
  plainSpeech,
  usualLimits,
} from '../../../src/gateway/sip2-server/accounts.ts'
import type { HappenedHere, OurLine, OurReader, Ours } from '../../../src/gateway/sip2-server/ports.ts'
import { type KioskServer, startKioskServer } from '../../../src/gateway/sip2-server/server.ts'
import { createIds, seededRandom } from '../../../src/kernel/ids.ts'
import { type Log, noLog } from '../../../src/kernel/log.ts'
import type { TranscriptLine } from '../../../src/kernel/transcript.ts'
import { connectKiosk, type KioskDialect, type SandboxKiosk } from '../../../src/sandbox/kiosk/kiosk.ts'
import { link as connect, type Link, sites } from '../../contracts/sip2.ts'

export const zone = 'Asia/Shanghai'

/** One account as most libraries would have it. */
export const anAccount = (more: Partial<Account> = {}): Account => ({
  id: 'hall',
  user: 'hall',
  password: 'open sesame',
  addresses: [],
  libraryId: 'sz',
  use: 'kiosk',
  branchId: 'gsq',
  institution: 'SZTEST',
  location: 'GSQ',
  speech: plainSpeech,
  language: '019',
  holdCount: 'waiting',
  lists: 'barcode',
  dueDates: 'theirs',
  offline: { checkouts: false, checkins: true, loanDays: 30 },
  bins: {},
  tellsHolder: false,
  connections: 50,
  passesUnknown: true,
  byHand: false,
  ...more,
})

const places = {
  gsq: { branchId: 'gsq', libraryId: 'sz', code: 'GSQ', name: { zh: '古胥门分馆', en: 'Guxumen' } },
  pjl: { branchId: 'pjl', libraryId: 'sz', code: 'PJL', name: { zh: '平江路分馆', en: 'Pingjiang Road' } },
  wj: { branchId: 'wj', libraryId: 'wj', code: 'WJ1', name: { zh: '吴江馆', en: 'Wujiang' } },
} as const

/** What the gateway knows, as far as a test cares, and everything that it was told. */
export interface World {
  readonly readers: Map<string, OurReader>
  readonly lines: OurLine[]
  readonly told: {
    readonly line: string
    readonly what: string
    readonly data: Fact['data']
    readonly at: number
  }[]
  readonly happened: HappenedHere[]
  /** Items of other libraries, by barcode. */
  readonly elsewhere: Map<string, string>
  readonly waiting: Set<string>
  readonly pins: { wrong: number; right: number; locked: boolean }
  answersTell: boolean
}

export const aLine = (more: Partial<OurLine> = {}): OurLine => ({
  libraryId: 'sz',
  orderId: 'o1',
  lineId: 'l1',
  patronId: 'p1',
  supplierId: 'sz',
  barcode: 'B0001',
  title: '园林东西',
  recordId: 'w1',
  status: 'at_branch',
  delivery: { way: 'branch', branchId: 'gsq' },
  branchId: 'gsq',
  deskId: 'gsq',
  lockerId: null,
  collectUntil: null,
  dueAt: null,
  charged: false,
  held: false,
  unsettled: false,
  foundAt: null,
  routing: null,
  ...more,
})

export const aReader = (world: World, card: string, more: Partial<OurReader> = {}): OurReader => {
  const reader: OurReader = {
    patronId: 'p1',
    frozenUntil: null,
    get lines() {
      return world.lines.filter(line => line.patronId === reader.patronId)
    },
    card: () => card,
    name: () => '顾小满',
    ...more,
  }
  world.readers.set(card, reader)
  return reader
}

const oursOf = (world: World): Ours => ({
  reader: async (_, card) => world.readers.get(card),
  readerById: async (_, id) => [...world.readers.values()].find(one => one.patronId === id),
  line: async (_, barcode) => world.lines.find(line => line.barcode === barcode),
  recordOf: async (_, barcode) => world.lines.find(line => line.barcode === barcode)?.recordId,
  otherOwner: async (_, barcode) => world.elsewhere.get(barcode),
  titles: async (_, barcodes) => new Map(barcodes.map(barcode => [barcode, `书 ${barcode}`])),
  tell: async (_, line, fact, at) => {
    world.told.push({ line: line.lineId, what: fact.what, data: fact.data, at })
    return world.answersTell
  },
  happened: async (_, what) => {
    world.happened.push(what)
  },
  waits: async (_, barcode) => world.waiting.has(barcode),
  pins: {
    locked: async () => world.pins.locked,
    wrong: async () => {
      world.pins.wrong += 1
    },
    right: async () => {
      world.pins.right += 1
    },
  },
  place: id => places[id as keyof typeof places],
  placeOf: (_, code) => Object.values(places).find(one => one.code === code || one.branchId === code),
  libraryName: id =>
    id === 'sz' ? { zh: '测试图书馆', en: 'Test Library' } : { zh: '吴江图书馆', en: 'Wujiang Library' },
  zone: () => zone,
})

export interface Site extends Link {
  readonly server: KioskServer
  readonly port: number
  readonly world: World
  readonly transcript: TranscriptLine[]
  readonly logged: string[]
  kiosk(dialect?: Partial<KioskDialect>): Promise<SandboxKiosk>
  /** One that has logged in. */
  ready(dialect?: Partial<KioskDialect>, user?: string): Promise<SandboxKiosk>
}

export interface SiteOptions {
  readonly accounts?: readonly Account[]
  readonly limits?: Partial<Limits>
  readonly listeners?: readonly Listener[]
  /** Which library system of the sandbox. */
  readonly system?: number
  /** In place of the link to the sandbox. */
  readonly ils?: (link: Link) => Ils
  readonly otherIls?: Ils
}

/** A server for kiosks on a real socket, upon a library system of the sandbox on another. */
export const openSite = async (options: SiteOptions = {}): Promise<Site> => {
  const link = await connect(sites[options.system ?? 0]!)
  const world: World = {
    readers: new Map(),
    lines: [],
    told: [],
    happened: [],
    elsewhere: new Map(),
    waiting: new Set(),
    pins: { wrong: 0, right: 0, locked: false },
    answersTell: true,
  }
  const transcript: TranscriptLine[] = []
  const logged: string[] = []
  const note: Log['info'] = (fields, message) => logged.push(`${message} ${JSON.stringify(fields)}`)
  const log: Log = { ...noLog, info: note, warn: note, error: note }
  const ils = options.ils?.(link) ?? link.ils
  const random = seededRandom('kiosks')
  const server = await startKioskServer({
    listeners: options.listeners ?? [{ host: '127.0.0.1', port: 0 }],
    accounts: options.accounts ?? [anAccount()],
    limits: { ...usualLimits, requestsPerSecond: 1000, ...options.limits },
    ours: oursOf(world),
    ils: id => (id === 'sz' ? ils : (options.otherIls ?? ils)),
    clock: link.clock,
    wire: link.clock,
    ids: createIds(link.clock, random),
    random,
    log,
    transcript: line => transcript.push(line),
  })
  const { port } = server.addresses[0]!
  const kiosk: Site['kiosk'] = dialect => connectKiosk({ port, clock: link.clock, dialect: dialect ?? {} })
  return {
    ...link,
    server,
    port,
    world,
    transcript,
    logged,
    kiosk,
    ready: async (dialect, user = 'hall') => {
      const one = await kiosk(dialect)
      if (!(await one.login(user, 'open sesame'))) throw new Error('the log-in was refused')
      return one
    },
    close: async () => {
      await server.close()
      await link.close()
    },
  }
}
