import { describe, expect, it } from 'vitest'
import { illRequestsOf } from '../../../src/gateway/store/ill.ts'
import { deadLetters } from '../../../src/gateway/store/outbox.ts'
import { worlds } from './begin.ts'
import type { Luck } from './model-ils.ts'
import { collect, expectStatus, feeRows, toBranch, toHome, toLocker, type World, walk } from './world.ts'

const begin = worlds()
const day = 86_400_000

const readerOf = async (w: World, order: { id: string }, patronId = 'p1') => ({
  libraryId: 'home',
  orderId: order.id,
  lineId: (await w.line(order)).id,
  patronId,
  actor: `reader:${patronId}`,
})
const cancel = async (w: World, order: { id: string }) => {
  const answer = await w.orders.cancel(await readerOf(w, order))
  await w.idle()
  return answer
}
const told = async (w: World): Promise<string[]> =>
  (await w.store.db.selectFrom('message').select('notice').orderBy('id').execute()).map(r => r.notice)
const unlucky = (...lucks: Luck[]) => {
  let turn = 0
  return (): Luck => lucks[turn++] ?? 'fine'
}

describe('cancelled', () => {
  it('by the reader before it is found: the hold, the fee and the quota are given back, and the copy is free', async () => {
    const w = await begin()
    const order = await w.place()
    expect((await cancel(w, order)).ok).toBe(true)
    const line = await w.line(order)
    expectStatus(line, 'closed')
    expect(line.outcome).toBe('cancelled_by_reader')
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'unhold C-p1 H1'])
    expect(await feeRows(w.store)).toMatchObject([{ settled: 0, refunded: 1, released: 1 }])
    expect(await w.store.db.selectFrom('item_claim').selectAll().execute()).toEqual([])
    expect(await told(w)).toEqual(['cancelled'])
  })

  it('by the reader after the check-out: the loan is undone in the ILS, and the hold that comes back with it', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'found')
    await cancel(w, order)
    expect((await w.line(order)).outcome).toBe('cancelled_by_reader')
    expect(w.out.ils.home.done).toEqual([
      'hold C-p1 H1',
      'checkout C-p1 H1',
      'checkin C-p1 H1',
      'unhold C-p1 H1',
    ])
  })

  it('by the reader once packed: refused, with what to do instead', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'packed')
    const answer = await cancel(w, order)
    expect(answer).toMatchObject({ ok: false, problem: { code: 'too-late-to-cancel' } })
    expectStatus(await w.line(order), 'packed')
  })

  it('by staff when packed for a locker: the compartment and the loan are given back', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'packed')
    expect(w.out.compartments.size).toBe(1)
    const line = await w.staff(order, 'cancel', { reason: '书坏了' })
    expect(line).toMatchObject({ status: 'closed', outcome: 'cancelled_by_staff' })
    expect(w.out.compartments.size).toBe(0)
    expect(w.out.ils.home.items.get('H1')).toMatchObject({ loan: null, holds: [] })
    expect(await feeRows(w.store)).toMatchObject([{ settled: 0, refunded: 1, released: 1 }])
  })

  it('by staff when packed for a courier: the courier is told', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toHome })
    const { parcelNumber } = await walk(w, order, 'packed')
    expect([...w.out.booked.keys()]).toEqual([parcelNumber])
    await w.staff(order, 'cancel')
    expect(w.out.cancelled).toEqual([parcelNumber])
  })

  it('by staff when it lies in the locker: it is fetched first, then checked in', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'ready')
    expectStatus(await w.staff(order, 'cancel'), 'expired')
    const line = await w.staff(order, 'recover')
    expect(line).toMatchObject({ status: 'closed', outcome: 'cancelled_by_staff' })
    expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
    expect([...w.out.credit.values()].filter(v => v.startsWith('uncollected'))).toEqual([])
  })

  it('by time-out when nobody found it for ten open days', async () => {
    const w = await begin()
    const order = await w.place()
    await w.clock.advance(9 * day)
    await w.idle()
    expectStatus(await w.line(order), 'picking')
    await w.clock.advance(2 * day)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'cancelled_by_timeout' })
    expect(w.out.ils.home.done.at(-1)).toBe('unhold C-p1 H1')
  })

  it('while its hold is on the way: the hold is undone as soon as it is known', async () => {
    const w = await begin()
    const { home } = w.out.ils
    const placeHold = home.placeHold.bind(home)
    home.placeHold = async act => {
      home.luck = unlucky('lost-after')
      return placeHold(act)
    }
    const order = await w.place()
    home.placeHold = placeHold
    expectStatus(await w.line(order), 'requested')
    await cancel(w, order)
    expectStatus(await w.line(order), 'cancelling')
    await w.clock.advance(60_000)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'cancelled_by_reader' })
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'unhold C-p1 H1'])
  })

  it('one line of two: the other goes on, and the fee stays until nothing is left', async () => {
    const w = await begin()
    const order = await w.place({ recordIds: ['r1', 'r2'] })
    await cancel(w, order)
    expect(await feeRows(w.store)).toMatchObject([{ settled: 0, refunded: 0, released: 0 }])
    expectStatus(await w.line(order, 1), 'picking')
    await w.staff(order, 'cancel', { position: 1 })
    expect(await feeRows(w.store)).toMatchObject([{ settled: 0, refunded: 1, released: 1 }])
  })
})

