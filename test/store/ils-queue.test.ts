import { expect, it } from 'vitest'
import { recordHappened } from '../../src/gateway/ils-queue/happened.ts'
import type { Db } from '../../src/gateway/store/db.ts'
import {
  backlog,
  conflictCounts,
  doneAfter,
  happenedAct,
  holdOn,
  lastLoanBefore,
  putAway,
  refusedActs,
  waitingActs,
} from '../../src/gateway/store/ils-queue.ts'
import { type Claim, claim, complete, enqueue, fail } from '../../src/gateway/store/outbox.ts'
import { refused } from '../../src/kernel/problem.ts'
import { sites } from '../contracts/sip2.ts'
import { toldInOrder } from '../gateway/ils-queue/ordering.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const no = refused('no', { zh: '不', en: 'no' })

eachStore('the queue of a library system', fresh => {
  const happens = (t: TestStore, act: 'checkout' | 'checkin', at: number, card?: string, barcode = 'B1') =>
    t.store.tx(tx =>
      recordHappened(tx, { libraryId: 'suzhou', act, barcode, card, at, source: 'kiosk:hall' }, t),
    )
  const take = async (t: TestStore): Promise<Claim> =>
    (await claim(t.store, { limit: 1, lease: 30_000 }, t.clock.now()))[0]!
  const finish = (t: TestStore, c: Claim) => t.store.tx(tx => complete(tx, c))
  const refuse = (t: TestStore, c: Claim) => t.store.tx(tx => fail(tx, c, no, t.clock.now()))
  const db = (t: TestStore): Db => t.store.db

  it('lists what waits in the order in which it happened, page by page, whoever asked for it', async () => {
    const t = await fresh()
    await happens(t, 'checkin', 2000)
    await happens(t, 'checkout', 1000, 'R1')
    await t.store.tx(tx =>
      enqueue(
        tx,
        {
          libraryId: 'hefei',
          id: '00000000001500-line-1',
          orderId: null,
          lineId: null,
          kind: 'ils.checkin',
          payload: { at: 'suzhou', barcode: 'B1' },
          key: 'k',
          queue: 'ils:suzhou',
          sequence: 'item:suzhou:B1',
        },
        t.clock.now(),
      ),
    )
    const first = await waitingActs(db(t), 'suzhou', { limit: 2 }, t.clock.now())
    expect(first.map(({ kind }) => kind)).toEqual(['ils.happened-checkout', 'ils.checkin'])
    const rest = await waitingActs(db(t), 'suzhou', { limit: 2, after: first[1]!.id }, t.clock.now())
    expect(rest.map(({ kind }) => kind)).toEqual(['ils.happened-checkin'])
    expect(await waitingActs(db(t), 'hefei', { limit: 2 }, t.clock.now())).toEqual([])
    expect(await backlog(db(t))).toContainEqual({
      queue: 'ils:suzhou',
      kind: 'ils.checkin',
      count: 1,
      oldest: t.clock.now(),
    })
  })

  it('knows what came after an act, and whose the last loan before it was', async () => {
    const t = await fresh()
    await happens(t, 'checkout', 1000, 'R1')
    const loan = await take(t)
    await finish(t, loan)
    await happens(t, 'checkin', 3000)
    await happens(t, 'checkin', 2000, undefined, 'B2')
    const [back] = await waitingActs(db(t), 'suzhou', { limit: 2 }, t.clock.now()).then(all =>
      all.filter(({ payload }) => (payload as { barcode: string }).barcode === 'B1'),
    )
    const last = (await lastLoanBefore(db(t), { id: back!.id }, 'item:suzhou:B1')) as { card: string }
    expect(t.personal.open(last.card)).toBe('R1')
    expect(await lastLoanBefore(db(t), { id: back!.id }, 'item:suzhou:B2')).toBeUndefined()
    expect(await doneAfter(db(t), loan, 'item:suzhou:B1')).toEqual({ lent: false, back: false })
    await finish(t, await take(t))
    await finish(t, await take(t))
    expect(await doneAfter(db(t), loan, 'item:suzhou:B1')).toEqual({ lent: false, back: true })
  })

  it('lets only the holder of a lease lengthen it and leave a note', async () => {
    const t = await fresh()
    await happens(t, 'checkin', 1000)
    const mine = await take(t)
    await t.clock.advance(31_000)
    const theirs = await take(t)
    const until = t.clock.now() + 600_000
    expect(await holdOn(db(t), mine, until, no)).toBe(false)
    expect(await holdOn(db(t), theirs, until, no)).toBe(true)
    await t.clock.advance(31_000)
    expect(await take(t)).toBeUndefined()
    await t.clock.advance(600_000)
    expect(await take(t)).toMatchObject({ lastProblem: { code: 'no' } })
  })

  it('lists conflicts until they are put away, each at its own library', async () => {
    const t = await fresh()
    await happens(t, 'checkout', 1000, 'R1')
    await refuse(t, await take(t))
    const [row] = await refusedActs(db(t), 'suzhou', 10, t.clock.now())
    expect(row).toMatchObject({ kind: 'ils.happened-checkout', problem: { code: 'no' } })
    expect(await conflictCounts(db(t))).toEqual(new Map([['suzhou', 1]]))
    expect(await happenedAct(db(t), 'hefei', row!.id, t.clock.now())).toBeUndefined()
    expect(await happenedAct(db(t), 'suzhou', row!.id, t.clock.now())).toMatchObject({ id: row!.id })
    expect(
      await t.store.tx(tx => putAway(tx, { libraryId: 'suzhou', id: row!.id, told: true }, t.clock.now())),
    ).toBe(true)
    expect(
      await t.store.tx(tx => putAway(tx, { libraryId: 'suzhou', id: row!.id, told: true }, t.clock.now())),
    ).toBe(false)
    expect(await refusedActs(db(t), 'suzhou', 10, t.clock.now())).toEqual([])
  })

  it('puts away what waits, but not what is being told', async () => {
    const t = await fresh()
    await happens(t, 'checkin', 1000)
    const { id } = await take(t)
    const away = () => t.store.tx(tx => putAway(tx, { libraryId: 'suzhou', id, told: false }, t.clock.now()))
    expect(await away()).toBe(false)
    await t.clock.advance(31_000)
    expect(await away()).toBe(true)
    expect(await take(t)).toBeUndefined()
  })

  it('tells loans and returns in order, each once, whatever fails and whenever the process dies', () =>
    toldInOrder(sites[0]!, fresh, 12))
})
