import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Pool } from '../../../src/gateway/fees/pools.ts'
import { type OrderJson, order, orderPage, pickupCode, quote } from '../../../src/gateway/http/api/reader.ts'
import { type TestGateway, testGateway, type Who } from './gateway.ts'

let t: TestGateway
let wang: Who
let staff: Record<string, string>
const begin = async (options: Parameters<typeof testGateway>[0] = {}): Promise<void> => {
  t = await testGateway(options)
  wang = await t.reader('2120500001')
  staff = await t.staff()
}
beforeEach(() => begin())
afterEach(() => t.close())

const toDesk = { way: 'branch', branchId: 'sucheng-main' }
const toLocker = { way: 'locker', lockerId: 'guanqian' }
const key = 'key-of-sixteen-and-more'
const place = (who: Who, body: unknown, headers: Record<string, string> = { 'Idempotency-Key': key }) =>
  t.send('POST', '/api/orders', { json: body, headers: { ...who.headers, ...headers } })
const codeOf = async (answer: Response): Promise<string> =>
  ((await answer.json()) as { type: string }).type.split(':').at(-1)!
const get = <T>(path: string, who = wang): Promise<T> => t.ask<T>(who.headers, 'GET', path)
const act = (of: { id: string; lineId: string }, name: string, json?: unknown, who = wang, header?: string) =>
  t.send('POST', `/api/orders/${of.id}/lines/${of.lineId}/${name}`, {
    headers: { ...who.headers, ...(header === undefined ? {} : { 'Idempotency-Key': header }) },
    ...(json === undefined ? {} : { json }),
  })

describe('a quote', () => {
  it('tells price, promise and parcels of a delivery, and takes nothing', async () => {
    const wish = { recordIds: [await t.record('三体')], delivery: toLocker }
    const told = quote.parse(await t.ask(wang.headers, 'POST', '/api/orders/quote', wish))
    expect(told).toMatchObject({
      fee: { due: 0 },
      promisedAt: '2026-11-23T17:00:00+08:00',
      parcels: 1,
      problems: [],
    })
    expect((await get<{ items: unknown[] }>('/api/orders')).items).toEqual([])
  })

  it('promises nothing where no copy is free, and says of which book', async () => {
    t.ils.sucheng.atDesk('borrow', 'S3')
    const recordId = await t.record('活着')
    const told = quote.parse(
      await t.ask(wang.headers, 'POST', '/api/orders/quote', { recordIds: [recordId], delivery: toDesk }),
    )
    expect(told).toMatchObject({ promisedAt: null, problems: [{ recordId }] })
  })
})

describe('a price with a subsidy in it', () => {
  const pool: Pool = {
    id: 'month',
    name: { zh: '读书月', en: 'Month of reading' },
    perDay: 600,
    policy: 'at-once',
    perReader: { period: 'day', amount: 500 },
  }
  const toDoor = async (who: Who) => {
    const address = {
      name: '王',
      phone: '13900000000',
      province: '江苏省',
      city: '苏州市',
      district: '姑苏区',
      address: '某街 1 号',
    }
    const { id } = await t.ask<{ id: string }>(who.headers, 'POST', '/api/me/addresses', address)
    return { recordIds: [await t.record('三体')], delivery: { way: 'home', addressId: id } }
  }
  const quoteOf = async (who: Who, wish: unknown) =>
    quote.parse(await t.ask(who.headers, 'POST', '/api/orders/quote', wish)).fee

  it('is shown as it will be charged, and asking for it takes nothing', async () => {
    await t.close()
    await begin({ pool })
    const wish = await toDoor(wang)
    expect(await quoteOf(wang, wish)).toEqual(await quoteOf(wang, wish))
    const told = await quoteOf(wang, wish)
    expect(told.subsidy).toBeGreaterThan(0)
    const placed = order.parse(await (await place(wang, { ...wish, dueAtMost: told.due })).json())
    expect(placed.fee).toEqual(told)
  })

  it('that is no longer to be had refuses the order instead of charging more', async () => {
    await t.close()
    await begin({ pool })
    const other = await t.reader('2120500002')
    const wish = await toDoor(other)
    const told = await quoteOf(other, wish)
    await place(wang, { ...(await toDoor(wang)), recordIds: [await t.record('活着')] })
    const refusal = await place(other, { ...wish, dueAtMost: told.due })
    expect(await codeOf(refusal)).toBe('price-rose')
    const now = await quoteOf(other, wish)
    expect(now.due).toBeGreaterThan(told.due)
    expect((await place(other, { ...wish, dueAtMost: now.due })).status).toBe(201)
  })
})

