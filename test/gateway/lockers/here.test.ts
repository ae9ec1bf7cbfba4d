import { afterEach, describe, expect, it } from 'vitest'
import type { Answer } from '../../../src/kernel/problem.ts'
import { hereCode } from '../../../src/lockers/here-code.ts'
import { handDriver } from './hand-driver.ts'
import { boards, farSite, freshStore, layout, lockersOver, parcel, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const wang = { libraryId: 'su', patronId: 'wang' }
const li = { libraryId: 'su', patronId: 'li' }
const owners: Readonly<Record<string, string>> = {
  'order-one': 'wang',
  'order-two': 'wang',
  'order-lis': 'li',
}

const setUp = async () => {
  const base = await freshStore()
  closing.push(base.close)
  const hand = handDriver(boards)
  const far = handDriver(boards)
  const service = lockersOver(
    base,
    new Map([
      ['a', hand.driver],
      ['b', far.driver],
    ]),
    {
      sites: [site, farSite],
      ordersOf: async (_db, who, ids) =>
        new Set(ids.filter(id => owners[id] === who.patronId && who.libraryId === 'su')),
    },
  )
  const { lockers } = service
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
  const load = async (name: string) => {
    const answer = await lockers.deposit({ ...parcel(name), actor: 'staff:li' })
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
  const corner = async (id = site.id) => {
    const answer = await lockers.phoneCorner(id)
    if (!answer.ok) throw new Error(answer.problem.code)
    return answer.value
  }
  const screen = async (id = site.id): Promise<string> => {
    const { code } = await corner(id)
    if (code === null) throw new Error('the screen shows no code')
    return code
  }
  const scan = async (who: typeof wang) => lockers.arrive(who, await screen())
  closing.push(lockers.stop)
  await lockers.start()
  await lockers.stop()
  for (const one of [site, farSite]) await lockers.look(one.id)
  return { ...base, ...service, hand, far, looks, shut, load, during, corner, screen, scan }
}
const codeOf = (answer: Answer<unknown>) => (answer.ok ? 'yes' : answer.problem.code)

describe('a reader who scans the screen', () => {
  it('sees the own parcels inside and nobody else’s, opens one, and it is collected when the door shuts', async () => {
    const { lockers, load, scan, shut, corner, said, hand } = await setUp()
    const one = await load('one')
    await load('lis')
    hand.pulses.length = 0
    expect(await scan(wang)).toMatchObject({
      ok: true,
      value: { lockerId: site.id, parcels: [{ parcel: 'P-one', orderId: 'order-one' }], visit: null },
    })
    expect(hand.pulses).toEqual([])
    expect(await corner()).toMatchObject({ code: null, served: { label: null } })
    expect(await lockers.openHere(wang, 'P-one')).toMatchObject({ signal: 'open', compartment: { id: one } })
    await shut()
    expect(await lockers.here(wang)).toMatchObject({
      parcels: [],
      visit: { state: 'open', done: false, door: 'open', compartmentId: one },
    })
    expect((await corner()).served).toMatchObject({ compartmentId: one, label: '1' })
    await shut(one)
    expect(await lockers.here(wang)).toMatchObject({
      visit: { state: 'over', done: true, errand: 'collect' },
    })
    expect(said()).toContain('collected line-one-1')
    expect(hand.pulses).toHaveLength(1)
  })

  it('opens it once more for a while, says that the books are not the own ones, and leaves', async () => {
    const { lockers, load, scan, shut, corner, hand } = await setUp()
    const one = await load('one')
    await scan(wang)
    const opened = await lockers.openHere(wang, 'P-one')
    await shut(one)
    const once = await lockers.againHere(wang, opened.visit!, 'same-door')
    expect(once).toMatchObject({ signal: 'open', compartment: { id: one } })
    expect((await lockers.againHere(wang, opened.visit!, 'same-door')).problem?.code).toBe('not-at-a-locker')
    await shut(one)
    await lockers.leave(wang)
    expect((await lockers.againHere(wang, once.visit!, 'same-door')).problem?.code).toBe('not-at-a-locker')
    expect(await corner()).toMatchObject({ served: null, code: expect.stringMatching(/^SQH1\.guanqian\./) })
    expect(hand.pulses).toHaveLength(3)
  })

  it('gives an own loan back, and no loan of somebody else', async () => {
    const { lockers, scan, shut, said } = await setUp()
    await scan(wang)
    const other = await lockers.returnHere(wang, { orderId: 'order-lis', lineId: 'line-lis-1' })
    expect(other.problem?.code).toBe('not-your-book')
    const opened = await lockers.returnHere(wang, { orderId: 'order-one', lineId: 'line-one-1' })
    expect(opened.signal).toBe('open')
    await shut(opened.compartment!.id)
    expect(said()).toEqual(['returned-in-locker line-one-1'])
  })

  it('has one door open at a time, and may go on when the first did not open', async () => {
    const { lockers, load, scan, shut, during, hand, corner } = await setUp()
    const one = await load('one')
    const two = await load('two')
    await scan(wang)
    hand.jammed.add('1/1')
    expect(await during(lockers.openHere(wang, 'P-one'))).toMatchObject({
      signal: 'jammed',
      compartment: { id: one },
    })
    expect(await lockers.here(wang)).toMatchObject({ visit: { state: 'jammed', done: false } })
    expect((await corner()).served).toEqual({ compartmentId: null, label: null, visit: null })
    expect(await lockers.openHere(wang, 'P-two')).toMatchObject({ signal: 'open', compartment: { id: two } })
    expect((await lockers.openHere(wang, 'P-one')).problem?.code).toBe('door-still-open')
    await shut(two)
    hand.jammed.clear()
    expect((await lockers.openHere(wang, 'P-one')).signal).toBe('open')
  })

  it('is served while the door is still on its way, whatever is pressed at the screen', async () => {
    const { lockers, load, scan, corner, hand } = await setUp()
    const one = await load('one')
    await scan(wang)
    const { open } = hand.driver
    const sent = Promise.withResolvers<void>()
    const arrived = Promise.withResolvers<void>()
    Object.assign(hand.driver, {
      open: async (door: Parameters<typeof open>[0]) => {
        sent.resolve()
        await arrived.promise
        return open(door)
      },
    })
    const opening = lockers.openHere(wang, 'P-one')
    await sent.promise
    await lockers.nextPhone(site.id)
    expect(await corner()).toMatchObject({ code: null, served: { compartmentId: one } })
    arrived.resolve()
    const opened = await opening
    expect(opened.signal).toBe('open')
    expect(await lockers.here(wang)).toMatchObject({ visit: { id: opened.visit, compartmentId: one } })
  })

  it('who has left with the door open, and scans again, is at that door', async () => {
    const { lockers, load, scan, shut, looks, hand } = await setUp()
    const one = await load('one')
    await load('two')
    await scan(wang)
    const opened = await lockers.openHere(wang, 'P-one')
    await looks()
    await lockers.leave(wang)
    expect(await scan(wang)).toMatchObject({ ok: true, value: { visit: { id: opened.visit } } })
    hand.pulses.length = 0
    expect((await lockers.openHere(wang, 'P-two')).problem?.code).toBe('door-still-open')
    expect((await lockers.againHere(wang, opened.visit!, 'wrong-item')).signal).toBe('done')
    expect(hand.pulses).toEqual([])
    await shut(one)
  })

  it('who has left begins anew: the last door needs another scan and is not theirs any more', async () => {
    const { lockers, load, scan, shut, clock, looks } = await setUp()
    const one = await load('one')
    await scan(wang)
    const opened = await lockers.openHere(wang, 'P-one')
    await shut(one)
    await lockers.leave(wang)
    await clock.advance(30_000)
    await looks()
    expect(await scan(wang)).toMatchObject({ ok: true, value: { visit: null } })
    expect((await lockers.againHere(wang, opened.visit!, 'same-door')).problem?.code).toBe('not-at-a-locker')
  })
})

describe('who should not', () => {
  it('gets no door without having scanned, whoever’s the book is', async () => {
    const { lockers, load, hand } = await setUp()
    await load('one')
    hand.pulses.length = 0
    expect((await lockers.openHere(wang, 'P-one')).problem?.code).toBe('not-at-a-locker')
    expect(
      (await lockers.returnHere(wang, { orderId: 'order-one', lineId: 'line-one-1' })).problem?.code,
    ).toBe('not-at-a-locker')
    expect(await lockers.here(wang)).toBe(undefined)
    expect(hand.pulses).toEqual([])
  })

  it('gets nothing of another reader with the code of the screen', async () => {
    const { lockers, load, scan, hand } = await setUp()
    await load('one')
    hand.pulses.length = 0
    expect(await scan(li)).toMatchObject({ ok: true, value: { parcels: [] } })
    expect((await lockers.openHere(li, 'P-one')).problem?.code).toBe('not-your-book')
    const stranger = { libraryId: 'another', patronId: 'wang' }
    await lockers.leave(li)
    expect(await scan(stranger)).toMatchObject({ ok: true, value: { parcels: [] } })
    expect((await lockers.openHere(stranger, 'P-one')).problem?.code).toBe('not-your-book')
    expect(hand.pulses).toEqual([])
  })

  it('uses a code a second time in vain, and neither a photograph nor another locker’s code helps', async () => {
    const { lockers, load, screen, clock, looks, hand, personal } = await setUp()
    await load('one')
    hand.pulses.length = 0
    const code = await screen()
    const photo = code
    expect(codeOf(await lockers.arrive(li, code))).toBe('yes')
    expect(codeOf(await lockers.arrive(wang, photo))).toBe('here-code-used')
    await lockers.leave(li)
    expect(codeOf(await lockers.arrive(li, photo))).toBe('here-code-used')
    const next = await screen()
    expect(next).not.toBe(code)
    await clock.advance(60_000)
    await looks()
    expect(codeOf(await lockers.arrive(wang, next))).toBe('here-code-stale')
    const elsewhere = (await screen(farSite.id)).replace(farSite.id, site.id)
    expect(codeOf(await lockers.arrive(wang, elsewhere))).toBe('no-here-code')
    const pickupKey = Buffer.from(personal.lookup('pickup-code', `su/${site.id}`), 'base64url')
    const wrongKey = hereCode(pickupKey, site.id, '000001', clock.now())
    expect(codeOf(await lockers.arrive(wang, wrongKey))).toBe('no-here-code')
    for (const made of ['', 'x'.repeat(200), 'SQH1.nowhere.000001.abc', 'SQH1.guanqian.000001.'])
      expect(codeOf(await lockers.arrive(wang, made)), made).toBe('no-here-code')
    expect(hand.pulses).toEqual([])
  })

  it('does not come between: one reader is served by phone at a time, and the screen says so', async () => {
    const { lockers, load, scan, screen, corner, clock, looks, shut } = await setUp()
    const one = await load('one')
    const early = await screen()
    await clock.advance(30_000)
    await looks()
    expect(codeOf(await scan(wang))).toBe('yes')
    expect(codeOf(await lockers.arrive(li, early))).toBe('somebody-is-served')
    await lockers.openHere(wang, 'P-one')
    await clock.advance(240_000)
    await looks()
    // The door stands open: whoever is there is still served, and nobody sends them away.
    await lockers.nextPhone(site.id)
    expect((await corner()).served).toMatchObject({ compartmentId: one, label: '1' })
    await shut(one)
    expect((await corner()).served).toBe(null)
    expect(codeOf(await scan(li))).toBe('yes')
    await lockers.nextPhone(site.id)
    expect((await corner()).code).not.toBe(null)
    expect(await lockers.here(li)).toBe(undefined)
  })

  it('is gone after a while: the door needs a new scan', async () => {
    const { lockers, load, scan, clock, looks } = await setUp()
    await load('one')
    await scan(wang)
    await clock.advance(179_000)
    await looks()
    expect((await lockers.here(wang))?.lockerId).toBe(undefined)
    expect((await lockers.openHere(wang, 'P-one')).problem?.code).toBe('not-at-a-locker')
  })

  it('stays no longer for asking after a door that is shut: it takes a door that moves, or a new scan', async () => {
    const { lockers, load, scan, shut, clock, looks, hand, corner, during } = await setUp()
    const one = await load('one')
    await load('two')
    await scan(wang)
    const opened = await lockers.openHere(wang, 'P-one')
    await shut(one)
    hand.pulses.length = 0
    for (let minute = 0; minute < 5; minute++) {
      await during(lockers.confirmHere(wang, opened.visit!))
      await lockers.againHere(wang, opened.visit!, 'call-staff')
      await clock.advance(60_000)
      await looks()
    }
    expect(await lockers.here(wang)).toBe(undefined)
    expect((await corner()).served).toBe(null)
    expect((await lockers.openHere(wang, 'P-two')).problem?.code).toBe('not-at-a-locker')
    expect(hand.pulses).toEqual([])
  })

  it('is told in maintenance whom to call, and sees no code', async () => {
    const { lockers, load, scan, screen, corner, hand } = await setUp()
    await load('one')
    const before = await screen()
    await scan(wang)
    await lockers.setMaintenance({ lockerId: site.id, actor: 'staff:li', reason: '换锁', on: true })
    hand.pulses.length = 0
    expect((await lockers.openHere(wang, 'P-one')).problem?.code).toBe('under-maintenance')
    await lockers.leave(wang)
    expect(await corner()).toMatchObject({ code: null, served: null })
    expect(codeOf(await lockers.arrive(li, before))).toBe('here-code-used')
    expect(hand.pulses).toEqual([])
  })
})

describe('the keypad and the phone at one door', () => {
  it('one wins, the other is told, whichever came first', async () => {
    const { lockers, load, scan, shut, codeOf: typed, hand, said } = await setUp()
    const one = await load('one')
    const code = await typed('one')
    await scan(wang)
    hand.pulses.length = 0
    expect((await lockers.openHere(wang, 'P-one')).signal).toBe('open')
    expect((await lockers.collect(site.id, code, 'locker:guanqian')).problem?.code).toBe('door-in-use')
    await shut(one)
    expect((await lockers.collect(site.id, code, 'locker:guanqian')).problem?.code).toBe('code-expired')
    expect(hand.pulses).toHaveLength(1)

    const two = await load('two')
    hand.pulses.length = 0
    const keyed = await lockers.collect(site.id, await typed('two'), 'locker:guanqian')
    expect(keyed.signal).toBe('open')
    const late = await lockers.openHere(wang, 'P-two')
    expect([late.problem?.code, late.visit]).toEqual(['door-in-use', null])
    await shut(two)
    expect((await lockers.openHere(wang, 'P-two')).problem?.code).toBe('not-your-book')
    expect(hand.pulses).toHaveLength(1)
    expect(said().filter(one => one.startsWith('collected'))).toEqual([
      'collected line-one-1',
      'collected line-two-1',
    ])
  })

  it('at the same moment: one pulse, one collection', async () => {
    const { lockers, load, scan, shut, codeOf: typed, hand, said } = await setUp()
    const one = await load('one')
    const code = await typed('one')
    await scan(wang)
    hand.pulses.length = 0
    const both = await Promise.all([
      lockers.openHere(wang, 'P-one'),
      lockers.collect(site.id, code, 'locker:guanqian'),
    ])
    expect(both.map(one => one.signal).toSorted()).toEqual(['no', 'open'])
    expect(both.find(one => one.signal === 'no')!.problem?.code).toBe('door-in-use')
    await shut(one)
    expect(hand.pulses).toHaveLength(1)
    expect(said().filter(one => one.startsWith('collected'))).toEqual(['collected line-one-1'])
  })

  it('two scans of one code at the same moment: one is served', async () => {
    const { lockers, screen } = await setUp()
    const code = await screen()
    const both = await Promise.all([lockers.arrive(wang, code), lockers.arrive(li, code)])
    expect(both.map(codeOf).toSorted()).toEqual(['here-code-used', 'yes'])
  })

  it('a loan that goes back by phone is not taken at the screen as well', async () => {
    const { lockers, scan, shut, hand } = await setUp()
    await scan(wang)
    const loan = { libraryId: 'su', orderId: 'order-one', lineId: 'line-one-1' }
    const opened = await lockers.returnHere(wang, loan)
    const atScreen = () => lockers.giveBack({ ...loan, lockerId: site.id, actor: 'locker:guanqian' })
    expect((await atScreen()).problem?.code).toBe('door-in-use')
    await shut(opened.compartment!.id)
    expect((await atScreen()).problem?.code).toBe('already-returned')
    expect(hand.pulses).toHaveLength(1)
  })
})
