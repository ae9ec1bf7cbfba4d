import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { migrate, openStore, type Store } from '../src/gateway/store/db.ts'
import { ManualClock } from '../src/kernel/clock.ts'
import { createIds, seededRandom } from '../src/kernel/ids.ts'
import { orThrow } from '../src/kernel/problem.ts'
import { outside, prepareModel, toBranch, type World, world } from '../test/gateway/orders/world.ts'
import { type Bench, median } from './bench.ts'

/** Orders on their way at once, as on a busy morning. */
const together = 100
const rounds = 5

/** Whole lives from placed to closed: asked for, found, charged, packed, laid out, handed over, brought back. */
const live = async (w: World, round: number): Promise<void> => {
  const all = Array.from({ length: together }, (_, n) => round * together + n)
  const placed = await Promise.all(
    all.map(async n => {
      const request = { libraryId: 'home', patronId: `p${n}`, recordIds: [`x${n}`], delivery: toBranch }
      return orThrow(await w.orders.place({ ...request, key: `bench-life-key-${n}`, actor: `reader:p${n}` }))
        .order
    }),
  )
  await w.idle()
  for (const action of ['found', 'pack', 'at-branch', 'hand-over', 'receive']) {
    await Promise.all(
      placed.map(async order => {
        const on = { lineId: order.lines[0]!.id, libraryId: 'home', actor: 'staff:s1' }
        orThrow(await w.orders.staffAct(on, action, {}))
      }),
    )
    await w.idle()
  }
}

/** A gateway of its own on a fresh file, with a book and a reader for each order, and a count of its transactions. */
const open = async (
  folder: string,
  name: string,
): Promise<{ store: Store; w: World; writes: () => number }> => {
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const opened = openStore(`sqlite:${join(folder, `${name}.sqlite`)}`)
  await migrate(opened)
  await prepareModel(opened)
  const out = outside(clock)
  for (let n = 0; n < (rounds + 1) * together; n++) {
    out.ils.home.addItem(`X${n}`, '书')
    out.ils.home.addPatron(`C-p${n}`)
    out.copies.set(`x${n}`, [
      {
        supplierId: 'home',
        branchId: 'home-main',
        barcode: `X${n}`,
        shelving: 'open',
        callNumber: null,
        location: null,
      },
    ])
  }
  let writes = 0
  const store: Store = {
    ...opened,
    tx: (fn, options) =>
      opened.tx((tx, after) => {
        after(() => {
          writes += 1
        })
        return fn(tx, after)
      }, options),
  }
  return {
    store,
    w: world({ store, clock, ids: createIds(clock, seededRandom(name)), out, concurrency: 64 }),
    writes: () => writes,
  }
}

/** As many durable transactions as better-sqlite3 writes by itself, each one row of a line's usual size. */
const bare = (folder: string): ((count: number) => number) & { close(): void } => {
  const db = new Database(join(folder, 'bare.sqlite'))
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = FULL')
  db.exec('create table line (id integer primary key, body text)')
  const insert = db.prepare('insert into line (body) values (?)')
  const body = 'x'.repeat(1500)
  const run = (count: number): number => {
    const start = process.hrtime.bigint()
    for (let n = 0; n < count; n++) insert.run(body)
    return Number(process.hrtime.bigint() - start) / 1e9
  }
  return Object.assign(run, { close: () => db.close() })
}

/** B3: every step of every order is on the disk before it is answered, in both runs. */
export const bench: Bench = {
  id: 'B3',
  title: 'full life of an order on SQLite, every step durable',
  goal: 'at least 40 % of as many bare durable transactions',
  run: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-life-'))
    try {
      const { store, w, writes } = await open(folder, 'ours')
      const reference = bare(folder)
      await live(w, 0)
      reference(2000)
      const ratios: number[] = []
      const seconds: number[] = []
      let each = 0
      for (let round = 1; round <= rounds; round++) {
        const before = writes()
        const start = process.hrtime.bigint()
        await live(w, round)
        const taken = Number(process.hrtime.bigint() - start) / 1e9
        each = writes() - before
        seconds.push(taken)
        ratios.push(reference(each) / taken)
      }
      const { count } = await store.db
        .selectFrom('order_line')
        .select(e => e.fn.countAll<number>().as('count'))
        .where('status', '=', 'closed')
        .executeTakeFirstOrThrow()
      if (count !== (rounds + 1) * together) throw new Error(`only ${count} orders came to their end`)
      reference.close()
      await store.close()
      const ratio = median(ratios)
      return {
        ratio,
        met: ratio >= 0.4,
        detail: {
          'durable transactions a life': (each / together).toFixed(1),
          'lives a second': (together / median(seconds)).toFixed(1),
          'transactions a second': Math.round(each / median(seconds)),
          'orders on their way at once': together,
        },
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
}
