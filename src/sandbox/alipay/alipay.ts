import { generateKeyPairSync } from 'node:crypto'
import { sign, signingString, verify } from '../../adapters/credit/zhima/signing.ts'
import { parseBeijing } from '../../kernel/beijing-time.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import { Faults } from '../faults.ts'
import { type PartyReply, type PartyRequest, startHttpParty } from '../http-party.ts'
import { type ContractView, createContracts, type Outcome, type SavedContracts } from './contracts.ts'

/** Somebody the platform may know. A missing score is `N/A`: an account with too little data. */
export interface AlipayPerson {
  readonly name: string
  readonly idNumber: string
  readonly openId?: string
  readonly score?: number
}
/** `acted-*`: the call takes effect and its answer is lost. */
export type AlipayFault =
  | { readonly kind: 'http-500' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'slow'; readonly by: Millis }
  | { readonly kind: 'cut' }
  | { readonly kind: 'acted-cut' }
  | { readonly kind: 'wrong-signature' }
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'unknown-person' }

export interface SandboxAlipayOptions {
  readonly clock: Clock
  readonly people: readonly AlipayPerson[]
  readonly appId: string
  /** PEM of the public half of the key the gateway signs with. */
  readonly appPublicKey: string
  /** The platform's own pair; made on the spot when absent. */
  readonly keys?: KeyPair
  readonly repeatedCreate?: 'refuse' | 'accept'
  /** What an earlier run wrote down. */
  readonly saved?: SavedContracts
  readonly port?: number
}
export interface SandboxAlipay {
  /** Of `gateway.do`. */
  readonly url: string
  /** PEM; what the product calls the Alipay public key. */
  readonly publicKey: string
  fail(method: string, fault: AlipayFault, times?: number): void
  /** Answered calls by method, for tests; nothing personal. */
  readonly calls: readonly { readonly method: string; readonly code: string; readonly subCode?: string }[]
  contracts(): readonly ContractView[]
  /** Everything, for the next run. */
  toJSON(): SavedContracts
  agree(outTransNo: string): void
  close(): Promise<void>
}
export interface KeyPair {
  readonly publicKey: string
  readonly privateKey: string
}

/** One pair for the library's app, one for the platform: RSA 2048, PEM. */
export const alipayKeyPairs = (): { readonly app: KeyPair; readonly platform: KeyPair } => ({
  app: keyPair(),
  platform: keyPair(),
})
const keyPair = (): KeyPair =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

interface Result {
  readonly node: string
  readonly fields: Readonly<Record<string, string>>
  readonly signed: boolean
}

const dayMillis = 86_400_000
const products = new Set(['w1010100000000002733'])

/** The Alipay open platform of the sandbox: `gateway.do` over real HTTP, key mode RSA2. */
export const startSandboxAlipay = async (options: SandboxAlipayOptions): Promise<SandboxAlipay> => {
  const keys = options.keys ?? keyPair()
  const faults = new Faults<AlipayFault>()
  const calls: { method: string; code: string; subCode?: string }[] = []
  const contracts = createContracts(options.clock, options.repeatedCreate ?? 'refuse', options.saved)
  const answered = new Map<string, { at: Millis; outcome: Outcome }>()
  let number = 0

  const scoreBrief = (content: Readonly<Record<string, unknown>>, forget: boolean): Outcome => {
    const fault = contentFault(content)
    if (fault) return { ok: false, subCode: 'INVALID_PARAMETER', subMsg: `参数有误：${fault}` }
    const id = String(content.transaction_id)
    const earlier = answered.get(id)
    if (earlier)
      return options.clock.now() - earlier.at <= dayMillis
        ? earlier.outcome
        : { ok: false, subCode: 'TRANSACTION_ID_EXPIRED', subMsg: '流水号已失效' }
    const person = forget ? undefined : findPerson(options.people, content)
    const admitted =
      person?.score === undefined ? 'N/A' : person.score >= Number(content.admittance_score) ? 'Y' : 'N'
    const outcome: Outcome = {
      ok: true,
      fields: { biz_no: `ZM${String(++number).padStart(31, '0')}`, is_admittance: admitted },
    }
    answered.set(id, { at: options.clock.now(), outcome })
    return outcome
  }

  const act = (params: Readonly<Record<string, string>>, fault: AlipayFault | undefined): Result => {
    const method = params.method ?? ''
    const wrong = checkCommon(params, options)
    if (wrong) return failure(method, wrong.code, wrong.subCode, wrong.subMsg)
    if (fault?.kind === 'busy') return failure(method, '20000', 'isp.unknow-error', '系统繁忙')
    const content = readContent(params.biz_content)
    if (!content) return failure(method, '40002', 'isv.invalid-parameter', 'biz_content')
    const borrow = /^zhima\.credit\.contract\.borrow\.(\w+)$/.exec(method)?.[1]
    const outcome =
      method === 'zhima.credit.score.brief.get'
        ? scoreBrief(content, fault?.kind === 'unknown-person')
        : borrow === undefined
          ? undefined
          : contracts.handle(borrow, content)
    if (!outcome) return { ...failure('', '40002', 'isv.invalid-method', '不存在的方法名'), signed: false }
    return outcome.ok
      ? { node: nodeOf(method), fields: { code: '10000', msg: 'Success', ...outcome.fields }, signed: true }
      : failure(method, '40004', outcome.subCode, outcome.subMsg)
  }

  const handle = async (request: PartyRequest): Promise<PartyReply | undefined> => {
    if (request.path !== '/gateway.do') return { status: 404, body: 'Not Found' }
    const params = {
      ...Object.fromEntries(request.query),
      ...Object.fromEntries(new URLSearchParams(request.body)),
    }
    const fault = faults.next(params.method ?? '')
    if (fault?.kind === 'cut') return undefined
    if (fault?.kind === 'http-500') return { status: 500, body: '<html>error</html>' }
    const acted = act(params, fault)
    const result = fault?.kind === 'unsigned' ? { ...acted, signed: false } : acted
    calls.push({
      method: params.method ?? '',
      code: result.fields.code ?? '',
      ...(result.fields.sub_code === undefined ? {} : { subCode: result.fields.sub_code }),
    })
    if (fault?.kind === 'acted-cut') return undefined
    if (fault?.kind === 'slow') await new Promise<void>(resolve => options.clock.after(fault.by, resolve))
    const sealed = fault?.kind === 'wrong-signature' ? `${result.fields.code} ` : undefined
    return {
      headers: {
        'content-type': 'text/html;charset=utf-8',
        trace_id: `0b${String(calls.length).padStart(30, '0')}`,
      },
      body: envelope(result, raw => sign(sealed ?? raw, keys.privateKey)),
    }
  }

  const party = await startHttpParty(handle, options.port)
  return {
    url: `${party.url}/gateway.do`,
    publicKey: keys.publicKey,
    calls,
    contracts: contracts.view,
    toJSON: contracts.toJSON,
    agree: contracts.agree,
    fail: (method, fault, times) => faults.order(method, fault, times),
    close: party.close,
  }
}

