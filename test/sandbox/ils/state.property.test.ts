import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { IlsState } from '../../../src/sandbox/ils/state.ts'
import { library, start } from './library.ts'

const card = fc.constantFrom('R0001', 'R0002', 'R0003', 'R0005', 'R0007')
const barcode = fc.constantFrom('B1001', 'B1002', 'B2001', 'B3001', 'B4002', 'M026', 'NOSUCH')
const branch = fc.constantFrom('GSQ', 'PJL')

const step = fc.oneof(
  fc.record({ do: fc.constant('lend' as const), card, barcode, noBlock: fc.boolean() }),
  fc.record({ do: fc.constant('back' as const), barcode, here: branch, late: fc.nat(60) }),
  fc.record({ do: fc.constant('undo' as const), barcode }),
  fc.record({ do: fc.constant('renew' as const), card, barcode }),
  fc.record({ do: fc.constant('hold' as const), card, barcode, pickup: branch, thisCopy: fc.boolean() }),
  fc.record({ do: fc.constant('unhold' as const), card, barcode }),
  fc.record({ do: fc.constant('pay' as const), card, amount: fc.integer({ min: -1, max: 900 }) }),
  fc.record({ do: fc.constant('days' as const), days: fc.nat(40) }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

const walk = (ils: IlsState, clock: ManualClock, what: Step): void => {
  switch (what.do) {
    case 'lend':
      ils.checkout({ ...what, feeAcknowledged: true, at: clock.now() })
      return
    case 'back':
      ils.checkin({ ...what, returnedAt: clock.now() - what.late * 3_600_000 })
      return
    case 'undo':
      ils.checkin({ barcode: what.barcode, here: 'GSQ', cancel: true })
      return
    case 'renew':
      ils.renew(what)
      return
    case 'hold':
      ils.addHold(what)
      return
    case 'unhold':
      ils.deleteHold(what)
      return
    case 'pay':
      ils.payFee(what)
      return
    case 'days':
      clock.jump(clock.now() + what.days * 86_400_000)
  }
}

const soundness = (ils: IlsState): void => {
  const { loans, holds, holdShelf, owed, paid } = ils.snapshot()
  const saved = ils.toJSON()
  const charged = new Set(saved.items.filter(i => i.status === 'charged').map(i => i.barcode))
  expect(charged).toEqual(new Set(loans.map(l => l.barcode)))
  const shelved = saved.items.filter(i => i.status === 'on-hold-shelf').map(i => i.barcode)
  expect(holdShelf.map(h => h.barcode)).toEqual(shelved.sort())
  const copies = (saved.holds ?? []).flatMap(h => (h.copy === undefined ? [] : [h.copy]))
  expect(new Set(copies).size).toBe(copies.length)
  const wishes = holds.map(h => `${h.card} ${h.bibId}`)
  expect(new Set(wishes).size).toBe(wishes.length)
  const sum = (amounts: readonly number[]) => amounts.reduce((total, amount) => total + amount, 0)
  expect(sum((saved.fines ?? []).map(f => f.amount))).toBe(
    sum(Object.values(owed)) + sum(paid.map(p => p.amount)),
  )
}

it('stays sound whatever is asked in whatever order: one patron a book, one book a hold, no fen lost', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), steps => {
      const clock = new ManualClock(start)
      const ils = new IlsState(library(), clock)
      for (const what of steps) {
        walk(ils, clock, what)
        soundness(ils)
      }
      expect(IlsState.fromJSON(JSON.parse(JSON.stringify(ils)), clock).snapshot()).toEqual(ils.snapshot())
    }),
    { numRuns: 300 },
  )
})

it('changes nothing when it refuses', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), card, barcode, (steps, who, what) => {
      const clock = new ManualClock(start)
      const ils = new IlsState(library(), clock)
      for (const one of steps) walk(ils, clock, one)
      const books = () => JSON.stringify({ ...ils.toJSON(), lastNumber: 0 })
      const before = books()
      for (const ruling of [
        () => ils.checkout({ card: who, barcode: what }),
        () => ils.renew({ card: who, barcode: what }),
        () => ils.addHold({ card: who, barcode: what, pickup: 'NOWHERE' }),
        () => ils.payFee({ card: who, amount: 10_000_000 }),
      ]) {
        if (ruling().ok) return
        expect(books() === before).toBe(true)
      }
    }),
    { numRuns: 200 },
  )
})
