import { Agent } from 'undici'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { LockerDriver } from '../../../src/lockers/locker.ts'
import {
  type CloudSettings,
  createCloudDriver,
  vendorCloud,
} from '../../../src/lockers/vendors/vendor-cloud.ts'
import { startHttpParty } from '../../../src/sandbox/http-party.ts'
import { startSandboxCloud } from '../../../src/sandbox/lockers/cloud.ts'
import { cloudTime } from '../../lockers/cloud-time.ts'
import { freshStore, layout, lockersOver, parcel, site } from './rig.ts'

const agent = new Agent()
afterAll(() => agent.close())
const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const cabinets = [
  { board: 1, id: '1000081', channels: 8 },
  { board: 2, id: '1000082', channels: 4 },
]
const signing = { how: 'sudiyi', partnerId: 'P1', secret: 'secret of the library', md5: 'raw' } as const
const hookSecret = 'an-address-nobody-guesses'
const library = { name: '姑苏区图书馆', mobile: '0512-65228855' }

/** Everything real but the time: service, driver, HTTP both ways, the vendor's cloud with its book of places. */
const setUp = async (form: 'sudiyi' | 'general', minutes = 1440) => {
  const base = await freshStore()
  const { clock } = base
  const far = await startSandboxCloud({ clock, cabinets, signing, answers: 'later' })
  const peer = createHttp({ agent, clock, transcript: noTranscript }).peer('cloud', { atLeast: 10_000 })
  const { calls, pass, during } = cloudTime(clock, far, peer, { step: 100, quiets: 8 })
  let driver: ReturnType<typeof createCloudDriver> | undefined
  const ear = await startHttpParty(async ({ path, body, header }) => ({
    status: (await driver!.hear({ path, body, header })).status,
    body: '',
  }))
  const hook = `${ear.url}/hooks/${hookSecret}`
  const places =
    form === 'general' ? { form, minutes } : { form, minutes, notifyUrl: hook, library, boxIsChannel: true }
  const make = (): LockerDriver => {
    const chosen = vendorCloud.settings.parse({ url: far.url, cabinets, signing, hookSecret, places })
    driver = createCloudDriver(chosen as CloudSettings, { name: 'locker-line:a', clock, calls })
    const made = driver
    closing.push(() => made.close())
    return made
  }
  far.pushTo(hook)
  closing.push(base.close, far.close, ear.close)
  const begin = async () => {
    const service = lockersOver(base, new Map([['a', make()]]), { sites: [{ ...site, desk: 'home-main' }] })
    await service.lockers.start()
    let stopped = false
    const stop = async (): Promise<void> => {
      if (stopped) return
      stopped = true
      await during(service.lockers.stop())
    }
    closing.push(stop)
    await pass(500)
    const reserve = (name: string) => base.store.tx(tx => service.lockers.reserve(tx, parcel(name)))
    return { ...service, reserve, stop }
  }
  const door = (id: string) => {
    const { board, channel } = layout.find(one => one.id === id)!
    return far.door(cabinets.find(one => one.board === board)!.id, channel)
  }
  return { ...base, ...(await begin()), far, pass, during, door, begin }
}

const states = (far: Awaited<ReturnType<typeof setUp>>['far']) => far.places.all().map(one => one.state)

