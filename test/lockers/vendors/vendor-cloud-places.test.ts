import { describe, expect, it } from 'vitest'
import { can } from '../../../src/kernel/power.ts'
import type { KeepsPlaces, PlaceTold } from '../../../src/lockers/locker.ts'
import { contentMd5, sudiyiHeaders } from '../../../src/lockers/vendors/vendor-cloud-signing.ts'
import { type CloudVariant, cloudRigs, sudiyi } from './cloud-rig.ts'

const cloudRig = cloudRigs()

const library = { name: '姑苏区图书馆', mobile: '0512-65228855' }
const forms: Readonly<Record<string, CloudVariant>> = {
  general: { answers: 'later', settings: () => ({ places: { form: 'general' } }) },
  'of Sudiyi': {
    signing: sudiyi,
    settings: notifyUrl => ({ places: { form: 'sudiyi', notifyUrl, library } }),
  },
}

const keeper = async (variant: CloudVariant) => {
  const rig = await cloudRig(variant)
  if (!can(rig.driver, 'keepPlace')) throw new Error('it keeps no places')
  const driver = rig.driver as typeof rig.driver & KeepsPlaces
  const told: PlaceTold[] = []
  driver.onPlace(async (_, place) => {
    told.push(place)
  })
  rig.listen()
  const until = rig.clock.now() + 6 * 3_600_000
  const wish = { reference: 'R-1', door: { board: 1, channel: 4 }, size: 'medium', until } as const
  return { ...rig, driver, told, wish, place: { board: 1, reference: 'R-1' } }
}

describe.each(Object.entries(forms))('places in the form %s', (name, variant) => {
  it('are asked for, and kept when the vendor says so later', async () => {
    const { driver, during, pass, far, told, wish, place } = await keeper(variant)
    const asked = await during(driver.keepPlace(wish))
    expect(asked).toMatchObject({ ok: true, value: { state: 'asked' } })
    expect(told).toEqual([])
    await pass(2000)
    const box = name === 'general' ? 4 : 1
    expect(told).toMatchObject([{ state: 'kept', reference: 'R-1', channel: box }])
    expect(far.places.all()).toMatchObject([{ reference: 'R-1', state: 'kept', until: wish.until }])
    expect(await during(driver.placeNow(place))).toMatchObject({ ok: true, value: { state: 'kept' } })
  })

  it('are refused when nothing is free, and known by the vendor\u2019s number where he names nothing else', async () => {
    const { driver, during, pass, far, told, wish } = await keeper(variant)
    far.places.full.add('gusu-01')
    const asked = await during(driver.keepPlace(wish))
    await pass(2000)
    const number = asked.ok ? asked.value.number : undefined
    expect(told).toEqual([{ state: 'refused', ...(name === 'general' ? { reference: 'R-1' } : { number }) }])
  })

  it('are found by our reference when the answer to the wish got lost', async () => {
    const { driver, during, far, wish, place } = await keeper(variant)
    expect(await during(driver.placeNow(place))).toEqual({ ok: true, value: undefined })
    far.faults.order('place', { kind: 'cut-after' })
    expect(await during(driver.keepPlace(wish))).toMatchObject({ ok: false, problem: { maybeDone: true } })
    expect(await during(driver.placeNow(place))).toMatchObject({ ok: true, value: { state: 'asked' } })
    expect(far.places.all()).toHaveLength(1)
  })

  it('are let go once, and nothing happens when there is none', async () => {
    const { driver, during, pass, far, wish, place } = await keeper(variant)
    await during(driver.keepPlace(wish))
    await pass(2000)
    expect(await during(driver.letGo(place))).toEqual({ ok: true, value: undefined })
    expect(far.places.all()[0]!.state).toBe('gone')
    expect(await during(driver.letGo({ board: 1, reference: 'R-2' }))).toEqual({ ok: true, value: undefined })
  })

  it('say what of the vendor\u2019s no is a refusal, and what only asks for patience', async () => {
    const { driver, during, pass, far, wish } = await keeper(variant)
    far.faults.order('place', { kind: 'status', status: 421 })
    expect(await during(driver.keepPlace(wish))).toMatchObject({
      ok: false,
      problem: { kind: 'refused', code: 'locker-place-limit' },
    })
    far.faults.order('place', { kind: 'status', status: 420 })
    expect(await during(driver.keepPlace(wish))).toMatchObject({
      ok: false,
      problem: { kind: 'unreachable', code: 'locker-cloud-busy' },
    })
    await pass(6000)
    expect((await during(driver.keepPlace(wish))).ok).toBe(true)
    expect(far.places.all()).toHaveLength(1)
  })

  it('tell the vendor who the library is, and nothing of anybody else', async () => {
    const { driver, during, far, wish } = await keeper(variant)
    await during(driver.keepPlace(wish))
    const [body] = far.places.asked
    expect(Object.keys(body!).sort()).toEqual(
      name === 'general'
        ? ['compartment', 'reference', 'size', 'until']
        : [
            'auto_upgd',
            'box_type',
            'consignee_mobile',
            'consignee_name',
            'device_id',
            'duration',
            'notify_url',
            'order_no',
            'payment',
            'sender_mobile',
            'sender_name',
          ],
    )
    if (name !== 'general')
      expect(body).toMatchObject({
        box_type: 1,
        duration: 360,
        consignee_name: library.name,
        sender_mobile: library.mobile,
      })
  })
})

