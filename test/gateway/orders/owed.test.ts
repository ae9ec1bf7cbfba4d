import { describe, expect, it } from 'vitest'
import { itemSequence } from '../../../src/gateway/ils-queue/happened.ts'
import { doneAfter } from '../../../src/gateway/store/ils-queue.ts'
import { worlds } from './begin.ts'
import { collect, expectStatus, toBranch, type World, walk } from './world.ts'

const begin = worlds()
const minute = 60_000

/** An order whose item was found while the library system was away: the loan is owed. */
const owed = async (w: World) => {
  const order = await w.place({ delivery: toBranch })
  w.out.ils.home.luck = () => 'away'
  await walk(w, order, 'found')
  expect(await w.line(order)).toMatchObject({ status: 'charged', chargeOwed: true, charged: false })
  return order
}
/** The library system is back, and has blocked the reader meanwhile in a way that even no-block respects. */
const refuses = async (w: World) => {
  w.out.ils.home.patrons.delete('C-p1')
  w.out.ils.home.luck = () => 'fine'
  await w.clock.advance(10 * minute)
  await w.idle()
}
const accepts = (w: World) => w.out.ils.home.addPatron('C-p1')
const exceptions = (w: World) => w.orders.work('exceptions', { libraryId: 'home', branchIds: [] })

describe('a loan that is owed and that the library system refuses in the end', () => {
  it('takes the line back to where a refused loan is settled, while the item is still on the desk', async () => {
    const w = await begin()
    const order = await owed(w)
    await refuses(w)
    const line = await w.line(order)
    expectStatus(line, 'checkout_refused')
    expect(line.trouble?.zh).toContain('系统不同意借出')
    accepts(w)
    expectStatus(await w.staff(order, 'retry-checkout'), 'charged')
    expect(await w.line(order)).toMatchObject({ charged: true, trouble: null })
  })

  it('sends for another copy when it is about the item, and leaves the loan of somebody else alone', async () => {
    const w = await begin()
    const order = await owed(w)
    const item = w.out.ils.home.items.get('H1')!
    item.loan = { card: 'C-p9', due: w.clock.now() + 86_400_000, renewals: 0 }
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(10 * minute)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ round: 1, barcode: 'H2' })
    expect(item.loan?.card).toBe('C-p9')
  })

  it('does not pass for a loan: an older return of the item, reported late, must still be told', async () => {
    const w = await begin()
    const order = await owed(w)
    w.out.ils.home.items.get('H1')!.loan = { card: 'C-p9', due: w.clock.now() + 86_400_000, renewals: 0 }
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(10 * minute)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ round: 1, barcode: 'H2' })
    const since = (barcode: string) => doneAfter(w.store.db, { id: '0' }, itemSequence('home', barcode))
    expect((await since('H1')).lent).toBe(false)
    await walk(w, order, 'packed')
    expect(await since('H2')).toEqual({ lent: true, back: false })
  })

  it('is told truly of a packed item, and stays to be settled wherever the parcel goes', async () => {
    const w = await begin()
    const order = await owed(w)
    await w.staff(order, 'pack')
    await refuses(w)
    const packed = await w.line(order)
    expect(packed).toMatchObject({ status: 'packed', trouble: { code: 'loan-not-recorded' } })
    expect(packed.trouble?.zh).toMatch(/书已打包或送出.*证号不存在/)
    await w.staff(order, 'at-branch')
    expect((await w.line(order)).trouble?.code).toBe('loan-not-recorded')
    await collect(w, order)
    const line = await w.line(order)
    expect(line).toMatchObject({ status: 'on_loan', trouble: { code: 'charge-refused' } })
    expect(line.trouble?.zh).toMatch(/书已在读者手中.*证号不存在/)
    const [row] = await exceptions(w)
    expect(row?.can.slice(0, 2)).toEqual(['retry-checkout', 'settled-by-hand'])
    accepts(w)
    expect(await w.staff(order, 'retry-checkout')).toMatchObject({ charged: true, trouble: null })
  })

  it('can be entered in the library system by hand: from then on the loan stands, and its return is told', async () => {
    const w = await begin()
    const order = await owed(w)
    await w.staff(order, 'pack')
    await refuses(w)
    accepts(w)
    const item = w.out.ils.home.items.get('H1')!
    item.loan = { card: 'C-p1', due: w.clock.now() + 30 * 86_400_000, renewals: 0 }
    item.holds = []
    expect(await w.staff(order, 'settled-by-hand')).toMatchObject({ charged: true, trouble: null })
    await w.staff(order, 'at-branch')
    await collect(w, order)
    await w.staff(order, 'receive')
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
    expect(item.loan).toBeNull()
  })

  it('is not taken for returned because the library system knows of no loan', async () => {
    const w = await begin()
    const order = await owed(w)
    await w.staff(order, 'at-branch')
    await refuses(w)
    await collect(w, order)
    await w.clock.advance(60 * 86_400_000)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'on_loan', trouble: { code: 'charge-refused' } })
    await w.staff(order, 'receive')
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
  })
})

it('acts of orders stand in one line with what happened to the item at desks and kiosks', async () => {
  const w = await begin()
  await owed(w)
  const rows = await w.store.db
    .selectFrom('outbox')
    .select(['queue', 'sequence'])
    .where('kind', 'in', ['ils.place-hold', 'ils.checkout'])
    .execute()
  expect(rows).toHaveLength(2)
  for (const row of rows) expect(row).toEqual({ queue: 'ils:home', sequence: itemSequence('home', 'H1') })
})

describe('a return told late', () => {
  it('leaves the loan alone that somebody else has by then', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toBranch })
    await walk(w, order, 'on_loan')
    w.out.ils.home.luck = () => 'away'
    await w.staff(order, 'receive')
    const item = w.out.ils.home.items.get('H1')!
    item.loan = { card: 'C-p9', due: w.clock.now() + 86_400_000, renewals: 0 }
    await w.clock.advance(3 * 60 * minute)
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(10 * minute)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
    expect(item.loan?.card).toBe('C-p9')
  })
})
