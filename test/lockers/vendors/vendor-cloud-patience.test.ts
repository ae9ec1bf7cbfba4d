import { describe, expect, it } from 'vitest'
import { retryAfter } from '../../../src/kernel/retry-after.ts'
import { cloudRigs } from './cloud-rig.ts'

const cloudRig = cloudRigs()

const looks = (calls: readonly string[], id = 'gusu-01'): number =>
  calls.filter(one => one === `GET /v1/cabinets/${id}`).length

describe('a cloud that pushes', () => {
  it('is looked at twice a minute while nobody is there, whatever it is asked for', async () => {
    const { far, driver, during, listen, pass } = await cloudRig()
    listen()
    await during(driver.read(1))
    await pass(6000)
    await during(driver.read(1))
    const before = looks(far.calls)
    for (let second = 0; second < 60; second++) {
      await pass(1000)
      expect((await during(driver.read(1))).ok).toBe(true)
    }
    expect(looks(far.calls) - before).toBe(2)
  })

  it('is really looked at when a push says that something moved, and until the door is shut for some seconds', async () => {
    const { far, driver, during, listen, pass } = await cloudRig()
    listen()
    await during(driver.read(1))
    await pass(10_000)
    await during(driver.read(1))
    const before = looks(far.calls)
    far.door('gusu-01', 3).force()
    await pass(20)
    const open = await during(driver.read(1))
    expect(open.ok && open.value[2]!.door).toBe('open')
    await pass(15_000)
    await during(driver.read(1))
    expect(looks(far.calls) - before).toBe(2)
    far.door('gusu-01', 3).close()
    await pass(20)
    for (let i = 0; i < 3; i++) {
      const shut = await during(driver.read(1))
      expect(shut.ok && shut.value[2]!.door).toBe('closed')
      await pass(1000)
    }
    expect(looks(far.calls) - before).toBe(5)
  })

  it('is looked at closely for a minute after an opening', async () => {
    const { far, driver, during, listen, pass } = await cloudRig()
    listen()
    await during(driver.open({ board: 1, channel: 1 }))
    far.door('gusu-01', 1).close()
    await pass(20_000)
    const before = looks(far.calls)
    await during(driver.read(1))
    await during(driver.read(1))
    expect(looks(far.calls) - before).toBe(2)
  })
})

describe('a cloud that wants to be left alone', () => {
  it('is left alone until the time it names, also by those in a hurry, and nothing of it is maybe done', async () => {
    const { far, driver, during, clock, pass } = await cloudRig()
    await during(driver.read(1))
    await pass(31_000)
    far.faults.order('read', { kind: 'status', status: 429, headers: { 'retry-after': '60' } })
    const began = clock.now()
    const told = await during(driver.read(1))
    expect(told).toMatchObject({ ok: false, problem: { code: 'locker-cloud-busy', retry: 'later' } })
    expect(told.ok || told.problem.notBefore).toBe(began + 60_000)
    const asked = far.calls.length
    expect(await during(driver.open({ board: 1, channel: 1 }))).toMatchObject({
      ok: false,
      problem: { code: 'locker-cloud-busy' },
    })
    expect((await during(driver.read(4))).ok).toBe(false)
    await pass(59_000)
    await during(driver.read(4))
    expect(far.calls.length).toBe(asked)
    await pass(1500)
    expect((await during(driver.read(4))).ok).toBe(true)
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })

  it('is looked at less and less often when it names none, and opened all the same', async () => {
    const { far, driver, during, pass } = await cloudRig()
    far.faults.order('read', { kind: 'status', status: 420 }, 4)
    const begun = far.calls.length
    for (let second = 0; second < 80; second++) {
      await during(driver.read(1))
      await pass(1000)
    }
    // At once, and after 5, 10, 20 and 40 seconds.
    expect(looks(far.calls.slice(begun, begun + 4))).toBe(4)
    expect(far.calls.length - begun).toBeLessThan(12)
    far.faults.order('read', { kind: 'status', status: 420 })
    await during(driver.read(4))
    expect(await during(driver.open({ board: 4, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })

  it('may say when as seconds or as a date, within an hour', () => {
    const now = Date.parse('2026-11-23T00:00:00Z')
    expect(retryAfter('120', now)).toBe(now + 120_000)
    expect(retryAfter('Mon, 23 Nov 2026 00:00:30 GMT', now)).toBe(now + 30_000)
    expect(retryAfter('999999999', now)).toBe(now + 3_600_000)
    for (const value of ['-5', '0', 'soon', '', undefined, 'Mon, 23 Nov 2020 00:00:30 GMT', '9'.repeat(60)])
      expect(retryAfter(value, now)).toBeUndefined()
  })
})

describe('one dead cabinet', () => {
  it('does not cost the others their line, however long it is dead', async () => {
    const { far, driver, during, pass } = await cloudRig({ breaker: true })
    far.silent.add('gusu-01')
    for (let i = 0; i < 30; i++) {
      expect(await during(driver.read(1))).toMatchObject({ ok: false, problem: { code: 'server-error' } })
      await pass(200)
    }
    expect((await during(driver.read(4))).ok).toBe(true)
    expect(await during(driver.open({ board: 4, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
  })

  it('is asked for again when its cloud said so, and the others meanwhile; who opens it does not wait', async () => {
    const { far, driver, during, pass } = await cloudRig()
    far.faults.order('read', { kind: 'status', status: 503, headers: { 'retry-after': '30' } })
    expect(await during(driver.read(1))).toMatchObject({ ok: false, problem: { code: 'server-error' } })
    const before = looks(far.calls)
    await pass(20_000)
    expect(await during(driver.read(1))).toMatchObject({ problem: { code: 'locker-cabinet-resting' } })
    expect(looks(far.calls) - before).toBe(0)
    expect((await during(driver.read(4))).ok).toBe(true)
    expect(await during(driver.open({ board: 1, channel: 1 }))).toEqual({ ok: true, value: { opened: true } })
    await pass(11_000)
    expect((await during(driver.read(1))).ok).toBe(true)
  })

  it('is told from a cloud that is not there at all: that one is given a rest', async () => {
    const { far, driver, during } = await cloudRig({ breaker: true })
    far.power(false)
    let last = await during(driver.read(1))
    for (let i = 0; i < 10; i++) last = await during(driver.read(1))
    expect(last).toMatchObject({ ok: false, problem: { code: 'peer-resting' } })
  })
})
