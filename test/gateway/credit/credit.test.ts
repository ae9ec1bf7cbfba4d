import { afterEach, describe, expect, it } from 'vitest'
import { credit as creditSchema, joinResult } from '../../../src/gateway/http/api/reader.ts'
import { verifyAudit } from '../../../src/gateway/store/audit.ts'
import { creditOfOneReader, person } from './harness.ts'

type Setup = Awaited<ReturnType<typeof creditOfOneReader>>
const open: Setup[] = []
const setup = async (): Promise<Setup> => {
  const made = await creditOfOneReader()
  open.push(made)
  return made
}
afterEach(async () => {
  for (const made of open.splice(0)) await made.close()
})
const day = 86_400_000

describe('joining', () => {
  it('by a platform’s yes admits, gives 100 points and a tier', async () => {
    const { join, credit, who, row, zhima } = await setup()
    const answer = await join('zhima')
    expect(answer).toMatchObject({ ok: true, value: { result: 'admitted', tier: { id: 'credit' } } })
    expect(joinResult.safeParse(answer.ok && answer.value).success).toBe(true)
    expect(await row()).toMatchObject({ tier: 'credit', joined_at: expect.any(Number) })
    expect(await credit.creditOf(who)).toMatchObject({ balance: 100, tier: { id: 'credit' } })
    expect(zhima.seen).toMatchObject([
      { threshold: 550, person: { kind: 'identity-card', number: person.idNumber } },
    ])
  })

  it.each(['no', 'unknown', 'down'] as const)('meets %s with another way, which works', async outcome => {
    const { join, zhima, row } = await setup()
    zhima.answers(outcome)
    const answer = await join('zhima')
    expect(answer).toMatchObject({ ok: true, value: { result: 'other-way', tier: null } })
    expect(answer.ok && answer.value.otherWays).toEqual(expect.arrayContaining(['card', 'deposit']))
    expect(await row()).toMatchObject({ joined_at: null, tier: null })
    expect(await join('card')).toMatchObject({
      ok: true,
      value: { result: 'admitted', tier: { id: 'basic' } },
    })
  })

  it('by deposit waits for the desk', async () => {
    const { join, credit, who, row } = await setup()
    expect(await join('deposit')).toMatchObject({
      value: { result: 'other-way', otherWays: ['zhima', 'card'] },
    })
    await credit.takeDeposit(who, { id: 'D1', amount: 10_000, by: 'staff:1' })
    expect(await join('deposit')).toMatchObject({ value: { result: 'admitted', tier: { id: 'deposit' } } })
    expect(await credit.giveBackDeposit(who, { id: 'D1', by: 'staff:1' })).toBe(true)
    expect(await credit.giveBackDeposit(who, { id: 'D1', by: 'staff:1' })).toBe(false)
    expect(await row()).toMatchObject({ tier: 'basic' })
  })

  it('twice gives the points once', async () => {
    const { join, credit, who } = await setup()
    await join('card')
    await join('zhima')
    expect(await credit.creditOf(who)).toMatchObject({
      balance: 100,
      tier: { id: 'credit' },
      decisions: [{}, {}],
    })
  })

  it('asks the platform nothing without a consent to the present text, or without a person', async () => {
    const { credit, who, consent, zhima } = await setup()
    expect(
      await credit.join({ ...who, way: 'zhima', consent: { textVersion: 'old' }, person }),
    ).toMatchObject({
      problem: { code: 'consent-text-changed' },
    })
    expect(await credit.join({ ...who, way: 'zhima', consent })).toMatchObject({
      problem: { code: 'person-needed' },
    })
    expect(zhima.seen).toEqual([])
  })

  it('uses the answer it has until it runs out', async () => {
    const { join, clock, zhima, credit, row, store, who } = await setup()
    await join('zhima')
    await join('zhima')
    expect(zhima.seen).toHaveLength(1)
    clock.jump(clock.now() + 366 * day)
    expect(await credit.allowanceOf(store.db, who)).toMatchObject({ tier: { id: 'basic' } })
    expect(await credit.sweep()).toBe(1)
    expect(await row()).toMatchObject({ tier: 'basic' })
    await join('zhima')
    expect(zhima.seen).toHaveLength(2)
  })

  it('asks the same question of one day under one key, and another question under another', async () => {
    const { credit, who, consent, zhima, clock } = await setup()
    zhima.answers('unknown')
    const ask = (name: string) => credit.join({ ...who, way: 'zhima', consent, person: { ...person, name } })
    await ask(person.name)
    await ask(person.name)
    await ask('别的名字')
    clock.jump(clock.now() + day)
    await ask(person.name)
    const [a, b, c, d] = zhima.seen.map(question => question.key)
    expect(a).toMatch(/^\w{1,64}$/)
    expect(b).toBe(a)
    expect(new Set([a, c, d]).size).toBe(3)
  })

  it('drops an answer whose consent was withdrawn while the platform was being asked', async () => {
    const { join, zhima, credit, who, row, store } = await setup()
    zhima.meanwhile(async () => {
      await credit.revoke(who, 'zhima')
    })
    expect(await join('zhima')).toMatchObject({ problem: { code: 'no-consent' } })
    expect(await row()).toMatchObject({ joined_at: null })
    expect(await store.db.selectFrom('credit_admission').selectAll().execute()).toEqual([])
  })

  it('keeps neither the ID number nor a score anywhere in the database', async () => {
    const { join, store } = await setup()
    await join('zhima')
    for (const table of [
      'credit_admission',
      'credit_consent',
      'credit_decision',
      'credit_fact',
      'event',
    ] as const) {
      const rows = JSON.stringify(await store.db.selectFrom(table).selectAll().execute())
      expect(rows).not.toContain(person.idNumber)
      expect(rows).not.toContain(person.name)
    }
  })
})

