import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Act, BlocksPatrons, EnablesPatrons, Ils, PaysFees } from '../../src/adapters/ils/ils.ts'
import type { ManualClock } from '../../src/kernel/clock.ts'
import { can } from '../../src/kernel/power.ts'
import type { Answer } from '../../src/kernel/problem.ts'
import type { IlsState } from '../../src/sandbox/ils/state.ts'
import { at, start } from '../sandbox/ils/library.ts'

/** The library behind the driver under test, as its own staff see it. Its books are those of `library()`. */
export interface IlsWorld {
  readonly state: IlsState
  readonly clock: ManualClock
  /** Whether a right PIN can be told from a wrong one. */
  readonly checksPins: boolean
  /** Pages of a list the driver must join where the other side cuts them; barcodes or titles. */
  readonly itemsAre: 'barcode' | 'title'
  /** What the library does not offer by this way: it is refused, and nothing happens. */
  readonly lacks?: readonly ('hold' | 'block' | 'enable')[]
  /** The other side is gone from now on. */
  vanish(): Promise<void>
}
export interface IlsUnderTest {
  readonly ils: Ils
  readonly world: IlsWorld
  close(): Promise<void>
}

/** What every `Ils` must do, whatever stands behind it. */
export const ilsContract = (name: string, makeIls: () => Promise<IlsUnderTest>): void => {
  describe(`${name} as an Ils`, () => {
    let test: IlsUnderTest
    let ils: Ils
    let state: IlsState
    let acts = 0
    beforeEach(async () => {
      test = await makeIls()
      ils = test.ils
      state = test.world.state
    })
    afterEach(() => test.close())

    const act = (): Act => ({ key: `act-${++acts}`, repeated: false })
    const again = (first: Act): Act => ({ ...first, repeated: true })
    const loan = (card = 'R0001', barcode = 'B2001') => ({ card, barcode, at: start })
    const done = (what: keyof ReturnType<IlsState['counts']>) => state.counts()[what].done

    describe('patrons', () => {
      it('knows a card, with its name as it is written', async () => {
        const patron = granted(await ils.patron({ card: 'R0002' }))
        expect(patron).toMatchObject({ card: 'R0002', name: '沈億東', valid: true, blocks: [], owed: 0 })
      })

      it('does not know a card that does not exist', async () => {
        const patron = granted(await ils.patron({ card: 'R9999', pin: '1234' }))
        expect(patron.valid).toBe(false)
        expect(patron.pinValid).not.toBe(true)
      })

      it('tells that a card is blocked, and what is owed', async () => {
        expect(granted(await ils.patron({ card: 'R0003' })).blocks).toContain('charge-denied')
        const owing = granted(await ils.patron({ card: 'R0005' }))
        expect(owing.owed).toBe(1200)
        expect(owing.blocks).toContain('excessive-fines')
      })

      it('lets a right PIN in, where PINs can be checked', async () => {
        const { pinValid } = granted(await ils.patron({ card: 'R0001', pin: '1234' }))
        expect(pinValid).toBe(test.world.checksPins ? true : null)
      })

      it.each(['4321', '', ' ', '12345'])('never lets the PIN "%s" in', async pin => {
        expect(granted(await ils.patron({ card: 'R0001', pin })).pinValid).not.toBe(true)
      })

      it('never lets a blank PIN in, even where the card has none', async () => {
        expect(granted(await ils.patron({ card: 'R0006', pin: '' })).pinValid).not.toBe(true)
        expect(granted(await ils.patron({ card: 'R0006' })).pinValid).not.toBe(true)
      })

      it('joins a list that is longer than a page', async () => {
        const patron = granted(await ils.patron({ card: 'R0007', list: 'charged' }))
        const numbers = Array.from({ length: 25 }, (_, i) => String(i + 1).padStart(3, '0'))
        const expected =
          test.world.itemsAre === 'barcode' ? numbers.map(n => `M${n}`) : numbers.map(n => `连环画 第${n}册`)
        expect(patron.itemsAre).toBe(test.world.itemsAre)
        expect([...patron.items].sort()).toEqual(expected)
        expect(patron.counts.charged).toBe(25)
      })

      it('gives an empty list where there is nothing', async () => {
        expect(granted(await ils.patron({ card: 'R0001', list: 'charged' })).items).toEqual([])
      })
    })

    describe('items', () => {
      it('tells title, state and place, with every character of the title', async () => {
        const item = granted(await ils.item('B1001'))
        expect(item).toMatchObject({
          barcode: 'B1001',
          title: '園林東西：億年之質',
          status: 'available',
          permanentLocation: 'GSQ',
        })
      })

      it('tells when a book that is out is due, and how many wait for it', async () => {
        state.addHold({ card: 'R0001', barcode: 'M001' })
        const item = granted(await ils.item('M001'))
        expect(item).toMatchObject({ status: 'charged', holdQueue: 1 })
        expect(sameDay(item.dueAt, at('2026-11-30T23:59:59'))).toBe(true)
      })

      it('refuses a barcode that does not exist', async () => {
        expect(refusal(await ils.item('NOSUCH'))).toBe('refused')
      })
    })

    describe('checkout', () => {
      it('lends, and says until when', async () => {
        const receipt = granted(await ils.checkout({ ...act(), ...loan() }))
        expect(receipt).toMatchObject({ barcode: 'B2001', title: '图书馆学基础', wasRenewal: false })
        expect(sameDay(receipt.dueAt, at('2026-11-14T23:59:59'))).toBe(true)
        expect(receipt.dueText).not.toBe('')
        expect(state.item('B2001')?.loan?.card).toBe('R0001')
      })

      it.each([
        ['R0003', 'B2001', '停用'],
        ['R0001', 'M001', '借走'],
        ['R0001', 'B4001', '馆内阅览'],
      ])('hands on the refusal for %s and %s in the library’s own words', async (card, barcode, words) => {
        const answer = await ils.checkout({ ...act(), ...loan(card, barcode) })
        expect(refusal(answer)).toBe('refused')
        if (!answer.ok) {
          expect(answer.problem.retry).toBe('never')
          expect(answer.problem.maybeDone ?? false).toBe(false)
          expect(answer.problem.their?.text).toContain(words)
        }
        expect(done('checkout')).toBe(0)
      })

      it('does not lend twice when the same act comes again', async () => {
        const first = act()
        const receipt = granted(await ils.checkout({ ...first, ...loan() }))
        const second = granted(await ils.checkout({ ...again(first), ...loan() }))
        expect(second.dueAt).toBe(receipt.dueAt)
        expect(state.snapshot().loans.find(l => l.barcode === 'B2001')).toMatchObject({
          card: 'R0001',
          renewals: 0,
        })
        expect(done('checkout')).toBe(1)
      })

      it('lends when an act that is said to be repeated had never happened', async () => {
        granted(await ils.checkout({ ...again(act()), ...loan() }))
        expect(done('checkout')).toBe(1)
      })

      it('does not take another patron’s loan for its own', async () => {
        state.desk.lend('R0002', 'B2001')
        expect(refusal(await ils.checkout({ ...again(act()), ...loan() }))).toBe('refused')
        expect(state.item('B2001')?.loan?.card).toBe('R0002')
      })

      it('cannot be made to say something else by a barcode', async () => {
        const before = state.snapshot()
        const answer = await ils.checkout({ ...act(), ...loan('R0001', 'X|ABB2001') })
        expect(answer.ok).toBe(false)
        const line = await ils.checkout({ ...act(), ...loan('R0001', `X\r11YNB2001`) })
        expect(line.ok).toBe(false)
        expect(state.snapshot()).toEqual(before)
      })
    })

    describe('checkin', () => {
      const back = (barcode = 'B2001', returnedAt = start) => ({
        barcode,
        returnedAt,
        at: test.world.clock.now(),
        location: 'GSQ',
      })

      it('takes a book back that may simply be shelved', async () => {
        state.desk.lend('R0001', 'B2001')
        const receipt = granted(await ils.checkin({ ...act(), ...back() }))
        expect(receipt).toMatchObject({ barcode: 'B2001', permanentLocation: 'GSQ', alert: false })
        expect(state.snapshot().loans.some(l => l.barcode === 'B2001')).toBe(false)
      })

      it('counts overdue days to the moment the reader handed it in', async () => {
        state.desk.lend('R0001', 'B2001')
        test.world.clock.jump(at('2026-11-25T10:00:00'))
        granted(await ils.checkin({ ...act(), ...back('B2001', at('2026-11-17T18:00:00')) }))
        expect(state.snapshot().owed).toMatchObject({ R0001: 30 })
      })

      it('takes it back once when the act comes again, and asks no second fine', async () => {
        state.desk.lend('R0001', 'B2001')
        test.world.clock.jump(at('2026-11-25T10:00:00'))
        const first = act()
        granted(await ils.checkin({ ...first, ...back('B2001', at('2026-11-17T18:00:00')) }))
        granted(await ils.checkin({ ...again(first), ...back('B2001', at('2026-11-17T18:00:00')) }))
        expect(done('checkin')).toBe(1)
        expect(state.snapshot().owed).toMatchObject({ R0001: 30 })
      })

      it('raises the alert with the reason and the destination', async () => {
        state.desk.lend('R0001', 'B2001')
        state.addHold({ card: 'R0002', barcode: 'B2001', pickup: 'PJL' })
        expect(granted(await ils.checkin({ ...act(), ...back() }))).toMatchObject({
          alert: true,
          alertType: 'hold-elsewhere',
          destination: 'PJL',
        })
        state.desk.lend('R0001', 'B3001')
        expect(granted(await ils.checkin({ ...act(), ...back('B3001') }))).toMatchObject({
          alert: true,
          alertType: 'send-elsewhere',
          destination: 'PJL',
        })
        state.desk.lend('R0001', 'B1001')
        state.addHold({ card: 'R0007', title: 'b1', pickup: 'GSQ' })
        expect(granted(await ils.checkin({ ...act(), ...back('B1001') }))).toMatchObject({
          alert: true,
          alertType: 'hold-here',
          destination: 'GSQ',
        })
      })

      it('refuses a book that is not the library’s', async () => {
        expect(refusal(await ils.checkin({ ...act(), ...back('NOSUCH') }))).toBe('refused')
      })
    })

    describe('renew', () => {
      const renewal = (dueBefore: number) => ({ ...loan(), dueBefore })
      const dueNow = () => state.item('B2001')?.loan?.dueAt ?? 0

      it('gives more time, once for one act', async () => {
        state.desk.lend('R0001', 'B2001')
        const before = dueNow()
        const first = act()
        const receipt = granted(await ils.renew({ ...first, ...renewal(before) }))
        expect(sameDay(receipt.dueAt, at('2026-12-14T23:59:59'))).toBe(true)
        granted(await ils.renew({ ...again(first), ...renewal(before) }))
        expect(done('renew')).toBe(1)
        expect(state.snapshot().loans.find(l => l.barcode === 'B2001')?.renewals).toBe(1)
      })

      it('renews when an act that is said to be repeated had never happened', async () => {
        state.desk.lend('R0001', 'B2001')
        granted(await ils.renew({ ...again(act()), ...renewal(dueNow()) }))
        expect(done('renew')).toBe(1)
      })

      it('hands on the refusal where somebody waits', async () => {
        state.desk.lend('R0001', 'B2001')
        state.addHold({ card: 'R0002', barcode: 'B2001' })
        const answer = await ils.renew({ ...act(), ...renewal(dueNow()) })
        expect(refusal(answer)).toBe('refused')
        expect(!answer.ok && answer.problem.their?.text).toContain('预约')
      })
    })

    const lacks = (what: 'hold' | 'block' | 'enable') => test.world.lacks?.includes(what) === true

    it('refuses what the library does not offer', async ({ skip }) => {
      if (!lacks('hold')) return skip()
      expect(refusal(await ils.placeHold({ ...act(), ...loan() }))).toBe('refused')
      expect(state.snapshot().holds).toEqual([])
    })

    describe('holds', () => {
      const wish = { ...loan(), pickupLocation: 'PJL' }
      beforeEach(({ skip }) => skip(lacks('hold'), 'not offered'))

      it('places one, with its place in the queue', async () => {
        state.addHold({ card: 'R0002', barcode: 'B2001' })
        expect(granted(await ils.placeHold({ ...act(), ...wish }))).toMatchObject({ queuePosition: 2 })
        expect(state.snapshot().holds).toMatchObject([{ card: 'R0002' }, { card: 'R0001', pickup: 'PJL' }])
      })

      it('places one only, when the act comes again', async () => {
        const first = act()
        granted(await ils.placeHold({ ...first, ...wish }))
        granted(await ils.placeHold({ ...again(first), ...wish }))
        expect(state.snapshot().holds).toHaveLength(1)
        expect(done('hold-add')).toBe(1)
      })

      it('takes it away, and once is enough', async () => {
        granted(await ils.placeHold({ ...act(), ...wish }))
        const first = act()
        granted(await ils.cancelHold({ ...first, ...loan() }))
        granted(await ils.cancelHold({ ...again(first), ...loan() }))
        expect(state.snapshot().holds).toEqual([])
        expect(done('hold-delete')).toBe(1)
      })

      it('hands on the refusal of a hold nobody may have', async () => {
        expect(refusal(await ils.placeHold({ ...act(), ...loan('R0001', 'NOSUCH') }))).toBe('refused')
      })
    })

    describe('powers', () => {
      it('pays once, where it can pay', async ({ skip }) => {
        if (!can(ils, 'payFee')) return skip()
        const payer = ils as Ils & PaysFees
        const first = act()
        const payment = { card: 'R0005', amount: 500, at: start, owedBefore: 1200 }
        granted(await payer.payFee({ ...first, ...payment }))
        granted(await payer.payFee({ ...again(first), ...payment }))
        expect(state.snapshot().owed).toEqual({ R0005: 700 })
        expect(done('fee-paid')).toBe(1)
      })

      it('blocks a card with the reason, where it can', async ({ skip }) => {
        if (!can(ils, 'block') || lacks('block')) return skip()
        const blocker = ils as Ils & BlocksPatrons
        granted(await blocker.block({ ...act(), card: 'R0001', reason: '证件遗失' }))
        expect(state.patron('R0001')?.patron.blocked).toBe('证件遗失')
      })

      it('brings a card from the stock into use, where it can', async ({ skip }) => {
        if (!can(ils, 'enable') || lacks('enable')) return skip()
        const enabler = ils as Ils & EnablesPatrons
        granted(await enabler.enable({ ...act(), card: 'P9001' }))
        expect(state.patron('P9001')?.patron.blocked).toBeUndefined()
      })
    })

    describe('when the other side is gone', () => {
      it('says that it cannot be reached, and that nothing has been done', async () => {
        await test.world.vanish()
        const answer = await patiently(ils.checkout({ ...act(), ...loan() }), test.world.clock)
        expect(refusal(answer)).toBe('unreachable')
        if (!answer.ok) {
          expect(answer.problem.retry).toBe('later')
          expect(answer.problem.maybeDone ?? false).toBe(false)
        }
        expect(done('checkout')).toBe(0)
      })
    })

    it('tells its health without touching the wire', async () => {
      granted(await ils.patron({ card: 'R0001' }))
      expect(ils.health()).toMatchObject({ state: 'up', queue: 0 })
    })
  })
}

const granted = <T>(answer: Answer<T>): T => {
  if (!answer.ok) expect.fail(`refused: ${JSON.stringify(answer.problem)}`)
  return answer.value
}
const refusal = (answer: Answer<unknown>): string => (answer.ok ? 'granted' : answer.problem.kind)

/** Dates without a time mean the end of that day; seconds may be lost on the way. */
const sameDay = (a: number | undefined, b: number): boolean => a !== undefined && Math.abs(a - b) < 60_000

/** Lets time pass until the answer is there: the driver may wait and try again. */
export const patiently = async <T>(answer: Promise<T>, clock: ManualClock, step = 250): Promise<T> => {
  let settled = false
  const watched = answer.finally(() => {
    settled = true
  })
  for (let round = 0; !settled && round < 10_000; round++) {
    for (let turn = 0; turn < 10 && !settled; turn++) await new Promise(resolve => setImmediate(resolve))
    if (!settled) await clock.advance(step)
  }
  return watched
}