describe('an order', () => {
  it('is placed once for its key, however often it is sent', async () => {
    const wish = { recordIds: [await t.record('三体')], delivery: toDesk }
    const first = await place(wang, wish)
    const placed = order.parse(await first.json())
    expect([first.status, first.headers.get('Location')]).toEqual([201, `/api/orders/${placed.id}`])
    expect(placed).toMatchObject({
      number: '20261123-0001',
      createdAt: '2026-11-23T10:00:00+08:00',
      delivery: { way: 'branch', targetId: 'sucheng-main' },
    })
    const again = await place(wang, wish)
    expect([again.status, again.headers.get('Idempotency-Replayed')]).toEqual([201, 'true'])
    expect(((await again.json()) as OrderJson).id).toBe(placed.id)
    expect((await get<{ items: unknown[] }>('/api/orders')).items.length).toBe(1)
  })

  it('under a used key with another wish is refused; the key of another reader is another key', async () => {
    await place(wang, { recordIds: [await t.record('三体')], delivery: toDesk })
    const other = { recordIds: [await t.record('活着')], delivery: toDesk }
    const answer = await place(wang, other)
    expect([answer.status, await codeOf(answer)]).toEqual([422, 'idempotency-key-reused'])
    expect((await place(await t.reader('2120500002'), other)).status).toBe(201)
  })

  it.each([
    ['without a key', {}],
    ['with a short key', { 'Idempotency-Key': 'short' }],
  ])('%s is refused', async (_, headers) => {
    const answer = await place(wang, { recordIds: ['x'], delivery: toDesk }, headers)
    expect(answer.status).toBe(400)
  })

  it('of nothing, of too much, or to nowhere is refused in words', async () => {
    const recordIds = [await t.record('三体')]
    for (const [body, status] of [
      [{ recordIds: [], delivery: toDesk }, 400],
      [{ recordIds: Array.from({ length: 21 }, (_, i) => `${i}`), delivery: toDesk }, 400],
      [{ recordIds, delivery: { way: 'drone' } }, 400],
      [{ recordIds, delivery: { way: 'branch', branchId: 'nowhere' } }, 404],
      [{ recordIds, delivery: { way: 'home', addressId: 'not-mine' } }, 409],
      [{ recordIds: ['no-such-record'], delivery: toDesk }, 404],
    ] as const) {
      const answer = await place(wang, body)
      expect([body, answer.status]).toEqual([body, status])
    }
  })

  it('of somebody who has not joined, or whose ways of joining have run out, says just that', async () => {
    const recordIds = [await t.record('三体')]
    await t.deps.store.db.deleteFrom('credit_admission').execute()
    expect(await codeOf(await place(wang, { recordIds, delivery: toDesk }))).toBe('not-joined')
  })

  it('is taken while the library system is away, and its reader sees that it waits', async () => {
    t.ils.sucheng.luck = () => 'away'
    const { id } = await t.order(wang, '三体')
    const shown = order.parse(await get<OrderJson>(`/api/orders/${id}`))
    expect(shown.lines[0]).toMatchObject({ status: 'requested', ilsPending: true })
  })

  it('is seen by its reader and by nobody else', async () => {
    const { id, lineId } = await t.order(wang, '三体')
    const li = await t.reader('2120500002')
    const shown = order.parse(await get<OrderJson>(`/api/orders/${id}`))
    expect(shown.lines[0]).toMatchObject({ title: '三体', statusName: { zh: '找书中' }, can: ['cancel'] })
    for (const path of [`/api/orders/${id}`, `/api/orders/${id}/code`])
      await expect(get(path, li)).rejects.toThrow('404 unknown-order')
    const transfer = { card: '2120500001', pin: '1234' }
    const way = { way: 'branch', branchId: 'sucheng-main' }
    for (const [name, json] of [
      ['cancel', undefined],
      ['renew', undefined],
      ['cancel-return', undefined],
      ['return', way],
      ['transfer', transfer],
    ] as const)
      expect([name, (await act({ id, lineId }, name, json, li)).status]).toEqual([name, 404])
    expect((await get<OrderJson>(`/api/orders/${id}`)).version).toBe(shown.version)
  })

  it('is listed with the others, newest first and a page at a time', async () => {
    const placed: string[] = []
    for (let i = 0; i < 22; i++) {
      const one = await t.order(wang, '三体')
      placed.unshift(one.id)
      expect((await act(one, 'cancel')).status).toBe(200)
      await t.idle()
    }
    expect((await get<{ items: unknown[] }>('/api/orders?state=open')).items).toEqual([])
    const first = orderPage.parse(await get('/api/orders?state=closed'))
    const second = orderPage.parse(await get(`/api/orders?state=closed&cursor=${first.next}`))
    expect([...first.items, ...second.items].map(one => one.id)).toEqual(placed)
    expect([first.items.length, second.next]).toEqual([20, null])
    await expect(get('/api/orders?state=lost')).rejects.toThrow('400')
  })
})