describe('withdrawing a consent', () => {
  it('stops queries, erases the answer and what was said about it, and leaves the card', async () => {
    const { join, credit, who, zhima, row, store } = await setup()
    await join('zhima')
    expect(await credit.revoke(who, 'zhima')).toBe(true)
    expect(await row()).toMatchObject({ tier: 'basic' })
    const kept = JSON.stringify([
      await store.db.selectFrom('credit_decision').selectAll().execute(),
      await store.db.selectFrom('credit_admission').selectAll().execute(),
    ])
    expect(kept).not.toMatch(/platform-|ZM1|"tier":"credit"/)
    expect(await credit.creditOf(who)).toMatchObject({
      consents: [{ provider: 'zhima', revokedAt: expect.any(String) }],
    })
    expect(await credit.tellLoan({ ...who, ...loan })).toEqual({ ok: true, value: 'not-needed' })
    expect(zhima.told).toEqual([])
    expect(await credit.revoke(who, 'zhima')).toBe(false)
  })
})

const loan = { lineId: 'L1', barcode: '3101', title: '红楼梦', borrowedAt: 0, dueAt: day }

describe('telling the platform of a loan', () => {
  it('happens once each way, under one key', async () => {
    const { join, credit, who, zhima } = await setup()
    await join('zhima')
    for (const tell of [credit.tellLoan, credit.tellLoan, credit.tellReturn, credit.tellReturn])
      expect(await tell({ ...who, ...loan })).toEqual({ ok: true, value: 'told' })
    expect(zhima.told.map(({ what }) => what)).toEqual(['loan', 'return'])
    expect(new Set(zhima.told.map(entry => entry.loan.key)).size).toBe(1)
  })

  it('is not needed for readers who joined otherwise, nor is the return of what it was never told', async () => {
    const { join, credit, who, zhima } = await setup()
    await join('card')
    expect(await credit.tellLoan({ ...who, ...loan })).toEqual({ ok: true, value: 'not-needed' })
    expect(await credit.tellReturn({ ...who, ...loan })).toEqual({ ok: true, value: 'not-needed' })
    expect(zhima.told).toEqual([])
  })

  it('still tells a return after the consent is gone, or the reader would look overdue', async () => {
    const { join, credit, who, zhima } = await setup()
    await join('zhima')
    await credit.tellLoan({ ...who, ...loan })
    await credit.revoke(who, 'zhima')
    zhima.answers('down')
    expect(await credit.tellReturn({ ...who, ...loan })).toMatchObject({ problem: { kind: 'unreachable' } })
    zhima.answers('yes')
    expect(await credit.tellReturn({ ...who, ...loan })).toEqual({ ok: true, value: 'told' })
  })
})

