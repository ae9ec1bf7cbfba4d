import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type CreditJson,
  credit,
  type MeJson,
  me,
  messagePage,
} from '../../../src/gateway/http/api/reader.ts'
import { type TestGateway, testGateway, type Who } from './gateway.ts'

let t: TestGateway
let wang: Who
beforeEach(async () => {
  t = await testGateway()
  wang = await t.reader('2120500001')
})
afterEach(() => t.close())

const get = <T>(path: string, who = wang): Promise<T> => t.ask<T>(who.headers, 'GET', path)
const home = {
  ...{ name: '王芳', phone: '13900001234', province: '江苏省', city: '苏州市' },
  ...{ district: '姑苏区', address: '观前街 1 号' },
}
const addAddress = (who = wang, more: object = {}) =>
  t.ask<{ id: string; label: string }>(who.headers, 'POST', '/api/me/addresses', { ...home, ...more })

describe('a reader’s own page', () => {
  it('shows who one is and what one may do', async () => {
    const shown = me.parse(await get<MeJson>('/api/me'))
    expect(shown).toMatchObject({ name: '王芳', card: '2120500001', joined: true, blocks: [], addresses: [] })
    expect(shown.loans.max).toBeGreaterThan(0)
  })

  it('keeps its large type', async () => {
    const changed = await t.ask<MeJson>(wang.headers, 'PATCH', '/api/me', { largeType: true })
    expect([changed.largeType, (await get<MeJson>('/api/me')).largeType]).toEqual([true, true])
  })
})

describe('addresses', () => {
  it('are kept sealed, up to ten, and forgotten by nobody but their reader', async () => {
    const first = await addAddress()
    const li = await t.reader('2120500002')
    await t.ask(li.headers, 'DELETE', `/api/me/addresses/${first.id}`)
    expect((await get<MeJson>('/api/me')).addresses).toEqual([first])
    expect((await get<MeJson>('/api/me', li)).addresses).toEqual([])
    const rows = await t.store.db.selectFrom('patron_address').select('sealed').execute()
    expect(JSON.stringify(rows)).not.toContain('观前街')
    for (let n = 2; n <= 10; n++) await addAddress()
    await expect(addAddress()).rejects.toThrow('409 too-many-addresses')
    await addAddress(li)
    await t.ask(wang.headers, 'DELETE', `/api/me/addresses/${first.id}`)
    expect((await addAddress()).label).toContain('观前街')
  })

  it.each([{ phone: 'call me' }, { name: '' }, { address: '长'.repeat(121) }])(
    'with %o are refused',
    async more => {
      await expect(addAddress(wang, more)).rejects.toThrow('400 invalid-request')
    },
  )
})

describe('credit', () => {
  it('shows the decision, which can be objected to once, and by its reader alone', async () => {
    const { decisions } = credit.parse(await get<CreditJson>('/api/me/credit'))
    expect(decisions).toMatchObject([{ result: 'admitted' }])
    const path = `/api/me/decisions/${decisions[0]!.id}/objection`
    const li = await t.reader('2120500002')
    await expect(t.ask(li.headers, 'POST', path, { reason: '不服' + '！' })).rejects.toThrow(
      'unknown-decision',
    )
    const answer = await t.ask(wang.headers, 'POST', path, { reason: '积分算错了' })
    expect(answer).toEqual({ decisionId: decisions[0]!.id })
    await expect(t.ask(wang.headers, 'POST', path, { reason: '积分算错了' })).rejects.toThrow(
      'already-objected',
    )
  })
})

describe('messages', () => {
  it('tell the reader what happened, page by page, until they are read', async () => {
    const staff = await t.staff()
    const one = await t.order(wang, '三体')
    for (const action of ['found', 'pack', 'at-branch']) await t.press(staff, one.lineId, action)
    const page = messagePage.parse(await get('/api/me/messages'))
    expect(page.items[0]).toMatchObject({ orderId: one.id, read: false })
    expect(page.items[0]!.body.zh).toContain('三体')
    await t.ask(wang.headers, 'POST', '/api/me/messages/read')
    const after = messagePage.parse(await get('/api/me/messages'))
    expect(after.items.every(message => message.read)).toBe(true)
    expect(messagePage.parse(await get('/api/me/messages', await t.reader('2120500002'))).items).toEqual([])
  })
})
