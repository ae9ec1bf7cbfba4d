import { expect, it } from 'vitest'
import { orThrow } from '../../src/kernel/problem.ts'
import { lendable } from '../../src/lockers/lent-driver.ts'
import { handDriver } from '../gateway/lockers/hand-driver.ts'
import { boards, layout, lockersOver, site } from '../gateway/lockers/rig.ts'
import { quietStore } from '../harness/quiet-store.ts'
import { eachStore, type TestStore } from '../harness/store.ts'

const pulsed = layout[0]!

interface Quiet extends TestStore {
  readonly quiet: () => boolean
}
const quietly = (base: TestStore): Quiet => ({ ...base, ...quietStore(base.store) })

const process = (base: Quiet, owner: string) => {
  const hand = handDriver(boards)
  const asked: string[] = []
  const driver = lendable(() => ({
    ...hand.driver,
    open: async door => {
      asked.push(`open ${door.board}/${door.channel}`)
      return hand.driver.open(door)
    },
    read: async board => {
      asked.push(`read ${board}`)
      return hand.driver.read(board)
    },
  }))
  const lease = { owner, duration: 15_000 }
  return { ...lockersOver(base, new Map([['a', driver]]), { lease }), asked, hand }
}

/** Lets time pass until it is so; a database elsewhere answers in its own time. */
const until = async (base: Quiet, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let turns = 0; !(await holds()); turns++) {
    if (turns > 2000) throw new Error('what was waited for did not happen')
    for (let idle = 0, tries = 0; idle < 3 && tries < 5000; tries++) {
      idle = base.quiet() ? idle + 1 : 0
      await new Promise<void>(resolve => setImmediate(resolve))
    }
    await base.clock.advance(50)
  }
}
const during = async <T>(base: Quiet, act: Promise<T>): Promise<T> => {
  let over = false
  const seen = () => {
    over = true
  }
  act.then(seen, seen)
  await until(base, () => over)
  return act
}

eachStore('a line that is set up while several gateways share the database', fresh => {
  it('is lent by the one that holds it and by no other, which say who it is', async () => {
    const base = quietly(await fresh())
    const [one, two] = [process(base, 'one'), process(base, 'two')]
    await one.lockers.start()
    await until(base, () => one.asked.includes('read 2'))
    await two.lockers.start()
    const refused = await during(base, two.lockers.lendLine('a'))
    expect(refused).toMatchObject({ ok: false, problem: { code: 'locker-line-elsewhere' } })
    expect(JSON.stringify(refused)).toContain('(one)')

    const lent = orThrow(await during(base, one.lockers.lendLine('a')))
    expect(lent.held()).toBe(true)
    expect(
      await during(
        base,
        base.store.tx(tx => lent.stillOurs(tx)),
      ),
    ).toBe(true)
    expect(await during(base, two.lockers.setupElsewhere())).toBe('one')
    expect(await during(base, one.lockers.setupElsewhere())).toBeUndefined()
    const second = await during(base, two.lockers.lendLine('{"dial":"somewhere else"}'))
    expect(second).toMatchObject({ ok: false, problem: { code: 'locker-line-elsewhere' } })

    const quiet = one.asked.length
    const act = { lockerId: site.id, compartmentId: pulsed.id, actor: 'staff:x', reason: '看看' }
    for (const { lockers } of [one, two]) {
      const since = base.clock.now()
      expect(await during(base, lockers.remoteOpen(act))).toMatchObject({
        signal: 'no',
        problem: { code: 'locker-line-lent' },
      })
      expect(base.clock.now() - since).toBeLessThan(2000)
    }
    expect([one.asked.length, two.asked.length]).toEqual([quiet, 0])

    await during(base, lent.back())
    expect(lent.held()).toBe(false)
    expect((await during(base, one.lockers.remoteOpen(act))).signal).toBe('open')
    const since = one.asked.slice(quiet)
    expect(since.indexOf(`read ${pulsed.board}`)).toBeLessThan(
      since.indexOf(`open ${pulsed.board}/${pulsed.channel}`),
    )
    expect(await during(base, two.lockers.setupElsewhere())).toBeUndefined()
    await during(base, Promise.all([one.lockers.stop(), two.lockers.stop()]))
  })

  it('is no longer ours when another process has taken its lease: no pulse leaves', async () => {
    const base = quietly(await fresh())
    const one = process(base, 'one')
    await one.lockers.start()
    await until(base, () => one.asked.includes('read 2'))
    const lent = orThrow(await during(base, one.lockers.lendLine('a')))
    await base.store.db
      .updateTable('lease')
      .set(e => ({ owner: 'thief', fence: e('fence', '+', 1) }))
      .where('name', '=', 'locker-line:a')
      .execute()
    expect(
      await during(
        base,
        base.store.tx(tx => lent.stillOurs(tx)),
      ),
    ).toBe(false)
    await until(base, () => !lent.held())
    await during(base, lent.back())
    await during(base, one.lockers.stop())
  })
})
