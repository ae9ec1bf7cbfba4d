import { afterEach, describe, expect, it } from 'vitest'
import type { LockersOptions } from '../../../src/gateway/lockers/lockers.ts'
import { verifyAudit } from '../../../src/gateway/store/audit.ts'
import { handDriver } from './hand-driver.ts'
import { boards, farSite, freshStore, layout, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const setUp = async (more: Partial<LockersOptions> = {}) => {
  const base = await freshStore()
  closing.push(base.close)
  const hand = handDriver(boards)
  const far = handDriver(boards)
  const lines = new Map([
    ['a', hand.driver],
    ['b', far.driver],
  ])
  const service = lockersOver(base, lines, { sites: [site, farSite], ...more })
  const { lockers } = service
  /** Two rounds over the boards: what is shut then, is shut. */
  const looks = async (times = 2) => {
    for (let i = 0; i < times; i++) {
      await base.clock.advance(500)
      await lockers.look(site.id)
    }
    await lockers.told()
  }
  const shut = async (...ids: string[]) => {
    for (const id of ids) {
      const door = layout.find(one => one.id === id)!
      hand.open.delete(`${door.board}/${door.channel}`)
    }
    await looks()
  }
  const reserve = (name: string, count = 1) => base.store.tx(tx => lockers.reserve(tx, parcel(name, count)))
  const load = async (name: string, count = 1) => {
    const answer = await lockers.deposit({ ...parcel(name, count), actor: 'staff:li' })
    if (answer.signal !== 'open') throw new Error(answer.say.en)
    await shut(answer.compartment!.id)
    return answer.compartment!.id
  }
  /** Lets time pass until the promise is settled. */
  const during = async <T>(promise: Promise<T>): Promise<T> => {
    let settled = false
    const seen = () => {
      settled = true
    }
    promise.then(seen, seen)
    while (!settled) await base.clock.advance(10)
    return promise
  }
  const restart = async (other: Partial<LockersOptions> = more) => {
    await lockers.stop()
    const next = lockersOver(base, lines, { sites: [site, farSite], ...other })
    closing.push(next.lockers.stop)
    await next.lockers.start()
    await next.lockers.stop()
    return next
  }
  closing.push(lockers.stop)
  await lockers.start()
  await lockers.stop()
  return { ...base, ...service, hand, far, looks, shut, reserve, load, during, restart }
}

describe('a parcel through a locker', () => {
  it('is kept a place for, put in, and collected with the closing of the door', async () => {
    const { lockers, reserve, shut, looks, said, told, codeOf, stateOf, kinds, hand, clock } = await setUp()
    const place = await reserve('one', 2)
    expect(place).toMatchObject({ ok: true, value: { lockerId: 'guanqian', size: 'small' } })
    const id = place.ok ? place.value.compartmentId : ''
    const put = await lockers.deposit({ ...parcel('one', 2), actor: 'staff:li' })
    expect(put).toMatchObject({ signal: 'open', compartment: { id } })
    await looks()
    expect([said(), await lockers.codes('su', 'order-one')]).toEqual([[], []])
    const closedAt = clock.now() + 500
    await shut(id)
    expect(told).toEqual(
      ['line-one-1', 'line-one-2'].map(lineId => ({
        id: `door:${put.visit}-put-in-locker:${lineId}`,
        libraryId: 'su',
        orderId: 'order-one',
        lineId,
        source: 'locker',
        what: 'put-in-locker',
        at: closedAt,
        receivedAt: expect.any(Number),
        data: { lockerId: 'guanqian', compartmentId: id },
      })),
    )
    const code = await codeOf('one')
    const taken = await lockers.collect('guanqian', code, 'kiosk:guanqian')
    expect(taken).toMatchObject({ signal: 'open', compartment: { id } })
    await looks(5)
    expect(said()).toHaveLength(2)
    expect((await stateOf(id)).state).toBe('loaded')
    await shut(id)
    expect(said().slice(2)).toEqual(['collected line-one-1', 'collected line-one-2'])
    expect(await stateOf(id)).toMatchObject({ state: 'free', door: 'closed', alarm: null })
    expect(hand.pulses).toHaveLength(2)
    expect(await kinds()).toEqual(['reserved', 'opened', 'closed', 'loaded', 'opened', 'closed', 'collected'])
  })

  it('gets one place however often it is asked for, and no second parcel gets the same', async () => {
    const { reserve } = await setUp()
    const first = await reserve('one')
    expect(await reserve('one')).toEqual(first)
    const places = []
    for (let i = 0; i < 11; i++) places.push(await reserve(`more-${i}`))
    const ids = [first, ...places].map(place => (place.ok ? place.value.compartmentId : 'none'))
    expect(new Set(ids).size).toBe(12)
    expect(await reserve('thirteenth')).toMatchObject({ ok: false, problem: { code: 'locker-full' } })
  })

  it('goes to the next door when its own does not open, which is pulsed twice and put out of service', async () => {
    const { lockers, reserve, hand, shut, said, stateOf, kinds } = await setUp()
    const place = await reserve('one')
    const id = place.ok ? place.value.compartmentId : ''
    const door = layout.find(one => one.id === id)!
    hand.jammed.add(`${door.board}/${door.channel}`)
    const put = await lockers.deposit({ ...parcel('one'), actor: 'courier:sf' })
    expect(put.signal).toBe('open')
    expect(put.compartment!.id).not.toBe(id)
    expect(hand.pulses.slice(0, 2)).toEqual([`1/${door.channel}`, `1/${door.channel}`])
    expect(hand.pulses).toHaveLength(3)
    expect(await stateOf(id)).toMatchObject({ state: 'out_of_service', alarm: { zh: '门打不开' } })
    await shut(put.compartment!.id)
    expect(said()).toEqual(['put-in-locker line-one-1'])
    expect(await stateOf(put.compartment!.id)).toMatchObject({ state: 'loaded', parcel: 'P-one' })
    expect(await kinds()).toContain('jammed')
  })

  it('that does not fit goes into a larger compartment, and the first is free again', async () => {
    const { lockers, shut, said, stateOf } = await setUp()
    const small = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    const medium = await lockers.again(site.id, small.visit!, 'other-door', 'staff:li')
    expect(medium).toMatchObject({ signal: 'open', compartment: { id: 'A09' } })
    const twice = await lockers.again(site.id, small.visit!, 'other-door', 'staff:li')
    expect(twice).toMatchObject({ signal: 'open', visit: medium.visit })
    await shut(small.compartment!.id)
    expect(said()).toEqual([])
    expect((await stateOf(small.compartment!.id)).state).toBe('free')
    await shut('A09')
    expect(said()).toEqual(['put-in-locker line-one-1'])
    expect((await stateOf('A09')).state).toBe('loaded')
    expect(await lockers.again(site.id, medium.visit!, 'other-door', 'staff:li')).toMatchObject({
      signal: 'no',
      problem: { code: 'visit-may-not-change' },
    })
  })

  it("is staff's when its time is over: the code is dead, and taking it out tells the order", async () => {
    const { lockers, load, store, codeOf, shut, said, stateOf } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    await store.tx(tx => lockers.expire(tx, 'su', 'P-one'))
    expect((await stateOf(id)).state).toBe('expired')
    expect(await lockers.codes('su', 'order-one')).toEqual([])
    expect(await lockers.collect(site.id, code, 'kiosk:k')).toMatchObject({
      signal: 'no',
      problem: { code: 'code-expired' },
    })
    const act = { lockerId: site.id, compartmentId: id, actor: 'staff:li', reason: '过期收回' }
    expect((await lockers.recover(act)).signal).toBe('open')
    await shut(id)
    expect(said()).toEqual(['put-in-locker line-one-1', 'recovered line-one-1'])
    expect((await stateOf(id)).state).toBe('free')
    expect((await lockers.recover(act)).problem?.code).toBe('nothing-there')
  })

  it('that is cancelled frees its place, and nothing happens the second time', async () => {
    const { lockers, reserve, store, stateOf, kinds } = await setUp()
    const place = await reserve('one')
    const id = place.ok ? place.value.compartmentId : ''
    for (let i = 0; i < 2; i++) await store.tx(tx => lockers.release(tx, 'su', 'P-one'))
    expect((await stateOf(id)).state).toBe('free')
    expect(await kinds()).toEqual(['reserved', 'released'])
  })

  it('can be handed out by staff with a reason, to a reader whose code no longer works', async () => {
    const { lockers, load, store, shut, said } = await setUp()
    const id = await load('one')
    await store.tx(tx => lockers.expire(tx, 'su', 'P-one'))
    const answer = await lockers.handOut({
      lockerId: site.id,
      libraryId: 'su',
      parcel: 'P-one',
      actor: 'staff:li',
      reason: '读者在场',
    })
    expect(answer.signal).toBe('open')
    await shut(id)
    expect(said()).toContain('collected line-one-1')
    const elsewhere = { lockerId: farSite.id, libraryId: 'su', parcel: 'P-one', actor: 'reader:r' }
    expect((await lockers.handOut(elsewhere)).problem?.code).toBe('nothing-there')
  })

  it('that was cancelled while its door stood open is not taken for an empty compartment', async () => {
    const { lockers, store, shut, said, stateOf } = await setUp()
    const put = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    await store.tx(tx => lockers.release(tx, 'su', 'P-one'))
    await shut(put.compartment!.id)
    expect(said()).toEqual([])
    expect(await stateOf(put.compartment!.id)).toMatchObject({
      state: 'out_of_service',
      alarm: { en: 'it is not certain what is inside; look' },
    })
  })
})

describe('a pick-up code at the locker', () => {
  it('shows the door that stands open to who types the code again, and only afterwards says that it was used', async () => {
    const { lockers, load, shut, codeOf, hand } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    const first = await lockers.collect(site.id, code, 'kiosk:1')
    const pulses = hand.pulses.length
    expect(await lockers.collect(site.id, code, 'kiosk:2')).toMatchObject({
      signal: 'open',
      visit: first.visit,
    })
    expect(hand.pulses).toHaveLength(pulses)
    await shut(id)
    expect(await lockers.collect(site.id, code, 'kiosk:2')).toMatchObject({ problem: { code: 'code-used' } })
  })

  it('opens once: used, it opens nothing any more', async () => {
    const { lockers, load, codeOf, shut, hand } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    await lockers.collect(site.id, code, 'kiosk:k')
    await shut(id)
    expect((await lockers.collect(site.id, code, 'kiosk:k')).problem?.code).toBe('code-used')
    expect(hand.pulses).toHaveLength(2)
  })

  it('typed twice at once opens one door once, and both screens show the same visit', async () => {
    const { lockers, load, codeOf, hand, shut, said } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    const answers = await Promise.all([1, 2, 3].map(n => lockers.collect(site.id, code, `kiosk:${n}`)))
    expect(answers.map(answer => answer.signal)).toEqual(['open', 'open', 'open'])
    expect(new Set(answers.map(answer => answer.visit)).size).toBe(1)
    expect(hand.pulses).toHaveLength(2)
    await shut(id)
    expect(said().filter(one => one.startsWith('collected'))).toHaveLength(1)
  })

  it('opens nothing at another locker, typed or scanned', async () => {
    const { lockers, load, far } = await setUp()
    await load('one')
    const [mine] = await lockers.codes('su', 'order-one')
    expect((await lockers.collect(farSite.id, mine!.code, 'kiosk:k')).problem?.code).toBe('wrong-code')
    expect((await lockers.collect(farSite.id, mine!.qr, 'kiosk:k')).problem?.code).toBe(
      'code-of-other-locker',
    )
    expect(far.pulses).toEqual([])
  })

  it('wrong five times locks the keypad for a minute, but not for who scans the QR code', async () => {
    const { lockers, load, clock, kinds } = await setUp()
    await load('one')
    const [mine] = await lockers.codes('su', 'order-one')
    for (let i = 0; i < 5; i++)
      expect((await lockers.collect(site.id, `0000000${i}`, 'kiosk:k')).problem?.code).toBe('wrong-code')
    const locked = await lockers.collect(site.id, mine!.code, 'kiosk:k')
    expect(locked.problem).toMatchObject({ code: 'keypad-locked', retry: 'later' })
    expect(locked.say.zh).toContain('1 分钟')
    expect(await kinds()).toContain('keypad-locked')
    expect((await lockers.collect(site.id, mine!.qr, 'kiosk:k')).signal).toBe('open')
    clock.jump(clock.now() + 61_000)
    expect((await lockers.collect(site.id, mine!.code, 'kiosk:k')).signal).toBe('open')
  })

  it('typed wrong many times at once cannot slip past the limit', async () => {
    const { lockers, load } = await setUp()
    await load('one')
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) => lockers.collect(site.id, `1000000${i % 10}`, 'kiosk:k')),
    )
    expect(answers.filter(one => one.problem?.code === 'wrong-code')).toHaveLength(5)
    expect(answers.filter(one => one.problem?.code === 'keypad-locked')).toHaveLength(15)
  })

  it('stands nowhere in the database in clear', async () => {
    const { lockers, load, codeOf, store } = await setUp()
    await load('one')
    const code = await codeOf('one')
    await lockers.collect(site.id, code, 'kiosk:k')
    for (const table of ['pickup_code', 'door_visit', 'locker_event', 'locker_evidence', 'audit'] as const)
      expect(JSON.stringify(await store.db.selectFrom(table).selectAll().execute())).not.toContain(code)
  })

  it('dies by itself at the latest after a month', async () => {
    const { lockers, load, codeOf, clock } = await setUp()
    await load('one')
    const code = await codeOf('one')
    clock.jump(clock.now() + 30 * 86_400_000)
    expect((await lockers.collect(site.id, code, 'kiosk:k')).problem?.code).toBe('code-expired')
  })
})

