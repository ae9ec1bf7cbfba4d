import type { KyselyPlugin } from 'kysely'
import { expect, it } from 'vitest'
import type { LockersOptions } from '../../src/gateway/lockers/lockers.ts'
import { openStore, type Store } from '../../src/gateway/store/db.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import type { LockerDriver } from '../../src/lockers/locker.ts'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { boards, layout, lockersOver, parcel, site } from '../gateway/lockers/rig.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const never = new Promise<never>(() => {})
type Hand = ReturnType<typeof handDriver>

/** How much of a store is under way: time stands still meanwhile, however slow the machine is. */
const counted = (store: Store) => {
  let pending = 0
  const asked: KyselyPlugin = {
    transformQuery: ({ node }) => {
      pending += 1
      return node
    },
    transformResult: async ({ result }) => {
      pending -= 1
      return result
    },
  }
  const db = store.db.withPlugin(asked)
  const tx: Store['tx'] = async (act, options) => {
    pending += 1
    try {
      return await store.tx(act, options)
    } finally {
      pending -= 1
    }
  }
  return { store: { ...store, db, tx }, quiet: () => pending <= 0 }
}

/** One process of several: its own connections, its own driver on the same line, and it can be killed or stalled. */
const gateway = (
  base: TestStore,
  hand: Hand,
  name: string,
  asked: string[],
  more: Partial<LockersOptions> = {},
) => {
  let alive = true
  let stalled = false
  const missed: (() => void)[] = []
  const own: Store | undefined = base.store.dialect === 'postgres' ? openStore(base.url) : undefined
  const living = async <T>(act: () => Promise<T>): Promise<T> => {
    if (!alive) return never
    const result = await act()
    return alive ? result : never
  }
  const clock: Clock = {
    now: () => base.clock.now(),
    after: (delay, act) =>
      base.clock.after(delay, () => {
        if (stalled) missed.push(act)
        else if (alive) act()
      }),
  }
  const driver: LockerDriver = {
    ...hand.driver,
    open: door => {
      asked.push(`${name} open ${door.board}/${door.channel}`)
      return living(() => hand.driver.open(door))
    },
    read: board => {
      asked.push(`${name} read ${board}`)
      return living(() => hand.driver.read(board))
    },
  }
  const { store, quiet } = counted(own ?? base.store)
  const service = lockersOver({ ...base, store }, new Map([['a', driver]]), {
    clock,
    lease: { owner: name, duration: 15_000 },
    ...more,
  })
  return {
    ...service,
    name,
    quiet,
    /** The program ends here, without a word to anybody. */
    kill: () => {
      alive = false
    },
    /** The program hangs; then it goes on as if nothing had been. */
    stall: (on: boolean) => {
      stalled = on
      if (!on) for (const act of missed.splice(0)) act()
    },
    close: async () => {
      if (alive) await service.lockers.stop()
      await own?.close()
    },
  }
}

const keyOf = (id: string) => {
  const { board, channel } = layout.find(one => one.id === id)!
  return `${board}/${channel}`
}

const town = async (base: TestStore, more: Partial<LockersOptions> = {}) => {
  const hand = handDriver(boards)
  const asked: string[] = []
  const one = gateway(base, hand, 'one', asked, more)
  const two = gateway(base, hand, 'two', asked, more)
  /** Lets time pass, in steps, until it is so. */
  const until = async (holds: () => boolean | Promise<boolean>, step = 50): Promise<void> => {
    for (let turns = 0; !(await holds()); turns++) {
      if (turns > 4000) throw new Error('what was waited for did not happen')
      for (let idle = 0, tries = 0; idle < 3 && tries < 5000; tries++) {
        idle = one.quiet() && two.quiet() ? idle + 1 : 0
        await new Promise<void>(resolve => setImmediate(resolve))
      }
      await base.clock.advance(step)
    }
  }
  const during = async <T>(act: Promise<T>): Promise<T> => {
    let over = false
    const seen = () => {
      over = true
    }
    act.then(seen, seen)
    await until(() => over)
    return act
  }
  const pass = async (by: number): Promise<void> => {
    const end = base.clock.now() + by
    await until(() => base.clock.now() >= end)
  }
  const holder = async () => {
    const row = await base.store.db.selectFrom('lease').selectAll().executeTakeFirst()
    return row && row.until > base.clock.now() ? row.owner : undefined
  }
  await one.lockers.start()
  await until(async () => (await holder()) === 'one' && (await one.lockers.summary(site.id)).online)
  await two.lockers.start()
  const shut = async (id: string, at = one) => {
    hand.open.delete(keyOf(id))
    await until(async () => (await at.stateOf(id)).door === 'closed')
  }
  const load = async (name: string) => {
    const answer = await during(one.lockers.deposit({ ...parcel(name), actor: 'staff:li' }))
    const { id } = answer.compartment!
    hand.open.delete(keyOf(id))
    await until(async () => (await one.stateOf(id)).state === 'loaded')
    return id
  }
  const close = async () => {
    await Promise.allSettled([during(one.close()), during(two.close())])
  }
  return { hand, asked, one, two, until, during, pass, holder, shut, load, close }
}