describe('the ILS refuses the check-out', () => {
  it('because the reader is blocked: staff have a task, the reader is told, and trying again goes on', async () => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['excessive-fines']
    const refused = await w.staff(order, 'found')
    expectStatus(refused, 'checkout_refused')
    expect(refused.trouble?.code).toBe('checkout-refused')
    expect(await told(w)).toEqual(['checkout-refused'])
    w.out.ils.home.patrons.get('C-p1')!.blocks = []
    expectStatus(await w.staff(order, 'retry-checkout'), 'charged')
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'checkout C-p1 H1'])
  })

  it('and nobody settles it: it is given up after the time the library allows', async () => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['excessive-fines']
    await w.staff(order, 'found')
    await w.clock.advance(4 * day)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'cancelled_by_timeout' })
  })

  it('because the item is on hold for somebody else: another copy is taken', async () => {
    const w = await begin({ policy: { holds: 'own' } })
    const order = await w.place()
    w.out.ils.home.atDesk('hold', 'H1', 'C-x')
    const line = await w.staff(order, 'found')
    expectStatus(line, 'picking')
    expect(line).toMatchObject({ barcode: 'H2', tried: ['H1'], round: 1 })
    expect(await told(w)).toEqual(['looking-elsewhere', 'another-copy'])
  })
})

describe('not found', () => {
  it('tries another copy, another branch, another library, and then tells the reader and gives everything back', async () => {
    const w = await begin()
    const order = await w.place()
    const where = []
    for (const libraryId of ['home', 'home', 'home', 'away']) {
      const line = await w.line(order)
      where.push([line.supplierId, line.branchId, line.barcode])
      await w.staff(order, 'not-found', { reason: '不在架', libraryId })
    }
    expect(where).toEqual([
      ['home', 'home-main', 'H1'],
      ['home', 'home-main', 'H2'],
      ['home', 'home-east', 'H3'],
      ['away', 'away-main', 'A1'],
    ])
    const line = await w.line(order)
    expect(line).toMatchObject({ status: 'closed', outcome: 'not_supplied', tried: ['H1', 'H2', 'H3', 'A1'] })
    expect(line.notFoundAt).toBe(w.clock.now())
    expect(w.out.ils.home.done).toEqual(
      ['H1', 'H2', 'H3'].flatMap(b => [`hold C-p1 ${b}`, `unhold C-p1 ${b}`]),
    )
    expect(w.out.ils.away.done).toEqual(['hold INST-home A1', 'unhold INST-home A1'])
    expect(await feeRows(w.store)).toMatchObject([{ settled: 0, refunded: 1, released: 1 }])
    expect((await told(w)).at(-1)).toBe('not-supplied')
    const requests = await illRequestsOf(w.store.db, 'home', line.id)
    expect(requests.map(r => r.barcode).toSorted()).toEqual(['A1', 'H2', 'H3', null])
    const second = requests.find(r => r.barcode === 'H2')
    expect(second?.figures.map(f => [f.barcode, f.figures.branch])).toEqual([
      ['H2', 0],
      ['H3', 1],
    ])
  })

  it('keeps the missing copy out of the next order, until somebody scans it', async () => {
    const w = await begin()
    const first = await w.place()
    await w.staff(first, 'not-found', { reason: '不在架' })
    const second = await w.place({ patronId: 'p2' })
    expect((await w.line(second)).barcode).toBe('H3')
    for (const order of [first, second]) await w.staff(order, 'found')
    const scanned = await w.orders.scan({ code: 'H1', mode: 'auto', libraryId: 'home', actor: 'staff:s1' })
    expect(scanned.say.zh).toContain('现在可以借了')
    expect((await w.line(await w.place({ patronId: 'p3' }))).barcode).toBe('H1')
  })

  it('a missing copy that turns up serves whoever waits for the title', async () => {
    const w = await begin()
    await w.staff(await w.place(), 'not-found', { reason: '不在架' })
    const second = await w.place({ patronId: 'p2' })
    const ask = {
      code: 'H1',
      mode: 'auto',
      libraryId: 'home',
      branchId: 'home-east',
      actor: 'staff:s1',
    } as const
    expect((await w.orders.scan(ask)).say.zh).toContain('已记下')
    await w.idle()
    expect(await w.line(second)).toMatchObject({ status: 'charged', barcode: 'H1' })
  })

  it('a record without a free copy is sought at once and refused within the minute', async () => {
    const w = await begin()
    w.out.ils.home.atDesk('borrow', 'H4')
    const order = await w.place({ recordIds: ['r2'] })
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'not_supplied' })
  })

  it('the ILS turns the hold down because the copy went out meanwhile: another copy', async () => {
    const w = await begin()
    const { home } = w.out.ils
    const ask = home.item.bind(home)
    home.item = async barcode => {
      const answer = await ask(barcode)
      if (barcode === 'H1' && !home.items.get('H1')!.loan) home.atDesk('borrow', 'H1')
      return answer
    }
    const order = await w.place()
    expect(await w.line(order)).toMatchObject({ status: 'picking', barcode: 'H2', tried: ['H1'] })
  })
})

