import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  checkSudiyi,
  checkWebhook,
  contentMd5,
  mailDate,
  sudiyiAuthorization,
  sudiyiContentType,
  sudiyiHeaders,
  sudiyiStringToSign,
  webhookHeaders,
} from '../../../src/lockers/vendors/vendor-cloud-signing.ts'

interface Vector {
  readonly name: string
  readonly secret: string
  readonly partnerId: string
  readonly body: string
  readonly contentMd5: string
  readonly date: string
  readonly path: string
  readonly stringToSign: string
  readonly authorization: string
}
const file = new URL('../../../../shared/vectors/lockers.json', import.meta.url)
const vectors: readonly Vector[] = existsSync(file)
  ? (JSON.parse(readFileSync(file, 'utf8')) as { vendorSignatures: Vector[] }).vendorSignatures
  : []
if (vectors.length === 0) console.log('check values of vendor signatures are not here: their test is skipped')

describe.skipIf(vectors.length === 0)('the check value of the Sudiyi signature', () => {
  it.each(vectors.map(one => [one.name, one] as const))('%s is met', (_, one) => {
    const signed = { ...one, method: 'POST', contentType: sudiyiContentType }
    expect(contentMd5(one.body, 'raw')).toBe(one.contentMd5)
    expect(sudiyiStringToSign(signed)).toBe(one.stringToSign)
    expect(sudiyiAuthorization(one, signed)).toBe(one.authorization)
    const at = Date.parse(one.date)
    expect(mailDate(at)).toBe(one.date)
    const headers = sudiyiHeaders(
      { ...one, md5: 'raw' },
      { method: 'POST', path: one.path, body: one.body, at },
    )
    expect(headers.Authorization).toBe(one.authorization)
  })
})

const pushed = (headers: Readonly<Record<string, string>>, body: string, path = '/hooks/x') => {
  const known = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return { path, body, header: (name: string) => known.get(name) }
}

describe('the signature of Sudiyi', () => {
  const key = { partnerId: 'P7', secret: 'a secret' }
  const at = Date.parse('2026-11-23T08:00:00+08:00')
  const body = '{"resv_order_no":"R1","status":1}'

  it('has the two forms of the digest that are in use: raw bytes, or sixteen characters of the hexadecimal one', () => {
    // MD5 of the empty text is d41d8cd98f00b204e9800998ecf8427e.
    expect(contentMd5('', 'raw')).toBe('1B2M2Y8AsgTpgAmY7PhCfg==')
    expect(Buffer.from(contentMd5('', 'hex16'), 'base64').toString()).toBe('8f00b204e9800998')
  })

  it('is taken from a push in either form, and refused with anything in it changed', () => {
    for (const md5 of ['raw', 'hex16'] as const) {
      const headers = sudiyiHeaders({ ...key, md5 }, { method: 'POST', path: '/hooks/x', body, at })
      expect(checkSudiyi(key, pushed(headers, body), at).ok).toBe(true)
      expect(checkSudiyi(key, pushed(headers, `${body} `), at).ok).toBe(false)
      expect(checkSudiyi(key, pushed(headers, body, '/hooks/y'), at).ok).toBe(false)
      expect(checkSudiyi({ ...key, secret: 'another' }, pushed(headers, body), at).ok).toBe(false)
      expect(checkSudiyi({ ...key, partnerId: 'P8' }, pushed(headers, body), at).ok).toBe(false)
      expect(checkSudiyi(key, pushed({ ...headers, Date: mailDate(at + 1000) }, body), at).ok).toBe(false)
      for (const name of ['Authorization', 'Date', 'Content-MD5'])
        expect(checkSudiyi(key, pushed({ ...headers, [name]: '' }, body), at).ok).toBe(false)
      expect(checkSudiyi(key, pushed(headers, body), at + 301_000).ok).toBe(false)
      expect(checkSudiyi(key, pushed(headers, body), at - 301_000).ok).toBe(false)
    }
  })
})

describe('the signature of Standard Webhooks', () => {
  const key = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek'
  const at = 1_614_265_330_000
  const body = '{"test": 2432232314}'

  it('is that of the published example', () => {
    expect(webhookHeaders(key, { id, at, body })).toEqual({
      'webhook-id': id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('is taken with any of the keys and any of the signatures, while a key is exchanged', () => {
    const headers = webhookHeaders(key, { id, at, body })
    const more = { ...headers, 'webhook-signature': `v1,AAAA v2,xyz ${headers['webhook-signature']}` }
    expect(checkWebhook(['plain words as a key', key], pushed(more, body), at)).toEqual({ ok: true, id })
    expect(checkWebhook(['plain words as a key'], pushed(more, body), at).ok).toBe(false)
    expect(checkWebhook([], pushed(headers, body), at).ok).toBe(false)
  })

  it('is refused with anything in it changed, and outside of five minutes', () => {
    const headers = webhookHeaders(key, { id, at, body })
    expect(checkWebhook([key], pushed(headers, body), at + 300_000).ok).toBe(true)
    expect(checkWebhook([key], pushed(headers, body), at + 300_001).ok).toBe(false)
    expect(checkWebhook([key], pushed(headers, body), at - 300_001).ok).toBe(false)
    expect(checkWebhook([key], pushed(headers, '{"test": 2432232315}'), at).ok).toBe(false)
    for (const changed of [
      { 'webhook-id': 'msg_2' },
      { 'webhook-timestamp': '1614265331' },
      { 'webhook-timestamp': 'NaN' },
      { 'webhook-signature': 'v1,' },
      { 'webhook-signature': headers['webhook-signature']!.replace('v1,', 'v2,') },
      { 'webhook-signature': '' },
    ])
      expect(checkWebhook([key], pushed({ ...headers, ...changed }, body), at).ok).toBe(false)
  })
})
