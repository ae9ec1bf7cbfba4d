import { Agent } from 'undici'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
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
  { board: 1, id: 'gusu-01', channels: 8 },
  { board: 2, id: 'gusu-02', channels: 4 },
]

/** Everything real but the time: service, driver, HTTP both ways, the vendor's cloud. */
const setUp = async () => {
  const base = await freshStore()
  const { clock } = base
  const hookKey = 'whsec_c2hhcmVkIHdpdGggdGhlIHZlbmRvcg=='
  const key = 'key-of-the-library'
  const far = await startSandboxCloud({
    clock,
    cabinets,
    signing: { how: 'bearer', key, hookKey },
    answers: 'later',
  })
  const peer = createHttp({ agent, clock, transcript: noTranscript }).peer('cloud', { atLeast: 10_000 })
  const { calls, pass, during } = cloudTime(clock, far, peer, { step: 50, quiets: 5 })
  const chosen = vendorCloud.settings.parse({
    url: far.url,
    cabinets,
    signing: { how: 'bearer', key, hookKeys: [hookKey] },
  }) as CloudSettings
  const driver = createCloudDriver(chosen, { name: 'locker-line:a', clock, calls })
  const ear = await startHttpParty(async ({ path, body, header }) => ({
    status: (await driver.hear({ path, body, header })).status,
    body: '',
  }))
  const service = lockersOver(base, new Map([['a', driver]]))
  await service.lockers.start()
  closing.push(base.close, far.close, ear.close, driver.close, () => during(service.lockers.stop()))
  await pass(500)
  const door = (id: string) => {
    const { board, channel } = layout.find(one => one.id === id)!
    return far.door(cabinets.find(one => one.board === board)!.id, channel)
  }
  return { ...base, ...service, far, door, pass, during, hook: `${ear.url}/hooks/x` }
}

describe('a locker behind a vendor cloud', () => {
  it('takes a parcel in and gives it out, by looking alone', async () => {
    const { lockers, door, pass, during, codeOf, said } = await setUp()
    const deposit = await during(lockers.deposit({ ...parcel('one'), actor: 'staff:li' }))
    expect(deposit.signal).toBe('open')
    door(deposit.compartment!.id).close()
    await pass(3000)
    expect(said()).toEqual(['put-in-locker line-one-1'])
    const collect = await during(lockers.collect(site.id, await codeOf('one'), 'kiosk:k'))
    expect(collect).toMatchObject({ signal: 'open', compartment: { id: deposit.compartment!.id } })
    door(deposit.compartment!.id).close()
    await pass(3000)
    expect(said()).toEqual(['put-in-locker line-one-1', 'collected line-one-1'])
  })

  it('writes each event that is pushed into the history once, with the time of the cabinet', async () => {
    const { lockers, far, clock, pass, hook } = await setUp()
    const began = clock.now()
    await far.happen('gusu-01', 'power.lost')
    await clock.advance(60_000)
    await far.happen('gusu-01', 'power.restored')
    await pass(10_000)
    far.pushTo(hook)
    const events = far.events('gusu-01')
    expect(await far.deliver('d1', events)).toBe(200)
    expect(await far.deliver('d2', events)).toBe(200)
    const history = await lockers.history(site.id, { limit: 100 })
    const told = history.filter(one => one.kind.startsWith('cabinet-power')).reverse()
    expect(told.map(one => [one.kind, one.at - began])).toEqual([
      ['cabinet-power-lost', 0],
      ['cabinet-power-back', 60_000],
    ])
  })
})