describe('inter-library', () => {
  it('is charged to the library’s own card at the supplier, and goes home after its return', async () => {
    const w = await begin()
    const order = await w.place({ recordIds: ['r4'] })
    expect(await w.line(order)).toMatchObject({ supplierId: 'away', branchId: 'away-main', barcode: 'A4' })
    for (const action of ['found', 'pack']) await w.staff(order, action, { libraryId: 'away' })
    const { parcelNumber } = await w.line(order)
    await w.tell(order, 'staff', 'shipped', { via: 'van', parcelNumber })
    await w.tell(order, 'locker', 'put-in-locker', {
      lockerId: 'home-locker',
      compartmentId: 'K1',
      parcelNumber,
    })
    await collect(w, order)
    expect(w.out.ils.away.done).toEqual(['hold INST-home A4', 'checkout INST-home A4'])
    expect(w.out.ils.home.done).toEqual([])
    const back = await w.staff(order, 'receive', { branchId: 'home-main' })
    expectStatus(back, 'discharged')
    expect(back.routing).toEqual({ type: 'send-elsewhere', destination: 'away' })
    expect(w.out.ils.away.done.at(-1)).toBe('checkin INST-home A4')
    expect(await w.staff(order, 'routed')).toMatchObject({ status: 'closed', outcome: 'returned' })
  })

  it('is charged to the reader’s own card where the consortium shares cards, else to the library’s', async () => {
    const w = await begin({ policy: { interLibraryCharge: 'shared-card' } })
    const order = await w.place({ recordIds: ['r4'] })
    await w.staff(order, 'found', { libraryId: 'away' })
    expect(w.out.ils.away.done).toEqual(['hold INST-home A4', 'checkout INST-home A4'])
  })
})

describe('not collected', () => {
  it('reminds, expires, is fetched and checked in; nobody pays twice for it', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'ready')
    await w.clock.advance(2.5 * day)
    await w.idle()
    expect((await told(w)).at(-1)).toBe('pickup-reminder')
    await w.clock.advance(day)
    await w.idle()
    expectStatus(await w.line(order), 'expired')
    expect([...w.out.compartments.values()][0]?.state).toBe('expired')
    const line = await w.staff(order, 'recover')
    expect(line).toMatchObject({ status: 'closed', outcome: 'uncollected' })
    expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
    expect([...w.out.credit.values()]).toEqual([`uncollected p1 ${line.id}`])
    expect(w.out.compartments.size).toBe(0)
    expect(await feeRows(w.store)).toMatchObject([{ settled: 1, refunded: 0, released: 0 }])
  })

  it('a reader who was just in time counts, though the news of it came after the expiry', async () => {
    const w = await begin()
    const order = await w.place()
    const ready = await walk(w, order, 'ready')
    const justInTime = ready.collectUntil! - 1000
    await w.clock.advance(4 * day)
    await w.idle()
    expectStatus(await w.line(order), 'expired')
    const { parcelNumber } = ready
    const line = await w.tell(
      order,
      'locker',
      'collected',
      { lockerId: 'home-locker', parcelNumber },
      { at: justInTime },
    )
    expectStatus(line, 'on_loan')
    expect(line.times.collected).toBe(justInTime)
    expect(line.ending).toBeNull()
  })

  it('without a charge (charged at collection) only the hold is given back', async () => {
    const w = await begin({ policy: { chargeAt: 'collect' } })
    const order = await w.place()
    await walk(w, order, 'ready')
    await w.clock.advance(4 * day)
    await w.idle()
    await w.staff(order, 'recover')
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'unhold C-p1 H1'])
    expect((await w.line(order)).outcome).toBe('uncollected')
  })
})