describe('a book that is not wanted any more', () => {
  it('is cancelled until it is packed, once for its key', async () => {
    const one = await t.order(wang, '三体')
    const [first, again] = [
      await act(one, 'cancel', undefined, wang, key),
      await act(one, 'cancel', undefined, wang, key),
    ]
    expect([first.status, again.status]).toEqual([200, 200])
    await t.idle()
    expect((await t.line(one)).outcome).toBe('cancelled_by_reader')
    expect((await act(one, 'cancel')).status).toBe(409)
  })

  it('is not cancelled once it is packed, and the reader is told what to do', async () => {
    const one = await t.order(wang, '三体')
    await t.press(staff, one.lineId, 'found')
    await t.press(staff, one.lineId, 'pack')
    const answer = await act(one, 'cancel')
    expect([answer.status, await codeOf(answer)]).toEqual([409, 'too-late-to-cancel'])
  })
})

describe('a pick-up code', () => {
  it('is there while the parcel lies in the locker, with its QR code and the end of its time', async () => {
    const one = await t.order(wang, '三体', toLocker)
    await expect(get(`/api/orders/${one.id}/code`)).rejects.toThrow('no-code')
    await t.press(staff, one.lineId, 'found')
    expect((await t.press(staff, one.lineId, 'put-in-locker')).signal).toBe('yes')
    const [open] = [...t.hand.open]
    t.hand.open.delete(open!)
    await t.clock.advance(5000)
    await t.idle()
    expect((await t.line(one)).status).toBe('in_locker')
    const shown = pickupCode.parse(await get(`/api/orders/${one.id}/code`))
    expect(shown).toMatchObject({ lockerId: 'guanqian', collectUntil: '2026-11-26T21:00:00+08:00' })
    expect(shown.code).toMatch(/^\d{6,}$/)
    expect(shown.qr).not.toContain(shown.code)
    expect((await get<OrderJson>(`/api/orders/${one.id}`)).hasCode).toBe(true)
    expect(t.logged.join('\n')).not.toContain(shown.code)
  })

  it('has a second one for whom the reader sends, until the reader ends it', async () => {
    const one = await t.order(wang, '三体', toLocker)
    await expect(t.ask(wang.headers, 'POST', `/api/orders/${one.id}/hand-over`)).rejects.toThrow('no-code')
    await t.press(staff, one.lineId, 'found')
    await t.press(staff, one.lineId, 'put-in-locker')
    const [open] = [...t.hand.open]
    t.hand.open.delete(open!)
    await t.clock.advance(5000)
    await t.idle()
    const own = pickupCode.parse(await get(`/api/orders/${one.id}/code`))
    const other = pickupCode.parse(await t.ask(wang.headers, 'POST', `/api/orders/${one.id}/hand-over`))
    expect(other).toMatchObject({ lockerId: 'guanqian', collectUntil: own.collectUntil })
    expect(other.code).not.toBe(own.code)
    expect(pickupCode.parse(await get(`/api/orders/${one.id}/code`)).code).toBe(own.code)
    await t.ask(wang.headers, 'DELETE', `/api/orders/${one.id}/hand-over`)
    expect(pickupCode.parse(await get(`/api/orders/${one.id}/code`)).code).toBe(own.code)
  })
})

