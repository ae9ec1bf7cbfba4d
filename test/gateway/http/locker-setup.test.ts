import { afterEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../../src/config/load.ts'
import type { LockerSetupJson, SetupActJson } from '../../../src/gateway/http/api/locker-setup.ts'
import { doorLinkRoutes } from '../../../src/gateway/http/routes/door-links.ts'
import { lockerSetupRoutes } from '../../../src/gateway/http/routes/locker-setup.ts'
import { createLockers } from '../../../src/gateway/lockers/lockers.ts'
import { listAudit } from '../../../src/gateway/store/audit.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { orThrow } from '../../../src/kernel/problem.ts'
import type { TranscriptLine } from '../../../src/kernel/transcript.ts'
import { lendable } from '../../../src/lockers/lent-driver.ts'
import { xorBoard } from '../../../src/lockers/vendors/xor-board.ts'
import { librariesOf } from '../../../src/main/libraries.ts'
import { lineSetupOf, setupParts } from '../../../src/main/locker-setup.ts'
import { driverSchemas, type Workshop } from '../../../src/main/vendors.ts'
import { startSandboxBus } from '../../../src/sandbox/lockers/bus.ts'
import { testApp } from '../../harness/app.ts'
import { until } from '../../harness/until.ts'
import { wireTime } from '../../lockers/wire.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

const library = (id: string, more: string): string => `
  - id: ${id}
    name: { zh: 苏城, en: Su }
    phone: 0512-1
    divisionCode: '320508'
    region: { province: 江苏省, city: 苏州市, district: 姑苏区 }
    hours: { weekly: { mon-sun: 09:00-21:00 } }
    ils: { driver: manual }
    branches: [{ id: ${id}-main, name: { zh: 总馆, en: Main }, address: 人民路 }]
    lockers: ${more}`
const door = (n: number) => `{ id: d${n}, size: small, row: ${n}, column: 1, board: 1, channel: ${n} }`
const locker = (id: string, bus: string, doors: number) =>
  `[{ id: ${id}, name: { zh: 柜, en: C }, place: 门口, bus: ${bus}, compartments: [${Array.from({ length: doors }, (_, at) => door(at + 1)).join(', ')}] }]`

const settingsOf = (port: number, networks: string): string => `
libraries:${library('sucheng', locker('guanqian', 'a', 3))}${library('wujiang', locker('songling', 'theirs', 1))}
lockerBuses:
  - { id: a, driver: xor-8a, address: { dial: { host: 127.0.0.1, port: ${port} } }, boards: [{ address: 1, channels: 8 }] }
  - { id: theirs, driver: wkly, address: { dial: { host: 192.0.2.9, port: 4001 } }, boards: [{ address: 1, channels: 12 }] }
lockerSetup: { networks: [${networks}] }
`

/** The routes over a store; a line of the settings to a simulated cabinet, and a cabinet that is in no settings. */
const rig = async (networks = '127.0.0.0/8') => {
  const wire = new ManualClock('2026-11-23T00:00:00Z')
  const known = await startSandboxBus({ boards: [{ address: 1, channels: 8 }], clock: wire })
  const wired = { shortedWhen: 'open', bitOneMeans: 'closed' } as const
  const fresh = await startSandboxBus({ boards: [{ address: 2, channels: 8, ...wired }], clock: wire })
  const loaded = loadConfig(
    settingsOf(known.port, networks),
    { env: () => undefined, file: () => '' },
    driverSchemas,
  )
  if (!loaded.ok) throw new Error(loaded.faults.map(one => `${one.path} ${one.message}`).join('\n'))
  const { config } = loaded
  const count = { sent: 0, received: 0 }
  const transcript = ({ direction, text }: TranscriptLine): void => {
    const bytes = /((?: [0-9A-F]{2})+)$/.exec(text)?.[1]?.length ?? 0
    count[direction === '>' ? 'sent' : 'received'] += bytes / 3
  }
  const bus = config.lockerBuses[0]!
  const driver = lendable(() => {
    const { address, boards } = bus as { address?: unknown; boards?: unknown }
    return orThrow(xorBoard.create({ address, boards }, { name: 'locker-line:a', clock: wire, transcript }))
  })
  let made: Awaited<ReturnType<typeof parts>> | undefined
  const libraries = librariesOf(config)
  type Deps = Parameters<Parameters<typeof testApp>[0]>[0]
  const parts = (deps: Deps) => {
    const lockers = createLockers({
      ...deps,
      clock: wire,
      lines: new Map([['a', driver]]),
      sites: libraries.get('sucheng').lockers.map(one => ({ ...one, phone: '0', line: one.bus })),
      ingest: async () => {},
    })
    const shop = { clock: wire, transcript } as Partial<Workshop> as Workshop
    return { lockers, setup: lineSetupOf(config, deps, shop, lockers) }
  }
  const t = await testApp(
    deps => {
      made = parts(deps)
      return [lockerSetupRoutes({ ...deps, setup: made.setup, ...setupParts(config) }), doorLinkRoutes(deps)]
    },
    { libraries },
  )
  const { lockers, setup } = made!
  const far = {
    traffic: () => {
      const [one, other] = [known.traffic(), fresh.traffic()]
      return { sent: one.sent + other.sent, received: one.received + other.received }
    },
  }
  const time = wireTime(wire, { traffic: () => count }, far)
  await lockers.start()
  closing.push(
    known.close,
    fresh.close,
    t.close,
    () => driver.close(),
    () => lockers.stop(),
    () => setup.stop(),
  )
  await time.pass(200)
  const ask = async (who: Record<string, string>, method: string, path: string, body?: object) => {
    const answer = await time.during(t.send(method, path, { headers: who, ...(body ? { json: body } : {}) }))
    const json = (await answer.json()) as LockerSetupJson & { type?: string; code?: string | undefined }
    return answer.ok ? json : { ...json, code: json.type?.replace('urn:shuqiao:problem:', '') }
  }
  const at = '/api/staff/locker-setup'
  const begin = (who: Record<string, string>, line: object, more: object = {}) =>
    ask(who, 'POST', at, { line, addresses: [1, 2], reason: '新柜验收', ...more })
  const now = async (who: Record<string, string>) => (await ask(who, 'GET', at)).current!
  const found = async (who: Record<string, string>) => {
    while ((await now(who)).step !== 'found') await time.pass(50)
  }
  const act = async (who: Record<string, string>, wanted: SetupActJson) => {
    const { id, turn } = await now(who)
    return ask(who, 'POST', `${at}/${id}/act`, { turn, act: wanted })
  }
  const dial = (to: number, host = '127.0.0.1') => ({
    driver: 'xor-8a',
    address: { dial: { host, port: to } },
  })
  return {
    ...t,
    ...{ known, fresh, wire, lockers, setup, driver },
    ...time,
    ask,
    begin,
    now,
    found,
    act,
    dial,
    at,
  }
}
type Rig = Awaited<ReturnType<typeof rig>>

const opened = (bus: Rig['known']): string[] => bus.asked.filter(one => one.startsWith('open'))
const staffOpens = (t: Rig, compartmentId: string) =>
  t.during(t.lockers.remoteOpen({ lockerId: 'guanqian', compartmentId, actor: 'staff:x', reason: '看看' }))
const audited = async (t: Rig) =>
  (await listAudit(t.store.db, 'sucheng', { limit: 50 })).map(one => `${one.action} ${one.subject}`).reverse()

describe('setting up a line beside the running gateway', () => {
  it('takes the line from its supervision, opens at a press, and gives it back read anew', async () => {
    const t = await rig()
    const who = await t.as('administrator')
    expect((await t.begin(who, { id: 'a' })).current).toMatchObject({ mine: true, over: null })
    await t.found(who)
    const lent = t.known.asked.length
    await t.pass(2000)
    expect(t.known.asked.length).toBe(lent)
    expect((await staffOpens(t, 'd1')).signal).toBe('no')
    expect(opened(t.known)).toEqual([])
    expect((await t.act(who, { act: 'shut' })).current).toMatchObject({ step: 'doors' })
    const after = await t.act(who, { act: 'open', board: 1, channel: 2 })
    expect(after.current?.at).toMatchObject({
      told: 'yes',
      seen: [{ board: 1, channel: 2 }],
      likely: { label: 'd2', row: 2 },
    })
    await t.act(who, { act: 'which', door: { label: '2', size: 'medium', row: 2, column: 1 } })
    t.known.door(1, 2).close()
    expect((await t.act(who, { act: 'check' })).current?.at).toBeNull()
    const { id } = await t.now(who)
    expect((await t.ask(who, 'POST', `${t.at}/${id}/end`)).current?.over?.zh).toBe('调试已结束。')
    const first = t.known.asked.length
    expect((await staffOpens(t, 'd1')).signal).toBe('open')
    expect(t.known.asked.slice(first).findIndex(one => one.startsWith('open'))).toBeGreaterThan(0)
    expect(await audited(t)).toEqual([
      'locker-setup-started a',
      'locker-opened guanqian/d1',
      'locker-tested a/1/2',
      'locker-setup-ended a',
      'locker-opened guanqian/d1',
    ])
  })

  it('does not begin while somebody is at a door, and opens none with books behind it', async () => {
    const t = await rig()
    const who = await t.as('administrator')
    const parcel = { lockerId: 'guanqian', libraryId: 'sucheng', orderId: 'o', parcel: 'P', lineIds: ['l'] }
    const deposit = await t.during(t.lockers.deposit({ ...parcel, actor: 'staff:x' }))
    expect(deposit.signal).toBe('open')
    expect((await t.begin(who, { id: 'a' })).code).toBe('locker-visits-running')
    const channel = Number(deposit.compartment!.id.slice(1))
    t.known.door(1, channel).close()
    await t.pass(3000)
    await t.begin(who, { id: 'a' })
    await t.found(who)
    await t.act(who, { act: 'shut' })
    expect((await t.now(who)).holding).toEqual([{ board: 1, channel }])
    const before = opened(t.known).length
    expect((await t.act(who, { act: 'open', board: 1, channel })).code).toBe('locker-door-holds')
    expect(opened(t.known).length).toBe(before)
  })

  it('ends by itself when the page is gone, keeps what was learned, and goes on from there', async () => {
    const t = await rig()
    const who = await t.as('administrator')
    await t.begin(who, { id: 'a' })
    await t.found(who)
    await t.act(who, { act: 'shut' })
    await t.act(who, { act: 'open', board: 1, channel: 8 })
    await t.act(who, { act: 'which', door: { label: '8', size: 'large', row: 4, column: 1 } })
    t.known.door(1, 8).close()
    await t.wire.advance(170_000)
    expect((await t.now(who)).over).toBeNull()
    await t.wire.advance(185_000)
    await until(() => t.setup.current('sucheng')?.over !== null)
    const asked = t.known.asked.length
    await until(() => t.driver.line().up)
    await t.pass(2000)
    expect(t.known.asked.length).toBeGreaterThan(asked)
    expect((await t.act(who, { act: 'open', board: 1, channel: 1 })).code).toBe('locker-setup-over')
    await t.begin(who, { id: 'a' }, { goOn: true })
    await t.found(who)
    expect(await t.now(who)).toMatchObject({ doors: [{ label: '8', size: 'large' }] })
  })

  it('finds a line that is in no settings, and writes settings that the settings file takes', async () => {
    const t = await rig()
    const who = await t.as('administrator')
    await t.begin(who, t.dial(t.fresh.port))
    await t.found(who)
    expect(await t.now(who)).toMatchObject({ line: { id: null }, boards: [{ address: 2, heard: 'board' }] })
    await t.act(who, { act: 'shut' })
    for (const channel of [1, 2]) {
      await t.act(who, { act: 'open', board: 2, channel })
      await t.act(who, {
        act: 'which',
        door: { label: `A${channel}`, size: 'small', row: channel, column: 1 },
      })
      t.fresh.door(2, channel).close()
      await t.act(who, { act: 'check' })
    }
    const { id } = await t.now(who)
    const names = { line: 'new-line', locker: 'new', name: { zh: '新柜', en: 'New' }, place: '大厅' }
    const write = (more = {}) =>
      t.ask(who, 'POST', `${t.at}/${id}/settings`, { ...names, ...more }) as Promise<unknown>
    const { yaml, faults } = (await write()) as { yaml: string; faults: unknown[] }
    expect(faults).toEqual([])
    const { lockerBuses, lockers } = parse(yaml)
    expect(lockerBuses[0]).toMatchObject({
      driver: 'xor-8a',
      boards: [{ address: 2, channels: 8, shortedWhen: 'open', bitOneMeans: 'closed' }],
    })
    expect(lockers[0].compartments).toMatchObject([{ label: 'A1', board: 2, channel: 1 }, { label: 'A2' }])
    const taken = (await write({ locker: 'songling' })) as { faults: { message: string }[] }
    expect(taken.faults.map(one => one.message).join()).toContain('another locker is already "songling"')
  })

  it('leads nowhere but where it may: networks, tries, lines of other libraries', async () => {
    const t = await rig('192.168.0.0/16')
    const who = await t.as('administrator')
    expect((await t.begin(who, t.dial(t.fresh.port))).code).toBe('locker-host-not-allowed')
    expect((await t.begin(who, t.dial(80, '169.254.169.254'))).code).toBe('locker-host-not-allowed')
    expect((await t.begin(who, { id: 'theirs' })).code).toBe('locker-line-of-others')
    expect((await t.begin(who, t.dial(4001, '192.0.2.9'))).code).toBe('locker-line-of-others')
    expect((await t.begin(who, { id: 'nowhere' })).code).toBe('unknown-locker-line')
    const wrong = { ...t.dial(4001, '192.168.0.7'), more: { pulseSeconds: 99 } }
    expect((await t.begin(who, wrong)).code).toBe('locker-settings')
    for (let tried = 4; tried < 12; tried++) await t.begin(who, t.dial(80, '8.8.8.8'))
    expect((await t.begin(who, t.dial(t.fresh.port))).code).toBe('locker-setup-too-often')
    expect(t.fresh.asked).toEqual([])
    const { lines, networks } = await t.ask(who, 'GET', t.at)
    expect([lines.map(one => one.id), networks]).toEqual([['a'], ['192.168.0.0/16']])
  })

  it('knows a line of the settings by its serial server, and takes it from its supervision', async () => {
    const t = await rig('10.0.0.0/8')
    const who = await t.as('administrator')
    const { current } = await t.begin(who, t.dial(t.known.port))
    expect(current).toMatchObject({ line: { id: 'a' }, lockers: [{ id: 'guanqian' }] })
    await t.found(who)
    expect((await staffOpens(t, 'd1')).signal).toBe('no')
  })

  it('is one person’s at a time; another administrator may look, and end it', async () => {
    const t = await rig()
    const [who, other] = [await t.as('administrator'), await t.as('administrator')]
    await t.begin(who, { id: 'a' })
    await t.found(who)
    expect((await t.begin(other, t.dial(t.fresh.port))).code).toBe('locker-setup-taken')
    expect(await t.now(other)).toMatchObject({ mine: false, by: '林岚' })
    expect((await t.act(other, { act: 'shut' })).code).toBe('locker-setup-taken')
    const { id } = await t.now(other)
    expect((await t.ask(other, 'POST', `${t.at}/${id}/end`)).current?.over).not.toBeNull()
    for (const role of ['librarian', 'manager', 'auditor', 'reader'] as const)
      expect((await t.begin(await t.as(role), { id: 'a' })).code, role).toBe('forbidden')
    expect((await t.ask(who, 'POST', t.at, { line: { id: 'a' }, addresses: [], reason: '' })).code).toBe(
      'invalid-request',
    )
  })
})

describe('the code on a door', () => {
  it('leads staff of its library to the door, and everybody else to the reader’s page of the cabinet', async () => {
    const t = await rig()
    const who = await t.as('librarian')
    const to = async (path: string, headers = {}) => {
      const answer = await t.send('GET', path, { headers })
      return answer.headers.get('Location') ?? answer.status
    }
    expect(await to('/l/guanqian/d1', who)).toBe('/staff#/lockers/guanqian/d1')
    expect(await to('/l/guanqian/gone', who)).toBe('/staff#/lockers/guanqian')
    expect(await to('/l/guanqian/d1')).toBe('/#/at/guanqian')
    expect(await to('/l/guanqian/d1', await t.as('reader'))).toBe('/#/at/guanqian')
    expect(await to('/l/guanqian/d1', await t.as('auditor'))).toBe('/#/at/guanqian')
    expect(await to('/l/songling/d1', who)).toBe('/#/at/songling')
    expect(await to('/l/nowhere/d1', who)).toBe(404)
    const labels = await t.send('GET', '/api/staff/lockers/guanqian/labels', { headers: who })
    const { items } = (await labels.json()) as { items: { url: string }[] }
    expect(items.map(one => new URL(one.url).pathname)).toEqual([
      '/l/guanqian/d1',
      '/l/guanqian/d2',
      '/l/guanqian/d3',
    ])
    expect((await t.send('GET', '/api/staff/lockers/songling/labels', { headers: who })).status).toBe(403)
  })
})
