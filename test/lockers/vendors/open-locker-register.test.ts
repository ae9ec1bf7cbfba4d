import mqtt from 'mqtt'
import { afterEach, describe, expect, it } from 'vitest'
import { registrationsOf } from '../../../src/gateway/store/cabinet-keys.ts'
import { issueKey, listKeys, revokeKey } from '../../../src/gateway/store/keys.ts'
import { ringTranscript } from '../../../src/kernel/transcript.ts'
import { createOpenLockers, openLocker } from '../../../src/lockers/vendors/open-locker.ts'
import { provisioningTopic, registerTopic } from '../../../src/lockers/vendors/open-locker-messages.ts'
import { startOpenLocker } from '../../../src/sandbox/lockers/open-locker.ts'
import { registerOpenLocker } from '../../../src/sandbox/lockers/open-locker-register.ts'
import { sqliteStore } from '../../harness/store.ts'
import { until } from '../../harness/until.ts'
import { brokerTime, turns } from '../broker-time.ts'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const shared = { username: 'provisioning', password: 'the one of all cabinets' }
const line = 'a'
const hour = 3_600_000

/** A line with a broker inside, the store that keeps who has registered, and tokens as the command line makes them. */
const site = async () => {
  const base = await sqliteStore('registrations')
  closing.push(base.close)
  const { store, clock, ids } = base
  const transcript = ringTranscript(500)
  const start = async () => {
    const driver = createOpenLockers(
      {
        broker: { listen: { host: '127.0.0.1', port: 0 } },
        cabinets: [
          { board: 1, id: 'cab-1', channels: 4 },
          { board: 2, id: 'cab-2', channels: 4 },
          { board: 3, id: 'cab-3', channels: 4, password: 'in the settings file' },
        ],
        heartbeatSeconds: 15,
        registration: shared,
      },
      {
        name: `locker-line:${line}`,
        clock,
        transcript: transcript.take,
        registrations: registrationsOf(store, ids, clock, line),
      },
    )
    closing.push(() => driver.close())
    return { driver, url: `mqtt://127.0.0.1:${await driver.listening()}` }
  }
  const token = async (name: string, more: { subject?: string; life?: number } = {}): Promise<string> => {
    const { subject = line, life = hour } = more
    const expiresAt = clock.now() + life
    const about = { libraryId: 'su', kind: 'registration', name, subject, scopes: [], expiresAt } as const
    return (await store.tx(tx => issueKey(tx, about, ids, clock.now()))).secret
  }
  const { driver, url } = await start()
  const register = (with_: string, clientId = 'box-1', more: { times?: number; url?: string } = {}) =>
    registerOpenLocker({ url, ...shared, clientId, token: with_, now: clock.now(), ...more })
  return { ...base, start, driver, url, token, register, transcript, ...brokerTime(clock) }
}

const enters = async (url: string, options: mqtt.IClientOptions): Promise<mqtt.MqttClient | undefined> => {
  const client = mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 0, ...options })
  closing.push(() => new Promise(resolve => client.end(true, {}, () => resolve(undefined))))
  let state: boolean | undefined
  client.on('connect', () => {
    state = true
  })
  client.on('error', () => {})
  client.on('close', () => {
    state ??= false
  })
  await until(() => state !== undefined)
  return state ? client : undefined
}

