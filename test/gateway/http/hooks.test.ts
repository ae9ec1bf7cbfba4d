import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSf } from '../../../src/adapters/couriers/sf/sf.ts'
import { createHttp } from '../../../src/adapters/http.ts'
import type { Line } from '../../../src/gateway/orders/order.ts'
import { eventsOf } from '../../../src/gateway/store/events.ts'
import { ManualClock } from '../../../src/kernel/clock.ts'
import { createIds } from '../../../src/kernel/ids.ts'
import { noTranscript } from '../../../src/kernel/transcript.ts'
import { startHttpParty } from '../../../src/sandbox/http-party.ts'
import { type SandboxSf, startSandboxSf } from '../../../src/sandbox/sf/sf.ts'
import { type TestGateway, testGateway } from './gateway.ts'

const secrets = { partnerId: 'LIBTEST', checkWord: 'check-word-of-the-test' }
const hookSecret = 'a-long-and-unguessable-address'
const agent = new Agent()

let wire: ManualClock
let sandbox: SandboxSf
let door: { readonly url: string; close(): Promise<void> }
let t: TestGateway
beforeEach(async () => {
  wire = new ManualClock('2026-11-23T02:00:00Z')
  sandbox = await startSandboxSf({ clock: wire, ...secrets })
  const peer = createHttp({ agent, clock: wire, transcript: noTranscript }).peer('sf')
  const sf = createSf({ ...secrets, endpoint: sandbox.url }, { clock: wire, peer, ids: createIds(wire) })
  t = await testGateway({ couriers: [sf], hooks: [{ secret: hookSecret, courier: sf }] })
  door = await startHttpParty(async ({ body }) => {
    const answer = await push(body.toString())
    return { status: answer.status, body: await answer.text() }
  })
  sandbox.pushTo(door.url)
})
afterEach(async () => {
  await door.close()
  await sandbox.close()
  await t.close()
})

const push = async (body: string, secret = hookSecret): Promise<Response> =>
  t.app.request(`/hooks/${secret}`, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } })
const nodes = (...routes: object[]): string => JSON.stringify({ Body: { WaybillRoute: routes } })
const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { return_code: string }).return_code

/** An order on its way to the reader's home, packed and booked with the carrier. */
const booked = async () => {
  const wang = await t.reader('2120500001')
  const staff = await t.staff()
  const home = {
    ...{ name: '王芳', phone: '13900001234', province: '江苏省', city: '苏州市' },
    ...{ district: '姑苏区', address: '观前街 1 号' },
  }
  const { id } = await t.ask<{ id: string }>(wang.headers, 'POST', '/api/me/addresses', home)
  const order = await t.order(wang, '三体', { way: 'home', addressId: id })
  await t.press(staff, order.lineId, 'found')
  await t.press(staff, order.lineId, 'pack')
  const { waybill, orderId: number } = sandbox.parcels()[0]!
  const status = async (): Promise<Line['status']> => (await t.line(order)).status
  return { wang, staff, order, waybill, number, status }
}
/** The carrier writes a node and pushes it; what follows is worked off. */
const seen = async (waybill: string, opCode: string): Promise<void> => {
  await sandbox.move(waybill, opCode)
  await t.idle()
}
const pass = async (seconds: number): Promise<void> => {
  await t.clock.advance(seconds * 1000)
  await t.idle()
}
const kinds = async (orderId: string): Promise<string[]> =>
  (await eventsOf(t.store.db, 'sucheng', orderId))
    .map(event => event.kind)
    .filter(kind => kind.startsWith('courier.'))

describe('a carrier that pushes', () => {
  it('moves an order as it picks up, carries and delivers the parcel', async () => {
    const { order, waybill, status } = await booked()
    expect(await status()).toBe('packed')
    await seen(waybill, '50')
    expect(await status()).toBe('shipped')
    await seen(waybill, '204')
    expect(await status()).toBe('shipped')
    await seen(waybill, '80')
    expect(await status()).toBe('on_loan')
    expect(await kinds(order.id)).toEqual(['courier.pushed', 'courier.pushed', 'courier.pushed'])
  })

  it('changes nothing by saying things twice or in the wrong order', async () => {
    const { waybill, status, order } = await booked()
    sandbox.fail('push', { kind: 'hold' }, 1)
    await sandbox.move(waybill, '50')
    sandbox.fail('push', { kind: 'duplicate' }, 1)
    await seen(waybill, '80')
    expect(await status()).toBe('on_loan')
    const { moves } = await t.line(order)
    await push(nodes({ mailno: waybill, opCode: '80', acceptTime: '2026-11-23 10:00:00', remark: '' }))
    await t.idle()
    expect((await t.line(order)).moves).toBe(moves)
    expect((await kinds(order.id)).length).toBe(2)
  })

  it('moves a return as soon as the reader has handed it over', async () => {
    const { wang, order, waybill, status } = await booked()
    await seen(waybill, '80')
    const { addresses } = await t.ask<{ addresses: { id: string }[] }>(wang.headers, 'GET', '/api/me')
    const path = `/api/orders/${order.id}/lines/${order.lineId}/return`
    await t.ask(wang.headers, 'POST', path, { way: 'courier', addressId: addresses[0]!.id })
    await t.idle()
    const back = sandbox.parcels().find(parcel => parcel.callForPickup)!
    await seen(back.waybill, '50')
    expect(await status()).toBe('return_shipped')
  })
})

