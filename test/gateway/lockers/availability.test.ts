import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { LockerDriver } from '../../../src/lockers/locker.ts'
import type { TestStore } from '../../harness/store.ts'
import { handDriver } from './hand-driver.ts'
import { boards, freshStore, layout, lockersOver, parcel, site } from './rig.ts'

let base: TestStore
beforeEach(async () => {
  base = await freshStore()
})
afterEach(() => base.close())

const minute = 60_000

const pass = async (ms: number): Promise<void> => {
  for (let left = ms; left > 0; left -= 5000) await base.clock.advance(Math.min(5000, left))
}

const begin = async () => {
  const hand = handDriver(boards)
  const asked = new Map<number, number[]>()
  const driver: LockerDriver = {
    ...hand.driver,
    read: (board, urgent) => {
      asked.set(board, [...(asked.get(board) ?? []), base.clock.now()])
      return hand.driver.read(board, urgent)
    },
  }
  const service = lockersOver(base, new Map([['a', driver]]), { sites: [{ ...site, desk: 'main' }] })
  await service.lockers.start()
  await pass(5000)
  const load = async (name: string): Promise<string> => {
    const put = await service.lockers.deposit({ ...parcel(name), actor: 'staff:li' })
    const { id } = put.compartment!
    const { board, channel } = layout.find(one => one.id === id)!
    hand.open.delete(`${board}/${channel}`)
    await pass(5000)
    await service.lockers.told()
    return id
  }
  const told = (what: string) => service.told.filter(one => one.what === what).map(one => one.lineId)
  const reserve = (name: string) => base.store.tx(tx => service.lockers.reserve(tx, parcel(name)))
  return { ...service, hand, asked, load, told, reserve }
}

describe('a cabinet that comes and goes', () => {
  it('for minutes at a time turns nothing away and tells nobody', async () => {
    const { lockers, hand, load, told, reserve } = await begin()
    await load('inside')
    expect((await reserve('coming')).ok).toBe(true)
    for (let i = 0; i < 12; i++) {
      hand.dead.add(1).add(2)
      await pass(8 * minute)
      hand.dead.clear()
      await pass(2 * minute)
    }
    await lockers.told()
    expect([...told('locker-offline'), ...told('locker-online')]).toEqual([])
    expect((await reserve('coming')).ok).toBe(true)
    expect((await reserve('next')).ok).toBe(true)
    await lockers.stop()
  })

  it('once it was given up, is not believed at its first word: readers are told when it stays', async () => {
    const { lockers, hand, load, told, reserve } = await begin()
    await load('inside')
    hand.dead.add(1).add(2)
    await pass(11 * minute)
    expect(told('locker-offline')).toEqual(['line-inside-1'])
    for (let i = 0; i < 10; i++) {
      hand.dead.clear()
      await pass(45_000)
      hand.dead.add(1).add(2)
      await pass(2 * minute)
    }
    await lockers.told()
    expect(told('locker-offline')).toEqual(['line-inside-1'])
    expect(told('locker-online')).toEqual([])
    expect((await reserve('next')).ok).toBe(false)
    hand.dead.clear()
    await pass(3 * minute)
    await lockers.told()
    expect(told('locker-online')).toEqual(['line-inside-1'])
    expect((await reserve('next')).ok).toBe(true)
    await lockers.stop()
  })

  it('is asked ever less often while it is silent, never at the same moment as the other, and found soon when it is back', async () => {
    const { lockers, hand, asked } = await begin()
    hand.dead.add(1).add(2)
    await pass(minute)
    asked.clear()
    await pass(10 * minute)
    const gaps = (asked.get(1) ?? []).map((at, i, all) => at - (all[i - 1] ?? at)).slice(1)
    expect(gaps.length).toBeGreaterThan(15)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(20_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(31_000)
    expect(new Set(gaps).size).toBeGreaterThan(10)
    const together = (asked.get(1) ?? []).filter(at => asked.get(2)?.includes(at))
    expect(together.length).toBeLessThan(3)
    hand.dead.clear()
    await pass(31_000)
    expect((await lockers.summary(site.id)).online).toBe(true)
    await lockers.stop()
  })
})

describe('two hundred cabinets that go away at once', () => {
  const cabinets = 200
  const perLine = 20
  const sites = Array.from({ length: cabinets }, (_, i) => ({
    ...site,
    id: `c${i}`,
    line: `l${Math.floor(i / perLine)}`,
    desk: 'main',
    compartments: layout.slice(0, 3).map((one, d) => ({ ...one, board: (i % perLine) + 1, channel: d + 1 })),
  }))

  it('tell each line once that they are away and once that they are back, and are not all asked at once', async () => {
    const hands = Array.from({ length: cabinets / perLine }, () =>
      handDriver(Array.from({ length: perLine }, (_, i) => ({ board: i + 1, channels: 3 }))),
    )
    const asked: number[] = []
    const lines = new Map(
      hands.map(({ driver }, i) => [
        `l${i}`,
        {
          ...driver,
          read: (board: number, urgent?: boolean) => {
            asked.push(base.clock.now())
            return driver.read(board, urgent)
          },
        },
      ]),
    )
    const { lockers, told } = lockersOver(base, lines, {
      sites,
      rules: { idlePoll: 60_000, busyPoll: 60_000 },
    })
    await lockers.start()
    await pass(90_000)
    for (const { id } of sites) {
      const put = await lockers.deposit({ ...parcel(id), lockerId: id, actor: 'staff:li' })
      expect(put.signal).toBe('open')
    }
    for (const hand of hands) hand.open.clear()
    await pass(3 * minute)
    for (const { id } of sites.slice(0, 50))
      expect(
        (await base.store.tx(tx => lockers.reserve(tx, { ...parcel(`coming-${id}`), lockerId: id }))).ok,
      ).toBe(true)
    await lockers.told()
    expect(told.filter(one => one.what === 'put-in-locker')).toHaveLength(cabinets)
    told.length = 0
    for (const hand of hands) for (let board = 1; board <= perLine; board++) hand.dead.add(board)
    await pass(3 * minute)
    asked.length = 0
    await pass(2 * minute)
    const each = new Map<number, number>()
    for (const at of asked) each.set(Math.floor(at / 1000), (each.get(Math.floor(at / 1000)) ?? 0) + 1)
    expect(Math.max(...each.values())).toBeLessThan(cabinets / 4)
    await pass(9 * minute)
    await lockers.told()
    expect(told.map(one => one.what).filter(what => what !== 'locker-offline')).toEqual([])
    expect(told).toHaveLength(cabinets + 50)
    expect(new Set(told.map(one => one.lineId)).size).toBe(cabinets + 50)
    expect(told.filter(one => one.data.deskId === 'main')).toHaveLength(50)
    told.length = 0
    for (const hand of hands) hand.dead.clear()
    await pass(4 * minute)
    await lockers.told()
    expect(told.map(one => one.what)).toEqual(Array.from({ length: cabinets }, () => 'locker-online'))
    expect(new Set(told.map(one => one.lineId)).size).toBe(cabinets)
    await lockers.stop()
  })
})
