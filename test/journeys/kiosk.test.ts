import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OrderJson } from '../../src/gateway/http/api/reader.ts'
import { createIds } from '../../src/kernel/ids.ts'
import { noLog } from '../../src/kernel/log.ts'
import { furnish } from '../../src/main/demo/furnish.ts'
import { startGateway } from '../../src/main/serve.ts'
import { readConfig } from '../../src/main/settings.ts'
import { connectKiosk, type SandboxKiosk } from '../../src/sandbox/kiosk/kiosk.ts'
import { type LibraryId, townReaders, townSettingsFile } from '../../src/sandbox/town/facts.ts'
import { openTown, ourBooks, type TestTown, theirBooks, visitor } from './town.ts'

let town: TestTown
beforeAll(async () => {
  town = await openTown({ at: '2026-11-24T10:00:00+08:00' })
})
afterAll(() => town?.dispose())

const nothing = { loans: [], holds: [], shelf: [] }
const readerOf = (card: string) => townReaders().find(reader => reader.card === card)!

/** Asks again and again until it holds; what is waited for comes over sockets of this machine. */
const eventually = async (holds: () => Promise<boolean>, turns = 20_000): Promise<void> => {
  for (let turn = 0; !(await holds()); turn++) {
    if (turn === turns) throw new Error('what was waited for did not happen')
    await new Promise<void>(resolve => setImmediate(resolve))
  }
}

const machine = async (user: string, dialect = {}): Promise<SandboxKiosk> => {
  const { port } = town.gateway.kiosks!.addresses[0]!
  const kiosk = await connectKiosk({ port, clock: town.gateway.deps.clock, dialect })
  expect(await kiosk.login(user, town.town.environment.SANDBOX_KIOSK_PASSWORD!)).toBe(true)
  return kiosk
}

/** A copy of a book that the library has at that place alone. */
const copyAt = async (location: string, nth = 0) => {
  const rows = await town.gateway.deps.store.db
    .selectFrom('item')
    .select(['barcode', 'work_id', 'location'])
    .where('library_id', '=', 'gusu')
    .orderBy('barcode')
    .execute()
  const works = [...Map.groupBy(rows, row => row.work_id).values()]
  return works.filter(copies => copies.length === 1 && copies[0]!.location === location)[nth]![0]!
}

const person = async (card: string) => {
  const { library: libraryId, pin } = readerOf(card)
  const who = visitor(town.url)
  await who.post('/api/session/reader', { libraryId, card, pin })
  const me = await who.get<{ joined: boolean }>('/api/me')
  if (me.joined) return who
  const { consent } = await who.get<{ consent: { textVersion: string } }>(`/api/rules/${libraryId}`)
  await who.post(
    '/api/me/join',
    { way: 'card', consent: { textVersion: consent.textVersion, agreed: true } },
    { 'Idempotency-Key': `joining-by-card-${card}` },
  )
  return who
}
const librarian = async (login: LibraryId) => {
  const who = visitor(town.url)
  await who.post('/api/session/staff', { user: login, password: 'shuqiao-demo' })
  return who
}

let keys = 0
const order = async (
  who: ReturnType<typeof visitor>,
  recordId: string,
  branchId: string,
): Promise<OrderJson> =>
  who.post<OrderJson>(
    '/api/orders',
    { recordIds: [recordId], delivery: { way: 'branch', branchId } },
    { 'Idempotency-Key': `journey-of-a-kiosk-${++keys}` },
  )
const stateOf = async (who: ReturnType<typeof visitor>, { id }: OrderJson): Promise<string> =>
  (await who.get<OrderJson>(`/api/orders/${id}`)).lines[0]!.status

/** From the shelf of one branch into a parcel. */
const packed = async (
  who: ReturnType<typeof visitor>,
  placed: OrderJson,
  barcode: string,
  branchId: string,
): Promise<void> => {
  const staff = await librarian('gusu')
  await eventually(async () => ['confirmed', 'picking'].includes(await stateOf(who, placed)))
  await staff.post('/api/staff/scan', { code: barcode, mode: 'find', branchId })
  await eventually(async () => (await stateOf(who, placed)) === 'charged')
  await staff.post('/api/staff/scan', { code: barcode, mode: 'pack', branchId })
  expect(await stateOf(who, placed)).toBe('packed')
}

