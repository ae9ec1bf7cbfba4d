import { type Fen, toYuan } from '../../kernel/money.ts'
import type { Words } from '../../kernel/problem.ts'

/** What a decision says to people. Each key is the name of a rule in the decision record. */
export const decisionWords = {
  'platform-yes': (threshold: number): Words => ({
    zh: `芝麻信用达到本馆门槛（${threshold} 分），免押金开通。`,
    en: `Zhima credit reaches this library’s threshold (${threshold}): admitted without a deposit.`,
  }),
  'platform-no': (threshold: number): Words => ({
    zh: `芝麻信用未达到本馆门槛（${threshold} 分）。您仍可用下面的方式开通。`,
    en: `Zhima credit is below this library’s threshold (${threshold}). You can join in the other ways below.`,
  }),
  'platform-unknown': (): Words => ({
    zh: '芝麻信用暂时无法评估（没有账户或数据太少），这不算拒绝。请用下面的方式开通。',
    en: 'Zhima cannot assess you (no account, or too little data); that is no refusal. Please join another way.',
  }),
  'platform-unreachable': (): Words => ({
    zh: '现在联系不上芝麻信用。可以稍后再试，或用下面的方式开通。',
    en: 'Zhima cannot be reached now. Try again later, or join in one of the ways below.',
  }),
  'card-good': (): Words => ({
    zh: '读者证有效，已开通；未查询任何信用平台。',
    en: 'The card is valid: admitted. No credit platform was asked.',
  }),
  'deposit-held': (deposit: Fen): Words => ({
    zh: `已收到押金 ${toYuan(deposit)} 元，已开通；押金随时可退。`,
    en: `The deposit of CNY ${toYuan(deposit)} is here: admitted. It is paid back whenever you wish.`,
  }),
  'deposit-missing': (deposit: Fen): Words => ({
    zh: `请先在服务台交押金 ${toYuan(deposit)} 元，或用下面的方式开通。`,
    en: `Please pay the deposit of CNY ${toYuan(deposit)} at the desk first, or join in another way.`,
  }),
  'way-not-offered': (): Words => ({
    zh: '本馆没有这种开通方式，请用下面的方式。',
    en: 'This library does not offer that way; please use another.',
  }),
  tier: (name: Words): Words => ({ zh: `等级：${name.zh}。`, en: `Tier: ${name.en}.` }),
  frozen: (until: string): Words => ({
    zh: `信用分低于 0，借阅暂停至 ${until}，到期自动恢复。`,
    en: `Your points are below 0: borrowing is paused until ${until} and resumes by itself.`,
  }),
  erased: (): Words => ({
    zh: '您已撤回授权，由平台得到的内容已删除。',
    en: 'You withdrew your consent; what came from the platform was erased.',
  }),
  overridden: (reason: string): Words => ({
    zh: `工作人员复核后更改：${reason}`,
    en: `Changed by staff after review: ${reason}`,
  }),
} as const

export const ledgerWords = {
  correction: (name: Words): Words => ({ zh: `更正：${name.zh}`, en: `Correction: ${name.en}` }),
  limited: {
    day: { zh: '（当天已到上限）', en: ' (limit of the day reached)' },
    year: { zh: '（当年已到上限）', en: ' (limit of the year reached)' },
    times: { zh: '（次数已到上限）', en: ' (no longer counts)' },
  },
} as const

export const problemWords = {
  noConsent: {
    zh: '没有您的有效授权，不会查询任何平台。',
    en: 'Without your consent on record no platform is asked.',
  },
  unknownText: {
    zh: '授权说明已更新，请重新阅读后再同意。',
    en: 'The consent text has changed; please read it again before you agree.',
  },
  personNeeded: {
    zh: '请填写姓名和身份证号，只用于这一次查询，不会保存。',
    en: 'Name and ID number are needed for this one query; they are not kept.',
  },
  notJoined: { zh: '请先开通网上借阅。', en: 'Please join online lending first.' },
  unknownDecision: { zh: '没有这个决定。', en: 'There is no such decision.' },
  tooFewPoints: { zh: '可兑换的信用分不足。', en: 'There are not enough points to redeem.' },
  redeemedOut: { zh: '兑换次数已到上限。', en: 'No more redemptions are possible.' },
  alreadyObjected: { zh: '您已对这个决定提出异议。', en: 'You have objected to this decision already.' },
} as const
