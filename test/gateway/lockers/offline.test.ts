import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { yes } from '../../../src/kernel/problem.ts'
import type {
  CabinetEvent,
  CabinetHappening,
  HeldCode,
  HoldsCodes,
  LockerDriver,
  TellsEvents,
  TellsSurely,
} from '../../../src/lockers/locker.ts'
import type { TestStore } from '../../harness/store.ts'
import { handDriver } from './hand-driver.ts'
import { boards, freshStore, layout, lockersOver, parcel, site } from './rig.ts'

let base: TestStore
beforeEach(async () => {
  base = await freshStore()
})
afterEach(() => base.close())

/** Cabinets that hold codes and tell events, as a driver sees them. */
const autonomous = () => {
  const hand = handDriver(boards)
  const held = new Map<string, HeldCode>()
  let listener: ((event: CabinetEvent) => Promise<void>) | undefined
  let seq = 0
  const driver: LockerDriver & HoldsCodes & TellsEvents = {
    ...hand.driver,
    onEvent: hears => {
      listener = hears
      return () => {
        listener = undefined
      }
    },
    putCode: async code => {
      held.set(code.id, code)
      return yes(undefined)
    },
    removeCode: async (_board, id) => {
      held.delete(id)
      return yes(undefined)
    },
    heldCodes: async board => yes([...held.values()].filter(c => c.door.board === board).map(c => c.id)),
  }
  const event = (at: number, what: CabinetHappening, board = 1): CabinetEvent => {
    seq += 1
    return { id: `e${seq}`, board, seq, at, timed: 'cabinet', receivedAt: base.clock.now(), what }
  }
  return { hand, driver, held, event, tell: (one: CabinetEvent) => listener!(one), hears: () => listener }
}

const begin = async () => {
  const cabinet = autonomous()
  const service = lockersOver(base, new Map([['a', cabinet.driver]]), {
    rules: { turnAfter: 600_000 },
    sites: [{ ...site, desk: 'main' }],
  })
  await service.lockers.start()
  const pass = async (ms: number) => {
    for (let left = ms; left > 0; left -= 500) await base.clock.advance(Math.min(500, left))
  }
  await pass(3000)
  const load = async (name: string) => {
    const answer = await service.lockers.deposit({ ...parcel(name), actor: 'staff:li' })
    const id = answer.compartment!.id
    const door = layout.find(one => one.id === id)!
    await pass(1000)
    cabinet.hand.open.delete(`${door.board}/${door.channel}`)
    await pass(3000)
    await service.lockers.told()
    return door
  }
  return { ...service, ...cabinet, pass, load }
}

describe('a cabinet that holds codes', () => {
  it('has the codes of what is loaded, and loses them with the parcel, without a digit', async () => {
    const { lockers, load, held, pass, codeOf } = await begin()
    const door = await load('one')
    await pass(2000)
    const [code] = [...held.values()]
    expect(code).toMatchObject({ door: { board: door.board, channel: door.channel } })
    expect(JSON.stringify(code)).not.toContain(await codeOf('one'))
    await base.store.tx(tx => lockers.expire(tx, 'su', 'P-one'))
    await pass(8000)
    expect(held.size).toBe(0)
    await lockers.stop()
  })

  it('forgets while nobody sees it, and gets them again when it is back', async () => {
    const { lockers, load, held, pass, hand } = await begin()
    await load('one')
    await pass(2000)
    hand.dead.add(1).add(2)
    await pass(20_000)
    held.clear()
    hand.dead.clear()
    await pass(90_000)
    expect(held.size).toBe(1)
    await lockers.stop()
  })

  it('gives out while it is cut off, and tells it late with its own times, once', async () => {
    const { lockers, load, held, pass, hand, event, tell, told, said, codeOf } = await begin()
    const door = await load('one')
    await pass(2000)
    const codeId = [...held.keys()][0]!
    const code = await codeOf('one')
    hand.dead.add(1).add(2)
    await pass(60_000)
    const opened = event(base.clock.now(), { kind: 'door-opened', channel: door.channel, codeId })
    const closed = event(base.clock.now() + 20_000, { kind: 'door-closed', channel: door.channel })
    await pass(3_600_000)
    hand.dead.clear()
    const late = (one: CabinetEvent) => ({ ...one, receivedAt: base.clock.now() })
    for (const one of [opened, opened, closed, closed, opened]) await tell(late(one))
    await pass(90_000)
    await lockers.told()
    expect(said().filter(one => one.startsWith('collected'))).toEqual(['collected line-one-1'])
    expect(told.find(one => one.what === 'collected')?.at).toBe(closed.at)
    expect((await lockers.collect(site.id, code, 'kiosk:k')).problem?.code).toBe('code-used')
    expect((await lockers.alarms(site.id)).filter(one => one.compartmentId === door.id)).toEqual([])
    await lockers.stop()
  })

  it('that gave out what staff had taken meanwhile has somebody look inside', async () => {
    const { lockers, load, held, pass, hand, event, tell } = await begin()
    const door = await load('one')
    await pass(2000)
    const codeId = [...held.keys()][0]!
    await base.store.tx(tx => lockers.release(tx, 'su', 'P-one'))
    await tell(event(base.clock.now(), { kind: 'door-opened', channel: door.channel, codeId }))
    expect((await lockers.alarms(site.id)).map(one => one.code)).toContain('check-inside')
    expect(hand.pulses).toHaveLength(1)
    await lockers.stop()
  })

  it('that tells of a door nobody asked for is believed: the door was opened unseen', async () => {
    const { lockers, load, event, tell, kinds } = await begin()
    const door = await load('one')
    const then = base.clock.now()
    await base.clock.advance(3_600_000)
    await tell(event(then + 60_000, { kind: 'door-opened', channel: door.channel }))
    await tell(event(then + 60_000, { kind: 'tamper' }))
    expect((await lockers.alarms(site.id)).map(one => one.code).sort()).toEqual(['opened-unseen', 'tamper'])
    expect(await kinds()).toContain('cabinet-tamper')
    await lockers.settleAlarm({ lockerId: site.id, compartmentId: null, actor: 'staff:li', reason: '已查看' })
    await lockers.settleAlarm({
      lockerId: site.id,
      compartmentId: door.id,
      actor: 'staff:li',
      reason: '已查看',
    })
    expect(await lockers.alarms(site.id)).toEqual([])
    await lockers.stop()
  })

  it('is not heard any more after the stop', async () => {
    const { lockers, hears } = await begin()
    expect(hears()).toBeDefined()
    await lockers.stop()
    expect(hears()).toBeUndefined()
  })
})