describe('a door that jams', () => {
  it('with the books inside is pulsed twice, leaves the code valid, and opens at another try', async () => {
    const { lockers, load, codeOf, hand, shut, said, stateOf } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    hand.jammed.add('1/1')
    const answer = await lockers.collect(site.id, code, 'kiosk:k')
    expect(answer).toMatchObject({ signal: 'jammed', compartment: { id } })
    expect(answer.say.zh).toContain('取件码仍然有效')
    expect(hand.pulses).toEqual(['1/1', '1/1', '1/1'])
    expect((await stateOf(id)).state).toBe('out_of_service')
    expect((await lockers.again(site.id, answer.visit!, 'other-door', 'kiosk:k')).problem?.code).toBe(
      'book-is-behind-it',
    )
    hand.jammed.clear()
    expect((await lockers.again(site.id, answer.visit!, 'same-door', 'kiosk:k')).signal).toBe('open')
    await shut(id)
    expect(said()).toEqual(['put-in-locker line-one-1', 'door-jammed line-one-1', 'collected line-one-1'])
    expect(await stateOf(id)).toMatchObject({ state: 'free', alarm: null })
  })

  it('and is left alone gives the code back after two minutes, and stays out of service', async () => {
    const { lockers, load, codeOf, hand, clock, looks, stateOf } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    hand.jammed.add('1/1')
    const answer = await lockers.collect(site.id, code, 'kiosk:k')
    clock.jump(clock.now() + 121_000)
    await looks()
    const state = await lockers.kioskState(site.id, answer.visit!)
    expect(state).toMatchObject({ ok: true, value: { visit: { finished: true } } })
    expect((await stateOf(id)).state).toBe('out_of_service')
    hand.jammed.clear()
    expect((await lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('open')
  })

  it('brings a librarian when one is called, with a number to ring', async () => {
    const { lockers, load, codeOf, hand, stateOf, kinds } = await setUp()
    const id = await load('one')
    hand.jammed.add('1/1')
    const answer = await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    const called = await lockers.again(site.id, answer.visit!, 'call-staff', 'kiosk:k')
    expect(called).toMatchObject({ signal: 'done' })
    expect(called.say.zh).toContain(site.phone)
    expect((await stateOf(id)).alarm).not.toBeNull()
    expect(await kinds()).toContain('staff-called')
    hand.jammed.clear()
    expect((await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')).signal).toBe('open')
  })

  it('everywhere leaves the parcel with who brought it, and tells the order', async () => {
    const { lockers, hand, said } = await setUp()
    for (let i = 1; i <= 8; i++) hand.jammed.add(`1/${i}`)
    for (let i = 1; i <= 4; i++) hand.jammed.add(`2/${i}`)
    const answer = await lockers.deposit({ ...parcel('one'), actor: 'courier:sf' })
    await lockers.told()
    expect(answer.signal).toBe('jammed')
    expect(hand.pulses).toHaveLength(24)
    expect(said()).toEqual(['door-jammed line-one-1'])
  })
})

describe('a return into a locker', () => {
  const loan = {
    lockerId: site.id,
    libraryId: 'wujiang',
    orderId: 'order-w',
    lineId: 'line-w',
    actor: 'kiosk:k',
  }

  it("counts from the closing of the door, also for another library's loan", async () => {
    const { lockers, shut, told, clock, stateOf, looks } = await setUp()
    const answer = await lockers.giveBack(loan)
    const id = answer.compartment!.id
    await looks(4)
    expect(told).toEqual([])
    const closedAt = clock.now() + 500
    await shut(id)
    expect(told).toMatchObject([
      {
        libraryId: 'wujiang',
        orderId: 'order-w',
        lineId: 'line-w',
        what: 'returned-in-locker',
        at: closedAt,
        data: { lockerId: 'guanqian', compartmentId: id },
      },
    ])
    expect((await stateOf(id)).state).toBe('returned')
    expect((await lockers.giveBack(loan)).problem?.code).toBe('already-returned')
  })

  it('tapped twice opens one door', async () => {
    const { lockers, hand } = await setUp()
    const [one, two] = await Promise.all([lockers.giveBack(loan), lockers.giveBack(loan)])
    expect(two!.visit).toBe(one!.visit)
    expect(hand.pulses).toHaveLength(1)
  })

  it('is taken out by staff, and the compartment is free', async () => {
    const { lockers, shut, stateOf, said, kinds } = await setUp()
    const id = (await lockers.giveBack(loan)).compartment!.id
    await shut(id)
    const act = { lockerId: site.id, compartmentId: id, actor: 'staff:li', reason: '清空还书' }
    expect((await lockers.empty(act)).signal).toBe('open')
    await shut(id)
    expect((await stateOf(id)).state).toBe('free')
    expect(said()).toEqual(['returned-in-locker line-w'])
    expect((await kinds()).slice(-2)).toEqual(['closed', 'emptied'])
  })

  it('into a compartment that a sensor finds empty is no return', async () => {
    const { lockers, hand, shut, told, stateOf } = await setUp()
    for (let i = 1; i <= 8; i++) hand.occupied.set(`1/${i}`, false)
    const answer = await lockers.giveBack(loan)
    await shut(answer.compartment!.id)
    expect(told).toEqual([])
    expect((await stateOf(answer.compartment!.id)).state).toBe('free')
    expect(await lockers.kioskState(site.id, answer.visit!)).toMatchObject({
      value: { visit: { finished: true, say: { en: 'Nothing was put in; the door is closed.' } } },
    })
  })

  it('finds no door in a full locker', async () => {
    const { lockers, reserve, hand } = await setUp()
    for (let i = 0; i < 12; i++) await reserve(`p${i}`)
    expect((await lockers.giveBack(loan)).problem?.code).toBe('locker-full')
    expect(hand.pulses).toEqual([])
  })
})

describe('the same door once more', () => {
  it('opens for three minutes after a collection, and nobody else gets the compartment meanwhile', async () => {
    const { lockers, load, codeOf, shut, reserve, clock, said } = await setUp()
    const id = await load('one')
    const first = await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    await shut(id)
    for (let i = 0; i < 11; i++) expect((await reserve(`p${i}`)).ok).toBe(true)
    expect((await reserve('twelfth')).ok).toBe(false)
    expect((await lockers.again(site.id, first.visit!, 'same-door', 'kiosk:k')).signal).toBe('open')
    await shut(id)
    expect(said().filter(one => one.startsWith('collected'))).toHaveLength(1)
    expect((await reserve('twelfth')).ok).toBe(true)
    clock.jump(clock.now() + 200_000)
    expect((await lockers.again(site.id, first.visit!, 'same-door', 'kiosk:k')).problem?.code).toBe(
      'unknown-visit',
    )
  })

  it("does not open for the last reader what is the next one's", async () => {
    const { lockers, load, codeOf, shut, clock, hand } = await setUp()
    const id = await load('one')
    const first = await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    await shut(id)
    for (let i = 0; i < 11; i++) await load(`p${i}`)
    clock.jump(clock.now() + 180_000)
    await load('next')
    const pulses = hand.pulses.length
    expect((await lockers.again(site.id, first.visit!, 'same-door', 'kiosk:k')).signal).toBe('no')
    expect(hand.pulses).toHaveLength(pulses)
  })

  it('is refused to who names a visit that is not there', async () => {
    const { lockers } = await setUp()
    expect((await lockers.again(site.id, 'made-up', 'same-door', 'kiosk:k')).problem?.code).toBe(
      'unknown-visit',
    )
    expect((await lockers.again('nowhere', 'made-up', 'same-door', 'kiosk:k')).problem?.code).toBe(
      'unknown-locker',
    )
  })
})

describe('what staff see and do', () => {
  it('opens any door for a person and a reason, both written down before the door moves', async () => {
    const { lockers, load, hand, store, said, shut, stateOf } = await setUp()
    const id = await load('one')
    let audited: unknown[] = []
    hand.pulsed(() => {
      audited = [store.db.selectFrom('audit').selectAll().execute()]
    })
    const act = { lockerId: site.id, compartmentId: id, actor: 'staff:li', reason: '读者说书放错了' }
    expect((await lockers.remoteOpen({ ...act, reason: ' ' })).problem?.code).toBe('reason-missing')
    expect(hand.pulses).toHaveLength(1)
    expect((await lockers.remoteOpen(act)).signal).toBe('open')
    expect(await Promise.all(audited)).toMatchObject([
      [{ actor: 'staff:li', action: 'locker-opened', subject: `guanqian/${id}`, reason: '读者说书放错了' }],
    ])
    await shut(id)
    expect(said()).toEqual(['put-in-locker line-one-1'])
    expect((await stateOf(id)).state).toBe('loaded')
    expect(await verifyAudit(store.db, 'su')).toMatchObject({ whole: true, entries: 1 })
  })

  it('takes a compartment out of service and back, with a trace', async () => {
    const { lockers, stateOf, reserve, kinds } = await setUp()
    const act = { lockerId: site.id, compartmentId: 'A12', actor: 'staff:li', reason: '维修' }
    await lockers.setService({ ...act, inService: false })
    expect((await stateOf('A12')).state).toBe('out_of_service')
    for (let i = 0; i < 11; i++) await reserve(`p${i}`)
    expect((await reserve('p11')).ok).toBe(false)
    await lockers.setService({ ...act, inService: true })
    expect((await reserve('p11')).ok).toBe(true)
    expect((await kinds()).filter(kind => kind.includes('service'))).toEqual(['out-of-service', 'in-service'])
    expect(await lockers.setService({ ...act, compartmentId: 'Z99', inService: true })).toMatchObject({
      problem: { code: 'unknown-compartment' },
    })
  })

  it('shows each compartment with its titles, and the cabinet as reachable', async () => {
    const { lockers, load, looks } = await setUp({
      titles: async (_db, _libraryId, lineIds) => lineIds.map(id => `《${id}》`),
    })
    const id = await load('one', 2)
    await looks()
    const seen = await lockers.picture(site.id)
    expect(seen).toMatchObject({
      ok: true,
      value: {
        id: 'guanqian',
        online: true,
        boards: [
          { board: 1, silentSince: null },
          { board: 2, silentSince: null },
        ],
      },
    })
    expect(seen.ok && seen.value.compartments.find(one => one.id === id)).toMatchObject({
      state: 'loaded',
      door: 'closed',
      titles: ['《line-one-1》', '《line-one-2》'],
    })
    expect(await lockers.summary(site.id)).toEqual({ online: true, free: 11, forDelivery: 11 })
    expect(await lockers.picture('nowhere')).toMatchObject({ problem: { code: 'unknown-locker' } })
  })

  it('sends nothing into the doors kept for returns, and takes what is brought', async () => {
    const { lockers, reserve, load } = await setUp({ sites: [{ ...site, keptForReturns: 10 }] })
    expect([(await reserve('one')).ok, (await reserve('two')).ok]).toEqual([true, true])
    expect(await reserve('three')).toMatchObject({ ok: false, problem: { code: 'locker-full' } })
    expect(await lockers.summary(site.id)).toMatchObject({ free: 10, forDelivery: 0 })
    // Who stands before it with a parcel is not sent away.
    await load('four')
    expect(await lockers.summary(site.id)).toMatchObject({ free: 9, forDelivery: 0 })
  })

  it('follows the visit on the screen from opening to closing', async () => {
    const { lockers, looks, shut, during } = await setUp()
    const answer = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    const view = async () => {
      const state = await lockers.kioskState(site.id, answer.visit!)
      return state.ok && state.value.visit
    }
    await looks(1)
    expect(await view()).toMatchObject({ door: 'open', finished: false, say: { zh: '请关好门。' } })
    expect((await during(lockers.confirm(site.id, answer.visit!))).signal).toBe('open')
    await shut(answer.compartment!.id)
    expect(await view()).toMatchObject({
      door: 'closed',
      finished: true,
      say: { zh: '已存入，读者将收到取件码。' },
    })
    expect((await during(lockers.confirm(site.id, answer.visit!))).signal).toBe('done')
  })
})

describe('trouble at the doors', () => {
  it('is seen when a door is forced, and the next opening of it goes on as ever', async () => {
    const { load, hand, looks, stateOf, kinds, said } = await setUp()
    const id = await load('one')
    hand.open.add('1/1')
    await looks()
    expect(await stateOf(id)).toMatchObject({
      state: 'loaded',
      door: 'open',
      alarm: { zh: '门被强行打开，请检查物品' },
    })
    expect(await kinds()).toContain('forced')
    hand.open.delete('1/1')
    await looks()
    expect(said()).toEqual(['put-in-locker line-one-1'])
    expect((await stateOf(id)).state).toBe('loaded')
  })

  it('is told when a door stands open too long, and goes when it is shut', async () => {
    const { lockers, clock, looks, shut, stateOf, kinds } = await setUp()
    const answer = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    clock.jump(clock.now() + 180_000)
    await looks()
    expect((await stateOf(answer.compartment!.id)).alarm).toMatchObject({ zh: '门长时间未关' })
    expect((await kinds()).filter(kind => kind === 'open-too-long')).toHaveLength(1)
    await shut(answer.compartment!.id)
    expect(await stateOf(answer.compartment!.id)).toMatchObject({ state: 'loaded', alarm: null })
  })

  it('opens nothing on a board that is silent, and leaves the code as it was', async () => {
    const { lockers, load, codeOf, hand, looks, kinds } = await setUp()
    await load('one')
    const code = await codeOf('one')
    hand.dead.add(1)
    await looks(3)
    const answer = await lockers.collect(site.id, code, 'kiosk:k')
    expect(answer).toMatchObject({ signal: 'no', problem: { kind: 'unreachable' } })
    expect(hand.pulses).toHaveLength(1)
    const seen = await lockers.picture(site.id)
    expect(seen).toMatchObject({
      value: { online: false, boards: [{ silentSince: expect.any(Number) }, {}] },
    })
    hand.dead.clear()
    expect((await lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('open')
    expect((await kinds()).filter(kind => kind.startsWith('board'))).toEqual(['board-silent', 'board-back'])
  })

  it('is not hidden when the power goes with the pulse: the door is believed when it can be seen again', async () => {
    const { lockers, load, codeOf, hand, looks, shut, said, during } = await setUp()
    const id = await load('one')
    hand.pulsed(() => hand.dead.add(1))
    const answer = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(answer).toMatchObject({ signal: 'no', problem: { kind: 'unreachable' } })
    expect(answer.say.zh).toContain('若门已打开')
    hand.dead.clear()
    await looks(1)
    expect(said()).toHaveLength(1)
    await shut(id)
    expect(said()).toContain('collected line-one-1')
  })

  it('gives the code back when the door turns out shut, and has staff look inside', async () => {
    const { lockers, load, codeOf, hand, looks, said, during, stateOf } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    hand.pulsed(() => {
      hand.dead.add(1)
      hand.open.clear()
    })
    await during(lockers.collect(site.id, code, 'kiosk:k'))
    hand.dead.clear()
    hand.pulsed(() => {})
    await looks()
    expect(said()).toHaveLength(1)
    expect(await stateOf(id)).toMatchObject({ state: 'loaded', alarm: expect.anything() })
    expect((await lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('open')
  })

  it('keeps evidence until it is taken, and then tells it under the same id', async () => {
    let broken = true
    const told: string[] = []
    const { lockers, load } = await setUp({
      ingest: async evidence => {
        told.push(evidence.id)
        if (broken) throw new Error('the database is away')
      },
    })
    await load('one')
    expect(told.length).toBeGreaterThan(0)
    broken = false
    await lockers.told()
    await lockers.told()
    expect(new Set(told).size).toBe(1)
    const after = told.length
    await lockers.told()
    expect(told).toHaveLength(after)
  })
})

describe('evidence that is refused', () => {
  it('does not hold up what happened after it', async () => {
    const told: string[] = []
    const { lockers, load } = await setUp({
      ingest: async evidence => {
        if (evidence.lineId === 'line-bad-1') throw new Error('cannot be read')
        told.push(evidence.lineId)
      },
    })
    await load('bad')
    await load('good')
    await lockers.told()
    expect(told).toEqual(['line-good-1'])
  })
})

describe('a gateway that was killed', () => {
  it('opens nothing by itself: an intent without a pulse is given back', async () => {
    const { load, codeOf, hand, store, ids, restart, clock } = await setUp()
    const id = await load('one')
    const code = await codeOf('one')
    const visitId = ids.next()
    await store.db
      .insertInto('door_visit')
      .values({
        library_id: 'su',
        locker_id: site.id,
        id: visitId,
        compartment_id: id,
        purpose: 'collect',
        order_library_id: 'su',
        order_id: 'order-one',
        parcel: 'P-one',
        line_ids: '["line-one-1"]',
        actor: 'kiosk:k',
        nothing_in: 0,
        state: 'intended',
        intended_at: clock.now(),
      })
      .execute()
    await store.db.updateTable('locker_compartment').set({ visit_id: visitId }).where('id', '=', id).execute()
    await store.db.updateTable('pickup_code').set({ visit_id: visitId }).execute()
    const pulses = hand.pulses.length
    const next = await restart()
    await next.lockers.look(site.id)
    await next.lockers.look(site.id)
    expect(hand.pulses).toHaveLength(pulses)
    expect(next.told).toEqual([])
    expect(await next.stateOf(id)).toMatchObject({ state: 'loaded', alarm: expect.anything() })
    expect((await next.lockers.collect(site.id, code, 'kiosk:k')).signal).toBe('open')
    expect(hand.pulses).toHaveLength(pulses + 1)
  })

  it('while a door stood open settles the visit from the door as it is', async () => {
    const { lockers, load, codeOf, hand, restart, clock } = await setUp()
    const id = await load('one')
    await lockers.collect(site.id, await codeOf('one'), 'kiosk:k')
    const open = await restart()
    await open.lockers.look(site.id)
    expect([open.said(), (await open.stateOf(id)).door]).toEqual([[], 'open'])
    hand.open.clear()
    const shut = await restart()
    await shut.lockers.look(site.id)
    clock.jump(clock.now() + 500)
    await shut.lockers.look(site.id)
    await shut.lockers.told()
    expect(shut.said()).toEqual(['collected line-one-1'])
    expect((await shut.stateOf(id)).state).toBe('free')
  })

  it('notices a door that was opened while it was away', async () => {
    const { load, hand, looks, restart } = await setUp()
    const id = await load('one')
    await looks()
    hand.open.add('1/1')
    const next = await restart()
    await next.lockers.look(site.id)
    expect((await next.stateOf(id)).alarm).toMatchObject({ zh: '断电或断网期间门被打开，请检查物品' })
  })

  it('tells after the restart what it had not told before', async () => {
    const { lockers, shut, restart, said } = await setUp({
      ingest: async () => {
        throw new Error('killed')
      },
    })
    const answer = await lockers.deposit({ ...parcel('one'), actor: 'staff:li' })
    await shut(answer.compartment!.id)
    expect(said()).toEqual([])
    const next = await restart({})
    await next.lockers.told()
    expect(next.said()).toEqual(['put-in-locker line-one-1'])
  })
})
