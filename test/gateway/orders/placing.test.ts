import { describe, expect, it } from 'vitest'
import { worlds } from './begin.ts'
import { expectStatus, feeRows, toBranch, toHome, toLocker, type World, walk } from './world.ts'

const begin = worlds()

const ask = (recordIds: string[], key = 'key-1', patronId = 'p1') => ({
  libraryId: 'home',
  patronId,
  recordIds,
  delivery: toLocker,
  key,
  actor: `reader:${patronId}`,
})
const code = (answer: { ok: boolean; problem?: { code: string } }): string =>
  answer.ok ? 'ok' : (answer.problem?.code ?? '')

describe('placing an order', () => {
  it('gives it a number of the library’s local day that goes on counting', async () => {
    const w = await begin()
    const numbers = []
    for (const [patronId, record] of [
      ['p1', 'r1'],
      ['p2', 'r2'],
    ] as const)
      numbers.push((await w.place({ patronId, recordIds: [record] })).number)
    await w.clock.advance(14 * 3_600_000)
    numbers.push((await w.place({ patronId: 'p3', recordIds: ['r3'] })).number)
    expect(numbers).toEqual(['20261123-0001', '20261123-0002', '20261124-0001'])
  })

  it('twice with one key gives one order, however often and however much at once', async () => {
    const w = await begin()
    const all = await Promise.all(Array.from({ length: 6 }, () => w.orders.place(ask(['r1']))))
    const ids = new Set(all.map(a => (a.ok ? a.value.order.id : 'no')))
    expect(ids.size).toBe(1)
    expect(all.filter(a => a.ok && !a.value.replayed)).toHaveLength(1)
    expect(await feeRows(w.store)).toHaveLength(1)
    expect(code(await w.orders.place(ask(['r1'])))).toBe('ok')
  })

  it('with a used key and another wish is refused', async () => {
    const w = await begin()
    await w.orders.place(ask(['r1']))
    await expect(w.orders.place(ask(['r2']))).rejects.toThrow('idempotency-key-reused')
  })

  it('beyond what fits a parcel is split into parcels', async () => {
    const w = await begin({ policy: { itemsPerParcel: 1 } })
    const order = await w.place({ recordIds: ['r1', 'r2', 'r3'] })
    expect(order.lines.map(l => l.parcel)).toEqual([1, 2, 3])
    for (const position of [0, 1])
      for (const act of ['found', 'pack']) await w.staff(order, act, { position })
    const labels = (await w.order(order.id)).lines.map(l => l.parcelNumber)
    expect(labels).toEqual(['home-20261123-0001-1-1', 'home-20261123-0001-2-2', null])
  })

  it('beyond what fits a parcel is refused where the library does not split', async () => {
    const w = await begin({ policy: { itemsPerParcel: 1, mayBeSplit: false } })
    expect(code(await w.orders.place(ask(['r1', 'r2'])))).toBe('too-many-for-a-parcel')
  })

  it('refuses what is out of the question, each in words that help', async () => {
    const w = await begin({ policy: { openRequests: 2, itemsPerOrder: 3 } })
    expect(code(await w.orders.place(ask([])))).toBe('empty-order')
    expect(code(await w.orders.place(ask(['r1', 'r2', 'r3', 'r4'])))).toBe('too-many-items')
    expect(code(await w.orders.place(ask(['nothing'])))).toBe('unknown-record')
    expect(code(await w.orders.place(ask(['r1', 'r2', 'r3'])))).toBe('too-many-requests')
    const elsewhere = { ...ask(['r1']), delivery: { way: 'home', addressId: 'not-mine' } as const }
    expect(code(await w.orders.place(elsewhere))).toBe('unknown-address')
    const nowhere = { ...ask(['r1']), delivery: { way: 'branch', branchId: 'moon' } as const }
    expect(code(await w.orders.place(nowhere))).toBe('unknown-branch')
    expect(await feeRows(w.store)).toEqual([])
  })

  it('refuses a title the reader has, and says which', async () => {
    const w = await begin()
    await w.place({ recordIds: ['r1'] })
    const again = await w.orders.place(ask(['r2', 'r1'], 'key-2'))
    expect(again).toMatchObject({ ok: false, problem: { code: 'duplicate-line' } })
    if (!again.ok) expect(again.problem.say.zh).toContain('《书 r1》')
    const order = await w.place({ recordIds: ['r2'] })
    await walk(w, order, 'on_loan')
    await w.staff(order, 'receive')
    expect(code(await w.orders.place(ask(['r2'], 'key-3')))).toBe('ok')
  })

  it('refuses more loans than the reader’s tier allows, counting what is on its way', async () => {
    const w = await begin({ maxItems: 2 })
    await w.place({ recordIds: ['r1', 'r2'] })
    expect(code(await w.orders.place(ask(['r3'], 'key-2')))).toBe('loan-limit')
  })

  it('refuses a reader whom the ILS blocks right now, in the library’s words', async () => {
    const w = await begin()
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['excessive-fines']
    const answer = await w.orders.place(ask(['r1']))
    expect(answer).toMatchObject({ ok: false, problem: { code: 'patron-excessive-fines' } })
    if (!answer.ok) expect(answer.problem.say.zh).toContain('缴清')
  })

  it('gives the last copy to exactly one of two who want it at once; the other gets what is left, or is told', async () => {
    const w = await begin()
    const both = await Promise.all([
      w.orders.place(ask(['r2'], 'key-a', 'p1')),
      w.orders.place(ask(['r2'], 'key-b', 'p2')),
    ])
    await w.idle()
    const lines = await Promise.all(both.map(async a => (a.ok ? w.line(a.value.order) : undefined)))
    expect(lines.map(l => l?.status).toSorted()).toEqual(['closed', 'picking'])
    expect(lines.find(l => l?.status === 'closed')?.outcome).toBe('not_supplied')
    const three = await Promise.all(['p1', 'p2', 'p3'].map(p => w.orders.place(ask(['r1'], `key-c-${p}`, p))))
    await w.idle()
    const copies = await Promise.all(
      three.map(async a => (a.ok ? (await w.line(a.value.order)).barcode : null)),
    )
    expect(new Set(copies).size).toBe(3)
  })

  it('prefers the reader’s own library, and there the branch nearest to the place of pick-up', async () => {
    const w = await begin()
    expect((await w.line(await w.place({ delivery: toBranch }))).branchId).toBe('home-main')
    const east = await w.place({ patronId: 'p2', delivery: { way: 'branch', branchId: 'home-east' } })
    expect(await w.line(east)).toMatchObject({ supplierId: 'home', branchId: 'home-east', barcode: 'H3' })
  })

  it('leaves nothing behind when something in it fails', async () => {
    const w = await begin()
    const broken = { ...ask(['r1']), patronId: 'p1' }
    const { fees } = w
    fees.fail = true
    await expect(w.orders.place(broken)).rejects.toThrow('no money today')
    fees.fail = false
    for (const table of [
      'lending_order',
      'order_line',
      'item_claim',
      'outbox',
      'event',
      'idempotency',
    ] as const)
      expect(await w.store.db.selectFrom(table).selectAll().execute(), table).toEqual([])
    expect(code(await w.orders.place(broken))).toBe('ok')
  })
})