describe('the ledger on record', () => {
  it('takes a fact once', async () => {
    const { credit, who, lost } = await setup()
    await credit.record(who, [lost('a'), lost('a')])
    await credit.record(who, [lost('a')])
    expect(await credit.creditOf(who)).toMatchObject({
      balance: -50,
      entries: [{ points: -50, balance: -50 }],
    })
  })

  it('appends a dated correction and rewrites nothing', async () => {
    const { credit, who, clock, store } = await setup()
    const overdue = { loanId: 'a', dueAt: clock.now(), evidence: '20261123-0001' }
    await credit.record(who, [{ ...overdue, id: 'o', kind: 'overdue', at: clock.now() + 3 * day }])
    await credit.record(who, [{ ...overdue, id: 'r', kind: 'returned', at: clock.now() + day }])
    const { balance, entries } = await credit.creditOf(who)
    expect(balance).toBe(-1)
    expect(entries.map(entry => entry.points)).toEqual([1, 1, -1, -1, -1])
    expect(entries[0]).toMatchObject({ name: { zh: '更正：逾期（每册每天）' }, evidence: '20261123-0001' })
    await expect(store.db.updateTable('credit_entry').set({ points: 0 }).execute()).rejects.toThrow(
      /append-only/,
    )
    await expect(store.db.deleteFrom('credit_fact').execute()).rejects.toThrow(/append-only/)
  })

  it('is the shape the pages read', async () => {
    const { credit, who, join, lost } = await setup()
    await join('zhima')
    await credit.record(who, [lost('a')])
    expect(creditSchema.safeParse(await credit.creditOf(who)).error).toBeUndefined()
  })

  it('corrects a fact staff take back, audited', async () => {
    const { credit, who, lost, store, cards } = await setup()
    await credit.record(who, [lost('a')])
    await credit.takeBack(who, 'lost:a', 'staff:7', '已找回')
    expect(await credit.creditOf(who)).toMatchObject({ balance: 0, frozenUntil: null })
    expect(cards.map(card => card.act)).toEqual(['block', 'enable'])
    expect(await verifyAudit(store.db, 'suzhou')).toMatchObject({ whole: true, entries: 1 })
  })
})

describe('a balance below 0', () => {
  it('freezes the card for 30 days, then it is free by itself', async () => {
    const { credit, who, join, lost, cards, clock, row, store } = await setup()
    await join('card')
    await credit.record(who, [lost('a'), lost('b'), lost('c')])
    expect(await row()).toMatchObject({ frozen_until: clock.now() + 30 * day })
    expect(await credit.blocksOf(store.db, who)).toMatchObject([
      { zh: expect.stringContaining('2026-12-23') },
    ])
    await credit.record(who, [lost('d')])
    clock.jump(clock.now() + 30 * day)
    expect(await credit.creditOf(who)).toMatchObject({ frozenUntil: null, balance: -100 })
    expect(await credit.sweep()).toBe(1)
    expect(await credit.sweep()).toBe(0)
    expect(await credit.blocksOf(store.db, who)).toEqual([])
    expect(cards).toEqual([
      { act: 'block', key: `freeze:${who.patronId}:1` },
      { act: 'enable', key: `unfreeze:${who.patronId}:1` },
    ])
    await credit.record(who, [lost('e')])
    expect(cards.at(-1)).toEqual({ act: 'block', key: `freeze:${who.patronId}:2` })
  })
})

describe('redeeming points', () => {
  it('gives one more item, only for points that are there', async () => {
    const { credit, who, join, store } = await setup()
    expect(await credit.redeem(who, 'k')).toMatchObject({ problem: { code: 'too-few-points' } })
    await join('card')
    expect(await credit.redeem(who, 'k')).toEqual({ ok: true, value: undefined })
    expect(await credit.allowanceOf(store.db, who)).toMatchObject({ maxItems: 6, tier: { id: 'basic' } })
    expect(await credit.redeem(who, 'k2')).toMatchObject({ problem: { code: 'too-few-points' } })
  })
})

describe('objecting to a decision', () => {
  it('is heard by staff, whose answer is a decision of its own', async () => {
    const { credit, who, join, zhima, store, row } = await setup()
    zhima.answers('no')
    const first = await join('zhima')
    const decisionId = first.ok ? first.value.decisionId : ''
    expect(await credit.objections.object(who, decisionId, '我刚刚注销了旧账户')).toMatchObject({ ok: true })
    expect(await credit.objections.object(who, decisionId, '再一次')).toMatchObject({
      problem: { code: 'already-objected' },
    })
    expect(await credit.objections.open('suzhou')).toMatchObject([{ decisionId, text: '我刚刚注销了旧账户' }])
    expect(JSON.stringify(await store.db.selectFrom('credit_objection').selectAll().execute())).not.toContain(
      '旧账户',
    )
    const review = {
      libraryId: 'suzhou',
      decisionId,
      by: 'staff:7',
      reason: '已核实身份',
      result: 'admitted',
    } as const
    expect(await credit.objections.review(review)).toMatchObject({ ok: true })
    expect(await row()).toMatchObject({ tier: 'credit' })
    expect(await credit.objections.open('suzhou')).toEqual([])
    expect(await credit.creditOf(who)).toMatchObject({
      decisions: [
        { result: 'admitted', reason: { zh: expect.stringContaining('已核实身份') } },
        { result: 'other-way' },
      ],
    })
    expect(await verifyAudit(store.db, 'suzhou')).toMatchObject({ whole: true, entries: 1 })
  })

  it('of another reader is not possible', async () => {
    const { credit, who, join } = await setup()
    const first = await join('card')
    const decisionId = first.ok ? first.value.decisionId : ''
    expect(await credit.objections.object({ ...who, patronId: 'other' }, decisionId, '……')).toMatchObject({
      problem: { code: 'unknown-decision' },
    })
  })
})
