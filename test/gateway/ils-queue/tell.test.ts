import { afterEach, describe, expect, it } from 'vitest'
import type { Sip2SettingsInput } from '../../../src/adapters/ils/sip2/settings.ts'
import { sites } from '../../contracts/sip2.ts'
import { sqliteStore, type TestStore } from '../../harness/store.ts'
import { startTelling, type Telling } from './telling.ts'

const [site] = sites
const hour = 3_600_000
const day = 24 * hour

let open: Telling | undefined
let store: TestStore | undefined
afterEach(async () => {
  await open?.close()
  await store?.close()
  open = undefined
  store = undefined
})
const begin = async (more: Partial<Sip2SettingsInput> = {}): Promise<Telling> => {
  store = await sqliteStore('telling')
  open = await startTelling(store, site!, 'telling', more)
  return open
}
const loans = ({ sandbox }: Telling) =>
  Object.fromEntries(sandbox.state.snapshot().loans.map(loan => [loan.barcode, loan]))

describe('what happened while the library system was away', () => {
  it('is told when it is back, with its own dates and with no block', async () => {
    const on = await begin()
    const { clock } = on.t
    await on.sandbox.faults.close('refuse-connections')
    const lentAt = clock.now()
    const dueAt = lentAt + 14 * day
    await on.happens('checkout', 'B2001', { card: 'R0003', dueAt })
    await on.settle(0.25)
    expect(on.journal).toEqual([])
    await on.sandbox.faults.close('open')
    await on.settle()
    expect(on.journal).toEqual([{ act: 'checkout', barcode: 'B2001', card: 'R0003', at: lentAt }])
    expect(loans(on).B2001?.dueAt).toBe(dueAt)
    expect(await on.rows()).toMatchObject([{ state: 'done' }])
  })

  it('is told in the order in which it happened, though it was written down in another', async () => {
    const on = await begin()
    const at = on.t.clock.now()
    await on.happens('checkin', 'B2001', { at: at + 2000 })
    await on.happens('checkout', 'B2001', { at: at + 3000, card: 'R0002' })
    await on.happens('checkout', 'B2001', { at: at + 1000, card: 'R0001' })
    await on.settle()
    expect(on.journal.map(({ act, card }) => `${act} ${card}`)).toEqual([
      'checkout R0001',
      'checkin R0001',
      'checkout R0002',
    ])
  })

  it('is told once when a machine reports it twice', async () => {
    const on = await begin()
    const at = on.t.clock.now()
    await on.happens('checkout', 'B2001', { at, card: 'R0001' })
    await on.happens('checkout', 'B2001', { at, card: 'R0001' })
    await on.settle()
    expect(on.journal).toHaveLength(1)
  })

  it('is not told again when the library system has it already', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    await on.happens('checkout', 'B2001', { card: 'R0001', maybeDone: true })
    on.sandbox.state.desk.lend('R0002', 'B3001')
    on.sandbox.state.desk.takeBack('B3001', 'GSQ')
    await on.happens('checkin', 'B3001')
    await on.settle()
    expect(on.journal).toEqual([])
    expect(await on.rows()).toMatchObject([{ state: 'done' }, { state: 'done' }])
  })

  it('keeps a promised due date when the reader had the item already', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    const dueAt = on.t.clock.now() + 60 * day
    await on.happens('checkout', 'B2001', { card: 'R0001', dueAt })
    await on.settle()
    expect(on.journal.map(({ act }) => act)).toEqual(['renew'])
    expect(loans(on).B2001?.dueAt).toBe(dueAt)
  })

  it('renews once, to the promised date, though the answer is lost', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    const dueAt = on.t.clock.now() + 45 * day
    on.sandbox.faults.set({ on: '29', fault: { kind: 'reset', when: 'after-act' } })
    await on.happens('renew', 'B2001', { card: 'R0001', dueAt })
    await on.settle()
    expect(on.journal.map(({ act }) => act)).toEqual(['renew'])
    expect(loans(on).B2001?.dueAt).toBe(dueAt)
  })

  it('never takes back a loan that is newer than the return', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    await on.happens('checkin', 'B2001', { card: 'R0001' })
    on.sandbox.state.desk.takeBack('B2001', 'GSQ')
    on.sandbox.state.desk.lend('R0002', 'B2001')
    await on.settle()
    expect(loans(on).B2001?.card).toBe('R0002')
    expect(await on.rows()).toMatchObject([{ state: 'done' }])
  })

  it('knows who had an item that was lent through us, when a slot takes it back without asking', async () => {
    const on = await begin()
    await on.happens('checkout', 'B2001', { card: 'R0001' })
    await on.settle()
    await on.t.clock.advance(hour)
    await on.happens('checkin', 'B2001')
    on.sandbox.state.desk.takeBack('B2001', 'GSQ')
    on.sandbox.state.desk.lend('R0002', 'B2001')
    await on.settle()
    expect(loans(on).B2001?.card).toBe('R0002')
  })

  it('leaves a loan alone that appeared after a try whose answer was lost, when nobody knows whose return it was', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0001', 'B2001')
    on.sandbox.faults.set({ on: '09', fault: { kind: 'reset', when: 'after-act' } })
    on.sandbox.faults.set({ on: '17', fault: { kind: 'reset', when: 'before-act' }, skip: 1, times: 20 })
    await on.happens('checkin', 'B2001')
    await on.work()
    expect(on.journal.map(({ act }) => act)).toEqual(['checkin'])
    await on.sandbox.faults.clear()
    await on.t.clock.advance(3 * day)
    on.sandbox.state.desk.lend('R0002', 'B2001')
    await on.settle()
    expect(loans(on).B2001?.card).toBe('R0002')
    expect(await on.rows()).toMatchObject([{ state: 'dead', problem: { code: 'may-be-lent-again' } }])
  })

  it('becomes a conflict with both truths when the item is on loan to somebody else', async () => {
    const on = await begin()
    on.sandbox.state.desk.lend('R0002', 'B2001')
    await on.happens('checkout', 'B2001', { card: 'R0001' })
    await on.settle()
    expect(loans(on).B2001?.card).toBe('R0002')
    expect(await on.rows()).toMatchObject([
      {
        state: 'dead',
        problem: {
          code: 'charged-to-other',
          found: { status: 'charged', holder: 'other', title: '图书馆学基础' },
        },
      },
    ])
  })

  it('becomes a conflict with the words of the library system, without the card', async () => {
    const on = await begin()
    const text = '读者证 R0001 已挂失'
    on.sandbox.faults.set({ on: '11', fault: { kind: 'refusal', say: { zh: text, en: text } } })
    await on.happens('checkout', 'B2001', { card: 'R0001' })
    await on.settle()
    const [row] = await on.rows()
    expect(row).toMatchObject({ state: 'dead', problem: { code: 'refused', found: { holder: 'nobody' } } })
    expect(JSON.stringify(row)).not.toContain('R0001')
  })

  it('does not hold up what happened to the item afterwards when it becomes a conflict', async () => {
    const on = await begin()
    const at = on.t.clock.now()
    on.sandbox.faults.set({ on: '11', fault: { kind: 'refusal' } })
    await on.happens('checkout', 'B2001', { at, card: 'R0001' })
    await on.happens('checkin', 'B2001', { at: at + 1000 })
    await on.happens('checkout', 'B2001', { at: at + 2000, card: 'R0002' })
    await on.settle()
    expect((await on.rows()).map(({ state }) => state)).toEqual(['dead', 'done', 'done'])
    expect(loans(on).B2001?.card).toBe('R0002')
  })

  it('is not told any more when what came after it has been told', async () => {
    const on = await begin()
    const at = on.t.clock.now()
    await on.happens('checkout', 'B2001', { at, card: 'R0002' })
    await on.settle()
    await on.happens('checkout', 'B2001', { at: at - 2000, card: 'R0001' })
    await on.happens('checkin', 'B2001', { at: at - 1000, card: 'R0001' })
    await on.settle()
    expect(loans(on).B2001?.card).toBe('R0002')
    expect(
      (await on.rows()).map(({ state, problem }) => [state, (problem as { code?: string } | null)?.code]),
    ).toEqual([
      ['dead', 'overtaken'],
      ['done', undefined],
      ['done', undefined],
    ])
  })

  it('waits for weeks without becoming a task', async () => {
    const on = await begin()
    await on.sandbox.faults.close('refuse-connections')
    await on.happens('checkin', 'B2001')
    for (let week = 0; week < 3; week++) {
      await on.work()
      on.t.clock.jump(on.t.clock.now() + 7 * day)
    }
    await on.work()
    expect(await on.rows()).toMatchObject([{ state: 'ready' }])
  })

  it('waits for the end of a planned closing without counting a failure, and says when that is', async () => {
    // 08:00 of a Monday.
    const on = await begin({ closing: { weekly: [{ days: ['mon'], from: '06:00', to: '09:30' }] } })
    await on.happens('checkin', 'B2001')
    await on.work()
    await on.t.clock.advance(hour)
    await on.work()
    const [waiting] = await on.rows()
    expect(waiting).toMatchObject({ state: 'ready', attempts: 0, problem: { code: 'ils-closed' } })
    expect(JSON.stringify(waiting?.problem)).toContain('9:30')
    await on.t.clock.advance(hour / 2)
    await on.work()
    expect(await on.rows()).toMatchObject([{ state: 'done', attempts: 1 }])
  })

  it('holds no card in clear', async () => {
    const on = await begin()
    await on.happens('checkout', 'B2001', { card: 'R0001' })
    const rows = await on.t.store.db.selectFrom('outbox').selectAll().execute()
    expect(JSON.stringify(rows)).not.toContain('R0001')
  })
})