describe('on the way to the door', () => {
  const sent = async (w: World) => {
    const order = await w.place({ delivery: toHome })
    await walk(w, order, 'packed')
    const { parcelNumber } = await w.staff(order, 'send')
    return { order, parcelNumber }
  }

  it('torn at the door: another copy is sent at once, the reader owes nothing, the carrier is to blame', async () => {
    const w = await begin()
    const { order, parcelNumber } = await sent(w)
    const line = await w.tell(order, 'courier', 'refused-damaged', { parcelNumber })
    expect(line).toMatchObject({ status: 'picking', barcode: 'H2', mishap: 'damaged_in_transit' })
    expect(w.out.ils.home.done).toEqual([
      'hold C-p1 H1',
      'checkout C-p1 H1',
      'checkin C-p1 H1',
      'unhold C-p1 H1',
      'hold C-p1 H2',
    ])
    expect(await told(w)).toEqual(['shipped', 'sent-again', 'another-copy'])
    await walk(w, order, 'packed')
    const again = await w.staff(order, 'send')
    expect(again.parcelNumber).not.toBe(parcelNumber)
    const late = await w.tell(order, 'courier', 'delivered', { parcelNumber })
    expectStatus(late, 'shipped')
    const good = await w.tell(order, 'courier', 'delivered', { parcelNumber: again.parcelNumber })
    expectStatus(good, 'on_loan')
    expect([...w.out.credit.values()]).toEqual([`borrowed p1 ${good.id}`])
    expect(await feeRows(w.store)).toMatchObject([{ settled: 1, refunded: 0, released: 0 }])
  })

  it('lost by the carrier with another copy: that one is sent', async () => {
    const w = await begin()
    const { order, parcelNumber } = await sent(w)
    const line = await w.tell(order, 'courier', 'carrier-lost', { parcelNumber })
    expect(line).toMatchObject({ status: 'picking', barcode: 'H2' })
    const claims = await w.store.db
      .selectFrom('item_claim')
      .select(['barcode', 'why'])
      .orderBy('barcode')
      .execute()
    expect(claims).toEqual([
      { barcode: 'H1', why: 'lost' },
      { barcode: 'H2', why: 'line' },
    ])
  })

  it('lost by the carrier without another copy: the reader is told and gets the fee back', async () => {
    const w = await begin()
    const order = await w.place({ recordIds: ['r2'], delivery: toHome })
    await walk(w, order, 'packed')
    const { parcelNumber } = await w.staff(order, 'send')
    const line = await w.tell(order, 'staff', 'carrier-lost', { parcelNumber })
    expect(line).toMatchObject({ status: 'closed', outcome: 'lost_in_transit' })
    expect(w.out.ils.home.items.get('H4')!.loan).toBeNull()
    expect(await feeRows(w.store)).toMatchObject([{ settled: 1, refunded: 1, released: 0 }])
  })

  it('returned to the sender by the carrier’s fault: packed again with the same copy and a new label', async () => {
    const w = await begin()
    const { order, parcelNumber } = await sent(w)
    const back = await w.tell(order, 'staff', 'sent-back', { parcelNumber, fault: 'carrier' })
    expectStatus(back, 'charged')
    expect(back).toMatchObject({ barcode: 'H1', parcelNumber: null, parcelsBack: [parcelNumber] })
    const again = await w.staff(order, 'pack')
    expect(again.parcelNumber).not.toBe(parcelNumber)
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'checkout C-p1 H1'])
  })

  it('returned to the sender because nobody was there: checked in and closed as not collected', async () => {
    const w = await begin()
    const { order, parcelNumber } = await sent(w)
    const line = await w.tell(order, 'staff', 'sent-back', { parcelNumber, fault: 'reader' })
    expect(line).toMatchObject({ status: 'closed', outcome: 'uncollected' })
    expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
  })

  it('delivery known before the pick-up scan waits for it, and then counts with its own time', async () => {
    const w = await begin()
    const order = await w.place({ delivery: toHome })
    const { parcelNumber } = await walk(w, order, 'packed')
    const deliveredAt = w.clock.now()
    await w.clock.advance(3_600_000)
    const waiting = await w.tell(order, 'courier', 'delivered', { parcelNumber }, { at: deliveredAt })
    expectStatus(waiting, 'packed')
    expect(waiting.waiting).toBe(1)
    const line = await w.tell(order, 'courier', 'shipped', { parcelNumber, via: 'courier' })
    expectStatus(line, 'on_loan')
    expect(line).toMatchObject({ waiting: 0, times: { delivered: deliveredAt } })
  })

  it('what the carrier sees moves every line of the parcel, and a signature implies that it was sent', async () => {
    const w = await begin()
    const order = await w.place({ recordIds: ['r1', 'r2'], delivery: toHome })
    for (const position of [0, 1])
      for (const action of ['found', 'pack']) await w.staff(order, action, { position })
    const { parcelNumber } = await w.line(order)
    expect((await w.line(order, 1)).parcelNumber).toBe(parcelNumber)
    expect(w.out.booked.size).toBe(1)
    const sighting = {
      id: 's1',
      waybill: `SF-${parcelNumber}`,
      kind: 'signed',
      at: w.clock.now(),
      their: { code: '80', text: '' },
    } as const
    expect((await w.orders.sighted('sf', sighting)).ok).toBe(true)
    await w.idle()
    expectStatus(await w.line(order), 'on_loan')
    expectStatus(await w.line(order, 1), 'on_loan')
    const twice = await w.orders.sighted('sf', sighting)
    expect(twice.ok && twice.value.map(t => t.is)).toEqual(['known', 'known', 'known', 'known'])
    expect(await w.orders.sighted('jd', sighting)).toMatchObject({ problem: { code: 'unknown-parcel' } })
  })
})

