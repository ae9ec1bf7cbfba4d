import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Killed } from '../../src/gateway/orders/perform.ts'
import type { OrderPolicy } from '../../src/gateway/orders/policy.ts'
import { migrate, openStore } from '../../src/gateway/store/db.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { createIds, seededRandom } from '../../src/kernel/ids.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import {
  feeRows,
  outside,
  pathOf,
  prepareModel,
  toBranch,
  toHome,
  toLocker,
  type World,
  world,
} from '../gateway/orders/world.ts'

/** One thing that somebody outside does, and does again when the gateway died before it answered. */
type Step = (w: World, orders: string[]) => Promise<void>

const place =
  (patronId: string, recordIds: string[], delivery: Parameters<World['place']>[0] & object): Step =>
  async (w, orders) => {
    const key = `key-${patronId}-${recordIds.join()}`
    const request = { libraryId: 'home', patronId, recordIds, key, actor: `reader:${patronId}` }
    const { order } = orThrow(await w.orders.place({ ...request, delivery: delivery.delivery! }))
    if (!orders.includes(order.id)) orders.push(order.id)
    await w.idle()
  }
const staff =
  (n: number, action: string, position = 0, input = {}): Step =>
  async (w, orders) => {
    const { id } = await w.line({ id: orders[n]! }, position)
    // Pressed again after a crash it may be past already: then it is refused, and that is right.
    await w.orders.staffAct({ lineId: id, libraryId: 'home', actor: 'staff:s1' }, action, input)
    await w.idle()
  }
const tell =
  (id: string, n: number, source: 'courier' | 'locker', what: string, position = 0): Step =>
  async (w, orders) => {
    const line = await w.line({ id: orders[n]! }, position)
    const parcelNumber = what.startsWith('return') ? line.returnParcelNumber : line.parcelNumber
    const parcel = parcelNumber === null || what === 'returned-in-locker' ? {} : { parcelNumber }
    const door = { lockerId: 'home-locker', compartmentId: line.compartmentId ?? 'K' }
    const data = ['put-in-locker', 'returned-in-locker'].includes(what)
      ? { ...door, ...parcel }
      : what === 'shipped'
        ? { ...parcel, via: 'courier' }
        : parcel
    const at = w.clock.now()
    const evidence = {
      id,
      libraryId: 'home',
      orderId: orders[n]!,
      lineId: line.id,
      source,
      what,
      at,
      receivedAt: at,
      data,
    }
    orThrow(await w.orders.ingest([evidence]))
    if (what === 'collected' && line.parcelNumber !== null) w.out.compartments.delete(line.parcelNumber)
    await w.idle()
  }
const later =
  (hours: number): Step =>
  async w => {
    await w.clock.advance(hours * 3_600_000)
    await w.idle()
  }
const reader =
  (n: number, act: 'cancel' | 'renew' | 'return' | 'transfer'): Step =>
  async (w, orders) => {
    const order = await w.order(orders[n]!)
    const on = {
      libraryId: 'home',
      orderId: order.id,
      lineId: order.lines[0]!.id,
      patronId: order.patronId,
      actor: `reader:${order.patronId}`,
    }
    if (act === 'cancel') await w.orders.cancel(on)
    if (act === 'renew') await w.orders.renew(on)
    if (act === 'return') await w.orders.requestReturn(on, { way: 'courier', addressId: 'a1' })
    if (act === 'transfer') await w.orders.transfer(on, 'p3')
    await w.idle()
  }

/** Short stories that together go every way out and back, fail to find, cancel, expire and pass on. */
const stories: Readonly<
  Record<string, { readonly steps: readonly Step[]; readonly outcomes: readonly (string | null)[] }>
> = {
  'two items into a locker, one after another copy, one kept, one renewed and returned into a locker': {
    steps: [
      place('p1', ['r1', 'r2'], { delivery: toLocker }),
      staff(0, 'not-found', 0, { reason: 'x', barcode: 'H1' }),
      staff(0, 'found'),
      staff(0, 'found', 1),
      staff(0, 'pack'),
      staff(0, 'pack', 1),
      tell('put-0', 0, 'locker', 'put-in-locker'),
      tell('put-1', 0, 'locker', 'put-in-locker', 1),
      tell('col-0', 0, 'locker', 'collected'),
      tell('col-1', 0, 'locker', 'collected', 1),
      reader(0, 'renew'),
      tell('back-0', 0, 'locker', 'returned-in-locker'),
      staff(0, 'receive'),
    ],
    outcomes: ['returned', null],
  },
  'home by courier and back by courier': {
    steps: [
      place('p2', ['r3'], { delivery: toHome }),
      staff(0, 'found'),
      staff(0, 'pack'),
      tell('ship', 0, 'courier', 'shipped'),
      tell('deliver', 0, 'courier', 'delivered'),
      reader(0, 'return'),
      tell('pick', 0, 'courier', 'return-picked-up'),
      staff(0, 'receive'),
    ],
    outcomes: ['returned'],
  },
  'from another library and cancelled; at the branch and never collected': {
    steps: [
      place('p3', ['r4'], { delivery: toBranch }),
      reader(0, 'cancel'),
      place('p2', ['r1'], { delivery: toBranch }),
      staff(1, 'found'),
      staff(1, 'at-branch'),
      later(100),
      staff(1, 'recover'),
    ],
    outcomes: ['cancelled_by_reader', 'uncollected'],
  },
  'torn at the door, sent again, and passed on to another reader': {
    steps: [
      place('p1', ['r1'], { delivery: toHome }),
      staff(0, 'found'),
      staff(0, 'pack'),
      tell('ship-1', 0, 'courier', 'shipped'),
      tell('torn', 0, 'courier', 'refused-damaged'),
      staff(0, 'found'),
      staff(0, 'pack'),
      tell('ship-2', 0, 'courier', 'shipped'),
      tell('deliver', 0, 'courier', 'delivered'),
      reader(0, 'transfer'),
      later(1),
    ],
    outcomes: ['transferred'],
  },
}

