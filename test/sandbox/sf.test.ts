import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digest } from '../../src/adapters/couriers/sf/signing.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { startHttpParty } from '../../src/sandbox/http-party.ts'
import { type SandboxSf, startSandboxSf, usualCourse } from '../../src/sandbox/sf/sf.ts'
import { until } from '../harness/until.ts'

const secrets = { partnerId: 'LIBTEST', checkWord: 'check-word-of-the-test' }
interface Node {
  readonly id: string
  readonly opCode: string
}
let clock: ManualClock
let sandbox: SandboxSf
let hook: { url: string; close(): Promise<void> }
let received: Node[][]
let ready: boolean
beforeEach(async () => {
  clock = new ManualClock('2026-11-02T01:00:00Z')
  received = []
  ready = true
  hook = await startHttpParty(async ({ body }) => {
    received.push((JSON.parse(body) as { Body: { WaybillRoute: Node[] } }).Body.WaybillRoute)
    return { body: JSON.stringify({ return_code: ready ? '0000' : '1000' }) }
  })
  sandbox = await startSandboxSf({ clock, ...secrets, hookUrl: hook.url, autoRun: usualCourse })
})
afterEach(async () => {
  await sandbox.close()
  await hook.close()
})

const order = {
  orderId: 'P-1',
  cargoDetails: [{ name: '图书' }],
  contactInfoList: [
    { contactType: 1, contact: '图书馆', mobile: '051200000001', city: '苏州市', address: '人民路' },
    { contactType: 2, contact: '读者', mobile: '13900001234', city: '苏州市', address: '观前街' },
  ],
}
let requests = 0
const call = async (serviceCode: string, data: object, more: Record<string, string> = {}) => {
  const msgData = JSON.stringify(data)
  const timestamp = String(clock.now())
  const form = {
    partnerID: secrets.partnerId,
    requestID: String(++requests),
    serviceCode,
    timestamp,
    msgData,
    msgDigest: digest(msgData, more.timestamp ?? timestamp, secrets.checkWord),
    ...more,
  }
  const response = await fetch(sandbox.url, { method: 'POST', body: new URLSearchParams(form) })
  const outer = (await response.json()) as { apiResultCode: string; apiResultData: string | null }
  return {
    code: outer.apiResultCode,
    inner: JSON.parse(outer.apiResultData ?? 'null') as Record<string, unknown>,
  }
}
const book = async (): Promise<string> => {
  const { inner } = await call('EXP_RECE_CREATE_ORDER', order)
  return (inner.msgData as { waybillNoInfoList: { waybillNo: string }[] }).waybillNoInfoList[0]!.waybillNo
}
const codes = (): string[] => received.flat().map(node => node.opCode)

describe('the sandbox of SF', () => {
  it('checks the envelope', async () => {
    const route = { trackingNumber: [] }
    const codeOf = async (more: Record<string, string>) =>
      (await call('EXP_RECE_SEARCH_ROUTES', route, more)).code
    expect(await codeOf({})).toBe('A1000')
    expect(await codeOf({ requestID: '' })).toBe('A1001')
    expect(await codeOf({ timestamp: String(clock.now() - 3_600_001) })).toBe('A1002')
    expect(await codeOf({ msgDigest: 'AAAA' })).toBe('A1006')
    expect(await codeOf({ partnerID: 'SOMEBODY' })).toBe('A1006')
    expect(await codeOf({ requestID: 'same' })).toBe('A1000')
    expect(await codeOf({ requestID: 'same' })).toBe('A1007')
  })

  it('lets a parcel travel by itself and pushes every step', async () => {
    await book()
    for (let step = 1; step <= usualCourse.length; step++) {
      await clock.advance(usualCourse[step - 1]!.after - (usualCourse[step - 2]?.after ?? 0))
      await until(() => sandbox.pushes.length === step)
    }
    expect(codes()).toEqual(['50', '30', '31', '44', '80'])
  })

  it('stops a cancelled parcel', async () => {
    await book()
    expect((await call('EXP_RECE_UPDATE_ORDER', { orderId: 'P-1', dealType: 2 })).inner).toMatchObject({
      success: true,
    })
    await clock.advance(48 * 3_600_000)
    expect(received).toEqual([])
    expect(sandbox.parcels()).toMatchObject([{ cancelled: true, opCodes: [] }])
  })

  it('pushes a batch again until it is taken', async () => {
    const waybill = await book()
    ready = false
    await sandbox.move(waybill, '50')
    await clock.advance(60_000)
    await until(() => sandbox.pushes.length === 2)
    ready = true
    await clock.advance(120_000)
    await until(() => sandbox.pushes.length === 3)
    await clock.advance(3_600_000)
    expect(sandbox.pushes.map(push => push.taken)).toEqual([false, false, true])
    expect(new Set(received.flat().map(node => node.id)).size).toBe(1)
  })

  it('pushes twice, late or never when told to', async () => {
    const waybill = await book()
    sandbox.fail('push', { kind: 'duplicate' })
    await sandbox.move(waybill, '50')
    sandbox.fail('push', { kind: 'hold' })
    await sandbox.move(waybill, '30')
    await sandbox.move(waybill, '44')
    sandbox.fail('push', { kind: 'lost' })
    await sandbox.move(waybill, '80')
    expect(codes()).toEqual(['50', '50', '44', '30'])
    expect(sandbox.parcels()[0]?.opCodes).toEqual(['50', '30', '44', '80'])
  })

  it('knows no waybill that nobody booked', async () => {
    expect(await sandbox.move('SF0000000000000', '50')).toBe(false)
  })
})
