import { expect, it } from 'vitest'
import type { Fact } from '../../src/gateway/credit/facts.ts'
import { computeLedger } from '../../src/gateway/credit/ledger.ts'
import { jincheng } from '../../src/gateway/credit/packs/jincheng.ts'
import { charge, refund } from '../../src/gateway/fees/charges.ts'
import { confirm, giveBack, type Pool, poolOn, reserve } from '../../src/gateway/fees/pools.ts'
import type { Tx } from '../../src/gateway/store/db.ts'
import { createTurns } from '../../src/kernel/turns.ts'
import { creditOfOneReader } from '../gateway/credit/harness.ts'
import { expectConserved } from '../gateway/fees/invariants.ts'
import { eachStore } from '../harness/store.ts'

const of = { libraryId: 'suzhou', zone: 'Asia/Shanghai' }
const words = { zh: '补贴', en: 'subsidy' }
const pool: Pool = {
  id: 'province',
  name: words,
  perDay: 1000,
  policy: 'at-once',
  perReader: { period: 'month', amount: 450 },
}

eachStore('subsidies and fees under contention', fresh => {
  it.each(['in turns, serializable', 'read committed'] as const)(
    'a day is given away to the last fen and not further, to readers who all come at once: %s',
    async how => {
      const t = await fresh()
      const turns = createTurns()
      const order = <T>(act: (tx: Tx) => Promise<T>): Promise<T> =>
        how === 'read committed'
          ? t.store.tx(act, { isolation: 'read committed' })
          : turns.run('province', () => t.store.tx(act))
      const granted = await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          order(tx =>
            reserve(tx, { ...of, pool, patronId: `p${i % 10}`, key: `o${i}`, wanted: 120 }, t.clock.now()),
          ),
        ),
      )
      expect(granted.reduce((sum, amount) => sum + amount, 0)).toBe(1000)
      await expectConserved(t.store.db)
      await Promise.all(
        granted.flatMap((_, i) => [
          order(tx => giveBack(tx, 'suzhou', `o${i}`)),
          order(async tx => ((await confirm(tx, 'suzhou', `o${i}`)) ? 1 : 0)),
        ]),
      )
      await expectConserved(t.store.db)
      const spent = await t.store.db
        .selectFrom('subsidy_grant')
        .select('amount')
        .where('state', '=', 'confirmed')
        .execute()
      const left = await poolOn(t.store.db, 'suzhou', pool, '2026-11-23')
      expect(left.granted).toBe(spent.reduce((sum, row) => sum + row.amount, 0))
    },
  )

  it('an order is charged once and refunded within it, by clerks who press at once', async () => {
    const t = await fresh()
    const bill = { libraryId: 'suzhou', orderId: 'o', reason: words }
    const fee = { tariff: 500, tierDiscount: 0, concession: 0, subsidy: 0, due: 500, why: [] }
    await Promise.all(
      Array.from({ length: 6 }, () =>
        t.store.tx(tx => charge(tx, { ...bill, patronId: 'p', key: 'c', fee }, t.clock.now())),
      ),
    )
    const back = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        t.store.tx(tx => refund(tx, { ...bill, key: `r${i % 4}`, amount: 200 }, t.clock.now())),
      ),
    )
    expect(back.filter(amount => amount > 0).length).toBeGreaterThan(0)
    await expectConserved(t.store.db)
    const account = await t.store.db.selectFrom('fee_account').selectAll().executeTakeFirstOrThrow()
    expect(account).toMatchObject({ charged: 500, refunded: 500 })
  })
})

eachStore('a reader’s ledger under contention', fresh => {
  it('is the ledger of all facts, however many arrive at once and twice', async () => {
    const t = await creditOfOneReader(fresh)
    const now = t.clock.now()
    const facts: Fact[] = Array.from({ length: 12 }, (_, i) => [
      {
        id: `b${i}`,
        kind: 'borrowed',
        loanId: `l${i}`,
        at: now + (i % 3) * 86_400_000,
        evidence: `o${i}`,
      } as const,
      {
        id: `o${i}`,
        kind: 'overdue',
        loanId: `l${i % 4}`,
        dueAt: now,
        at: now + i * 86_400_000,
        evidence: '',
      } as const,
    ]).flat()
    await Promise.all([...facts, ...facts.toReversed()].map(fact => t.credit.record(t.who, [fact])))
    const computed = computeLedger(facts, jincheng, 'Asia/Shanghai')
    const rows = await t.store.db.selectFrom('credit_entry').selectAll().execute()
    const sums = new Map<string, number>()
    for (const row of rows) sums.set(row.key, (sums.get(row.key) ?? 0) + row.points)
    for (const entry of computed) expect(sums.get(entry.key)).toBe(entry.points)
    const account = await t.store.db.selectFrom('credit_account').selectAll().executeTakeFirstOrThrow()
    expect(account.balance).toBe(computed.at(-1)!.balance)
    expect(rows.reduce((sum, row) => sum + row.points, 0)).toBe(account.balance)
    const freezes = t.cards.filter(card => card.act === 'block').map(card => card.key)
    expect(new Set(freezes).size).toBe(account.freezes)
  })

  it('joins a reader once, though the button was pressed twice', async () => {
    const t = await creditOfOneReader(fresh)
    const answers = await Promise.all([t.join('zhima'), t.join('zhima'), t.join('card')])
    for (const answer of answers) expect(answer).toMatchObject({ ok: true, value: { result: 'admitted' } })
    expect(await t.credit.creditOf(t.who)).toMatchObject({ balance: 100, tier: { id: 'credit' } })
    const joined = await t.store.db
      .selectFrom('event')
      .select('id')
      .where('kind', '=', 'credit-joined')
      .execute()
    expect(joined).toHaveLength(1)
  })
})