interface End {
  readonly lines: readonly unknown[]
  readonly ils: readonly string[][]
  readonly fees: readonly unknown[]
  readonly credit: readonly string[]
  readonly messages: readonly string[]
  readonly booked: number
  readonly compartments: number
  readonly waiting: number
}

/** A migrated, empty file that each life begins with. */
const blank = mkdtempSync(join(tmpdir(), 'shuqiao-blank-'))
beforeAll(async () => {
  const store = openStore(`sqlite:${join(blank, 'shuqiao.sqlite')}`, { outlives: 'process' })
  await migrate(store)
  await prepareModel(store)
  await store.close()
})
afterAll(() => rmSync(blank, { recursive: true }))

/** Plays the story; dies at the given boundaries, each time coming back with nothing but the file. */
const run = async (
  story: readonly Step[],
  policy: Partial<OrderPolicy>,
  deaths: readonly number[],
): Promise<End & { boundaries: number }> => {
  const folder = mkdtempSync(join(tmpdir(), 'shuqiao-boundary-'))
  const url = `sqlite:${join(folder, 'shuqiao.sqlite')}`
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const ids = createIds(clock, seededRandom('boundary'))
  const out = outside(clock)
  const orders: string[] = []
  let passed = 0
  const left = [...deaths]
  copyFileSync(join(blank, 'shuqiao.sqlite'), join(folder, 'shuqiao.sqlite'))
  try {
    for (let step = 0; ; ) {
      const store = openStore(url, { outlives: 'process' })
      let dead = false
      const boundary = (): void => {
        if (!dead && left[0] === passed++) {
          left.shift()
          dead = true
        }
        // What still ran when the process died gets no further either.
        if (dead) throw new Killed('killed')
      }
      const w = world({ store, clock, ids, out, policy, boundary })
      try {
        // A new process first looks after what the old one left.
        await clock.advance(700_000)
        await w.idle()
        for (; step < story.length; step++) await story[step]!(w, orders)
        await w.idle()
        return { ...(await endOf(w, orders)), boundaries: passed }
      } catch (thrown) {
        if (!(thrown instanceof Killed)) throw thrown
      } finally {
        await w.orders.worker.stop()
        await store.close()
      }
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const endOf = async (w: World, orders: readonly string[]): Promise<End> => {
  const lines = []
  for (const id of orders) {
    const order = await w.order(id)
    for (const line of order.lines) {
      const { status, outcome, barcode, tried, renewals, held, charged, pending, trouble } = line
      lines.push({
        status,
        outcome,
        barcode,
        tried,
        renewals,
        held,
        charged,
        pending,
        trouble,
        path: await pathOf(w, order, line.id),
      })
    }
  }
  const messages = await w.store.db.selectFrom('message').select('notice').execute()
  const waiting = await w.store.db.selectFrom('outbox').select('id').where('state', '<>', 'done').execute()
  return {
    lines,
    // Acts on different items may overtake each other; those on one item may not.
    ils: [w.out.ils.home, w.out.ils.away].map(ils =>
      [...Map.groupBy(ils.done, act => act.split(' ')[2]!)]
        .map(([item, acts]) => `${item}: ${acts.join(', ')}`)
        .toSorted(),
    ),
    fees: (await feeRows(w.store)).map(({ order_id: _, ...row }) => row),
    credit: [...w.out.credit.values()].map(v => v.split(' ').slice(0, 2).join(' ')).toSorted(),
    messages: messages.map(m => m.notice).toSorted(),
    booked: w.out.booked.size,
    compartments: w.out.compartments.size,
    waiting: waiting.length,
  }
}

for (const [name, { steps, outcomes }] of Object.entries(stories))
  it.each(['pack', 'collect'] as const)(
    `${name}: killed at any boundary and started again, it ends as if nothing had happened (charged at %s)`,
    { timeout: 600_000 },
    async chargeAt => {
      const { boundaries, ...undisturbed } = await run(steps, { chargeAt }, [])
      expect(undisturbed.lines.map(l => (l as { outcome: string | null }).outcome)).toEqual(outcomes)
      expect(undisturbed.waiting).toBe(0)
      expect(boundaries).toBeGreaterThan(50)
      for (let n = 0; n < boundaries; n++) {
        const { boundaries: _, ...killed } = await run(steps, { chargeAt }, [n])
        expect(killed, `killed at boundary ${n} of ${boundaries}`).toEqual(undisturbed)
      }
      // And more than once in one life.
      for (let n = 0; n < boundaries - 20; n += 17) {
        const { boundaries: _, ...killed } = await run(steps, { chargeAt }, [n, n + 1, n + 5, n + 23])
        expect(killed, `killed four times from ${n}`).toEqual(undisturbed)
      }
    },
  )