/** Slashes go out escaped, as the platform's Java does: a client that writes the node anew cannot verify it. */
const envelope = (result: Result, seal: (raw: string) => string): string => {
  const raw = JSON.stringify(result.fields).replaceAll('/', '\\/')
  return result.signed ? `{"${result.node}":${raw},"sign":"${seal(raw)}"}` : `{"${result.node}":${raw}}`
}

const nodeOf = (method: string): string =>
  method === '' ? 'error_response' : `${method.replaceAll('.', '_')}_response`

const messages: Readonly<Record<string, string>> = {
  '20000': 'Service Currently Unavailable',
  '40001': 'Missing Required Arguments',
  '40002': 'Invalid Arguments',
  '40004': 'Business Failed',
}
const failure = (method: string, code: string, subCode: string, subMsg: string): Result => ({
  node: nodeOf(method),
  fields: { code, msg: messages[code] ?? '', sub_code: subCode, sub_msg: subMsg },
  signed: true,
})

interface Wrong {
  readonly code: string
  readonly subCode: string
  readonly subMsg: string
}
const required: readonly (readonly [string, string])[] = [
  ['method', 'isv.missing-method'],
  ['app_id', 'isv.missing-app-id'],
  ['sign', 'isv.missing-signature'],
  ['sign_type', 'isv.missing-signature-type'],
  ['timestamp', 'isv.missing-timestamp'],
  ['version', 'isv.missing-version'],
]
const checkCommon = (
  params: Readonly<Record<string, string>>,
  options: SandboxAlipayOptions,
): Wrong | undefined => {
  for (const [name, subCode] of required)
    if (!params[name]) return { code: '40001', subCode, subMsg: `缺少参数：${name}` }
  const invalid = (subCode: string, subMsg: string): Wrong => ({ code: '40002', subCode, subMsg })
  if (params.app_id !== options.appId) return invalid('isv.invalid-app-id', '无效的 AppID 参数')
  if (params.sign_type !== 'RSA2') return invalid('isv.invalid-signature-type', '无效的签名类型')
  if (params.version !== '1.0') return invalid('isv.invalid-version', '无效的版本')
  if (params.format !== undefined && params.format !== 'JSON')
    return invalid('isv.invalid-format', '无效的数据格式')
  if (params.charset !== undefined && !/^(utf-8|gbk|gb2312)$/i.test(params.charset))
    return invalid('isv.invalid-charset', '字符集错误')
  const at = parseBeijing(params.timestamp ?? '')
  if (at === undefined || Math.abs(at - options.clock.now()) > dayMillis)
    return invalid('isv.invalid-timestamp', '非法的时间戳参数')
  const texts = [signingString(params), signingString(params, ['sign'], true)]
  return texts.some(text => verify(text, params.sign ?? '', options.appPublicKey, params.charset))
    ? undefined
    : invalid('isv.invalid-signature', `验签出错，待验签字符串：${escapeHtml(texts[0] ?? '')}`)
}

const escapeHtml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

const readContent = (content: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(content ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

const contentFault = (content: Readonly<Record<string, unknown>>): string | undefined => {
  const threshold = content.admittance_score
  if (!/^\w{1,64}$/.test(String(content.transaction_id ?? ''))) return 'transaction_id'
  if (!products.has(String(content.product_code))) return 'product_code'
  if (typeof threshold !== 'number' || threshold < 350 || threshold > 950) return 'admittance_score'
  if (content.cert_type === 'ALIPAY_USER_ID') return content.open_id ? undefined : 'open_id'
  if (content.cert_type !== 'IDENTITY_CARD' && content.cert_type !== 'PASSPORT') return 'cert_type'
  if (!/^\d{17}[\dX]$/i.test(String(content.cert_no ?? ''))) return 'cert_no'
  return content.name ? undefined : 'name'
}

const findPerson = (
  people: readonly AlipayPerson[],
  content: Readonly<Record<string, unknown>>,
): AlipayPerson | undefined =>
  content.cert_type === 'ALIPAY_USER_ID'
    ? people.find(person => person.openId === content.open_id)
    : people.find(person => person.idNumber === content.cert_no && person.name === content.name)
