import { expect, it } from 'vitest'
import type { Line } from '../../src/gateway/orders/order.ts'
import {
  claimedAmong,
  claimOf,
  offerAgain,
  releaseItem,
  takeItem,
  withdrawItem,
} from '../../src/gateway/store/claims.ts'
import { illRequestsOf } from '../../src/gateway/store/ill.ts'
import { markRead, messagesOf } from '../../src/gateway/store/messages.ts'
import { nextNumber, OrderChanged, saveOrder } from '../../src/gateway/store/orders.ts'
import { parcelByWaybill } from '../../src/gateway/store/parcels.ts'
import { createIds, seededRandom } from '../../src/kernel/ids.ts'
import {
  collect,
  outside,
  pathOf,
  prepareModel,
  toHome,
  type World,
  walk,
  world,
} from '../gateway/orders/world.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const begin = async (test: TestStore): Promise<World> => {
  await prepareModel(test.store)
  await test.clock.advance(2 * 3_600_000)
  return world({ ...test, out: outside(test.clock) })
}
const item = { libraryId: 'home', barcode: 'B1' }
const holder = (lineId: string) => ({ libraryId: 'home', orderId: 'o', lineId })

eachStore('claims on items', fresh => {
  it('go to one open line; the same line may ask again, another may not', async () => {
    const { store } = await fresh()
    const take = (lineId: string) => store.tx(tx => takeItem(tx, item, holder(lineId)))
    expect(await Promise.all([take('a'), take('b'), take('c')])).toHaveLength(3)
    const taken = await Promise.all(['a', 'b', 'c'].map(take))
    expect(taken.filter(Boolean)).toHaveLength(1)
    const owner = await claimOf(store.db, item, 0)
    expect(owner?.why).toBe('line')
    await store.tx(tx => releaseItem(tx, item, 'somebody else'))
    expect(await claimOf(store.db, item, 0)).toEqual(owner)
    await store.tx(tx => releaseItem(tx, item, owner!.lineId))
    expect(await claimOf(store.db, item, 0)).toBeUndefined()
  })

  it('keep a withdrawn item out of the offer until its time is over or somebody has it in hand', async () => {
    const { store } = await fresh()
    await store.tx(async tx => {
      await takeItem(tx, item, holder('a'))
      await withdrawItem(tx, item, 'a', 'not-found', 1000)
    })
    const others = { libraryId: 'home', barcode: 'B2' }
    expect(await claimedAmong(store.db, 'home', ['B1', 'B2'], 999)).toEqual(new Set(['B1']))
    expect(await claimedAmong(store.db, 'home', ['B1', 'B2'], 1000)).toEqual(new Set())
    expect(await store.tx(tx => offerAgain(tx, others))).toBe(false)
    expect(await store.tx(tx => takeItem(tx, item, holder('b')))).toBe(true)
    expect(await store.tx(tx => offerAgain(tx, item))).toBe(false)
  })
})

