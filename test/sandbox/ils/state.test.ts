import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { IlsState } from '../../../src/sandbox/ils/state.ts'
import { at, library, start } from './library.ts'

let clock: ManualClock
let ils: IlsState
beforeEach(() => {
  clock = new ManualClock(start)
  ils = new IlsState(library(), clock)
})

const lend = (card: string, barcode: string) => ils.checkout({ card, barcode })
const reason = (ruling: { ok: boolean; reason?: string }) => (ruling.ok ? 'ok' : ruling.reason)

describe('lending', () => {
  it('lends until the end of the last day, local time', () => {
    const lent = lend('R0001', 'B2001')
    expect(lent.ok && lent.value.loan.dueAt).toBe(at('2026-11-14T23:59:59'))
    expect(ils.item('B2001')?.item.status).toBe('charged')
  })

  it.each([
    ['R9999', 'B2001', 'unknown-card'],
    ['R0001', 'X', 'unknown-item'],
    ['R0003', 'B2001', 'card-blocked'],
    ['P9001', 'B2001', 'card-blocked'],
    ['R0004', 'B2001', 'card-expired'],
    ['R0005', 'B2001', 'fines-owed'],
    ['R0001', 'B4001', 'not-for-loan'],
    ['R0001', 'M001', 'charged-to-other'],
    ['R0001', 'B4002', 'fee-first'],
  ])('refuses %s the book %s: %s', (card, barcode, why) => {
    const before = ils.snapshot()
    expect(reason(lend(card, barcode))).toBe(why)
    expect(ils.snapshot()).toEqual(before)
  })

  it('refuses the sixth book of five', () => {
    for (const n of ['026', '027', '028', '029', '030']) expect(lend('R0001', `M${n}`).ok).toBe(true)
    expect(reason(lend('R0001', 'M031'))).toBe('limit-reached')
    expect(ils.patron('R0001')?.status[5]).toBe('Y')
  })

  it('takes a checkout of an own loan as a renewal', () => {
    lend('R0001', 'B2001')
    const again = lend('R0001', 'B2001')
    expect(again.ok && again.value.renewed).toBe(true)
    expect(ils.snapshot().loans.find(l => l.barcode === 'B2001')).toMatchObject({
      renewals: 1,
      dueAt: at('2026-12-14T23:59:59'),
    })
  })

  it('charges the fee of a book once it was acknowledged', () => {
    expect(ils.checkout({ card: 'R0001', barcode: 'B4002', feeAcknowledged: true }).ok).toBe(true)
    expect(ils.snapshot().owed).toMatchObject({ R0001: 200 })
  })

  it('carries out what has happened already, with its own dates, whatever stands against it', () => {
    const lent = ils.checkout({
      card: 'R0003',
      barcode: 'B2001',
      noBlock: true,
      at: at('2026-10-14T22:00:00'),
      dueAt: at('2026-11-01T23:59:59'),
    })
    expect(lent.ok && lent.value.loan).toMatchObject({
      at: at('2026-10-14T22:00:00'),
      dueAt: at('2026-11-01T23:59:59'),
    })
  })
})

describe('taking back', () => {
  it('counts overdue days to the day of return, not to the day of the scan', async () => {
    lend('R0001', 'B2001')
    await clock.advance(40 * 86_400_000)
    ils.checkin({ barcode: 'B2001', here: 'GSQ', returnedAt: at('2026-11-17T08:00:00') })
    expect(ils.snapshot().owed).toMatchObject({ R0001: 30 })
  })

  it('charges nothing for a book that was handed in in time and scanned late', async () => {
    lend('R0001', 'B2001')
    await clock.advance(40 * 86_400_000)
    ils.checkin({ barcode: 'B2001', here: 'GSQ', returnedAt: at('2026-11-14T23:00:00') })
    expect(ils.snapshot().owed).not.toHaveProperty('R0001')
  })

  it('never charges more than the cap', async () => {
    lend('R0001', 'B2001')
    await clock.advance(400 * 86_400_000)
    ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    expect(ils.snapshot().owed).toMatchObject({ R0001: 500 })
  })

  it('sends a book of another branch home', () => {
    const back = ils.checkin({ barcode: 'B3001', here: 'GSQ' })
    expect(back.ok && back.value).toMatchObject({ alert: '04', destination: 'PJL' })
    expect(ils.item('B3001')?.item.status).toBe('in-transit')
    const home = ils.checkin({ barcode: 'B3001', here: 'PJL' })
    expect(home.ok && home.value.alert).toBeUndefined()
    expect(ils.item('B3001')?.item.status).toBe('available')
  })

  it('counts a book that was in already as idle', () => {
    ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    expect(ils.counts().checkin).toEqual({ done: 0, refused: 0, idle: 1 })
  })

  it('undoes a checkout without fine and gives the hold back', () => {
    ils.addHold({ card: 'R0001', barcode: 'B2001', pickup: 'GSQ' })
    ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    const before = ils.snapshot()
    expect(before.holdShelf).toEqual([{ barcode: 'B2001', branch: 'GSQ', card: 'R0001' }])
    lend('R0001', 'B2001')
    expect(ils.snapshot().holds).toEqual([])
    ils.checkin({ barcode: 'B2001', here: 'GSQ', cancel: true })
    expect(ils.snapshot()).toEqual(before)
  })
})

