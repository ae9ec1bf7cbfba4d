import { toBeijing } from '../../../kernel/beijing-time.ts'
import type { Millis } from '../../../kernel/clock.ts'
import {
  type Answer,
  garbled,
  misconfigured,
  no,
  refused,
  unreachable,
  yes,
} from '../../../kernel/problem.ts'
import type { Admission, AdmissionRequest, LoanNotice } from '../credit.ts'
import { cutReply, type Params, verify } from './signing.ts'

/** What the library agreed with the platform. Names that no public text gives are settings. */
export interface ZhimaSettings {
  readonly appId: string
  /** PEM; signs what we send. */
  readonly privateKey: string
  /** PEM of the Alipay public key (not of our own): verifies what comes back. */
  readonly alipayPublicKey: string
  readonly gateway: string
  /** Product of `zhima.credit.score.brief.get`. */
  readonly productCode?: string
  /** The contracted service of `zhima.credit.contract.borrow.*`. */
  readonly serviceId: string
  readonly linkedMerchantId?: string
  /** Names of the members of one entry of `subjects_borrowed` / `subjects_returned`. */
  readonly subjectNames?: { readonly id: string; readonly type: string; readonly name: string }
  /** What `type` of an entry says; the platform only knows books. */
  readonly subjectType?: string
}

export interface Call {
  readonly method: string
  /** Becomes `biz_content`, a JSON text. */
  readonly content: Readonly<Record<string, string | number>>
}

export const scoreBrief = (request: AdmissionRequest, settings: ZhimaSettings): Call => ({
  method: 'zhima.credit.score.brief.get',
  content: {
    transaction_id: request.key,
    product_code: settings.productCode ?? 'w1010100000000002733',
    ...(request.person.kind === 'identity-card'
      ? { cert_type: 'IDENTITY_CARD', cert_no: request.person.number, name: request.person.name }
      : { cert_type: 'ALIPAY_USER_ID', open_id: request.person.openId }),
    admittance_score: request.threshold,
    ...(settings.linkedMerchantId === undefined ? {} : { linked_merchant_id: settings.linkedMerchantId }),
  },
})

export const readScoreBrief = (node: Reply, at: Millis): Answer<Admission> => {
  const outcome = outcomes[text(node, 'is_admittance')]
  if (!outcome) return no(unreadable)
  return yes({ outcome, reference: text(node, 'biz_no'), at })
}
/** N/A: no account, or too little data. It says nothing against the person. */
const outcomes: Readonly<Record<string, Admission['outcome']>> = { Y: 'yes', N: 'no', 'N/A': 'unknown' }

export const borrowCreate = (loan: LoanNotice, settings: ZhimaSettings): Call => ({
  method: 'zhima.credit.contract.borrow.create',
  content: {
    ...contract(loan.key, settings),
    gmt_borrow: toBeijing(loan.borrowedAt),
    gmt_due: toBeijing(loan.dueAt),
    subjects_borrowed: subjects(loan, settings),
  },
})

export const borrowReturn = (loan: LoanNotice, settings: ZhimaSettings): Call => ({
  method: 'zhima.credit.contract.borrow.return',
  content: { ...contract(loan.key, settings), subjects_returned: subjects(loan, settings) },
})

export const borrowQuery = (key: string, settings: ZhimaSettings): Call => ({
  method: 'zhima.credit.contract.borrow.query',
  content: contract(key, settings),
})

export interface ContractState {
  readonly signed: boolean
  readonly borrowed: ReadonlySet<string>
  readonly returned: ReadonlySet<string>
}
export const readBorrowQuery = (node: Reply, settings: ZhimaSettings): Answer<ContractState> => {
  const borrowed = readSubjects(node, 'subjects_borrowed', settings)
  const returned = readSubjects(node, 'subjects_returned', settings)
  if (!borrowed || !returned) return no(unreadable)
  return yes({ signed: text(node, 'status') === 'SIGNED', borrowed, returned })
}

const contract = (key: string, settings: ZhimaSettings) => ({
  service_id: settings.serviceId,
  category: 'BOOK',
  out_trans_no: key,
})