describe('at the locker', () => {
  it('is full: staff are told, and the desk serves instead', async () => {
    const w = await begin()
    w.out.freeCompartments.count = 0
    const order = await w.place()
    const packed = await walk(w, order, 'packed')
    expect(packed.trouble?.code).toBe('no-compartment')
    const line = await w.staff(order, 'at-branch')
    expect(line).toMatchObject({ status: 'at_branch', trouble: null, deskId: 'home-main' })
  })

  it('is away: the parcel goes to the desk by itself, staff and reader are told', async () => {
    const w = await begin()
    w.out.freeCompartments.away = true
    const order = await w.place()
    const packed = await walk(w, order, 'packed')
    expect(packed).toMatchObject({ trouble: { code: 'locker-offline' }, deskId: 'home-main' })
    expect((await told(w)).at(-1)).toBe('to-the-desk')
    expect(await w.staff(order, 'at-branch')).toMatchObject({ status: 'at_branch', trouble: null })
  })

  it('goes away and comes back with the books inside: the reader is told both', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'ready')
    await w.tell(order, 'locker', 'locker-offline', { lockerId: 'home-locker' })
    expect((await told(w)).at(-1)).toBe('locker-away')
    await w.tell(order, 'locker', 'locker-online', {})
    expect((await told(w)).at(-1)).toBe('locker-back')
    expect(await collect(w, order)).toMatchObject({ status: 'on_loan', trouble: null })
  })

  it('the door would not open: staff have a task, the reader is told, and a later collection clears it', async () => {
    const w = await begin()
    const order = await w.place()
    const ready = await walk(w, order, 'ready')
    const door = { lockerId: 'home-locker', compartmentId: ready.compartmentId }
    const jammed = await w.tell(order, 'locker', 'door-jammed', door)
    expect(jammed).toMatchObject({ status: 'in_locker', trouble: { code: 'door-jammed' } })
    expect((await told(w)).at(-1)).toBe('door-jammed')
    expect(await collect(w, order)).toMatchObject({ status: 'on_loan', trouble: null })
  })

  it('is out of order: staff move the book to the desk and the compartment is free', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'ready')
    const line = await w.staff(order, 'at-branch', { branchId: 'home-east' })
    expect(line).toMatchObject({ status: 'at_branch', lockerId: null, deskId: 'home-east' })
    expect(w.out.compartments.size).toBe(0)
    expect((await told(w)).at(-1)).toBe('moved-to-desk')
    expectStatus(await w.staff(order, 'hand-over', { branchId: 'home-east' }), 'on_loan')
  })

  it('held the wrong book: the loan is taken back and the right one is looked for', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    const line = await w.staff(order, 'wrong-item')
    expect(line).toMatchObject({ status: 'picking', barcode: 'H2', mishap: 'wrong_item', dueAt: null })
    expect(w.out.ils.home.items.get('H1')!.loan).toBeNull()
    expect((await told(w)).slice(-2)).toEqual(['wrong-item', 'another-copy'])
  })
})

describe('returns', () => {
  const lent = async (w: World, delivery = toBranch) => {
    const order = await w.place({ delivery })
    await walk(w, order, 'on_loan')
    return order
  }

  it('overdue counts to the moment the reader handed it in, not to our scan', async () => {
    const w = await begin()
    const order = await lent(w)
    const handedInAt = w.clock.now()
    const seen: number[] = []
    const { home } = w.out.ils
    const checkin = home.checkin.bind(home)
    home.checkin = act => {
      seen.push(act.returnedAt)
      return checkin(act)
    }
    await w.tell(order, 'locker', 'returned-in-locker', { lockerId: 'away-locker', compartmentId: 'R1' })
    await w.clock.advance(3 * day)
    await w.staff(order, 'receive')
    expect(seen).toEqual([handedInAt])
    expect([...w.out.credit.values()].at(-1)).toContain('returned')
  })

  it('where the library counts to its own scan, it does', async () => {
    const w = await begin({ policy: { loanClockStops: 'received' } })
    const order = await lent(w)
    const { home } = w.out.ils
    const checkin = home.checkin.bind(home)
    let seen = 0
    home.checkin = act => {
      seen = act.returnedAt
      return checkin(act)
    }
    await w.tell(order, 'locker', 'returned-in-locker', { lockerId: 'home-locker', compartmentId: 'R1' })
    await w.clock.advance(day)
    await w.staff(order, 'receive')
    expect(seen).toBe(w.clock.now())
  })

  it('damaged: it is on the ledger', async () => {
    const w = await begin()
    const order = await lent(w)
    await w.tell(order, 'staff', 'returned-at-branch', { branchId: 'home-main' })
    const line = await w.staff(order, 'damaged', { note: '书脊裂开' })
    expect(line).toMatchObject({ status: 'closed', outcome: 'returned' })
    expect([...w.out.credit.values()].map(v => v.split(' ')[0])).toEqual(['borrowed', 'damaged', 'returned'])
  })

  it('for which somebody waits: the scan says so, and the line closes when it lies on the hold shelf', async () => {
    const w = await begin()
    const order = await lent(w)
    w.out.ils.home.atDesk('hold', 'H1', 'C-x')
    const line = await w.staff(order, 'receive')
    expect(line).toMatchObject({ status: 'discharged', routing: { type: 'hold-here' } })
    const scanned = await w.orders.scan({ code: 'H1', mode: 'auto', libraryId: 'home', actor: 'staff:s1' })
    expect(scanned.signal).toBe('yes')
    expectStatus(await w.line(order), 'closed')
  })

  it('the ILS will not take it back: staff settle it by hand', async () => {
    const w = await begin()
    const order = await lent(w)
    const { home } = w.out.ils
    home.atDesk('return', 'H1')
    const stuck = await w.staff(order, 'receive')
    expect(stuck).toMatchObject({ status: 'received', trouble: { code: 'checkin-refused' } })
    expect(await w.staff(order, 'settled-by-hand')).toMatchObject({ status: 'closed', outcome: 'returned' })
  })

  it('handed in at an ordinary desk that never told us: seen at the next look, and closed', async () => {
    const w = await begin()
    const order = await lent(w)
    w.out.ils.home.atDesk('return', 'H1')
    for (let weeks = 0; weeks < 6; weeks++) {
      await w.clock.advance(7 * day)
      await w.idle()
    }
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
  })

  it('claimed returned and found on the shelf: no fault of the reader, as of the day of the claim', async () => {
    const w = await begin()
    const order = await lent(w)
    const claimedAt = w.clock.now()
    expectStatus(await w.staff(order, 'claimed-returned'), 'missing')
    await w.clock.advance(5 * day)
    const line = await w.staff(order, 'found-in-library')
    expect(line).toMatchObject({ status: 'closed', outcome: 'returned', handedInAt: claimedAt })
    expect(w.out.ils.home.done.at(-1)).toBe('checkin C-p1 H1')
  })

  it('lost and paid', async () => {
    const w = await begin()
    const order = await lent(w)
    await w.staff(order, 'lost')
    const line = await w.staff(order, 'lost-paid')
    expect(line).toMatchObject({ status: 'closed', outcome: 'lost' })
    expect([...w.out.credit.values()].at(-1)).toBe(`lost p1 ${line.id}`)
  })

  it('lost, and found again by the reader', async () => {
    const w = await begin()
    const order = await lent(w)
    await w.staff(order, 'lost')
    expect(await w.staff(order, 'found-with-reader')).toMatchObject({ status: 'on_loan', trouble: null })
  })

  it('lost by the carrier on its way back: the reader is free at once and owes nothing', async () => {
    const w = await begin()
    const order = await lent(w)
    await w.orders.requestReturn(await readerOf(w, order), { way: 'courier', addressId: 'a1' })
    await w.idle()
    const { returnParcelNumber } = await w.line(order)
    await w.tell(order, 'courier', 'return-picked-up', { parcelNumber: returnParcelNumber })
    const lost = await w.tell(order, 'courier', 'carrier-lost', { parcelNumber: returnParcelNumber })
    expect(lost).toMatchObject({ status: 'missing', charged: false })
    expect(w.out.ils.home.items.get('H1')!.loan).toBeNull()
    const line = await w.staff(order, 'lost-paid')
    expect(line).toMatchObject({ status: 'closed', outcome: 'lost_in_transit' })
    expect([...w.out.credit.values()].filter(v => v.startsWith('lost'))).toEqual([])
  })

  it('arranged and called off: the courier is told and the loan goes on', async () => {
    const w = await begin()
    const order = await lent(w)
    await w.orders.requestReturn(await readerOf(w, order), { way: 'courier', addressId: 'a1' })
    await w.idle()
    const { returnParcelNumber } = await w.line(order)
    await w.orders.cancelReturn(await readerOf(w, order))
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'on_loan', returnWay: null })
    expect(w.out.cancelled).toEqual([returnParcelNumber])
  })
})

