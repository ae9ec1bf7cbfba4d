import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cutReply, sign, signingString, verify } from '../../src/adapters/credit/zhima/signing.ts'
import { ManualClock } from '../../src/kernel/clock.ts'
import { alipayKeyPairs, type SandboxAlipay, startSandboxAlipay } from '../../src/sandbox/alipay/alipay.ts'

const { app } = alipayKeyPairs()
const clock = new ManualClock('2026-01-01T19:04:05Z')
let sandbox: SandboxAlipay
beforeAll(async () => {
  const people = [{ name: '测试甲', idNumber: '110101190001010014', score: 600 }]
  sandbox = await startSandboxAlipay({ clock, people, appId: 'app', appPublicKey: app.publicKey })
})
afterAll(() => sandbox.close())

const common = {
  app_id: 'app',
  method: 'zhima.credit.score.brief.get',
  charset: 'utf-8',
  sign_type: 'RSA2',
  timestamp: '2026-01-02 03:04:05',
  version: '1.0',
}
const score = {
  transaction_id: 'T1',
  product_code: 'w1010100000000002733',
  cert_type: 'IDENTITY_CARD',
  cert_no: '110101190001010014',
  name: '测试甲',
  admittance_score: 600,
}
type Fields = Record<string, string>
const signed = (params: Fields, dropEmpty = false): Fields => ({
  ...params,
  sign: sign(signingString(params, ['sign'], dropEmpty), app.privateKey, params.charset),
})
const post = async (query: Fields, body: Fields | string): Promise<string> => {
  const response = await fetch(`${sandbox.url}?${new URLSearchParams(query)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: typeof body === 'string' ? body : new URLSearchParams(body),
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('trace_id')).toMatch(/^0b\d{30}$/)
  return response.text()
}
const ask = async (params: Fields): Promise<Fields> => {
  const body = await post({}, params)
  return Object.values(JSON.parse(body) as Record<string, Fields>)[0]!
}
const call = (method: string, content: object): Promise<Fields> =>
  ask(signed({ ...common, method, biz_content: JSON.stringify(content) }))

describe('the sandbox of the Alipay open platform', () => {
  it('signs the raw characters of its answer, slashes escaped', async () => {
    const params = signed({
      ...common,
      biz_content: JSON.stringify({ ...score, cert_no: '110101190001020028' }),
    })
    const cut = cutReply(await post({}, params), common.method)!
    expect(cut.raw).toContain('"is_admittance":"N\\/A"')
    expect(verify(cut.raw, cut.signature!, sandbox.publicKey)).toBe(true)
  })

  it('merges query and body before it verifies', async () => {
    const { biz_content, ...query } = signed({
      ...common,
      biz_content: JSON.stringify({ ...score, transaction_id: 'T2' }),
    })
    expect(await post(query, { biz_content: biz_content! })).toContain('"is_admittance":"Y"')
  })

  it.each([false, true])('accepts empty values left out of the signing string: %s', async dropEmpty => {
    const params = {
      ...common,
      notify_url: '',
      biz_content: JSON.stringify({ ...score, transaction_id: 'T3' }),
    }
    expect(await ask(signed(params, dropEmpty))).toMatchObject({ code: '10000' })
  })

  it.each([
    ['method', 'isv.missing-method'],
    ['app_id', 'isv.missing-app-id'],
    ['sign', 'isv.missing-signature'],
    ['sign_type', 'isv.missing-signature-type'],
    ['timestamp', 'isv.missing-timestamp'],
    ['version', 'isv.missing-version'],
  ])('misses %s with 40001', async (name, sub_code) => {
    const { [name]: _, ...params } = signed({ ...common, biz_content: '{}' })
    expect(await ask(params as Fields)).toMatchObject({ code: '40001', sub_code })
  })

  it.each([
    [{ app_id: 'other' }, 'isv.invalid-app-id'],
    [{ sign_type: 'RSA' }, 'isv.invalid-signature-type'],
    [{ version: '2.0' }, 'isv.invalid-version'],
    [{ format: 'XML' }, 'isv.invalid-format'],
    [{ charset: 'big5' }, 'isv.invalid-charset'],
    [{ timestamp: '2026-01-04 03:04:05' }, 'isv.invalid-timestamp'],
    [{ timestamp: '2026-01-02T03:04:05' }, 'isv.invalid-timestamp'],
    [{ biz_content: 'no json' }, 'isv.invalid-parameter'],
  ])('finds %o invalid with 40002', async (wrong, sub_code) => {
    expect(await ask(signed({ ...common, biz_content: '{}', ...wrong } as Fields))).toMatchObject({
      code: '40002',
      sub_code,
    })
  })

  it('tells which text it verified when a signature is wrong', async () => {
    const params = { ...signed({ ...common, biz_content: '{"a":1}' }), timestamp: '2026-01-02 03:04:06' }
    const answer = await ask(params)
    expect(answer).toMatchObject({ code: '40002', sub_code: 'isv.invalid-signature' })
    expect(answer.sub_msg).toContain('biz_content={&quot;a&quot;:1}&amp;charset=utf-8')
  })

  it('answers an unknown method with an unsigned error_response', async () => {
    const body = await post({}, signed({ ...common, method: 'zhima.nothing', biz_content: '{}' }))
    expect(cutReply(body, 'zhima.nothing')).toMatchObject({ node: 'error_response', signature: undefined })
  })

  it.each([
    { transaction_id: 'a b' },
    { product_code: 'w1' },
    { admittance_score: 349 },
    { admittance_score: 951 },
    { cert_type: 'LIBRARY_CARD' },
    { cert_no: '12' },
    { name: '' },
  ])('refuses business content with %o by 40004', async wrong => {
    expect(await call(common.method, { ...score, ...wrong })).toMatchObject({ code: '40004' })
  })

  it('gives the first result again for a transaction_id it knows', async () => {
    const first = await call(common.method, { ...score, transaction_id: 'T9' })
    const again = await call(common.method, { ...score, transaction_id: 'T9', admittance_score: 950 })
    expect(again).toEqual(first)
  })

  it('lends only after the reader agreed, where the contract was opened first', async () => {
    const contract = { service_id: '1', category: 'BOOK', out_trans_no: 'C1' }
    const loan = {
      ...contract,
      gmt_borrow: '2026-01-02 03:04:05',
      gmt_due: '2026-02-01 23:59:59',
      subjects_borrowed: JSON.stringify([{ id: '1', type: 'book', name: '红楼梦' }]),
    }
    const family = 'zhima.credit.contract.borrow'
    expect(await call(`${family}.initialize`, contract)).toMatchObject({
      code: '10000',
      url: expect.any(String),
    })
    expect(await call(`${family}.query`, contract)).toMatchObject({ status: 'INITED' })
    expect(await call(`${family}.create`, loan)).toMatchObject({ sub_code: 'CONTRACT_NOT_SIGNED' })
    sandbox.agree('C1')
    expect(await call(`${family}.create`, loan)).toMatchObject({ code: '10000' })
    expect(await call(`${family}.query`, contract)).toMatchObject({
      status: 'SIGNED',
      subjects_returned: '[]',
    })
    expect(await call(`${family}.create`, loan)).toMatchObject({ sub_code: 'OUT_TRANS_NO_REPEATED' })
  })
})
