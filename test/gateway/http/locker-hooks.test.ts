import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/adapters/http.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import type { CabinetEvent } from '../../../src/lockers/locker.ts'
import {
  type CloudDriver,
  type CloudSettings,
  createCloudDriver,
  vendorCloud,
} from '../../../src/lockers/vendors/vendor-cloud.ts'
import { startHttpParty } from '../../../src/sandbox/http-party.ts'
import { type SandboxCloud, startSandboxCloud } from '../../../src/sandbox/lockers/cloud.ts'
import { type TestGateway, testGateway } from './gateway.ts'

const secret = 'where-the-cloud-may-push'
const hookKey = 'whsec_c2hhcmVkIHdpdGggdGhlIHZlbmRvcg=='
const cabinets = [{ board: 1, id: 'gusu-01', channels: 4 }]
const agent = new Agent()

let cloud: SandboxCloud
let driver: CloudDriver
let door: { readonly url: string; close(): Promise<void> }
let t: TestGateway
const heard: CabinetEvent[] = []

beforeEach(async () => {
  heard.length = 0
  const clock = new ManualClock('2026-11-23T02:00:00Z')
  const key = 'key-of-the-library'
  const signing = { how: 'bearer', key, hookKey } as const
  cloud = await startSandboxCloud({ clock, cabinets, signing, answers: 'later' })
  const calls = createHttp({ agent, clock, transcript: noTranscript }).peer('cloud')
  const chosen = vendorCloud.settings.parse({
    url: cloud.url,
    cabinets,
    hookSecret: secret,
    signing: { how: 'bearer', key, hookKeys: [hookKey] },
  }) as CloudSettings
  driver = createCloudDriver(chosen, { name: 'locker-line:cloud', clock, calls })
  t = await testGateway({ lockerHooks: [{ secret, line: 'cloud', driver }] })
  door = await startHttpParty(async ({ path, body, header }) => {
    const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'content-type']
    const headers = Object.fromEntries(names.map(name => [name, header(name) ?? '']))
    const answer = await t.app.request(path, { method: 'POST', body, headers })
    return { status: answer.status, body: await answer.text() }
  })
  cloud.pushTo(`${door.url}/hooks/${secret}`)
})
afterEach(async () => {
  await door.close()
  await cloud.close()
  await driver.close()
  await t.close()
})

describe('the address that a cloud of lockers pushes to', () => {
  it('passes signed events on, and says that they are taken only when they are', async () => {
    await cloud.happen('gusu-01', 'tamper')
    expect(cloud.pushed).toEqual([503])
    driver.onEvent(async event => {
      heard.push(event)
    })
    await cloud.happen('gusu-01', 'door.opened', 2)
    expect(cloud.pushed).toEqual([503, 200])
    expect(heard.map(event => event.what)).toEqual([{ kind: 'tamper' }, { kind: 'door-opened', channel: 2 }])
  })

  it('does not take what is not signed, and hides that it is there from who has another address', async () => {
    driver.onEvent(async event => {
      heard.push(event)
    })
    const push = (path: string) =>
      t.app.request(`/hooks/${path}`, {
        method: 'POST',
        body: JSON.stringify({ events: [] }),
        headers: { 'Content-Type': 'application/json' },
      })
    const unsigned = await push(secret)
    expect([unsigned.status, await unsigned.text()]).toEqual([401, ''])
    expect((await push('somewhere-else-altogether')).status).toBe(404)
    expect(heard).toEqual([])
  })
})