describe('a push proves nothing by itself', () => {
  it('and what the carrier does not confirm moves nothing, is asked for some minutes, and is on record', async () => {
    const { order, waybill, number, status } = await booked()
    const node = { mailno: waybill, orderid: number, opCode: '80', acceptTime: '2026-11-23 10:00:00' }
    expect(await codeOf(await push(nodes({ ...node, remark: '已签收' })))).toBe('0000')
    for (let i = 0; i < 12; i++) await pass(60)
    expect(await status()).toBe('packed')
    expect(await kinds(order.id)).toEqual(['courier.pushed', 'courier.push-unconfirmed'])
    const asked = sandbox.calls.filter(call => call.service === 'EXP_RECE_SEARCH_ROUTES').length
    expect(asked).toBe(8)
  })

  it('and counts when the carrier’s own list, which was late or away, shows it', async () => {
    const { waybill, status } = await booked()
    sandbox.fail('EXP_RECE_SEARCH_ROUTES', { kind: 'http-500' }, 2)
    await seen(waybill, '50')
    expect(await status()).toBe('packed')
    await pass(30)
    await pass(30)
    expect(await status()).toBe('shipped')
  })

  it('and brings to light what was never pushed', async () => {
    const { waybill, status } = await booked()
    sandbox.fail('push', { kind: 'lost' }, 1)
    await sandbox.move(waybill, '50')
    await t.idle()
    expect(await status()).toBe('packed')
    await seen(waybill, '204')
    expect(await status()).toBe('shipped')
  })

  it('and is kept for a parcel whose booking is not written down yet', async () => {
    const { waybill, status } = await booked()
    const [row] = await t.store.db.deleteFrom('parcel').returningAll().execute()
    await seen(waybill, '50')
    expect(await status()).toBe('packed')
    await t.store.db.insertInto('parcel').values(row!).execute()
    await pass(30)
    expect(await status()).toBe('shipped')
  })
})

describe('a hook', () => {
  it('with a word that no table knows records and counts it, and moves nothing', async () => {
    const { order, waybill, status } = await booked()
    await seen(waybill, '9999')
    expect(await status()).toBe('packed')
    const [event] = (await eventsOf(t.store.db, 'sucheng', order.id)).filter(e => e.kind === 'courier.pushed')
    expect(event?.data).toMatchObject({ seen: 'unknown', code: '9999', waybill })
    expect(await t.deps.metrics.registry.metrics()).toContain(
      'shuqiao_unknown_words_total{peer="courier:sf"} 1',
    )
  })

  it('keeps nothing of the carrier’s own text, which may name people', async () => {
    const { waybill } = await booked()
    const node = { mailno: waybill, opCode: '80', acceptTime: '2026-11-23 10:00:00', remark: '签收人：王芳' }
    await push(nodes(node))
    const outbox = await t.store.db.selectFrom('outbox').select('payload').execute()
    const events = await t.store.db.selectFrom('event').select('data').execute()
    expect(JSON.stringify([outbox, events, t.logged])).not.toContain('签收人')
  })

  it.each(['wrong-address', `${hookSecret}x`, hookSecret.slice(0, -1), 'x'.repeat(300)])(
    'is not found at /hooks/%s',
    async secret => {
      expect((await push(nodes(), secret)).status).toBe(404)
    },
  )

  it('asks in the carrier’s own form for what it cannot read, and takes what is not ours', async () => {
    expect(await codeOf(await push('{"Body":'))).toBe('1000')
    expect(await codeOf(await push(nodes({ mailno: '?', opCode: '80', acceptTime: 'now' })))).toBe('1000')
    const foreign = { mailno: 'SF7444400999999', opCode: '80', acceptTime: '2026-11-23 10:00:00' }
    expect(await codeOf(await push(nodes(foreign)))).toBe('0000')
    expect(await codeOf(await push(nodes()))).toBe('0000')
  })

  it('acknowledges nothing that it could not write down', async () => {
    const { waybill, status } = await booked()
    const node = { mailno: waybill, opCode: '50', acceptTime: '2026-11-23 10:00:00' }
    await t.store.db.schema.alterTable('outbox').renameTo('outbox_gone').execute()
    expect(await codeOf(await push(nodes(node)))).toBe('1000')
    await t.store.db.schema.alterTable('outbox_gone').renameTo('outbox').execute()
    await seen(waybill, '50')
    expect(await status()).toBe('shipped')
  })

  it('never shows its address in the log', async () => {
    await push(nodes())
    await push(nodes(), 'guessed-address-of-somebody')
    expect(t.logged.join('\n')).not.toMatch(/unguessable|guessed-address/)
  })
})
