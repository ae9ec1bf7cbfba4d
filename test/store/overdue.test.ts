import { expect, it } from 'vitest'
import { tellOverdue } from '../../src/gateway/bindings/overdue.ts'
import type { Fact } from '../../src/gateway/credit/facts.ts'
import type { Libraries } from '../../src/gateway/libraries.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const day = 86_400_000
const libraries = { get: () => ({ zone: 'Asia/Shanghai' }) } as unknown as Libraries

const lend = (t: TestStore, id: string, status: 'on_loan' | 'return_in_locker', dueAt: number) =>
  t.store.db
    .insertInto('order_line')
    .values({
      library_id: 'gusu',
      id,
      order_id: 'o',
      order_number: '20261101-0001',
      patron_id: 'p',
      supplier_id: 'gusu',
      branch_id: 'main',
      record_id: 'w',
      title: '平江图志',
      shelving: 'open',
      status,
      outcome: null,
      barcode: null,
      parcel_number: null,
      return_parcel_number: null,
      trouble: null,
      due_at: dueAt,
      timer_what: null,
      timer_at: null,
      submitted_at: 0,
      confirmed_at: null,
      found_at: null,
      not_found_at: null,
      packed_at: null,
      sent_at: null,
      ready_at: null,
      in_hand_at: null,
      closed_at: null,
      body: '{}',
    })
    .execute()

eachStore('overdue loans', fresh => {
  it('are told to the ledger once a day while the book is with its reader', async () => {
    const t = await fresh()
    const facts: Fact[] = []
    const credit = { record: async (_: unknown, more: readonly Fact[]) => void facts.push(...more) }
    const now = t.clock.now()
    await lend(t, 'late', 'on_loan', now - day)
    await lend(t, 'handed-in', 'return_in_locker', now - day)
    await lend(t, 'in-time', 'on_loan', now + 3 * day)
    const told = new Set<string>()
    const sweep = () => tellOverdue({ store: t.store, clock: t.clock, libraries, credit, told })
    expect(await sweep()).toBe(1)
    expect(await sweep()).toBe(0)
    await t.clock.advance(day)
    expect(await sweep()).toBe(1)
    expect(facts.map(fact => fact.id)).toEqual(['overdue:late:2026-11-23', 'overdue:late:2026-11-24'])
  })
})
