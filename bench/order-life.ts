import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import { migrate, openStore, type Store, type Tx } from '../src/gateway/store/db.ts'
import { ManualClock } from '../src/kernel/clock.ts'
import { createIds, seededRandom } from '../src/kernel/ids.ts'
import { orThrow } from '../src/kernel/problem.ts'
import { outside, prepareModel, toBranch, type World, world } from '../test/gateway/orders/world.ts'
import { type Bench, median } from './bench.ts'

/** Orders on their way at once: a morning with a hundred readers and staff at work, and one order all alone. */
export const many = { together: 100, batches: 1 }
export const alone = { together: 1, batches: 40 }
type Load = typeof many

const rounds = 9

const actions = ['found', 'pack', 'at-branch', 'hand-over', 'receive']

/** A gateway of its own on a fresh file, with a book and a reader for each order. */
interface Town {
  readonly store: Store
  readonly w: World
  /** Transactions so far, and those of them that wrote something. */
  readonly count: { all: number; writes: number; watch: boolean }
  next: number
}

export const open = async (folder: string, name: string): Promise<Town> => {
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const opened = openStore(`sqlite:${join(folder, `${name}.sqlite`)}`)
  await migrate(opened)
  await prepareModel(opened)
  const count = { all: 0, writes: 0, watch: false }
  const store: Store = {
    ...opened,
    tx: (fn, options) =>
      opened.tx(async (tx, after) => {
        after(() => {
          count.all += 1
        })
        if (!count.watch) return fn(tx, after)
        const before = await changes(tx)
        const result = await fn(tx, after)
        if ((await changes(tx)) > before)
          after(() => {
            count.writes += 1
          })
        return result
      }, options),
  }
  const ids = createIds(clock, seededRandom(name))
  return {
    store,
    w: world({ store, clock, ids, out: outside(clock), concurrency: 64 }),
    count,
    next: 0,
  }
}

const changes = async (tx: Tx): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select total_changes() as n`.execute(tx)
  return rows[0]!.n
}

const stock = ({ w: { out } }: Town, n: number): void => {
  out.ils.home.addItem(`X${n}`, '书')
  out.ils.home.addPatron(`C-p${n}`)
  const copy = { supplierId: 'home', branchId: 'home-main', barcode: `X${n}`, shelving: 'open' as const }
  out.copies.set(`x${n}`, [{ ...copy, callNumber: null, location: null }])
}

/** Whole lives from placed to closed: asked for, found, charged, packed, laid out, handed over, brought back. */
const live = async (town: Town, together: number): Promise<void> => {
  const { orders, idle } = town.w
  const all = Array.from({ length: together }, () => town.next++)
  for (const n of all) stock(town, n)
  const placed = await Promise.all(
    all.map(async n => {
      const request = { libraryId: 'home', patronId: `p${n}`, recordIds: [`x${n}`], delivery: toBranch }
      return orThrow(await orders.place({ ...request, key: `bench-life-key-${n}`, actor: `reader:p${n}` }))
        .order
    }),
  )
  await idle()
  for (const action of actions) {
    await Promise.all(
      placed.map(async order => {
        const on = { lineId: order.lines[0]!.id, libraryId: 'home', actor: 'staff:s1' }
        orThrow(await orders.staffAct(on, action, {}))
      }),
    )
    await idle()
  }
}

export const lives = async (town: Town, load: Load): Promise<number> => {
  for (let batch = 0; batch < load.batches; batch++) await live(town, load.together)
  return load.together * load.batches
}

/** As many durable transactions as better-sqlite3 writes by itself, each one row of a line's usual size. */
const bare = (folder: string): { run(count: number): number; close(): void } => {
  const db = new Database(join(folder, 'bare.sqlite'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.pragma('wal_autocheckpoint = 4000')
  db.exec('create table line (id integer primary key, body text)')
  const insert = db.prepare('insert into line (body) values (?)')
  const body = 'x'.repeat(1500)
  const run = (count: number): number =>
    secondsOf(() => Array.from({ length: count }, () => insert.run(body)))
  return { run, close: () => db.close() }
}

const secondsOf = (work: () => unknown): number => {
  const start = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - start) / 1e9
}

interface Measured {
  /** Ours against as many bare transactions. */
  readonly ratio: number
  readonly livesPerSecond: number
  /** Durable transactions of one life. */
  readonly writes: number
}

const writesOfOneLife = async (town: Town, load: Load): Promise<number> => {
  town.count.watch = true
  const before = town.count.writes
  const done = await lives(town, load)
  town.count.watch = false
  return (town.count.writes - before) / done
}

/** Ours and the bare loop in turn, on the same disk. */
const measure = async (town: Town, load: Load, reference: ReturnType<typeof bare>): Promise<Measured> => {
  const writes = await writesOfOneLife(town, load)
  const ratios: number[] = []
  const rates: number[] = []
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    const done = await lives(town, load)
    const taken = Number(process.hrtime.bigint() - start) / 1e9
    rates.push(done / taken)
    ratios.push(reference.run(Math.round(done * writes)) / taken)
  }
  return { ratio: median(ratios), livesPerSecond: median(rates), writes }
}

const allClosed = async ({ store, next }: Town): Promise<void> => {
  const { count } = await store.db
    .selectFrom('order_line')
    .select(e => e.fn.countAll<number>().as('count'))
    .where('status', '=', 'closed')
    .executeTakeFirstOrThrow()
  if (count !== next) throw new Error(`only ${count} of ${next} orders came to their end`)
}

/** B3: every step of every order is on the disk before it is answered, in both. */
export const bench: Bench = {
  id: 'B3',
  title: 'full life of an order on SQLite, every step durable',
  goal: 'at least 40 % of as many bare durable transactions',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-life-'))
    try {
      const town = await open(folder, 'ours')
      const reference = bare(folder)
      reference.run(2000)
      await live(town, many.together)
      const busy = await measure(town, many, reference)
      const single = await measure(town, alone, reference)
      await allClosed(town)
      reference.close()
      await town.store.close()
      return {
        ratio: busy.ratio,
        met: busy.ratio >= 0.4,
        detail: {
          'orders on their way at once': many.together,
          'durable transactions a life': busy.writes.toFixed(1),
          'lives a second': busy.livesPerSecond.toFixed(1),
          'ratio, each life against the transactions of one alone': (
            (busy.ratio * single.writes) /
            busy.writes
          ).toFixed(2),
          'ratio of one order alone': single.ratio.toFixed(2),
          'its durable transactions': single.writes.toFixed(1),
          'its lives a second': single.livesPerSecond.toFixed(1),
        },
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
