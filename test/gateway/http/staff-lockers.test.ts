import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockerPicture } from '../../../src/gateway/http/api/staff.ts'
import { bulkOutcome, doorHistory, lockerCare } from '../../../src/gateway/http/api/staff-lockers.ts'
import { listAudit } from '../../../src/gateway/store/audit.ts'
import { type TestGateway, testGateway } from './gateway.ts'

let t: TestGateway
let staff: Record<string, string>
beforeEach(async () => {
  t = await testGateway()
  staff = await t.staff()
})
afterEach(() => t.close())

const at = '/api/staff/lockers/guanqian'
const care = async () => lockerCare.parse(await t.ask(staff, 'GET', `${at}/care`))
const post = (path: string, json: unknown = {}, who = staff) => t.ask(who, 'POST', `${at}${path}`, json)
const door = async (id: string) => {
  const [locker] = lockerPicture.array().parse(await t.ask(staff, 'GET', '/api/staff/lockers'))
  return locker!.compartments.find(one => one.id === id)
}
const actions = async () =>
  (await listAudit(t.store.db, 'sucheng', { limit: 20 })).map(({ action, reason }) => `${action}: ${reason}`)

describe('alarms', () => {
  it('of a door that does not open are shown, and settled by a person with a reason', async () => {
    t.hand.jammed.add('1/1')
    await post('/compartments/A01/open', { reason: '试一试门' })
    expect((await care()).alarms).toMatchObject([{ compartmentId: 'A01', code: 'jammed', settles: true }])
    await expect(post('/alarms/settle', { compartmentId: 'A01', reason: '  ' })).rejects.toThrow('400')
    t.hand.jammed.delete('1/1')
    await post('/alarms/settle', { compartmentId: 'A01', reason: '修好了' })
    expect((await care()).alarms).toEqual([])
    expect(await door('A01')).toMatchObject({ state: 'free', alarm: null })
    expect(await actions()).toContain('locker-alarm-settled: 修好了')
  })
})

describe('the history of a door', () => {
  it('tells what happened at it, newest first, and nothing of its neighbours', async () => {
    await post('/compartments/A02/open', { reason: '试一试门' })
    await post('/compartments/A03/open', { reason: '试一试门' })
    t.hand.open.clear()
    await t.clock.advance(5000)
    const { items } = doorHistory.parse(await t.ask(staff, 'GET', `${at}/compartments/A02/history`))
    expect(items.map(({ kind }) => kind)).toEqual(['closed', 'opened', 'remote-open'])
    expect(items.map(({ actor }) => actor)).toEqual(['locker', 'locker', '林岚'])
  })
})

describe('a door', () => {
  it('is taken out of service and back', async () => {
    await post('/compartments/A04/service', { inService: false, reason: '锁舌松了' })
    expect(await door('A04')).toMatchObject({ state: 'out_of_service' })
    await post('/compartments/A04/service', { inService: true, reason: '紧好了' })
    expect(await door('A04')).toMatchObject({ state: 'free' })
  })
})

describe('a cabinet', () => {
  it('is under maintenance for a reason, and keeps notes', async () => {
    await post('/maintenance', { on: true, reason: '换锁控板' })
    await post('/notes', { sanitary: '周一擦过', battery: '13.1 V' })
    await post('/notes', { battery: '12.9 V' })
    expect(await care()).toMatchObject({
      maintenance: { reason: '换锁控板' },
      sanitary: '周一擦过',
      battery: '12.9 V',
    })
    await post('/maintenance', { on: false, reason: '换好了' })
    expect((await care()).maintenance).toBe(null)
  })

  it('opens many doors only when a second person agrees', async () => {
    await post('/bulk', { compartmentIds: ['A01', 'A02'], reason: '大扫除' })
    const [wish] = (await care()).bulk
    expect(wish).toMatchObject({ doors: 2, mine: true, reason: '大扫除' })
    await expect(post(`/bulk/${wish!.id}/approve`)).rejects.toThrow('same-person')
    expect(t.hand.pulses).toEqual([])
    const second = await t.staff()
    const { doors } = bulkOutcome.parse(await post(`/bulk/${wish!.id}/approve`, {}, second))
    expect(doors.map(({ signal }) => signal)).toEqual(['open', 'open'])
    expect(t.hand.pulses).toEqual(['1/1', '1/2'])
  })

  it('gives the settings for a changed drawing, boards and channels as they are', async () => {
    const doors = [{ id: 'A01', label: '一', size: 'large', row: 2, column: 3 }]
    const { yaml } = await t.ask<{ yaml: string }>(staff, 'POST', `${at}/drawing`, { doors })
    expect(yaml).toContain('- { id: A01, label: 一, size: large, row: 2, column: 3, board: 1, channel: 1')
    expect(yaml.match(/- \{ id: A/g)?.length).toBe(12)
  })

  it('of another library is nobody’s business', async () => {
    const stranger = await t.staff('wujiang')
    await expect(t.ask(stranger, 'GET', `${at}/care`)).rejects.toThrow('403 forbidden')
    await expect(post('/maintenance', { on: true, reason: '换锁控板' }, stranger)).rejects.toThrow('403')
    await expect(
      post('/compartments/A01/service', { inService: false, reason: '松了吗' }, stranger),
    ).rejects.toThrow('403')
  })
})