eachStore('orders in the store', fresh => {
  it('get numbers that rise within a library’s day, without gap or double under haste', async () => {
    const { store } = await fresh()
    const numbers = await Promise.all(
      Array.from({ length: 12 }, () => store.tx(tx => nextNumber(tx, 'home', '20261123'))),
    )
    expect(numbers.toSorted()).toEqual(
      Array.from({ length: 12 }, (_, i) => `20261123-${String(i + 1).padStart(4, '0')}`),
    )
    expect(await store.tx(tx => nextNumber(tx, 'away', '20261123'))).toBe('20261123-0001')
  })

  it('are not written over what somebody else wrote meanwhile', async () => {
    const test = await fresh()
    const w = await begin(test)
    const order = await w.place()
    await w.staff(order, 'found')
    const stale: Line = { ...order.lines[0]!, title: 'stale' }
    let tries = 0
    const write = test.store.tx(tx => {
      tries += 1
      return saveOrder(tx, { ...order, lines: [stale] }, order)
    })
    await expect(write).rejects.toThrow(OrderChanged)
    expect(tries).toBeGreaterThan(1)
    expect((await w.line(order)).title).toBe('书 r1')
  })

  it('live through their whole life, and everything about it can be read again', async () => {
    const test = await fresh()
    const w = await begin(test)
    const order = await w.place({ recordIds: ['r1', 'r2'], delivery: toHome })
    await w.staff(order, 'not-found', { reason: '不在架' })
    for (const act of ['found', 'pack', 'send'])
      for (const position of [0, 1]) await w.staff(order, act, { position })
    const { parcelNumber, id } = await w.line(order)
    const parcel = await parcelByWaybill(test.store.db, 'sf', `SF-${parcelNumber}`)
    expect(parcel).toMatchObject({ library_id: 'home', number: parcelNumber, direction: 'out' })
    for (const position of [0, 1]) await w.tell(order, 'courier', 'delivered', { parcelNumber }, { position })
    await w.clock.advance(3 * 86_400_000)
    for (const position of [0, 1]) await w.staff(order, 'receive', { position })
    const lines = (await w.order(order.id)).lines
    expect(lines.map(l => [l.status, l.outcome, l.barcode])).toEqual([
      ['closed', 'returned', 'H2'],
      ['closed', 'returned', 'H4'],
    ])
    expect(await pathOf(w, order, id)).toContain('seeking')
    const row = await test.store.db
      .selectFrom('order_line')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      status: 'closed',
      confirmed_at: lines[0]!.times.confirmed,
      found_at: lines[0]!.times.found,
      not_found_at: lines[0]!.notFoundAt,
      ready_at: lines[0]!.times.delivered,
      in_hand_at: lines[0]!.times.delivered,
      closed_at: lines[0]!.times.closed,
      timer_at: null,
    })
    expect((await illRequestsOf(test.store.db, 'home', id)).map(r => r.barcode)).toEqual(['H2'])
    const who = { libraryId: 'home', patronId: 'p1' }
    const all = await messagesOf(test.store.db, who, { limit: 50 })
    expect(all.map(m => m.notice)).toEqual(
      expect.arrayContaining(['looking-elsewhere', 'delivered', 'returned']),
    )
    const page = await messagesOf(test.store.db, who, { limit: 2, before: all[0]!.id })
    expect(page.map(m => m.id)).toEqual(all.slice(1, 3).map(m => m.id))
    await markRead(test.store.db, who, w.clock.now())
    expect((await messagesOf(test.store.db, who, { limit: 50 })).every(m => m.readAt === w.clock.now())).toBe(
      true,
    )
  })

  it('worked by two workers at once have each effect once, and none is lost', async () => {
    const test = await fresh()
    const first = await begin(test)
    const second = world({ ...test, ids: createIds(test.clock, seededRandom('second')), out: first.out })
    const orders = []
    for (const [patronId, record] of [
      ['p1', 'r1'],
      ['p2', 'r2'],
      ['p3', 'r3'],
    ] as const)
      orders.push(await first.place({ patronId, recordIds: [record] }))
    const both = () => Promise.all([first.idle(), second.idle()])
    for (const action of ['found', 'pack']) {
      await Promise.all(
        orders.map(async (order, n) => {
          const { id: lineId } = await first.line(order)
          const at = n % 2 === 0 ? first : second
          return at.orders.staffAct({ lineId, libraryId: 'home', actor: 'staff:s1' }, action, {})
        }),
      )
      await both()
    }
    for (const order of orders) {
      await walkOn(first, order)
      await second.staff(order, 'receive')
    }
    await both()
    expect(first.out.ils.home.done.toSorted()).toEqual(
      ['p1 H1', 'p2 H4', 'p3 H5']
        .flatMap(on => ['checkin', 'checkout', 'hold'].map(act => `${act} C-${on}`))
        .toSorted(),
    )
    for (const order of orders) expect((await first.line(order)).outcome).toBe('returned')
    const left = await test.store.db
      .selectFrom('outbox')
      .select('kind')
      .where('state', '<>', 'done')
      .execute()
    expect(left).toEqual([])
  })

  it('fire their timers once, whoever sees them first', async () => {
    const test = await fresh()
    const w = await begin(test)
    const twin = world({ ...test, ids: createIds(test.clock, seededRandom('twin')), out: w.out })
    const order = await w.place()
    await walk(w, order, 'ready')
    await w.clock.advance(5 * 86_400_000)
    await Promise.all([w.idle(), twin.idle()])
    await Promise.all([w.idle(), twin.idle()])
    expect((await w.line(order)).status).toBe('expired')
    const events = await test.store.db
      .selectFrom('event')
      .select('kind')
      .where('kind', '=', 'line.pickup-expired')
      .execute()
    expect(events).toHaveLength(1)
  })
})

const walkOn = async (w: World, order: { readonly id: string }): Promise<void> => {
  const line = await w.line(order)
  const place = {
    lockerId: 'home-locker',
    compartmentId: line.compartmentId ?? 'K',
    parcelNumber: line.parcelNumber,
  }
  await w.tell(order, 'locker', 'put-in-locker', place)
  await collect(w, await w.order(order.id))
}
