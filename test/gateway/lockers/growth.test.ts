import { afterEach, describe, expect, it } from 'vitest'
import { createLockers } from '../../../src/gateway/lockers/lockers.ts'
import { yes } from '../../../src/kernel/problem.ts'
import type { DoorReading, LockerDriver } from '../../../src/lockers/locker.ts'
import { observe, startWatch } from '../../../src/lockers/watch.ts'
import { freshStore, layout, site } from './rig.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** So many quiet cabinets of two doors on one line: what a minute of looking at them asks of driver and database. */
const minuteOf = async (cabinets: number) => {
  const base = await freshStore()
  const count = { looks: 0, statements: 0 }
  const db = new Proxy(base.store.db, {
    get: (of, name) => {
      if (name === 'selectFrom') count.statements += 1
      const value = Reflect.get(of, name) as unknown
      return typeof value === 'function' ? value.bind(of) : value
    },
  })
  const store = {
    ...base.store,
    db,
    tx: (...args: Parameters<typeof base.store.tx>) => {
      count.statements += 1
      return base.store.tx(...args)
    },
  } as typeof base.store
  const driver: LockerDriver = {
    name: 'quiet',
    atOnce: 16,
    open: async () => yes({ opened: true }),
    read: async board => {
      count.looks += 1
      return yes([1, 2].map((channel): DoorReading => ({ board, channel, door: 'closed' })))
    },
    close: async () => {},
  }
  const lockers = createLockers({
    store,
    clock: base.clock,
    ids: base.ids,
    personal: base.personal,
    lines: new Map([['a', driver]]),
    sites: Array.from({ length: cabinets }, (_, i) => ({
      ...site,
      id: `c${i}`,
      compartments: layout.slice(0, 2).map((one, d) => ({ ...one, board: i + 1, channel: d + 1 })),
    })),
    ingest: async () => {},
  })
  await lockers.start()
  closing.push(base.close, lockers.stop)
  await base.clock.advance(5000)
  const before = { ...count }
  await base.clock.advance(60_000)
  return { looks: count.looks - before.looks, statements: count.statements - before.statements }
}

describe('ten times the cabinets on a line', () => {
  it('ask the database no oftener, however often they are looked at', async () => {
    const few = await minuteOf(5)
    const many = await minuteOf(50)
    expect(few.looks).toBeGreaterThan(5 * 35)
    expect(many.looks).toBeGreaterThan(50 * 35)
    expect(few.statements).toBeGreaterThan(0)
    expect(many.statements).toBeLessThanOrEqual(few.statements + 5)
  })

  it('are watched without anything being made anew while nothing moves', () => {
    const doors = Array.from({ length: 1000 }, (_, i) => ({ board: i + 1, channel: 1 }))
    const watch = startWatch(doors.map(one => ({ ...one, door: 'closed', since: 0 })))
    const rules = { missesUntilSilent: 3, closedLooks: 2, closedFor: 400, openTooLong: 180_000 }
    const look = (door: 'open' | 'closed', at: number) => ({
      board: 7,
      at,
      readings: [{ board: 7, channel: 1, door }],
    })
    const seen = observe(watch, look('closed', 1000), rules).watch
    expect(observe(seen, look('closed', 2000), rules).watch).toBe(seen)
    const moved = observe(seen, look('open', 3000), rules).watch
    expect(moved).not.toBe(seen)
    expect(moved.boards.get(8)).toBe(seen.boards.get(8))
  })
})