describe('a quote', () => {
  const quote = (w: World, recordIds: string[], delivery = toLocker as typeof toLocker | typeof toHome) =>
    w.orders.quote({ libraryId: 'home', patronId: 'p1', recordIds, delivery })

  it('tells price, parcels and the promised moment, and takes nothing', async () => {
    const w = await begin()
    const answer = await quote(w, ['r1', 'r2'])
    expect(answer).toMatchObject({ ok: true, value: { parcels: 1, problems: [], fee: { due: 300 } } })
    // Ordered at 10:00, before the wave of 16:00: in the locker at 17:00, when its house has just closed.
    expect(answer.ok && new Date(answer.value.promisedAt!).toISOString()).toBe('2026-11-24T01:00:00.000Z')
    expect(await w.store.db.selectFrom('lending_order').selectAll().execute()).toEqual([])
  })

  it('adds the courier’s days, and the days another library takes', async () => {
    const w = await begin()
    const door = await quote(w, ['r2'], toHome)
    expect(door.ok && new Date(door.value.promisedAt!).toISOString()).toBe('2026-11-26T01:00:00.000Z')
    const away = await quote(w, ['r4'])
    expect(away.ok && door.ok && away.value.promisedAt! > door.value.promisedAt! - 86_400_000).toBe(true)
  })

  it('says which items cannot come now, and that they may be asked for all the same', async () => {
    const w = await begin()
    w.out.ils.home.atDesk('borrow', 'H4')
    const answer = await quote(w, ['r2', 'r1', 'nothing'])
    expect(answer.ok && answer.value.problems.map(p => [p.recordId, p.problem.code])).toEqual([
      ['r2', 'no-copy-now'],
      ['nothing', 'unknown-record'],
    ])
    expectStatus(await w.line(await w.place({ recordIds: ['r1'] })), 'picking')
  })
})