describe('a loan', () => {
  const lent = async (title = '三体') => {
    const one = await t.order(wang, title)
    await t.lend(staff, one)
    expect((await t.line(one)).status).toBe('on_loan')
    return one
  }

  it('is renewed when the library system has said so, and the answer has the new date', async () => {
    const one = await lent()
    const before = (await t.line(one)).dueAt!
    const answer = await act(one, 'renew')
    const { lines } = order.parse(await answer.json())
    expect([answer.status, Date.parse(lines[0]!.dueAt!)]).toEqual([200, before + 30 * 86_400_000])
    const again = await act(one, 'renew')
    expect([again.status, await codeOf(again)]).toEqual([409, 'no-more-renewals'])
  })

  it('is not renewed twice by a request that is sent twice', async () => {
    await t.close()
    await begin({ policy: { renewals: 5 } })
    const one = await lent()
    for (let i = 0; i < 3; i++) expect((await act(one, 'renew', undefined, wang, key)).status).toBe(200)
    expect((await t.line(one)).renewals).toBe(1)
  })

  it('that somebody waits for is refused with the library system’s own reason, also when asked again', async () => {
    const one = await lent()
    t.ils.sucheng.atDesk('hold', 'S1')
    for (let i = 0; i < 2; i++) {
      const answer = await act(one, 'renew', undefined, wang, key)
      const problem = (await answer.json()) as { type: string; title: { zh: string } }
      expect([answer.status, problem.type]).toEqual([409, 'urn:shuqiao:problem:renewal-refused'])
      expect(problem.title.zh).toContain('有人预约')
    }
  })

  it('is noted for renewal while the library system is away', async () => {
    const one = await lent()
    t.ils.sucheng.luck = () => 'away'
    const answer = act(one, 'renew')
    await t.idle()
    for (let turn = 0; turn < 20; turn++) await t.clock.advance(500)
    const noted = await answer
    expect(noted.status).toBe(202)
    t.ils.sucheng.luck = () => 'fine'
    await t.clock.advance(60_000)
    await t.idle()
    expect((await t.line(one)).renewals).toBe(1)
  })

  it('is brought back by the way the reader chooses, or kept after all', async () => {
    const one = await lent()
    const arranged = await act(one, 'return', { way: 'locker', lockerId: 'guanqian' })
    const { lines } = order.parse(await arranged.json())
    expect([arranged.status, lines[0]!.status]).toEqual([200, 'return_requested'])
    expect((await act(one, 'return', { way: 'branch', branchId: 'nowhere' })).status).toBe(404)
    expect((await act(one, 'return', { way: 'courier', addressId: 'not-mine' })).status).toBe(409)
    expect((await act(one, 'return', { way: 'pigeon' })).status).toBe(400)
    expect((await act(one, 'cancel-return')).status).toBe(200)
    expect((await t.line(one)).status).toBe('on_loan')
    expect((await act(one, 'cancel-return')).status).toBe(409)
  })
})

describe('a loan that is passed on', () => {
  const other = { card: '2120500002', pin: '1234' }
  const lent = async () => {
    const one = await t.order(wang, '三体')
    await t.lend(staff, one)
    return one
  }

  it('is the other reader’s, who showed card and PIN, and gone from the first one’s list', async () => {
    const one = await lent()
    const answer = await act(one, 'transfer', { ...other, card: ` ${other.card} ` })
    expect(answer.status).toBe(200)
    expect(order.parse(await answer.json()).lines[0]).toMatchObject({ outcome: 'transferred' })
    const li = await t.reader(other.card)
    const { items } = orderPage.parse(await get('/api/orders', li))
    expect(items[0]!.lines[0]).toMatchObject({ title: '三体', status: 'on_loan', barcode: 'S1' })
    expect(t.ils.sucheng.items.get('S1')?.loan?.card).toBe(other.card)
  })

  it('stays where it is when somebody waits for it', async () => {
    const one = await lent()
    t.ils.sucheng.atDesk('hold', 'S1')
    const answer = await act(one, 'transfer', other)
    expect([answer.status, await codeOf(answer)]).toEqual([409, 'transfer-refused'])
    expect(t.ils.sucheng.items.get('S1')?.loan?.card).toBe('2120500001')
  })

  it('is no second chance to guess a PIN: log-in and transfer count the same tries', async () => {
    const one = await lent()
    for (let i = 0; i < 3; i++)
      expect((await act(one, 'transfer', { ...other, pin: '0000' })).status).toBe(401)
    const logIn = { libraryId: 'sucheng', card: other.card, pin: '0000' }
    for (let i = 0; i < 2; i++)
      expect((await t.send('POST', '/api/session/reader', { json: logIn })).status).toBe(401)
    expect((await act(one, 'transfer', other)).status).toBe(429)
    expect((await t.line(one)).status).toBe('on_loan')
  })

  it('to oneself, or on a line that is not there, is refused before any harm', async () => {
    const one = await lent()
    const self = await act(one, 'transfer', { card: '2120500001', pin: '1234' })
    expect([self.status, await codeOf(self)]).toEqual([409, 'transfer-to-oneself'])
    expect((await act({ ...one, lineId: 'nothing' }, 'transfer', other)).status).toBe(404)
  })

  it('leaves nothing of the other reader’s card in events, effects or the log', async () => {
    const one = await lent()
    await act(one, 'transfer', other, wang, key)
    const kept = await t.store.db.selectFrom('idempotency').selectAll().execute()
    expect(kept.some(row => row.key === key)).toBe(true)
    for (const table of ['outbox', 'event', 'evidence', 'audit'] as const) {
      const rows = await t.store.db.selectFrom(table).selectAll().execute()
      expect(JSON.stringify(rows)).not.toContain(other.card)
    }
    expect(t.logged.join('\n')).not.toContain(other.card)
  })
})
