import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Line } from '../../src/gateway/orders/order.ts'
import { patronById } from '../../src/gateway/store/patrons.ts'
import { type Clock, systemClock } from '../../src/kernel/clock.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { noLog } from '../../src/kernel/log.ts'
import { type Demo, startDemo } from '../../src/main/demo/start.ts'
import { holdingsOf, type LibraryId, townLibraries } from '../../src/sandbox/town/facts.ts'
import { ilsSeedOf, institutionCard } from '../../src/sandbox/town/ils-seed.ts'

export interface TestTown extends Demo {
  readonly folder: string
  /** Stops it; `again` starts another on the same folder. */
  stop(): Promise<void>
  again(): Promise<TestTown>
  dispose(): Promise<void>
}

/** A clock that runs as the real one does, from another moment on. */
const clockFrom = (at: string): Clock => {
  const ahead = Temporal.Instant.from(at).epochMilliseconds - systemClock.now()
  return { ...systemClock, now: () => systemClock.now() + ahead }
}

export interface TownAsked {
  readonly handAfter?: number
  readonly pages?: string
  readonly folder?: string
  /** When it is in the town as it opens, RFC 3339; now, when left out. */
  readonly at?: string
}

/** The demo town in a folder of its own, on ports the machine chooses. Doors are shut by the test's own hand. */
export const openTown = async (options: TownAsked = {}): Promise<TestTown> => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'shuqiao-town-'))
  const clock = options.at === undefined ? systemClock : clockFrom(options.at)
  const demo = await startDemo({
    data: folder,
    port: 0,
    clock,
    wireClock: clock,
    random: randomBytes,
    ids: createIds(clock),
    log: noLog,
    handAfter: options.handAfter ?? 0,
    parcelSteps: [],
    ...(options.pages === undefined ? {} : { pages: options.pages }),
  })
  return {
    ...demo,
    folder,
    stop: () => demo.close(),
    again: async () => {
      await demo.close()
      return openTown({ ...options, folder })
    },
    dispose: async () => {
      await demo.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Loans and holds as one side sees them: `barcode card`, sorted. */
export interface Books {
  readonly loans: readonly string[]
  readonly holds: readonly string[]
  readonly shelf: readonly string[]
}

const firstDay = new Map<LibraryId, ReadonlySet<string>>()
const seededLoans = (id: LibraryId): ReadonlySet<string> => {
  const known = firstDay.get(id)
  if (known) return known
  const library = townLibraries.find(one => one.id === id)!
  const loans = new Set((ilsSeedOf(library, '', systemClock.now()).loans ?? []).map(loan => loan.barcode))
  firstDay.set(id, loans)
  return loans
}

/** What the library system holds beyond its first day. */
export const theirBooks = (town: Demo, id: LibraryId): Books => {
  const { loans, holds, holdShelf } = town.town.ils[id].state.snapshot()
  const bibOf = bibs(id)
  return {
    loans: loans
      .filter(loan => !seededLoans(id).has(loan.barcode))
      .map(loan => `${loan.barcode} ${loan.card}`)
      .sort(),
    holds: holds.map(hold => `${hold.bibId ?? bibOf.get(hold.barcode ?? '')} ${hold.card}`).sort(),
    shelf: holdShelf.map(one => `${one.barcode} ${one.card}`).sort(),
  }
}

/** The same from our own open lines. */
export const ourBooks = async (town: Demo, id: LibraryId): Promise<Books> => {
  const { store, personal } = town.gateway.deps
  const rows = await store.db
    .selectFrom('order_line')
    .select(['body', 'patron_id'])
    .where('supplier_id', '=', id)
    .where('status', '<>', 'closed')
    .execute()
  const loans: string[] = []
  const holds: string[] = []
  const bibOf = bibs(id)
  for (const row of rows) {
    const line = JSON.parse(row.body) as Line
    const patron = await patronById(store.db, line.libraryId, row.patron_id, personal)
    const card = line.libraryId === id ? patron!.card() : institutionCard(line.libraryId)
    if (line.charged) loans.push(`${line.barcode} ${card}`)
    if (line.held) holds.push(`${bibOf.get(line.barcode ?? '')} ${card}`)
  }
  return { loans: loans.sort(), holds: holds.sort(), shelf: [] }
}

const bibs = (id: LibraryId): ReadonlyMap<string, string> =>
  new Map(
    holdingsOf(townLibraries.find(one => one.id === id)!).flatMap(record =>
      record.copies.map(copy => [copy.barcode, record.controlNumber] as const),
    ),
  )

/** Logs in and keeps the cookies; every answer is read as JSON, and a problem is thrown with its words. */
export const visitor = (url: string) => {
  const cookies = new Map<string, string>()
  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<T> => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'X-Shuqiao': '1',
        Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split('=') as [string, string]
      cookies.set(name, value)
    }
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
    return (text === '' ? undefined : JSON.parse(text)) as T
  }
  return {
    get: <T>(path: string, headers?: Record<string, string>) => call<T>('GET', path, undefined, headers),
    post: <T>(path: string, body?: unknown, headers?: Record<string, string>) =>
      call<T>('POST', path, body, headers),
    delete: <T>(path: string) => call<T>('DELETE', path),
  }
}
