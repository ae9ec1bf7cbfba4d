import { describe, expect, it } from 'vitest'
import { worlds } from './begin.ts'
import { expectStatus, feeRows, pathOf, toBranch, toHome, toLocker, type World, walk } from './world.ts'

const begin = worlds()

const giveBack = {
  branch: async (w: World, order: { id: string }) => {
    await w.staff(order, 'receive', { branchId: 'home-east' })
  },
  locker: async (w: World, order: { id: string }) => {
    await w.tell(order, 'locker', 'returned-in-locker', { lockerId: 'away-locker', compartmentId: 'R1' })
    await w.staff(order, 'receive')
  },
  courier: async (w: World, order: { id: string }) => {
    const { id: lineId } = await w.line(order)
    const on = { libraryId: 'home', orderId: order.id, lineId, patronId: 'p1', actor: 'reader:p1' }
    const asked = await w.orders.requestReturn(on, { way: 'courier', addressId: 'a1' })
    expect(asked.ok).toBe(true)
    await w.idle()
    const parcelNumber = (await w.line(order)).returnParcelNumber
    await w.tell(order, 'courier', 'return-picked-up', { parcelNumber })
    await w.staff(order, 'receive')
  },
}

const start = ['confirmed', 'picking', 'found']
const charge = { pack: ['charged', 'packed'], collect: ['packed'] }
const outward = {
  home: ['shipped', 'delivered', 'on_loan'],
  branch: ['at_branch', 'collected', 'on_loan'],
  locker: ['in_locker', 'collected', 'on_loan'],
}
const homeward = {
  courier: ['return_requested', 'return_shipped'],
  branch: ['return_at_branch'],
  locker: ['return_in_locker'],
}
const end = ['received', 'discharged', 'closed']

describe('three ways out and three ways back, mixed freely', () => {
  for (const chargeAt of ['pack', 'collect'] as const)
    for (const [out, delivery] of [
      ['home', toHome],
      ['branch', toBranch],
      ['locker', toLocker],
    ] as const)
      for (const back of ['courier', 'branch', 'locker'] as const)
        it(`goes ${out} and comes back by ${back}, charged at ${chargeAt}`, async () => {
          const w = await begin({ policy: { chargeAt } })
          const order = await w.place({ delivery })
          expectStatus(await w.line(order), 'picking')
          expect(w.out.ils.home.done).toEqual(['hold C-p1 H1'])
          const lent = await walk(w, order, 'on_loan')
          expectStatus(lent, 'on_loan')
          expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'checkout C-p1 H1'])
          expect(lent.dueAt).not.toBeNull()
          await w.clock.advance(86_400_000)
          await giveBack[back](w, order)
          const line = await w.line(order)
          expectStatus(line, 'closed')
          expect(line.outcome).toBe('returned')
          expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
          expect(w.out.compartments.size).toBe(0)
          expect(await feeRows(w.store)).toMatchObject([{ settled: 1, refunded: 0, released: 0 }])
          expect([...w.out.credit.values()].map(v => v.split(' ')[0])).toEqual(['borrowed', 'returned'])
          expect(await pathOf(w, order)).toEqual([
            ...start,
            ...charge[chargeAt],
            ...outward[out],
            ...homeward[back],
            ...end,
          ])
        })
})

it('tells the reader at each step that matters, in plain words', async () => {
  const w = await begin()
  const order = await w.place()
  await walk(w, order, 'on_loan')
  await giveBack.branch(w, order)
  const rows = await w.store.db.selectFrom('message').select(['notice', 'body']).orderBy('id').execute()
  expect(rows.map(r => r.notice)).toEqual(['ready-in-locker', 'handed-in', 'returned'])
  expect((JSON.parse(rows[0]!.body) as { zh: string }).zh).toBe(
    '《书 r1》在home-locker。取书码在订单页。请在11月26日 17:00前来取。',
  )
})
