import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { confirm, giveBack, type Pool, poolOn, reserve, shrink } from '../../../src/gateway/fees/pools.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { expectConserved } from './invariants.ts'

const pool: Pool = {
  id: 'province',
  name: { zh: '省运费补贴', en: 'Province subsidy' },
  perDay: 1000,
  policy: 'at-once',
  perReader: { period: 'month', amount: 600 },
}
const library = { libraryId: 'suzhou', zone: 'Asia/Shanghai' }
const open: TestStore[] = []
const fresh = async (): Promise<TestStore> => {
  const t = await sqliteStore()
  open.push(t)
  return t
}
afterEach(async () => {
  for (const t of open.splice(0)) await t.close()
})
const take = (t: TestStore, key: string, patronId: string, wanted: number, from = pool) =>
  t.store.tx(tx => reserve(tx, { ...library, pool: from, patronId, key, wanted }, t.clock.now()))
const back = (t: TestStore, key: string) => t.store.tx(tx => giveBack(tx, library.libraryId, key))
const spend = (t: TestStore, key: string) => t.store.tx(tx => confirm(tx, library.libraryId, key))

describe('a subsidy pool', () => {
  it('gives what is wanted while the day has it, then what is left, then nothing', async () => {
    const t = await fresh()
    expect([await take(t, 'a', 'p1', 500), await take(t, 'b', 'p2', 400)]).toEqual([500, 400])
    expect([await take(t, 'c', 'p3', 300), await take(t, 'd', 'p4', 300)]).toEqual([100, 0])
    expect(await poolOn(t.store.db, 'suzhou', pool, '2026-11-23')).toEqual({ amount: 1000, granted: 1000 })
  })

  it('fills again at midnight of the library, not of Greenwich', async () => {
    const t = await fresh()
    t.clock.jump(Date.parse('2026-11-23T15:59:59Z'))
    expect(await take(t, 'a', 'p1', 600)).toBe(600)
    expect(await take(t, 'b', 'p2', 600)).toBe(400)
    t.clock.jump(Date.parse('2026-11-23T16:00:00Z'))
    expect(await take(t, 'c', 'p3', 600)).toBe(600)
  })

  it('gives one reader no more than the share of the period', async () => {
    const t = await fresh()
    expect([await take(t, 'a', 'p1', 400), await take(t, 'b', 'p1', 400)]).toEqual([400, 200])
    t.clock.jump(Date.parse('2026-11-30T16:00:00Z'))
    expect(await take(t, 'c', 'p1', 400)).toBe(400)
  })

  it('answers a repeated order as it did the first time', async () => {
    const t = await fresh()
    expect([await take(t, 'a', 'p1', 300), await take(t, 'a', 'p1', 300)]).toEqual([300, 300])
    await expectConserved(t.store.db)
  })

  it('takes a grant back once, and never one that is spent', async () => {
    const t = await fresh()
    await take(t, 'a', 'p1', 300)
    await take(t, 'b', 'p2', 300)
    expect([await back(t, 'a'), await back(t, 'a'), await back(t, 'nothing')]).toEqual([300, 0, 0])
    expect(await spend(t, 'a')).toBe(false)
    expect([await spend(t, 'b'), await spend(t, 'b')]).toEqual([true, true])
    expect(await back(t, 'b')).toBe(0)
    expect(await take(t, 'a', 'p1', 300)).toBe(0)
    await expectConserved(t.store.db)
  })

  it('takes a part back when the order becomes cheaper', async () => {
    const t = await fresh()
    await take(t, 'a', 'p1', 500)
    const keep = (amount: number) => t.store.tx(tx => shrink(tx, 'suzhou', 'a', amount))
    expect([await keep(600), await keep(200), await keep(0), await keep(0)]).toEqual([0, 300, 200, 0])
    expect(await poolOn(t.store.db, 'suzhou', pool, '2026-11-23')).toMatchObject({ granted: 0 })
    await expectConserved(t.store.db)
  })

  it('leaves nothing behind when the order dies after the grant', async () => {
    const t = await fresh()
    const dying = t.store.tx(async tx => {
      await reserve(tx, { ...library, pool, patronId: 'p1', key: 'a', wanted: 500 }, t.clock.now())
      throw new Error('killed')
    })
    await expect(dying).rejects.toThrow('killed')
    expect(await poolOn(t.store.db, 'suzhou', pool, '2026-11-23')).toEqual({ amount: 1000, granted: 0 })
  })

  it('is never oversold when its day is made smaller, and has more when it is made larger', async () => {
    const t = await fresh()
    await take(t, 'a', 'p1', 600)
    expect(await take(t, 'b', 'p2', 600, { ...pool, perDay: 500 })).toBe(0)
    expect(await take(t, 'b', 'p2', 600, { ...pool, perDay: 900 })).toBe(300)
    await expectConserved(t.store.db)
  })

  it('is never oversold and nothing is lost, whatever happens at once', async () => {
    const order = fc.integer({ min: 0, max: 7 }).map(String)
    const act = fc.oneof(
      fc.record({ act: fc.constant('reserve'), order, wanted: fc.integer({ min: 0, max: 700 }) }),
      fc.record({ act: fc.constant('crash'), order, wanted: fc.integer({ min: 0, max: 700 }) }),
      fc.record({ act: fc.constantFrom('confirm', 'return'), order, wanted: fc.constant(0) }),
      fc.record({ act: fc.constant('shrink'), order, wanted: fc.integer({ min: 0, max: 500 }) }),
      fc.record({ act: fc.constant('tomorrow'), order, wanted: fc.constant(0) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(act, { maxLength: 6 }), { maxLength: 6 }), async rounds => {
        const t = await sqliteStore()
        const does = async ({
          act: what,
          order: key,
          wanted,
        }: (typeof rounds)[number][number]): Promise<void> => {
          if (what === 'reserve') await take(t, key, `p${Number(key) % 3}`, wanted)
          if (what === 'confirm') await spend(t, key)
          if (what === 'return') await back(t, key)
          if (what === 'shrink') await t.store.tx(tx => shrink(tx, 'suzhou', key, wanted))
          if (what === 'tomorrow') t.clock.jump(t.clock.now() + 86_400_000)
          if (what === 'crash')
            await t.store
              .tx(async tx => {
                await reserve(tx, { ...library, pool, patronId: 'p0', key, wanted }, t.clock.now())
                throw new Error('killed')
              })
              .catch(() => {})
        }
        try {
          for (const round of rounds) {
            await Promise.all(round.map(does))
            await expectConserved(t.store.db)
          }
        } finally {
          await t.close()
        }
      }),
      { numRuns: 40 },
    )
  })
})
