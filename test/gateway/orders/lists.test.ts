import { describe, expect, it } from 'vitest'
import { orderPage } from '../../../src/gateway/http/api/reader.ts'
import { today, workRow } from '../../../src/gateway/http/api/staff.ts'
import { worlds } from './begin.ts'
import { toBranch, toHome, toLocker, walk } from './world.ts'

const begin = worlds()
const all = { libraryId: 'home', branchIds: [] }

describe('the lists of the staff', () => {
  it('hold each line where its next step is done, and only there', async () => {
    const w = await begin()
    const orders = {
      find: await w.place({ recordIds: ['r1'] }),
      pack: await w.place({ patronId: 'p2', recordIds: ['r2'] }),
      send: await w.place({ patronId: 'p3', recordIds: ['r3'] }),
    }
    await walk(w, orders.pack, 'found')
    await walk(w, orders.send, 'packed')
    for (const list of ['find', 'pack', 'send', 'receive', 'recover', 'exceptions'] as const) {
      const rows = await w.orders.work(list, all)
      const expected = list in orders ? [orders[list as keyof typeof orders].id] : []
      expect(
        rows.map(r => r.orderId),
        list,
      ).toEqual(expected)
      for (const row of rows) expect(workRow.safeParse(row).error).toBeUndefined()
    }
  })

  it('are in walking order, and of the branch that was asked for', async () => {
    const w = await begin()
    w.out.copies.get('r2')![0] = { ...w.out.copies.get('r2')![0]!, location: 'A', callNumber: 'I10' }
    w.out.copies.get('r3')![0] = { ...w.out.copies.get('r3')![0]!, location: 'A', callNumber: 'I2' }
    await w.place({ recordIds: ['r2', 'r3'] })
    await w.place({ patronId: 'p2', recordIds: ['r1'], delivery: { way: 'branch', branchId: 'home-east' } })
    const rows = await w.orders.work('find', all)
    expect(rows.map(r => r.callNumber)).toEqual(['I2', 'I10', 'I247'])
    const east = await w.orders.work('find', { libraryId: 'home', branchIds: ['home-east'] })
    expect(east.map(r => r.barcode)).toEqual(['H3'])
  })

  it('name no reader in full, and no address', async () => {
    const w = await begin()
    await w.place({ delivery: toHome })
    const [row] = await w.orders.work('find', all)
    expect(row).toMatchObject({ reader: '李**', delivery: { way: 'home', name: { zh: '送书上门' } } })
    expect(JSON.stringify(row)).not.toContain('某路')
  })

  it('tell how much working time is left of the one day, and when it is over', async () => {
    const w = await begin()
    await w.place()
    const risk = async () => {
      const [row] = await w.orders.work('find', all)
      return [row!.risk, row!.secondsLeft]
    }
    expect(await risk()).toEqual(['on-time', 8 * 3600])
    await w.clock.advance(22.5 * 3_600_000)
    expect(await risk()).toEqual(['at-risk', 3600])
    await w.clock.advance(2 * 3_600_000)
    expect((await risk())[0]).toBe('late')
    const board = await w.orders.today(all)
    expect(today.safeParse(board).error).toBeUndefined()
    expect(board.counts).toMatchObject({ toFind: 1, toFindLate: 1 })
    expect(board.soonLate).toHaveLength(1)
  })

  it('show what the supplier’s staff must do for another library’s reader', async () => {
    const w = await begin()
    await w.place({ recordIds: ['r4'] })
    expect(await w.orders.work('find', all)).toEqual([])
    expect(await w.orders.work('find', { libraryId: 'away', branchIds: [] })).toHaveLength(1)
  })

  it('count the flow of the day by the hour', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'ready')
    const { flow } = await w.orders.today(all)
    expect(flow[10]).toEqual({ hour: 10, received: 1, found: 1, packed: 1, sent: 1, collected: 0 })
  })
})

describe('what a reader sees', () => {
  it('is a timeline of what happened and what is promised, and what can be done now', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toLocker })
    const page = await w.orders.page({ libraryId: 'home', patronId: 'p1' }, { state: 'open', limit: 5 })
    expect(orderPage.safeParse(page).error).toBeUndefined()
    const [line] = page.items[0]!.lines
    expect(line!.timeline.map(s => [s.step, s.done])).toEqual([
      ['requested', true],
      ['confirmed', true],
      ['picking', true],
      ['found', false],
      ['packed', false],
      ['in_locker', false],
      ['collected', false],
    ])
    expect(line!.can).toEqual(['cancel'])
    await walk(w, order, 'on_loan')
    const view = await w.orders.view({ libraryId: 'home', orderId: order.id, patronId: 'p1' })
    expect(view!.lines[0]!.can).toEqual(
      expect.arrayContaining(['renew', 'return-courier', 'return-branch', 'return-locker', 'transfer']),
    )
    expect(view!.lines[0]!.timeline.filter(s => s.done).map(s => s.step)).toEqual(
      expect.arrayContaining(['found', 'packed', 'in_locker', 'collected', 'on_loan']),
    )
  })

  it('is only the reader’s own', async () => {
    const w = await begin()
    const order = await w.place()
    expect(await w.orders.view({ libraryId: 'home', orderId: order.id, patronId: 'p2' })).toBeUndefined()
    const { id: lineId } = await w.line(order)
    const theirs = { libraryId: 'home', orderId: order.id, lineId, patronId: 'p2', actor: 'reader:p2' }
    expect(await w.orders.cancel(theirs)).toMatchObject({ ok: false, problem: { code: 'unknown-line' } })
  })

  it('comes page by page, open and closed apart', async () => {
    const w = await begin()
    const placed = []
    for (const record of ['r1', 'r2', 'r3'])
      placed.push(await w.place({ recordIds: [record], delivery: toBranch }))
    await w.staff(placed[0]!, 'cancel')
    const who = { libraryId: 'home', patronId: 'p1' }
    const first = await w.orders.page(who, { state: 'open', limit: 1 })
    const second = await w.orders.page(who, { state: 'open', limit: 1, cursor: first.next ?? undefined })
    expect([first, second].map(p => p.items[0]?.id)).toEqual([placed[2]!.id, placed[1]!.id])
    expect(second.next).toBeNull()
    expect((await w.orders.page(who, { state: 'closed', limit: 9 })).items.map(o => o.id)).toEqual([
      placed[0]!.id,
    ])
  })

  it('never has the library system’s or the staff’s own words of trouble in it', async () => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['excessive-fines']
    await w.staff(order, 'found')
    const view = await w.orders.view({ libraryId: 'home', orderId: order.id })
    expect(view!.lines[0]!.trouble?.zh).toBe('馆员正在处理。')
  })
})