describe('a locker whose vendor gives places away himself', () => {
  it.each(['sudiyi', 'general'] as const)(
    'is asked for one as soon as ours is reserved, once, and lets it go when the parcel was taken (%s)',
    async form => {
      const { reserve, lockers, pass, during, far, door, codeOf, kinds, said } = await setUp(form)
      far.places.chooses = 1
      await reserve('one')
      await reserve('one')
      await pass(8000)
      expect(states(far)).toEqual(['kept'])
      expect(await kinds()).toContain('place-kept')
      const deposit = await during(lockers.deposit({ ...parcel('one'), actor: 'staff:li' }))
      expect(deposit.signal).toBe('open')
      door(deposit.compartment!.id).close()
      await pass(6000)
      expect(states(far)).toEqual(['kept'])
      await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
      door(deposit.compartment!.id).close()
      await pass(9000)
      expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
      expect(states(far)).toEqual(['gone'])
      expect(far.places.asked).toHaveLength(1)
    },
  )

  it.each(['sudiyi', 'general'] as const)(
    'sends the parcel to the desk when he has none (%s)',
    async form => {
      const { reserve, told, pass, far, kinds, stateOf } = await setUp(form)
      far.places.full.add('1000081')
      const place = await reserve('one')
      if (!place.ok) throw new Error(place.problem.code)
      await pass(10_000)
      expect(told.map(one => [one.what, one.data])).toEqual([
        ['place-refused', { lockerId: site.id, deskId: 'home-main' }],
      ])
      expect((await stateOf(place.value.compartmentId)).state).toBe('free')
      expect(await kinds()).toContain('place-refused')
      await pass(20_000)
      expect(far.places.asked).toHaveLength(1)
    },
  )

  it('takes 421 for a no, and waits with 420', async () => {
    const { reserve, said, pass, far } = await setUp('sudiyi')
    far.places.chooses = 1
    far.faults.order('place', { kind: 'status', status: 420 })
    await reserve('one')
    await pass(16_000)
    expect([states(far), said()]).toEqual([['kept'], []])
    far.faults.order('place', { kind: 'status', status: 421 })
    await reserve('two')
    await pass(5000)
    expect(said()).toEqual(['place-refused line-two-1'])
  })

  it('is asked after, and not once more, when the answer got lost, also by who starts anew', async () => {
    const { reserve, pass, far, stop, begin } = await setUp('sudiyi')
    far.places.chooses = 1
    far.places.mute = true
    far.faults.order('place', { kind: 'cut-after' })
    await reserve('one')
    await pass(3000)
    expect(states(far)).toHaveLength(1)
    await stop()
    const again = await begin()
    await pass(20_000)
    expect(states(far)).toEqual(['kept'])
    expect(await again.kinds()).toContain('place-kept')
    expect(far.places.asked).toHaveLength(1)
  })

  it('moves our reservation to the door that he keeps', async () => {
    const { reserve, pass, far, stateOf, said } = await setUp('sudiyi')
    far.places.chooses = 6
    const place = await reserve('one')
    expect(place).toMatchObject({ ok: true, value: { compartmentId: 'A01' } })
    await pass(8000)
    expect((await stateOf('A01')).state).toBe('free')
    expect((await stateOf('A06')).state).toBe('reserved')
    expect(said()).toEqual(['compartment-reserved line-one-1'])
  })

  it('keeps ours where his door is not free, and says so in the history', async () => {
    const { reserve, pass, far, stateOf, kinds } = await setUp('sudiyi')
    far.places.chooses = 1
    await reserve('one')
    await pass(6000)
    await reserve('two')
    await pass(8000)
    expect((await stateOf('A02')).state).toBe('reserved')
    expect(await kinds()).toContain('place-elsewhere')
  })

  it('lets the place go when the parcel does not come', async () => {
    const { reserve, lockers, store, pass, far } = await setUp('general')
    await reserve('one')
    await pass(6000)
    await store.tx(tx => lockers.release(tx, 'su', 'P-one'))
    far.faults.order('place', { kind: 'cut-before' })
    await pass(15_000)
    expect(states(far)).toEqual(['gone'])
  })

  it('keeps it for longer before it runs out, in the general form the same place', async () => {
    const { reserve, clock, pass, far } = await setUp('general', 60)
    await reserve('one')
    await pass(6000)
    const [first] = far.places.all()
    const until = first!.until
    clock.jump(until - 10 * 60_000)
    await pass(8000)
    expect(far.places.all()).toHaveLength(1)
    expect(first!.until).toBeGreaterThan(until + 40 * 60_000)
  })

  it('keeps it for longer before it runs out, on Sudiyi by asking for another', async () => {
    const { reserve, clock, pass, far, said } = await setUp('sudiyi', 60)
    far.places.chooses = 1
    await reserve('one')
    await pass(6000)
    clock.jump(far.places.all()[0]!.until - 10 * 60_000)
    await pass(10_000)
    expect(states(far)).toEqual(['kept', 'kept'])
    expect(said()).toEqual([])
  })

  it('counts no answer within a quarter of an hour as a no, and takes the wish back', async () => {
    const { reserve, clock, pass, far, said } = await setUp('sudiyi')
    far.places.chooses = 1
    far.places.mute = true
    await reserve('one')
    await pass(4000)
    clock.jump(clock.now() + 16 * 60_000)
    await pass(8000)
    expect(said()).toEqual(['place-refused line-one-1'])
    expect(states(far)).toEqual(['gone'])
  })
})
