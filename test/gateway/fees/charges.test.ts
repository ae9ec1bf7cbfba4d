import fc from 'fast-check'
import { afterEach, expect, it } from 'vitest'
import { billOf, charge, refund } from '../../../src/gateway/fees/charges.ts'
import type { FeeBreakdown } from '../../../src/gateway/orders/order.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { expectConserved } from './invariants.ts'

const why = { zh: '运费', en: 'Postage' }
const fee = (due: number): FeeBreakdown => ({
  tariff: due + 100,
  tierDiscount: 100,
  concession: 0,
  subsidy: 0,
  due,
  why: [why],
})
const of = { libraryId: 'suzhou', orderId: 'o1' }
const open: TestStore[] = []
const fresh = async (): Promise<TestStore> => {
  const t = await sqliteStore()
  open.push(t)
  return t
}
afterEach(async () => {
  for (const t of open.splice(0)) await t.close()
})
const pay = (t: TestStore, key: string, due: number) =>
  t.store.tx(tx => charge(tx, { ...of, patronId: 'p', key, fee: fee(due), reason: why }, t.clock.now()))
const back = (t: TestStore, key: string, amount: number | 'all') =>
  t.store.tx(tx => refund(tx, { ...of, key, amount, reason: why }, t.clock.now()))

it('charges an order once for a key and keeps the parts of its price', async () => {
  const t = await fresh()
  await pay(t, 'o1:borrow', 300)
  await pay(t, 'o1:borrow', 300)
  await pay(t, 'o1:return', 500)
  expect(await billOf(t.store.db, 'suzhou', 'o1')).toMatchObject({
    charged: 800,
    refunded: 0,
    entries: [{ fee: { tariff: 400, tierDiscount: 100, due: 300 } }, { kind: 'charge', amount: 500 }],
  })
})

it('gives back what is asked, then what is left, then nothing; a repeat answers what the first did', async () => {
  const t = await fresh()
  await pay(t, 'c', 500)
  expect([await back(t, 'r1', 300), await back(t, 'r1', 300), await back(t, 'r2', 300)]).toEqual([
    300, 300, 200,
  ])
  expect([await back(t, 'r3', 'all'), await back(t, 'r4', -5)]).toEqual([0, 0])
})

it('gives nothing back of an order that was never charged', async () => {
  const t = await fresh()
  expect(await back(t, 'r1', 'all')).toBe(0)
})

it('keeps entries for ever', async () => {
  const t = await fresh()
  await pay(t, 'c', 500)
  await expect(t.store.db.deleteFrom('fee_entry').execute()).rejects.toThrow(/append-only/)
})

it('never gives back more than was charged, whatever is asked at once', async () => {
  const act = fc.record({
    key: fc.integer({ min: 0, max: 5 }).map(String),
    amount: fc.oneof(fc.constant('all' as const), fc.integer({ min: -10, max: 400 })),
    pays: fc.boolean(),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async acts => {
      const t = await sqliteStore()
      try {
        await Promise.all(
          acts.map(({ key, amount, pays }) =>
            pays ? pay(t, `c${key}`, amount === 'all' ? 100 : Math.abs(amount)) : back(t, `r${key}`, amount),
          ),
        )
        await expectConserved(t.store.db)
      } finally {
        await t.close()
      }
    }),
    { numRuns: 25 },
  )
})