describe('the loan', () => {
  it('is renewed as often as the library allows', async () => {
    const w = await begin()
    const order = await w.place()
    const { dueAt } = await walk(w, order, 'on_loan')
    expect((await w.orders.renew(await readerOf(w, order))).ok).toBe(true)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ dueAt: dueAt! + 30 * day, renewals: 1 })
    expect(await w.orders.renew(await readerOf(w, order))).toMatchObject({
      problem: { code: 'no-more-renewals' },
    })
    expect((await told(w)).at(-1)).toBe('renewed')
  })

  it('is not renewed when the ILS says no, and the reader is told why', async () => {
    const w = await begin()
    const order = await w.place()
    const { dueAt } = await walk(w, order, 'on_loan')
    w.out.ils.home.atDesk('hold', 'H1', 'C-x')
    await w.orders.renew(await readerOf(w, order))
    await w.idle()
    expect(await w.line(order)).toMatchObject({ dueAt, renewals: 0, pending: [] })
    const last = await w.store.db
      .selectFrom('message')
      .selectAll()
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow()
    expect(last.notice).toBe('renewal-refused')
    expect(last.body).toContain('有人预约')
  })

  it('reminds before it is due', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    await w.clock.advance(27.5 * day)
    await w.idle()
    expect((await told(w)).at(-1)).toBe('due-soon')
  })

  it('is passed on to another reader as check-in and check-out in one, with an order of its own', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    expect((await w.orders.transfer(await readerOf(w, order), 'p2')).ok).toBe(true)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'transferred' })
    expect(w.out.ils.home.done.slice(-2)).toEqual(['checkin C-p1 H1', 'checkout C-p2 H1'])
    const page = await w.orders.page({ libraryId: 'home', patronId: 'p2' }, { state: 'open', limit: 10 })
    expect(page.items).toHaveLength(1)
    const theirs = page.items[0]!
    expect(theirs.lines[0]).toMatchObject({ status: 'on_loan', barcode: 'H1' })
    await w.staff(theirs, 'receive')
    expect(await w.line(theirs)).toMatchObject({ status: 'closed', outcome: 'returned' })
    expect([...w.out.credit.values()].map(v => v.split(' ').slice(0, 2).join(' '))).toEqual([
      'borrowed p1',
      'returned p1',
      'borrowed p2',
      'returned p2',
    ])
  })

  it('is not passed on when somebody has a hold on it', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    w.out.ils.home.atDesk('hold', 'H1', 'C-x')
    await w.orders.transfer(await readerOf(w, order), 'p2')
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'on_loan', charged: true, transferTo: null })
    expect(w.out.ils.home.done.at(-1)).toBe('checkout C-p1 H1')
    expect((await told(w)).at(-1)).toBe('transfer-refused')
  })

  it('is not passed on to who has as many loans as allowed, and stays untouched in the ILS', async () => {
    const w = await begin({ maxItems: 1 })
    await w.place({ patronId: 'p2', recordIds: ['r2'] })
    const order = await w.place()
    await walk(w, order, 'on_loan')
    const before = w.out.ils.home.done.length
    expect(await w.orders.transfer(await readerOf(w, order), 'p2')).toMatchObject({
      problem: { code: 'transfer-limit' },
    })
    await w.idle()
    expect(w.out.ils.home.done).toHaveLength(before)
    expect(await w.line(order)).toMatchObject({ status: 'on_loan', charged: true })
  })

  it('goes back to its reader when the other one may not borrow', async () => {
    const w = await begin()
    const order = await w.place()
    await walk(w, order, 'on_loan')
    w.out.ils.home.patrons.get('C-p2')!.blocks = ['charge-denied']
    await w.orders.transfer(await readerOf(w, order), 'p2')
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'on_loan', charged: true, outcome: null })
    expect(w.out.ils.home.items.get('H1')!.loan?.card).toBe('C-p1')
  })
})