describe('a cabinet that is away', () => {
  it('turns what is on its way to the desk after ten minutes, tells readers, and takes parcels again when back', async () => {
    const { lockers, load, pass, hand, told } = await begin()
    await load('inside')
    await base.store.tx(tx => lockers.reserve(tx, parcel('coming')))
    hand.dead.add(1).add(2)
    await pass(300_000)
    expect(told.map(one => one.what)).not.toContain('locker-offline')
    await pass(400_000)
    await lockers.told()
    const away = told.filter(one => one.what === 'locker-offline')
    expect(away.map(one => [one.lineId, one.data.deskId]).sort()).toEqual([
      ['line-coming-1', 'main'],
      ['line-inside-1', undefined],
    ])
    expect((await base.store.tx(tx => lockers.reserve(tx, parcel('next')))).ok).toBe(false)
    hand.dead.clear()
    await pass(120_000)
    await lockers.told()
    expect(told.filter(one => one.what === 'locker-online').map(one => one.lineId)).toEqual(['line-inside-1'])
    expect((await base.store.tx(tx => lockers.reserve(tx, parcel('next')))).ok).toBe(true)
    await lockers.stop()
  })

  it('says so once, also when the gateway is started anew meanwhile', async () => {
    const first = await begin()
    await first.load('inside')
    first.hand.dead.add(1).add(2)
    await first.pass(700_000)
    await first.lockers.told()
    await first.lockers.stop()
    const second = lockersOver(base, new Map([['a', first.driver]]))
    await second.lockers.start()
    await first.pass(700_000)
    await second.lockers.told()
    expect(second.told).toEqual([])
    await second.lockers.stop()
  })
})

describe('a cabinet that is looked at seldom', () => {
  it('is looked at soon when it tells of a door by a clock that is behind, and when it comes or goes', async () => {
    const cabinet = autonomous()
    const looks: number[] = []
    let changed: (board: number) => void = () => {}
    const driver: LockerDriver & TellsSurely = {
      ...cabinet.driver,
      lookEvery: 30_000,
      onPresence: listener => {
        changed = listener
        return () => {}
      },
      read: async (board, urgent) => {
        if (board === 1) looks.push(base.clock.now())
        return cabinet.driver.read(board, urgent)
      },
    }
    const { lockers } = lockersOver(base, new Map([['a', driver]]))
    await lockers.start()
    await base.clock.advance(60_000)
    const looksWithin = async (ms: number): Promise<number> => {
      looks.length = 0
      await base.clock.advance(ms)
      return looks.length
    }
    expect(await looksWithin(90_000)).toBeLessThanOrEqual(4)
    await cabinet.tell(cabinet.event(base.clock.now() - 60_000, { kind: 'door-opened', channel: 1 }))
    expect(await looksWithin(600)).toBeGreaterThan(0)
    await base.clock.advance(60_000)
    for (const dead of [true, false]) {
      if (dead) cabinet.hand.dead.add(1).add(2)
      else cabinet.hand.dead.clear()
      changed(1)
      expect(await looksWithin(200)).toBeGreaterThan(0)
      await base.clock.advance(6000)
      expect((await lockers.summary(site.id)).online).toBe(!dead)
    }
    await lockers.stop()
  })
})
