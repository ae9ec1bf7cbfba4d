import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BibRecord, CatalogueSource } from '../../src/adapters/catalogue/catalogue.ts'
import { type Config, configSchema } from '../../src/config.ts'
import { importRecords } from '../../src/gateway/catalogue/import.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { createLog } from '../../src/main/log.ts'
import { type Gateway, startGateway } from '../../src/main/serve.ts'
import { serveParent, usage } from './child.ts'
import { atRate } from './pace.ts'
import { isOut } from './sip.ts'

/** The gateway as `serve` runs it, in a process of its own; its log goes to the standard output as usual. */

export interface Wanted {
  /** Of the library system, which stands for all of them. */
  readonly ils: number
  readonly libraries: number
  /** Connections to each library system. */
  readonly connections: number
  /** Machines that may connect. */
  readonly kiosks?: number
}

export interface Running {
  readonly port: number
  readonly kiosks: number
}

export const libraryId = (number: number): string => `lib-${number}`

const configOf = ({ ils, libraries, connections, kiosks }: Wanted): Config =>
  configSchema.parse({
    libraries: Array.from({ length: libraries }, (_, i) => ({
      id: libraryId(i),
      name: { zh: `第${i}图书馆`, en: `Library ${i}` },
      phone: '0512-00000000',
      divisionCode: '320508',
      region: { province: '江苏省', city: '苏州市', district: '姑苏区' },
      hours: { weekly: { 'mon-sun': '09:00-21:00' } },
      ils: {
        driver: 'sip2',
        host: '127.0.0.1',
        port: ils,
        login: { user: 'gateway', password: 'bench' },
        institution: 'BENCH',
        profile: { maxConnections: connections },
      },
      branches: [{ id: `main-${i}`, name: { zh: '总馆', en: 'Main' }, address: '平江街道 1 号' }],
    })),
    ...(kiosks === undefined
      ? {}
      : {
          kiosks: {
            listeners: [{ host: '127.0.0.1', port: 0 }],
            accounts: Array.from({ length: Math.ceil(kiosks / 10) }, (_, i) => ({
              id: `kiosk-${i}`,
              user: `kiosk-${i}`,
              password: 'bench',
              library: libraryId(0),
              branch: 'main-0',
              connections: 10,
            })),
            limits: { connections: kiosks + 10, connectionsPerAddress: Math.min(5000, kiosks + 10) },
          },
        }),
  })

const folder = mkdtempSync(join(tmpdir(), 'shuqiao-wire-'))
let gateway: Gateway | undefined

const start = async (wanted: Wanted): Promise<Running> => {
  gateway = await startGateway({
    config: configOf(wanted),
    data: folder,
    databaseUrl: `sqlite:${join(folder, 'bench.sqlite')}`,
    host: '127.0.0.1',
    port: 0,
    clock: systemClock,
    random: randomBytes,
    ids: createIds(systemClock),
    log: createLog('info'),
  })
  const port = Number(new URL(gateway.url).port)
  return { port, kiosks: gateway.kiosks?.addresses[0]?.port ?? 0 }
}

const records = (count: number): CatalogueSource => ({
  name: 'bench',
  records: async function* () {
    for (let i = 0; i < count; i++) {
      const barcode = String(3_205_071_000_000 + i)
      const record: BibRecord = {
        controlNumber: `c${i}`,
        title: `平江路上的第${i}本书`,
        titleRest: '地方史话',
        author: `著者${i % 997}`,
        otherAuthors: [],
        publisher: '古吴轩出版社',
        year: 2000 + (i % 25),
        isbns: [],
        clc: 'I247.5',
        subjects: ['长篇小说'],
        language: 'chi',
        items: [{ barcode, callNumber: `I247.5/${i}`, shelving: 'open' }],
      }
      yield { ok: true as const, number: i + 1, offset: i, record, warnings: [] }
    }
  },
})

/** Puts so many books of one copy each into the catalogue of the first library. */
const fill = async (count: number): Promise<{ id: string; barcode: string }[]> => {
  const { store } = gateway!.deps
  await importRecords(store, {
    libraryId: libraryId(0),
    source: records(count),
    locationToBranch: () => ({ branchId: 'main-0' }),
    clock: systemClock,
  })
  const rows = await store.db.selectFrom('item').select(['work_id as id', 'barcode']).execute()
  return rows
}

/** So many questions a second about items, to all library systems in turn, straight from their drivers. */
const exchanges = async (given: { libraries: number; perSecond: number; seconds: number }) => {
  const { ils } = gateway!.deps
  const all = Array.from({ length: given.libraries }, (_, i) => ils(libraryId(i)))
  const before = process.cpuUsage()
  let wrong = 0
  const askers = Array.from({ length: 1000 }, () => undefined)
  const latency = await atRate(askers, given.perSecond, given.seconds, async (_, number) => {
    const barcode = String(3_205_071_000_000 + number)
    const answer = await all[number % all.length]!.item(barcode)
    if (!answer.ok || answer.value.status !== (isOut(barcode) ? 'charged' : 'available')) wrong += 1
  })
  const { user, system } = process.cpuUsage(before)
  return { ...latency, cpu: (user + system) / latency.count, wrong }
}

serveParent({ start, fill, exchanges, usage, stats: () => gateway!.kiosks!.stats() }, async () => {
  await gateway?.close()
  rmSync(folder, { recursive: true, force: true })
})