describe('the ILS is away', () => {
  it('when the order is placed: it is taken, waits visibly, and is checked and reserved when it is back', async () => {
    const w = await begin()
    w.out.ils.home.luck = () => 'away'
    const order = await w.place()
    expectStatus(await w.line(order), 'requested')
    const view = await w.orders.view({ libraryId: 'home', orderId: order.id })
    expect(view?.lines[0]?.ilsPending).toBe(true)
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(600_000)
    await w.idle()
    expectStatus(await w.line(order), 'picking')
    expect((await w.orders.view({ libraryId: 'home', orderId: order.id }))?.lines[0]?.ilsPending).toBe(false)
  })

  it('and the check fails when it is back: the order is closed and everything given back', async () => {
    const w = await begin()
    w.out.ils.home.luck = () => 'away'
    const order = await w.place()
    w.out.ils.home.luck = () => 'fine'
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['card-lost']
    await w.clock.advance(600_000)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'refused' })
    expect(await feeRows(w.store)).toMatchObject([{ refunded: 1, released: 1 }])
    expect(w.out.ils.home.done).toEqual([])
  })

  it('for longer than the library’s patience: our own reservation lets staff go and look', async () => {
    const w = await begin()
    const { home } = w.out.ils
    const placeHold = home.placeHold.bind(home)
    home.placeHold = async act => {
      home.luck = () => 'away'
      return placeHold(act)
    }
    const order = await w.place()
    home.placeHold = async act => ({ ...(await placeHold({ ...act, repeated: false })) })
    expectStatus(await w.line(order), 'requested')
    for (let minutes = 0; minutes < 40; minutes += 5) {
      await w.clock.advance(300_000)
      await w.idle()
    }
    expect(await w.line(order)).toMatchObject({ status: 'picking', held: false })
    expect(home.done).toEqual([])
  })

  it('and it is not sure whether the hold was placed: only the ILS can tell, however long it takes', async () => {
    const w = await begin()
    const { home } = w.out.ils
    const placeHold = home.placeHold.bind(home)
    home.placeHold = async act => {
      home.luck = unlucky('lost-after', ...Array<Luck>(40).fill('away'))
      return placeHold(act)
    }
    const order = await w.place()
    home.placeHold = placeHold
    for (let minutes = 0; minutes < 120; minutes += 5) {
      await w.clock.advance(300_000)
      await w.idle()
    }
    expectStatus(await w.line(order), 'requested')
    home.luck = () => 'fine'
    await w.clock.advance(600_000)
    await w.idle()
    expect(await w.line(order)).toMatchObject({ status: 'picking', held: true })
    expect(home.done).toEqual(['hold C-p1 H1'])
  })

  it('when the book is found: packing goes on, the check-out is told afterwards with its original date', async () => {
    const w = await begin()
    const order = await w.place()
    const foundAt = w.clock.now()
    w.out.ils.home.luck = () => 'away'
    expect(await w.staff(order, 'found')).toMatchObject({
      status: 'charged',
      charged: false,
      chargeOwed: true,
    })
    const packed = await w.staff(order, 'pack')
    const place = {
      lockerId: 'home-locker',
      compartmentId: packed.compartmentId,
      parcelNumber: packed.parcelNumber,
    }
    await w.tell(order, 'locker', 'put-in-locker', place)
    await collect(w, order)
    expectStatus(await w.line(order), 'on_loan')
    w.out.ils.home.patrons.get('C-p1')!.blocks = ['charge-denied']
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(600_000)
    await w.idle()
    const line = await w.line(order)
    expect(line).toMatchObject({ status: 'on_loan', charged: true, chargeOwed: false, pending: [] })
    expect(line.dueAt).toBe(foundAt + 30 * day)
  })

  it('all through a short loan: check-out and check-in are told in their order when it is back', async () => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.luck = () => 'away'
    await walk(w, order, 'on_loan')
    await w.staff(order, 'receive')
    expectStatus(await w.line(order), 'received')
    w.out.ils.home.luck = () => 'fine'
    for (let i = 0; i < 4; i++) {
      await w.clock.advance(600_000)
      await w.idle()
    }
    expect(await w.line(order)).toMatchObject({ status: 'closed', outcome: 'returned' })
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'checkout C-p1 H1', 'checkin C-p1 H1'])
  })

  it('and refuses even what has happened: staff see that the loan is not on its books', async () => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.luck = () => 'away'
    await walk(w, order, 'on_loan')
    w.out.ils.home.patrons.delete('C-p1')
    w.out.ils.home.luck = () => 'fine'
    await w.clock.advance(600_000)
    await w.idle()
    expect(await w.line(order)).toMatchObject({
      status: 'on_loan',
      chargeOwed: false,
      trouble: { code: 'charge-refused' },
    })
    w.out.ils.home.addPatron('C-p1')
    expect(await w.staff(order, 'retry-checkout')).toMatchObject({ charged: true, trouble: null })
  })

  it('at one library does not slow another', async () => {
    const w = await begin()
    w.out.ils.away.luck = () => 'away'
    const stuck = await w.place({ recordIds: ['r4'] })
    expectStatus(await w.line(stuck), 'requested')
    const fine = await w.place({ patronId: 'p2' })
    expectStatus(await w.line(fine), 'picking')
  })
})