describe('a book of an online order at the library’s own machines', () => {
  it('arrives, waits, is picked up and comes back at machines alone; the library system agrees', async () => {
    const copy = await copyAt('GS-CL')
    const zhao = await person('G0000007')
    const placed = await order(zhao, copy.work_id, 'gs-guanqian')
    await packed(zhao, placed, copy.barcode, 'gs-canglang')
    const hall = await machine('gusu-kiosk')

    const arrival = await hall.say('09', { AB: copy.barcode, AP: 'GS-GQ' })
    expect([arrival.fixed.ok, arrival.get('CV')]).toEqual(['1', '01'])
    expect(await stateOf(zhao, placed)).toBe('at_branch')

    const { pin } = readerOf('G0000007')
    const reader = await hall.say('63', { AA: 'G0000007', AD: pin }, { summary: 'Y         ' })
    expect([reader.get('BL'), reader.get('CQ'), reader.fixed.holdCount]).toEqual(['Y', 'Y', '0001'])
    expect(reader.all('AS')).toEqual([copy.barcode])
    expect(reader.get('CM')).toMatch(/^20261/)
    expect(reader.get('AF')).toContain('观前馆待取')
    expect((await hall.say('17', { AB: copy.barcode })).fixed.circulationStatus).toBe('08')

    const lent = await hall.say('11', { AA: 'G0000007', AB: copy.barcode, AD: pin })
    expect([lent.fixed.ok, lent.fixed.renewalOk]).toEqual(['1', 'N'])
    await eventually(async () => (await stateOf(zhao, placed)) === 'on_loan')
    expect((await theirBooks(town, 'gusu')).loans).toEqual([`${copy.barcode} G0000007`])
    expect(await ourBooks(town, 'gusu')).toEqual(await theirBooks(town, 'gusu'))
    expect((await hall.say('63', { AA: 'G0000007' }, { summary: 'Y         ' })).all('AS')).toEqual([])

    // Handed in away from its branch, at a machine without bins: somebody must send it on.
    const back = await hall.say('09', { AB: copy.barcode, AP: 'GS-GQ' })
    expect([back.fixed.ok, back.get('CV'), back.get('CT')]).toEqual(['1', '04', 'GS-CL'])
    await eventually(async () => (await stateOf(zhao, placed)) === 'discharged')
    const sorter = await machine('gusu-sorter')
    const home = await sorter.say('09', { AB: copy.barcode, AP: 'GS-CL' })
    expect([home.fixed.ok, home.fixed.alert, home.get('CL')]).toEqual(['1', 'N', '1'])
    await eventually(async () => (await stateOf(zhao, placed)) === 'closed')
    expect(town.town.ils.gusu.state.item(copy.barcode)!.item.status).toBe('available')
    expect([theirBooks(town, 'gusu'), await ourBooks(town, 'gusu')]).toEqual([nothing, nothing])
  })

  it('is done with at once where the machine sorts it for the van', async () => {
    const copy = await copyAt('GS-GQ')
    const zhao = await person('G0000007')
    const placed = await order(zhao, copy.work_id, 'gs-guanqian')
    await packed(zhao, placed, copy.barcode, 'gs-guanqian')
    const hall = await machine('gusu-kiosk')
    // Nobody scanned it onto the hold shelf: whoever picks it up has it from there.
    expect((await hall.say('11', { AA: 'G0000007', AB: copy.barcode })).fixed.ok).toBe('1')
    await eventually(async () => (await stateOf(zhao, placed)) === 'on_loan')
    const sorter = await machine('gusu-sorter')
    const back = await sorter.say('09', { AB: copy.barcode, AP: 'GS-CL' })
    expect([back.get('CV'), back.get('CT'), back.get('CL')]).toEqual(['04', 'GS-GQ', '3'])
    await eventually(async () => (await stateOf(zhao, placed)) === 'closed')
    expect(await ourBooks(town, 'gusu')).toEqual(nothing)
    expect(theirBooks(town, 'gusu')).toEqual(nothing)
  })

  it('goes home to the neighbour when it is put into our machine', async () => {
    const copy = await copyAt('GS-GQ', 1)
    const zhao = await person('G0000007')
    const placed = await order(zhao, copy.work_id, 'gs-guanqian')
    await packed(zhao, placed, copy.barcode, 'gs-guanqian')
    const hall = await machine('gusu-kiosk')
    expect((await hall.say('11', { AA: 'G0000007', AB: copy.barcode })).fixed.ok).toBe('1')
    await eventually(async () => (await stateOf(zhao, placed)) === 'on_loan')
    const songling = await machine('songling-kiosk', { encoding: 'gb18030' })
    const back = await songling.say('09', { AB: copy.barcode, AP: 'SL-ZG' })
    expect([back.fixed.ok, back.get('CV'), back.get('CT')]).toEqual(['1', '04', 'GS-GQ'])
    expect(back.get('AF')).toContain('观前馆')
    await eventually(async () => (await stateOf(zhao, placed)) === 'discharged')
    expect(theirBooks(town, 'gusu')).toEqual(nothing)
    const home = await hall.say('09', { AB: copy.barcode, AP: 'GS-GQ' })
    expect(home.fixed.ok).toBe('1')
    await eventually(async () => (await stateOf(zhao, placed)) === 'closed')
  })

  it('is not lent twice when its reader takes another copy of it from the shelf', async () => {
    const copy = await copyAt('GS-GQ', 2)
    const zhao = await person('G0000007')
    const placed = await order(zhao, copy.work_id, 'gs-canglang')
    await eventually(async () => ['confirmed', 'picking'].includes(await stateOf(zhao, placed)))
    const hall = await machine('gusu-kiosk')
    expect((await hall.say('11', { AA: 'G0000007', AB: copy.barcode })).fixed.ok).toBe('1')
    await eventually(async () => (await stateOf(zhao, placed)) === 'closed')
    expect(theirBooks(town, 'gusu')).toEqual({ ...nothing, loans: [`${copy.barcode} G0000007`] })
    expect((await hall.say('09', { AB: copy.barcode, AP: 'GS-GQ' })).fixed.ok).toBe('1')
    expect(theirBooks(town, 'gusu')).toEqual(nothing)
  })

  it('stays where it is for a reader who is frozen', async () => {
    const { store, clock } = town.gateway.deps
    const who = await person('G0000002')
    const { patronId } = await who.get<{ patronId: string }>('/api/me')
    await store.db
      .updateTable('patron')
      .set({ frozen_until: clock.now() + 86_400_000 })
      .where('id', '=', patronId)
      .execute()
    const hall = await machine('gusu-kiosk')
    const status = await hall.say('23', { AA: 'G0000002' }, { language: '001' })
    expect(status.fixed.patronStatus![0]).toBe('Y')
    const copy = await copyAt('GS-GQ', 3)
    const refused = await hall.say('11', { AA: 'G0000002', AB: copy.barcode })
    expect([refused.fixed.ok, refused.get('AF')]).toEqual([
      '0',
      expect.stringContaining('Borrowing is suspended until'),
    ])
    expect(theirBooks(town, 'gusu')).toEqual(nothing)
  })
})