const namesOf = (settings: ZhimaSettings) => settings.subjectNames ?? { id: 'id', type: 'type', name: 'name' }

const subjects = (loan: LoanNotice, settings: ZhimaSettings): string => {
  const { id, type, name } = namesOf(settings)
  return JSON.stringify(
    loan.items.map(item => ({
      [id]: item.id,
      [type]: settings.subjectType ?? 'book',
      [name]: item.title.slice(0, 64),
    })),
  )
}

const readSubjects = (node: Reply, member: string, settings: ZhimaSettings): Set<string> | undefined => {
  const written = text(node, member)
  if (written === '') return new Set()
  try {
    const entries: unknown = JSON.parse(written)
    if (!Array.isArray(entries)) return undefined
    return new Set(entries.map(entry => String((entry as Record<string, unknown>)[namesOf(settings).id])))
  } catch {
    return undefined
  }
}

/** The whole set of parameters, ready to be signed. */
export const callParams = (call: Call, settings: ZhimaSettings, at: Millis): Params => ({
  app_id: settings.appId,
  method: call.method,
  format: 'JSON',
  charset: 'utf-8',
  sign_type: 'RSA2',
  timestamp: toBeijing(at),
  version: '1.0',
  biz_content: JSON.stringify(call.content),
})

/** The node of an answer, parsed. */
export type Reply = Readonly<Record<string, unknown>>

/**
 * Reads an answer: the signature first, over the characters as they came, then the code.
 * An `error_response` may come unsigned; then only that something failed is believed.
 */
export const readReply = (body: string, call: Call, settings: ZhimaSettings): Answer<Reply> => {
  const cut = cutReply(body, call.method)
  if (!cut) return no(unreadable)
  const unsigned = cut.signature === undefined
  if (unsigned && cut.node !== 'error_response') return no(forged)
  if (!unsigned && !verify(cut.raw, cut.signature ?? '', settings.alipayPublicKey)) return no(forged)
  const node = parse(cut.raw)
  if (!node) return no(unreadable)
  return text(node, 'code') === '10000' && !unsigned ? yes(node) : no(problemOf(node, call))
}

const parse = (raw: string): Reply | undefined => {
  try {
    const value: unknown = JSON.parse(raw)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Reply) : undefined
  } catch {
    return undefined
  }
}

export const text = (node: Reply, member: string): string => {
  const value = node[member]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

const problemOf = (node: Reply, call: Call) => {
  const code = text(node, 'code')
  const their = { code: text(node, 'sub_code') || code, text: harmless(node, call) }
  if (code === '20000' || their.code.endsWith('SYSTEM_ERROR'))
    return unreachable('credit-busy', words.busy, { their, maybeDone: true })
  if (code === '40004') return refused('credit-refused', words.refused, { their })
  return misconfigured('credit-misconfigured', words.misconfigured, { their })
}

/** Their text without anything we sent: an answer about a signature repeats the whole request. */
const harmless = (node: Reply, call: Call): string => {
  const said = text(node, 'sub_code') === 'isv.invalid-signature' ? '' : text(node, 'sub_msg')
  const sent = Object.values(call.content).filter(value => typeof value === 'string' && value !== '')
  const kept = sent.reduce<string>((rest, value) => rest.replaceAll(String(value), '***'), said)
  return `${text(node, 'msg')} ${kept.replace(/\d{6,}/g, '***')}`.trim().slice(0, 200)
}

const words = {
  busy: { zh: '信用平台繁忙，稍后自动重试。', en: 'The credit platform is busy; we shall try again.' },
  refused: { zh: '信用平台没有受理这次请求。', en: 'The credit platform did not accept this request.' },
  misconfigured: {
    zh: '与信用平台的接口设置有误，请联系图书馆技术人员。',
    en: 'Our settings for the credit platform are wrong; the library’s technicians must look at them.',
  },
}
const unreadable = garbled('credit-unreadable', {
  zh: '信用平台的回复无法识别。',
  en: 'The answer of the credit platform could not be read.',
})
const forged = garbled('credit-bad-signature', {
  zh: '信用平台回复的签名不正确，未采用。',
  en: 'The answer carried a wrong signature and was not used.',
})