describe('answers of the ILS get lost', () => {
  it.each([
    ['before it happened', 'lost-before'],
    ['after it happened', 'lost-after'],
  ] as const)('%s: asked first, then done at most once', async (_when, luck) => {
    const w = await begin()
    const order = await w.place()
    w.out.ils.home.luck = unlucky(luck)
    await w.staff(order, 'found')
    await w.clock.advance(60_000)
    await w.idle()
    expectStatus(await w.line(order), 'charged')
    expect(w.out.ils.home.done).toEqual(['hold C-p1 H1', 'checkout C-p1 H1'])
  })
})

it('a step that cannot be done is a staff task, and trying again after the cause is gone goes on', async () => {
  const w = await begin()
  const order = await w.place({ recordIds: ['r4'] })
  const away = w.out.ils.away
  await w.staff(order, 'found', { libraryId: 'away' })
  expectStatus(await w.line(order), 'charged')
  const cancelHold = away.checkin.bind(away)
  away.checkin = async () => ({
    ok: false,
    problem: {
      kind: 'misconfigured',
      code: 'no-login',
      retry: 'never',
      say: { zh: '登录失败', en: 'no login' },
    },
  })
  expect(await w.staff(order, 'cancel')).toMatchObject({
    status: 'cancelling',
    trouble: { code: 'effect-failed' },
  })
  const rows = await w.orders.work('exceptions', { libraryId: 'home', branchIds: [] })
  expect(rows).toMatchObject([
    { lineId: (await w.line(order)).id, can: ['retry', 'retry-checkin', 'settled-by-hand'] },
  ])
  away.checkin = cancelHold
  expect(await w.staff(order, 'retry')).toMatchObject({ status: 'closed', outcome: 'cancelled_by_staff' })
  expect(away.done.at(-1)).toBe('checkin INST-home A4')
})

it('what staff settled by hand is no task any more', async () => {
  const w = await begin()
  const order = await w.place({ recordIds: ['r4'] })
  await w.staff(order, 'found', { libraryId: 'away' })
  w.out.ils.away.checkin = async () => ({
    ok: false,
    problem: {
      kind: 'misconfigured',
      code: 'no-login',
      retry: 'never',
      say: { zh: '登录失败', en: 'no login' },
    },
  })
  await w.staff(order, 'cancel')
  const dead = () => deadLetters(w.store.db, 'home', { limit: 10 })
  expect(await dead()).toMatchObject([{ kind: 'ils.checkin' }])
  expect(await w.staff(order, 'settled-by-hand')).toMatchObject({ status: 'closed' })
  expect(await dead()).toEqual([])
})

it('where the ILS takes no holds a reservation of our own stands', async () => {
  const w = await begin()
  w.out.ils.home.takesHolds = false
  const order = await w.place()
  expect(await w.line(order)).toMatchObject({ status: 'picking', held: false })
  expect(w.out.ils.home.done).toEqual([])
  expect((await walk(w, order, 'found')).charged).toBe(true)
})

it('before opening time a request waits, and reaches the staff at the opening moment', async () => {
  const w = await begin()
  await w.clock.advance(14 * 3_600_000)
  const order = await w.place({ delivery: toLocker })
  expectStatus(await w.line(order), 'confirmed')
  await w.clock.advance(10 * 3_600_000)
  await w.idle()
  const line = await w.line(order)
  expectStatus(line, 'picking')
  expect(new Date(line.times.received_by_staff!).toISOString()).toBe('2026-11-24T01:00:00.000Z')
})