describe('a cabinet that registers itself', () => {
  it('gets its name and a password for a token, comes with them under a name of its own, and is opened', async () => {
    const { driver, url, token, register, clock, store, start, reach, during, transcript } = await site()
    const secret = await token('cab-1')
    const got = await register(secret)
    expect(got.username).toBe('cab-1')
    const cabinet = await startOpenLocker({
      line: { url, ...got },
      id: 'cab-1',
      clientId: 'box-1',
      channels: 4,
      clock,
    })
    await reach(() => driver.health(1).online)
    expect(await during(driver.open({ board: 1, channel: 2 }))).toEqual({ ok: true, value: { opened: true } })
    await cabinet.close()

    await driver.close()
    const again = await start()
    const later = await startOpenLocker({
      line: { url: again.url, ...got },
      id: 'cab-1',
      clientId: 'box-1',
      channels: 4,
      clock,
    })
    closing.push(() => later.close())
    await reach(() => again.driver.health(1).online)

    const rows = JSON.stringify(await store.db.selectFrom('access_key').selectAll().execute())
    const log = JSON.stringify(transcript.lines())
    for (const clear of [secret, got.password]) {
      expect(rows).not.toContain(clear)
      expect(log).not.toContain(clear)
    }
    const audited = await store.db.selectFrom('audit').select(['action', 'subject']).execute()
    expect(audited).toContainEqual({ action: 'cabinet-registered', subject: 'a/cab-1' })
  })

  it('uses its token up, though it may hear the answer again for a minute', async () => {
    const { token, register, clock, store } = await site()
    const secret = await token('cab-1')
    const got = await register(secret, 'box-1', { times: 3 })
    expect(await register(secret)).toEqual(got)
    await expect(register(secret, 'box-2')).rejects.toThrow('not valid')
    await clock.advance(61_000)
    await expect(register(secret)).rejects.toThrow('not valid')
    expect(await listKeys(store.db, 'cabinet')).toHaveLength(1)
  })

  it.each([
    ['is unknown', async () => 'sq_registration_of-nobody-at-all'],
    [
      'is too old',
      async (it: Awaited<ReturnType<typeof site>>) => {
        const secret = await it.token('cab-1', { life: 1000 })
        await it.clock.advance(1001)
        return secret
      },
    ],
    [
      'was taken back',
      async (it: Awaited<ReturnType<typeof site>>) => {
        const secret = await it.token('cab-1')
        const [key] = await listKeys(it.store.db, 'registration')
        await it.store.tx(tx => revokeKey(tx, 'su', key!.id, it.clock.now()))
        return secret
      },
    ],
    [
      'is for another line',
      async (it: Awaited<ReturnType<typeof site>>) => it.token('cab-1', { subject: 'b' }),
    ],
    ['is for a cabinet that is not there', async (it: Awaited<ReturnType<typeof site>>) => it.token('cab-9')],
    [
      'is for one whose password is in the settings',
      async (it: Awaited<ReturnType<typeof site>>) => it.token('cab-3'),
    ],
  ])('is told the same whether the token %s', async (_, make) => {
    const it = await site()
    await expect(it.register(await make(it))).rejects.toThrow('The token is not valid.')
    expect(await listKeys(it.store.db, 'cabinet')).toEqual([])
  })

  it('gets no answer when tokens are tried one after the other, and neither does anybody else until some time has passed', async () => {
    const { url, token, register, clock, store } = await site()
    const secret = await token('cab-1')
    const client = (await enters(url, { clientId: 'thief', ...shared }))!
    const answers: string[] = []
    client.on('message', (_, payload) => answers.push(payload.toString()))
    await client.subscribeAsync(provisioningTopic('thief'))
    const guess = (n: number): string =>
      JSON.stringify({
        message_id: `m${n}`,
        client_id: 'thief',
        timestamp: new Date(clock.now()).toISOString(),
      })
    for (let n = 0; n < 40; n++)
      client.publish(registerTopic(`sq_registration_guess-${n}`), guess(n), { qos: 1 })
    await turns(1500)
    expect(answers).toHaveLength(5)
    expect(new Set(answers.map(one => (JSON.parse(one) as { message: string }).message)).size).toBe(1)
    expect(await listKeys(store.db, 'cabinet')).toEqual([])
    await clock.advance(13_000)
    expect((await register(secret)).username).toBe('cab-1')
  })

  it('replaces what it had before, and can be shut out by revoking', async () => {
    const { url, token, register, store, clock } = await site()
    const first = await register(await token('cab-1'))
    const second = await register(await token('cab-1'))
    expect(await enters(url, { clientId: 'box-1', ...first })).toBeUndefined()
    expect(await enters(url, { clientId: 'box-1', ...second })).toBeDefined()
    const [key] = (await listKeys(store.db, 'cabinet')).filter(one => one.revokedAt === null)
    await store.tx(tx => revokeKey(tx, 'su', key!.id, clock.now()))
    expect(await enters(url, { clientId: 'box-1', ...second })).toBeUndefined()
  })

  it('hears no answer but its own and speaks on no other topic while it registers', async () => {
    const { driver, url, token, register, clock } = await site()
    const got = await register(await token('cab-1'))
    const cabinet = (await enters(url, { clientId: 'box-1', ...got }))!
    const guest = (await enters(url, { clientId: 'box-2', ...shared }))!
    for (const topic of [
      provisioningTopic('box-3'),
      'locker/provisioning/reply/+',
      '#',
      'locker/cab-1/command',
    ])
      expect((await guest.subscribeAsync(topic).catch(() => [{ qos: 128 }]))[0]!.qos).toBe(128)
    let cut = false
    guest.on('close', () => {
      cut = true
    })
    guest.publish('locker/cab-1/response', '{}')
    await until(() => cut)
    // Under the name of a cabinet that is connected, or of one that has its own, nobody comes in.
    expect(await enters(url, { clientId: 'box-1', ...shared })).toBeUndefined()
    expect(await enters(url, { clientId: 'cab-2', ...shared })).toBeUndefined()
    expect(await enters(url, { clientId: 'cab-2', ...got })).toBeUndefined()
    expect(
      await enters(url, { clientId: 'box-9', username: 'cab-2', password: got.password }),
    ).toBeUndefined()
    expect(await enters(url, { clientId: 'x', ...shared, password: 'not the one of all' })).toBeUndefined()
    expect(cabinet.connected).toBe(true)
    expect([driver.health(1).online, clock.now() > 0]).toEqual([false, true])
  })
})

it('registration is for a broker inside without certificates, under a name that no cabinet has', () => {
  const cabinets = [{ board: 1, id: 'a', channels: 4 }]
  const listen = { host: '127.0.0.1', port: 0 }
  const valid = (more: object): boolean =>
    openLocker.settings.safeParse({ broker: { listen }, cabinets, registration: shared, ...more }).success
  expect(valid({})).toBe(true)
  expect(valid({ broker: { url: 'mqtt://elsewhere' } })).toBe(false)
  expect(valid({ registration: { ...shared, username: 'a' } })).toBe(false)
  expect(valid({ registration: undefined })).toBe(false)
})
