import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { sql } from 'kysely'
import { migrate, openStore, type Store } from '../src/gateway/store/db.ts'
import { ManualClock } from '../src/kernel/clock.ts'
import { createIds, seededRandom } from '../src/kernel/ids.ts'
import { outside, prepareModel, toBranch, type World, walk, world } from '../test/gateway/orders/world.ts'
import { type Bench, median } from './bench.ts'

const warm = 20
const lives = 60
const rounds = 3

/** One order from placed to closed: asked for, found, charged, packed, laid out, handed over, brought back. */
const live = async (w: World, n: number): Promise<void> => {
  const order = await w.place({ delivery: toBranch, key: `bench-life-key-${n}` })
  await walk(w, order, 'on_loan')
  const line = await w.staff(order, 'receive')
  if (line.status !== 'closed') throw new Error(`the order ended as ${line.status}`)
}

const open = async (folder: string, name: string): Promise<{ store: Store; w: World }> => {
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const store = openStore(`sqlite:${join(folder, `${name}.sqlite`)}`)
  await migrate(store)
  await prepareModel(store)
  const ids = createIds(clock, seededRandom(name))
  return { store, w: world({ store, clock, ids, out: outside(clock) }) }
}

/** Transactions of one life that write, counted by the rows that SQLite says have changed. */
const writesOfOneLife = async (folder: string): Promise<number> => {
  const { store } = await open(folder, 'count')
  let writes = 0
  const counting: Store = {
    ...store,
    tx: (fn, options) =>
      store.tx(async (tx, after) => {
        const before = await changes(tx)
        const result = await fn(tx, after)
        const changed = (await changes(tx)) > before
        after(() => {
          if (changed) writes += 1
        })
        return result
      }, options),
  }
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const ids = createIds(clock, seededRandom('count'))
  const w = world({ store: counting, clock, ids, out: outside(clock) })
  await live(w, 0)
  const first = writes
  await live(w, 1)
  await store.close()
  return writes - first
}

const changes = async (tx: Parameters<Parameters<Store['tx']>[0]>[0]): Promise<number> => {
  const { rows } = await sql<{ n: number }>`select total_changes() as n`.execute(tx)
  return rows[0]!.n
}

const ours = async (folder: string, round: number): Promise<number> => {
  const { store, w } = await open(folder, `ours-${round}`)
  for (let n = 0; n < warm; n++) await live(w, n)
  const start = process.hrtime.bigint()
  for (let n = 0; n < lives; n++) await live(w, warm + n)
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  await store.close()
  return lives / seconds
}

/** The same number of durable transactions, each one row of a line's usual size. */
const bare = (folder: string, round: number, writes: number): number => {
  const db = new Database(join(folder, `bare-${round}.sqlite`))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('create table line (id integer primary key, body text)')
  const insert = db.prepare('insert into line (body) values (?)')
  const body = 'x'.repeat(1500)
  for (let n = 0; n < warm * writes; n++) insert.run(body)
  const start = process.hrtime.bigint()
  for (let n = 0; n < lives * writes; n++) insert.run(body)
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  db.close()
  return lives / seconds
}

/** B3: full lives of orders, every step durable, against as many bare durable transactions. */
export const bench: Bench = {
  id: 'B3',
  title: 'full life of an order on SQLite, every step durable',
  goal: 'at least 40 % of as many bare durable transactions',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-life-'))
    try {
      const writes = await writesOfOneLife(folder)
      const rates = { ours: [] as number[], bare: [] as number[] }
      for (let round = 0; round < rounds; round++) {
        rates.ours.push(await ours(folder, round))
        rates.bare.push(bare(folder, round, writes))
      }
      const ratio = median(rates.ours) / median(rates.bare)
      return {
        ratio,
        met: ratio >= 0.4,
        detail: {
          'durable transactions a life': writes,
          'lives a second': Math.round(median(rates.ours)),
          'bare, lives a second': Math.round(median(rates.bare)),
        },
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