describe('places', () => {
  it('are kept by nobody where the settings do not say so', async () => {
    const { driver } = await cloudRig()
    expect(can(driver, 'keepPlace')).toBe(false)
  })

  it('of the general form are kept for longer when they are asked for again with a later time', async () => {
    const { driver, during, far, wish } = await keeper({
      answers: 'at-once',
      settings: () => ({ places: { form: 'general' } }),
    })
    expect(await during(driver.keepPlace(wish))).toEqual({ ok: true, value: { state: 'kept', channel: 4 } })
    await during(driver.keepPlace({ ...wish, until: wish.until + 3_600_000 }))
    expect(far.places.all()).toMatchObject([{ until: wish.until + 3_600_000 }])
  })

  it('of the form of Sudiyi are not told by a push that is not signed, and told again while nobody takes them in', async () => {
    const { driver, clock, hook } = await keeper({ ...forms['of Sudiyi']! })
    const path = new URL(hook).pathname
    const body = JSON.stringify({ resv_order_no: 7, result: 'success', order_no: 'R-1' })
    const signed = new Map(
      Object.entries(sudiyiHeaders(sudiyi, { method: 'POST', path, body, at: clock.now() })).map(
        ([key, value]) => [key.toLowerCase(), value],
      ),
    )
    expect((await driver.hear({ path, body, header: () => undefined })).status).toBe(401)
    const push = { path, body, header: (key: string) => signed.get(key) }
    const heard: PlaceTold[] = []
    let room = false
    driver.onPlace(async (_, told) => {
      if (!room) throw new Error('the store is away')
      heard.push(told)
    })
    expect((await driver.hear(push)).status).toBe(503)
    room = true
    expect((await driver.hear(push)).status).toBe(200)
    expect((await driver.hear(push)).status).toBe(200)
    expect(heard).toEqual([{ state: 'kept', number: '7', reference: 'R-1' }])
  })

  it('of the form of Sudiyi go by the names, paths and sizes that a version has', async () => {
    const { driver, during, far, wish } = await keeper({
      signing: sudiyi,
      settings: notifyUrl => ({
        places: {
          form: 'sudiyi',
          notifyUrl,
          library,
          path: '/v3/devices/{device}/resv_orders',
          sizes: { small: 'petite', medium: 'mediano', large: 'grande' },
          payType: 1,
        },
      }),
    })
    const answer = await during(driver.keepPlace(wish))
    // The simulator speaks the first version alone: what matters is where it was asked.
    expect(answer.ok).toBe(false)
    expect(far.calls.at(-1)).toBe('POST /v3/devices/gusu-01/resv_orders')
  })

  it('of the form of Sudiyi are signed in the way its own client library does', () => {
    // The check value of that library: all 32 hexadecimal characters in Base64.
    expect(contentMd5('myContent', 'hex32')).toBe('MTA0N2MyZmY0YzYwMThkMTY5MzY0MjNlY2EyYzZiZmU=')
  })
})