describe('holds', () => {
  it('keeps a returned book for the first in the queue, on the shelf of the pick-up branch', () => {
    lend('R0001', 'B2001')
    ils.addHold({ card: 'R0002', barcode: 'B2001', pickup: 'PJL' })
    const there = ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    expect(there.ok && there.value).toMatchObject({
      alert: '02',
      destination: 'PJL',
      hold: { card: 'R0002' },
    })
    const here = ils.checkin({ barcode: 'B2001', here: 'PJL' })
    expect(here.ok && here.value).toMatchObject({ alert: '01', destination: 'PJL', hold: { card: 'R0002' } })
    expect(ils.item('B2001')?.item.status).toBe('on-hold-shelf')
    expect(reason(lend('R0001', 'B2001'))).toBe('held-for-other')
    expect(lend('R0002', 'B2001').ok).toBe(true)
    expect(ils.snapshot().holds).toEqual([])
  })

  it('lets a second copy go while one stays for who asked first', () => {
    ils.addHold({ card: 'R0002', title: 'b1', pickup: 'PJL' })
    expect(lend('R0001', 'B1001').ok).toBe(true)
    expect(reason(lend('R0007', 'B1002'))).toBe('held-for-other')
    expect(lend('R0002', 'B1002').ok).toBe(true)
  })

  it('does not renew a book somebody waits for', () => {
    lend('R0001', 'B2001')
    ils.addHold({ card: 'R0002', title: '图书馆学基础' })
    expect(reason(ils.renew({ card: 'R0001', barcode: 'B2001' }))).toBe('held-for-other')
  })

  it.each([
    ['twice the same title', { card: 'R0001', barcode: 'B1002' }, 'hold-twice'],
    ['an own loan', { card: 'R0001', barcode: 'B2001' }, 'hold-own-loan'],
    ['an unknown branch', { card: 'R0001', barcode: 'B3001', pickup: 'NOWHERE' }, 'unknown-branch'],
    ['an unknown title', { card: 'R0001', title: '没有这本书' }, 'unknown-title'],
  ])('refuses a hold on %s', (_, order, why) => {
    ils.addHold({ card: 'R0001', barcode: 'B1001' })
    lend('R0001', 'B2001')
    expect(reason(ils.addHold(order))).toBe(why)
  })

  it('forgets a hold that lapsed, and frees a book that nobody fetched', async () => {
    ils.addHold({ card: 'R0001', barcode: 'B1001', expiresAt: start + 1000 })
    ils.addHold({ card: 'R0001', barcode: 'B2001' })
    ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    await clock.advance(6 * 86_400_000)
    expect(ils.snapshot().holds).toEqual([])
    expect(lend('R0002', 'B2001').ok).toBe(true)
  })
})

describe('renewing', () => {
  it('adds a loan period to the due date until none is left', () => {
    lend('R0001', 'B2001')
    const first = ils.renew({ card: 'R0001', barcode: 'B2001' })
    expect(first.ok && first.value.loan.dueAt).toBe(at('2026-12-14T23:59:59'))
    expect(ils.renew({ card: 'R0001', barcode: 'B2001' }).ok).toBe(true)
    expect(reason(ils.renew({ card: 'R0001', barcode: 'B2001' }))).toBe('renewals-exhausted')
  })

  it('refuses who does not have the book', () => {
    expect(reason(ils.renew({ card: 'R0001', barcode: 'M001' }))).toBe('loan-of-other')
    expect(reason(ils.renew({ card: 'R0001', barcode: 'B2001' }))).toBe('not-on-loan')
  })

  it('renews all and tells which could not be', () => {
    ils.addHold({ card: 'R0001', barcode: 'M003' })
    const all = ils.renewAll('R0007')
    expect(all.ok && all.value.renewed).toHaveLength(24)
    expect(all.ok && all.value.unrenewed).toEqual(['M003'])
  })
})

describe('money and cards', () => {
  it('takes a payment once, oldest fine first, never more than is owed', () => {
    expect(ils.payFee({ card: 'R0005', amount: 900 }).ok).toBe(true)
    expect(ils.snapshot().owed).toEqual({ R0005: 300 })
    expect(reason(ils.payFee({ card: 'R0005', amount: 900 }))).toBe('amount-too-large')
    expect(ils.payFee({ card: 'R0005', amount: 300, fineId: 'F2' }).ok).toBe(true)
    expect(reason(ils.payFee({ card: 'R0005', amount: 1 }))).toBe('nothing-owed')
    expect(ils.snapshot().paid).toHaveLength(2)
  })

  it('brings a card from the stock into use, and blocks one', () => {
    expect(ils.enable('P9001').ok).toBe(true)
    expect(lend('P9001', 'B2001').ok).toBe(true)
    ils.block('P9001', '证件遗失')
    expect(reason(lend('P9001', 'B1001'))).toBe('card-blocked')
    expect(ils.patron('P9001')?.status).toMatch(/^YYYY/)
  })
})

describe('saving', () => {
  it('brings the same library back from its own JSON', () => {
    lend('R0001', 'B2001')
    ils.addHold({ card: 'R0002', barcode: 'B2001' })
    ils.checkin({ barcode: 'B2001', here: 'GSQ' })
    const again = IlsState.fromJSON(JSON.parse(JSON.stringify(ils)), clock)
    expect(again.snapshot()).toEqual(ils.snapshot())
    expect(JSON.stringify(again)).toBe(JSON.stringify(ils))
  })

  it('refuses a library that does not add up and keeps the one it has', () => {
    const broken = { ...library(), items: [{ ...library().items[0]!, bibId: 'nowhere' }] }
    expect(() => ils.restore(broken)).toThrow(/nowhere/)
    expect(ils.item('B2001')).toBeDefined()
  })
})
