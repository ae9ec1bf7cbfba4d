import { describe, expect, it } from 'vitest'
import type { ScanMode } from '../../../src/gateway/orders/scan.ts'
import { worlds } from './begin.ts'
import { collect, expectStatus, toBranch, toHome, type World, walk } from './world.ts'

const begin = worlds()
const scan = async (w: World, code: string, mode: ScanMode = 'auto', branchId = 'home-main') => {
  const result = await w.orders.scan({ code, mode, branchId, libraryId: 'home', actor: 'staff:s1' })
  await w.idle()
  return result
}

describe('a scan', () => {
  it('does the next thing all the way, with nothing but the book in the hand', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toBranch })
    const walked = []
    for (let i = 0; i < 3; i++) {
      const { signal } = await scan(w, 'H1')
      walked.push([signal, (await w.line(order)).status])
    }
    expect(walked).toEqual([
      ['look', 'charged'],
      ['yes', 'packed'],
      ['yes', 'at_branch'],
    ])
    const waiting = await scan(w, 'H1')
    expect(waiting.signal).toBe('look')
    expect(waiting.say.zh).toContain('待取')
    await collect(w, order)
    expect((await scan(w, 'H1')).say.zh).toContain('已记下')
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
  })

  it('waits a moment for what the library system says, and then says what to do with the book', async () => {
    const w = await begin({ answerWithin: 4000 })
    const order = await w.place({ delivery: toBranch })
    await w.orders.worker.start()
    const said: unknown[] = []
    const one = async () => {
      const result = await w.orders.scan({ code: 'H1', mode: 'auto', libraryId: 'home', actor: 'staff:s1' })
      said.push([result.signal, result.say.zh, result.next?.zh])
    }
    await one()
    for (const action of ['pack', 'at-branch', 'hand-over']) await w.staff(order, action)
    w.out.ils.home.atDesk('hold', 'H1', 'C-x')
    await one()
    await w.orders.worker.stop()
    expect(said).toEqual([
      ['yes', '找到了。', '请打包。'],
      ['look', '已收到。', '有人预约：请放到预约架。'],
    ])
  })

  it('of a different copy of the same work is accepted', async () => {
    const w = await begin()
    const order = await w.place()
    expect((await w.line(order)).barcode).toBe('H1')
    await scan(w, 'H2', 'find')
    expect(await w.line(order)).toMatchObject({ status: 'charged', barcode: 'H2' })
    expect(w.out.ils.home.items.get('H1')).toMatchObject({ loan: null, holds: [] })
    expect(w.out.ils.home.items.get('H2')!.loan?.card).toBe('C-p1')
  })

  it('of the wrong book is refused and changes nothing', async () => {
    const w = await begin()
    const order = await w.place()
    const wrong = await scan(w, 'H4', 'find')
    expect(wrong).toMatchObject({ signal: 'no', row: null })
    expect(wrong.next?.zh).toContain('放回架上')
    expectStatus(await w.line(order), 'picking')
    const pressed = await w.orders.staffAct(
      { lineId: (await w.line(order)).id, libraryId: 'home', actor: 'staff:s1' },
      'found',
      {},
    )
    expect(pressed.ok).toBe(true)
  })

  it('of a copy that is kept for another reader finds that reader’s line', async () => {
    const w = await begin()
    const [first, second] = [await w.place(), await w.place({ patronId: 'p2' })]
    await scan(w, 'H2', 'find')
    expectStatus(await w.line(first), 'picking')
    expectStatus(await w.line(second), 'charged')
    const taken = await w.orders.staffAct(
      { lineId: (await w.line(first)).id, libraryId: 'home', actor: 'staff:s1' },
      'found',
      { barcode: 'H2' },
    )
    expect(taken).toMatchObject({ ok: false, problem: { code: 'copy-taken' } })
  })

  it('at the packing table of a book that nobody marked as found does both', async () => {
    const w = await begin()
    const order = await w.place()
    await scan(w, 'H1', 'pack')
    const line = await w.line(order)
    expectStatus(line, 'packed')
    expect(line.times.found).toBeDefined()
  })

  it('of a parcel’s label sends all that is in it', async () => {
    const w = await begin()
    const order = await w.place({ recordIds: ['r1', 'r2'], delivery: toHome })
    for (const code of ['H1', 'H4']) {
      await scan(w, code)
      await scan(w, code)
    }
    const { parcelNumber } = await w.line(order)
    await scan(w, parcelNumber!, 'send')
    expect((await w.order(order.id)).lines.map(l => l.status)).toEqual(['shipped', 'shipped'])
  })

  it('of a book that should be on the road asks what happened', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toHome })
    await walk(w, order, 'packed')
    await w.staff(order, 'send')
    const asked = await scan(w, 'H1')
    expect(asked.signal).toBe('look')
    expect(asked.say.zh).toContain('退回')
    expect(asked.row?.can).toContain('sent-back')
  })

  it('with the wrong list open does nothing', async () => {
    const w = await begin()
    const order = await w.place()
    expect((await scan(w, 'H1', 'receive')).signal).toBe('no')
    expectStatus(await w.line(order), 'picking')
  })

  it('twice by two librarians moves the book once', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'found')
    const both = await Promise.all(
      ['a', 'b'].map(() =>
        w.orders.scan({
          code: 'H1',
          mode: 'pack',
          libraryId: 'home',
          actor: 'staff:s1',
        }),
      ),
    )
    await w.idle()
    expect(both.map(r => r.signal).toSorted()).toEqual(['no', 'yes'])
    expectStatus(await w.line(order), 'packed')
    expect(w.out.compartments.size).toBe(1)
  })

  it('of an unknown code says so', async () => {
    const w = await begin()
    expect(await scan(w, 'no-such-code')).toMatchObject({ signal: 'no', row: null })
  })
})