const opens = (asked: readonly string[], id: string): readonly string[] =>
  asked.filter(one => one.endsWith(` open ${keyOf(id)}`))

eachStore('two gateways on one database', fresh => {
  it('the second goes on with a visit whose door was shut while nobody held the line', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, holder, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    expect((await during(one.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('open')
    one.kill()
    hand.open.delete(keyOf(id))
    await until(async () => (await holder()) === 'two')
    await until(async () => (await two.stateOf(id)).state === 'free')
    await during(two.lockers.told())
    expect(two.said()).toEqual(['collected line-one-1'])
    expect(opens(asked, id)).toEqual([`one open ${keyOf(id)}`, `one open ${keyOf(id)}`])
    await close()
  })

  it('one killed between the pulse and what it would have written: the door is read, not pulsed again', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, pass, during, holder, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    hand.pulsed(() => one.kill())
    void one.lockers.collect(site.id, code, 'kiosk:k')
    await until(() => opens(asked, id).length === 2)
    await until(async () => (await holder()) === 'two')
    await pass(3000)
    expect(asked.filter(act => act.startsWith('two')).every(act => act.startsWith('two read'))).toBe(true)
    expect((await two.stateOf(id)).state).toBe('loaded')
    hand.open.delete(keyOf(id))
    await until(async () => (await two.stateOf(id)).state === 'free')
    await during(two.lockers.told())
    expect(two.said()).toEqual(['collected line-one-1'])
    expect(opens(asked, id)).toHaveLength(2)
    await close()
  })

  it('one that hung while the other had the line reads every door before it opens any', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, holder, load, close } = await town(base)
    const id = await load('one')
    one.stall(true)
    await until(async () => (await holder()) === 'two' && (await two.lockers.summary(site.id)).online)
    const own = await two.codeOf('one')
    expect((await during(two.lockers.collect(site.id, own, 'kiosk:k'))).signal).toBe('open')
    await during(two.lockers.stop())
    two.kill()
    asked.length = 0
    one.stall(false)
    await until(async () => (await holder()) === 'one')
    hand.open.delete(keyOf(id))
    const deposit = await during(one.lockers.deposit({ ...parcel('next'), actor: 'staff:li' }))
    expect(deposit.signal).toBe('open')
    expect(asked.findIndex(act => act.startsWith('one read'))).toBeLessThan(
      asked.findIndex(act => act.startsWith('one open')),
    )
    await until(async () => (await one.stateOf(id)).state === 'free')
    await close()
  })

  it('an opening asked of the one that does not hold the line is carried out, once, by the one that does', async () => {
    const base = await fresh()
    const { two, hand, asked, until, during, load, close } = await town(base)
    const put = await during(two.lockers.deposit({ ...parcel('far'), actor: 'courier:sf' }))
    expect(put).toMatchObject({ signal: 'open', compartment: { id: expect.any(String) } })
    const far = put.compartment!.id
    expect((await two.lockers.kioskState(site.id, put.visit!)).ok).toBe(true)
    expect(await two.lockers.summary(site.id)).toMatchObject({ online: true })
    expect((await two.stateOf(far)).door).toBe('open')
    hand.open.delete(keyOf(far))
    const done = await during(two.lockers.confirm(site.id, put.visit!))
    expect(done.signal).toBe('done')
    expect((await two.stateOf(far)).state).toBe('loaded')
    const code = await two.codeOf('far')
    expect((await during(two.lockers.collect(site.id, '00000000', 'kiosk:k'))).signal).toBe('no')
    expect((await during(two.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('open')
    hand.open.delete(keyOf(far))
    await until(async () => (await two.stateOf(far)).state === 'free')
    expect(opens(asked, far)).toEqual([`one open ${keyOf(far)}`, `one open ${keyOf(far)}`])
    expect(asked.some(act => act.startsWith('two'))).toBe(false)
    expect(await base.store.db.selectFrom('line_ask').selectAll().execute()).toEqual([])
    expect(await two.lockers.alarms(site.id)).toEqual([])
    await load('next')
    await close()
  })

  it('one code typed at the screens of both at the same instant opens one door once', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    const answers = await during(
      Promise.all([one, two, one, two].map(at => at.lockers.collect(site.id, code, `kiosk:${at.name}`))),
    )
    expect(answers.every(answer => answer.signal === 'open')).toBe(true)
    expect(new Set(answers.map(answer => answer.visit)).size).toBe(1)
    expect(opens(asked, id)).toHaveLength(2)
    hand.open.delete(keyOf(id))
    await until(async () => (await one.stateOf(id)).state === 'free')
    await during(one.lockers.told())
    await during(two.lockers.told())
    expect(new Set([...one.told, ...two.told].map(said => said.id)).size).toBe(2)
    await close()
  })

  it('a door that jams for a kiosk at the other gateway is pulsed twice, leads couriers on and keeps codes', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, pass, load, close } = await town(base)
    const id = await load('one')
    hand.jammed.add(keyOf(id))
    const code = await one.codeOf('one')
    expect((await during(two.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('jammed')
    expect(opens(asked, id)).toHaveLength(3)
    expect((await one.lockers.alarms(site.id)).map(alarm => alarm.code)).toEqual(['jammed'])
    await pass(3000)
    hand.jammed.clear()
    expect((await during(two.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('open')
    hand.open.delete(keyOf(id))
    await until(async () => (await two.stateOf(id)).state === 'free')
    for (const door of layout) if (door.id !== 'A08') hand.jammed.add(keyOf(door.id))
    const put = await during(two.lockers.deposit({ ...parcel('two'), actor: 'courier:sf' }))
    expect(put).toMatchObject({ signal: 'open', compartment: { id: 'A08' } })
    await close()
  })

  it('nothing is opened later than the person waits, when nobody holds the line', async () => {
    const base = await fresh()
    const { one, two, asked, until, during, pass, holder, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    one.kill()
    const answer = await during(two.lockers.collect(site.id, code, 'kiosk:k'))
    expect(answer).toMatchObject({ signal: 'no', problem: { code: 'locker-line-elsewhere', retry: 'later' } })
    await until(async () => (await holder()) === 'two')
    await pass(5000)
    expect(opens(asked, id)).toHaveLength(1)
    expect(await two.lockers.alarms(site.id)).toEqual([])
    expect((await during(two.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('open')
    expect(opens(asked, id).at(-1)).toBe(`two open ${keyOf(id)}`)
    await close()
  })

  it('what a holder had begun when it was killed is not begun again by the next one', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, pass, holder, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    hand.pulsed(() => one.kill())
    const answer = await during(two.lockers.collect(site.id, code, 'kiosk:k'))
    // By then the next holder has read the door.
    expect(answer.signal).toBe('open')
    await until(async () => (await holder()) === 'two')
    await pass(3000)
    expect(opens(asked, id)).toEqual([`one open ${keyOf(id)}`, `one open ${keyOf(id)}`])
    hand.open.delete(keyOf(id))
    await until(async () => (await two.stateOf(id)).state === 'free')
    await during(two.lockers.told())
    expect(two.said()).toEqual(['collected line-one-1'])
    expect(await base.store.db.selectFrom('line_ask').selectAll().execute()).toEqual([])
    await close()
  })

  it('who asked and was killed leaves no door that nobody can use', async () => {
    const base = await fresh()
    const { one, two, hand, asked, until, during, pass, load, close } = await town(base)
    const id = await load('one')
    const code = await one.codeOf('one')
    one.stall(true)
    void two.lockers.collect(site.id, code, 'kiosk:k')
    const waits = async () => (await base.store.db.selectFrom('line_ask').select('id').execute()).length === 1
    await until(waits)
    two.kill()
    await pass(8000)
    one.stall(false)
    await pass(30_000)
    expect(opens(asked, id)).toHaveLength(1)
    expect(await base.store.db.selectFrom('line_ask').select('id').execute()).toEqual([])
    expect((await one.lockers.alarms(site.id)).map(alarm => alarm.code)).toEqual(['check-inside'])
    expect((await during(one.lockers.collect(site.id, code, 'kiosk:k'))).signal).toBe('open')
    hand.open.delete(keyOf(id))
    await until(async () => (await one.stateOf(id)).state === 'free')
    await close()
  })

  it('what one had written down of a silent board is put right by the next that sees it', async () => {
    const base = await fresh()
    const { one, two, hand, until, holder, close } = await town(base)
    hand.dead.add(2)
    const written = async () =>
      (
        await base.store.db
          .selectFrom('line_board')
          .select('silent_since')
          .where('board', '=', 2)
          .executeTakeFirst()
      )?.silent_since
    await until(async () => typeof (await written()) === 'number')
    one.kill()
    hand.dead.clear()
    await until(async () => (await holder()) === 'two')
    await until(async () => (await written()) === null)
    expect((await two.lockers.summary(site.id)).online).toBe(true)
    await close()
  })

  it('both show the same cabinet, and one that nobody looks at is shown as away', async () => {
    const base = await fresh()
    const { one, two, hand, until, close } = await town(base)
    expect(await two.lockers.summary(site.id)).toEqual(await one.lockers.summary(site.id))
    expect(await two.lockers.picture(site.id)).toEqual(await one.lockers.picture(site.id))
    hand.dead.add(2)
    await until(async () => !(await one.lockers.summary(site.id)).online)
    await until(async () => !(await two.lockers.summary(site.id)).online)
    expect((await two.lockers.alarms(site.id)).map(alarm => alarm.code)).toEqual(['board-silent'])
    hand.dead.clear()
    await until(async () => (await two.lockers.summary(site.id)).online)
    one.kill()
    two.stall(true)
    await until(async () => !(await two.lockers.summary(site.id)).online)
    two.stall(false)
    await until(async () => (await two.lockers.summary(site.id)).online)
    await close()
  })
})
