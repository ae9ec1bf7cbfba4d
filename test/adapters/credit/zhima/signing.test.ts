import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  cutReply,
  sign,
  signingString,
  verify,
  verifyNotification,
} from '../../../../src/adapters/credit/zhima/signing.ts'
import { alipayKeyPairs } from '../../../../src/sandbox/alipay/alipay.ts'

interface Vectors {
  keys: { app_public_key_spki: string; alipay_public_key_spki: string }
  request_v1: { name: string; params: Record<string, string>; string_to_sign: string; sign: string }[]
  page_execute_get: { params: Record<string, string>; string_to_sign: string; sign: string }
  response_v1: {
    name: string
    response_node: string
    raw_signed_substring: string
    body: string
    sign: string
  }[]
  notify: { name: string; dropped: string[]; form_body: string }[]
}
const file = new URL('../../../../../shared/vectors/alipay.json', import.meta.url)
const present = existsSync(file)
if (!present) console.log('vectors of the Alipay SDK are absent: those tests are skipped')
const vectors = present ? (JSON.parse(readFileSync(file, 'utf8')) as Vectors) : undefined

describe.skipIf(!present)('signatures made by the official SDK', () => {
  const {
    keys,
    request_v1 = [],
    page_execute_get,
    response_v1 = [],
    notify = [],
  } = vectors ?? ({} as Vectors)

  it.each(request_v1)('request: $name', ({ params, string_to_sign, sign: signature }) => {
    expect(signingString(params)).toBe(string_to_sign)
    const legacy = params.sign_type === 'RSA'
    expect(verify(signingString(params), signature, keys.app_public_key_spki, params.charset)).toBe(!legacy)
  })

  it('request whose parameters are spread over query and body', () => {
    expect(signingString(page_execute_get.params)).toBe(page_execute_get.string_to_sign)
    expect(verify(page_execute_get.string_to_sign, page_execute_get.sign, keys.app_public_key_spki)).toBe(
      true,
    )
  })

  it.each(response_v1)(
    'response: $name',
    ({ response_node, raw_signed_substring, body, sign: signature }) => {
      const method = response_node.replace(/_response$/, '').replaceAll('_', '.')
      const cut = cutReply(body, response_node === 'error_response' ? 'some.other.method' : method)
      expect(cut).toEqual({ node: response_node, raw: raw_signed_substring, signature })
      expect(verify(cut!.raw, cut!.signature!, keys.alipay_public_key_spki)).toBe(true)
    },
  )

  it.each(notify)('notification: $name', ({ dropped, form_body }) => {
    const params = Object.fromEntries(new URLSearchParams(form_body))
    const rule = verifyNotification(params, keys.alipay_public_key_spki)
    expect(rule).toBe(dropped.includes('sign_type') ? 'V1' : 'V2')
    expect(verifyNotification({ ...params, version: '9' }, keys.alipay_public_key_spki)).toBeUndefined()
  })
})

describe('signing with a pair of our own', () => {
  const { app, platform } = alipayKeyPairs()

  it('verifies what it signed and nothing else', () => {
    const text = signingString({ b: '2', a: '张三 +&', sign: 'ignored' })
    expect(text).toBe('a=张三 +&&b=2')
    const signature = sign(text, app.privateKey)
    expect(signature).toHaveLength(344)
    expect(verify(text, signature, app.publicKey)).toBe(true)
    expect(verify(`${text} `, signature, app.publicKey)).toBe(false)
    expect(verify(text, signature, platform.publicKey)).toBe(false)
    expect(verify(text, 'not base64 at all', app.publicKey)).toBe(false)
    expect(verify(text, signature, 'not a key')).toBe(false)
  })

  it('signs another text in GBK than in UTF-8', () => {
    const signature = sign('张三', app.privateKey, 'gbk')
    expect(verify('张三', signature, app.publicKey, 'gbk')).toBe(true)
    expect(verify('张三', signature, app.publicKey)).toBe(false)
  })

  it('leaves empty values out only when told to', () => {
    expect(signingString({ a: '', b: '1' })).toBe('a=&b=1')
    expect(signingString({ a: '', b: '1' }, ['sign'], true)).toBe('b=1')
  })

  it('refuses a notification that claims the old SHA-1 signature', () => {
    const params = { notify_id: '1', sign_type: 'RSA' }
    const signed = { ...params, sign: sign(signingString(params), platform.privateKey) }
    expect(verifyNotification(signed, platform.publicKey)).toBeUndefined()
  })
})

describe('cutting the node out of an answer', () => {
  const body = '{ "a_b_response" : {"x":"} , \\"sign\\":1","y":[{"z":2}]} , "sign":"s" }'

  it('balances braces and leaves strings alone', () => {
    expect(cutReply(body, 'a.b')).toEqual({
      node: 'a_b_response',
      raw: '{"x":"} , \\"sign\\":1","y":[{"z":2}]}',
      signature: 's',
    })
  })

  it('takes error_response when the method has no node of its own', () => {
    expect(cutReply('{"error_response":{"code":"40001"}}', 'a.b')).toEqual({
      node: 'error_response',
      raw: '{"code":"40001"}',
      signature: undefined,
    })
  })

  it('is not fooled by a node hidden in another one, and refuses a doubled name', () => {
    expect(cutReply('{"error_response":{"a_b_response":{"code":"10000"}},"sign":"s"}', 'a.b')?.node).toBe(
      'error_response',
    )
    expect(
      cutReply('{"a_b_response":{"code":"1"},"a_b_response":{"code":"2"},"sign":"s"}', 'a.b'),
    ).toBeUndefined()
  })

  it.each(['', '<html>', '[]', '{"a_b_response":', '{"a_b_response":{"x":"', '{"other":1}', '{"a'])(
    'answers nothing for %j',
    text => expect(cutReply(text, 'a.b')).toBeUndefined(),
  )
})