describe('a library system that goes away and comes back', () => {
  it('learns of what its machines have lent and taken back meanwhile', async () => {
    const { faults } = town.town.ils.lucheng
    const kiosk = await machine('lucheng-kiosk')
    expect((await kiosk.say('99')).fixed).toMatchObject({ checkoutOk: 'Y', offlineOk: 'Y' })
    const { db } = town.gateway.deps.store
    const { barcode } = await db
      .selectFrom('item')
      .select('barcode')
      .where('library_id', '=', 'lucheng')
      .where('location', '=', 'LC-YS')
      .executeTakeFirstOrThrow()
    await faults.close('refuse-connections')
    await eventually(async () => {
      await kiosk.say('17', { AB: barcode })
      return town.gateway.deps.ils('lucheng').health().state === 'down'
    })
    const told = await kiosk.say('11', { AA: 'L0000001', AB: barcode })
    const lent = told.command === '98' ? await kiosk.repeat() : told
    expect([lent.command, lent.fixed.ok]).toEqual(['12', '1'])
    expect(theirBooks(town, 'lucheng').loans).toEqual([])
    await faults.close('open')
    await eventually(async () => theirBooks(town, 'lucheng').loans.length === 1, 2_000_000)
    expect(theirBooks(town, 'lucheng').loans).toEqual([`${barcode} L0000001`])
    // Loan and return of one book keep their order.
    await eventually(async () => {
      const answer = await kiosk.say('17', { AB: barcode })
      return answer.command === '18' && answer.fixed.circulationStatus === '04'
    })
    expect((await kiosk.say('09', { AB: barcode, AP: 'LC-YS' })).fixed.ok).toBe('1')
    await eventually(async () => theirBooks(town, 'lucheng').loans.length === 0, 2_000_000)
  })
})

describe('a library without a link to its system', () => {
  it('serves its kiosk all the same: its staff find on their list what the kiosk has done', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'shuqiao-manual-'))
    const settings = readConfig(fileURLToPath(townSettingsFile), town.town.environment)
    const config = {
      ...settings,
      libraries: settings.libraries.map(one =>
        one.id === 'lucheng' ? { ...one, ils: { driver: 'manual' } } : one,
      ),
    }
    const { clock } = town.gateway.deps
    const gateway = await startGateway({
      config,
      data: folder,
      databaseUrl: `sqlite:${folder}/shuqiao.sqlite`,
      host: '127.0.0.1',
      port: 0,
      clock,
      wireClock: clock,
      random: randomBytes,
      ids: createIds(clock),
      log: noLog,
    })
    await furnish(gateway.deps, undefined)
    const kiosk = await connectKiosk({ port: gateway.kiosks!.addresses[0]!.port, clock })
    expect(await kiosk.login('lucheng-kiosk', town.town.environment.SANDBOX_KIOSK_PASSWORD!)).toBe(true)
    expect((await kiosk.say('99')).fixed).toMatchObject({
      onlineStatus: 'Y',
      checkoutOk: 'Y',
      renewalPolicy: 'N',
    })
    const lent = await kiosk.say('11', { AA: 'L0000001', AB: 'LC0000001' })
    expect([lent.fixed.ok, lent.get('AH'), lent.get('AF')]).toEqual([
      '1',
      '2026-12-24 23:59:59',
      '已记下，馆员会在系统中办理。',
    ])
    const { db } = gateway.deps.store
    expect((await kiosk.say('09', { AB: 'LC0000002', AP: 'LC-YS' })).fixed.ok).toBe('1')
    const tasks = () => db.selectFrom('manual_task').selectAll().execute()
    await eventually(async () => (await tasks()).length === 2)
    expect(JSON.stringify(await tasks())).not.toContain('L0000001')
    kiosk.close()
    await gateway.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
