import { describe, expect, it } from 'vitest'
import { worlds } from './begin.ts'
import { toBranch, toHome, toLocker, walk } from './world.ts'

const begin = worlds()
const away = { libraryId: 'away', branchIds: [] }

describe('a book that lies in the house of another library', () => {
  const handedIn = async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    const before = await w.orders.work('receive', away)
    const { id: lineId } = await w.tell(order, 'locker', 'returned-in-locker', {
      lockerId: 'away-locker',
      compartmentId: 'K9',
    })
    return { w, order, lineId, before }
  }

  it('is on the lists of that house from the moment it lies there, and no sooner', async () => {
    const { w, lineId, before } = await handedIn()
    expect(before).toEqual([])
    expect(await w.orders.work('receive', away)).toMatchObject([
      { lineId, can: ['receive', 'damaged', 'claimed-returned'] },
    ])
    expect((await w.orders.today(away)).counts.toReceive).toBe(1)
    expect(w.changes.at(-1)?.suppliers).toContain('away')
  })

  it('is received there by a press of its button, discharged at home, and sent on', async () => {
    const { w, order, lineId } = await handedIn()
    await w.staff(order, 'receive', { libraryId: 'away', branchId: 'away-main' })
    expect(await w.orders.work('receive', away)).toEqual([])
    expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
    expect(await w.orders.work('exceptions', away)).toMatchObject([{ lineId, status: 'discharged' }])
    expect(await w.staff(order, 'routed', { libraryId: 'away' })).toMatchObject({ outcome: 'returned' })
  })

  it('is nobody else’s business before', async () => {
    const w = await begin()
    const order = await w.place()
    const { id: lineId } = await walk(w, order, 'on_loan')
    const answer = await w.orders.staffAct({ lineId, libraryId: 'away', actor: 'staff:1' }, 'receive', {})
    expect(answer).toMatchObject({ ok: false, problem: { code: 'unknown-line' } })
  })

  it('is scanned in without a word about where: at the first desk of that house', async () => {
    const { w, order } = await handedIn()
    const scan = { code: 'H1', mode: 'auto', libraryId: 'away', actor: 'staff:1' } as const
    await w.orders.scan(scan)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'discharged', deskId: 'away-main' })
  })
})

describe('the buttons of a packed book', () => {
  it.each([
    ['by courier', toHome, ['send', 'cancel']],
    ['to a locker', toLocker, ['send', 'put-in-locker', 'at-branch', 'cancel']],
    ['to the desk of its own branch', toBranch, ['at-branch', 'send', 'cancel']],
    ['to another desk', { way: 'branch', branchId: 'home-east' }, ['send', 'at-branch', 'cancel']],
  ] as const)('going %s begin with the next step', async (_name, delivery, can) => {
    const w = await begin()
    await walk(w, await w.place({ recordIds: ['r2'], delivery }), 'packed')
    expect(await w.orders.work('send', { libraryId: 'home', branchIds: [] })).toMatchObject([{ can }])
  })

  it('are shown to whoever scans it, since only they can say how it leaves', async () => {
    const w = await begin()
    await walk(w, await w.place({ delivery: toHome }), 'packed')
    const scan = { code: 'H1', mode: 'auto', libraryId: 'home', actor: 'staff:1' } as const
    expect(await w.orders.scan(scan)).toMatchObject({ signal: 'look', row: { can: ['send', 'cancel'] } })
  })
})
