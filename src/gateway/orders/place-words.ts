import type { Millis } from '../../kernel/clock.ts'
import { type Fen, toYuan } from '../../kernel/money.ts'
import { type Problem, refused, type Words } from '../../kernel/problem.ts'
import { dayWords } from '../notices/notices.ts'

/** Why an order is not taken, and what to do about it. */
export const placeRefusals = {
  empty: () => refused('empty-order', { zh: '借阅单是空的。', en: 'There is nothing in the list.' }),
  tooMany: (most: number): Problem =>
    refused('too-many-items', {
      zh: `一单最多 ${most} 本，请分两单。`,
      en: `One order takes up to ${most} items; please make two of it.`,
    }),
  noSplit: (most: number): Problem =>
    refused('too-many-for-a-parcel', {
      zh: `一个包裹最多 ${most} 本，请减少几本。`,
      en: `A parcel takes up to ${most} items; please take some out.`,
    }),
  unknownRecord: (): Problem =>
    refused('unknown-record', { zh: '目录里没有这本书了。', en: 'This book is no longer in the catalogue.' }),
  unknownAddress: (): Problem =>
    refused('unknown-address', { zh: '请先选择一个收书地址。', en: 'Please choose an address first.' }),
  duplicate: (title: string): Problem =>
    refused('duplicate-line', {
      zh: `《${title}》你已经借了或正在借，不用再借一次。`,
      en: `You have "${title}" already, or it is on its way.`,
    }),
  openRequests: (most: number): Problem =>
    refused('too-many-requests', {
      zh: `同时最多 ${most} 本在途，取走几本后再借。`,
      en: `Up to ${most} items may be on their way at once; collect some first.`,
    }),
  notJoined: (): Problem =>
    refused('not-joined', { zh: '请先开通网上借阅。', en: 'Please join online lending first.' }),
  loanLimit: (most: number): Problem =>
    refused('loan-limit', {
      zh: `你最多可借 ${most} 本，还几本后再借。`,
      en: `You may have up to ${most} items; return some first.`,
    }),
  frozen: (until: Millis, zone: string): Problem => {
    const day = dayWords(until, zone)
    return refused('frozen', {
      zh: `你的借阅资格暂停到${day.zh}，到期自动恢复。`,
      en: `Your borrowing is suspended until ${day.en}; it comes back by itself.`,
    })
  },
  takerFrozen: (): Problem =>
    refused('transfer-frozen', {
      zh: '对方的借阅资格暂停中，不能接手。',
      en: 'The other reader’s borrowing is suspended at the moment.',
    }),
  takerLimit: (most: number): Problem =>
    refused('transfer-limit', {
      zh: `对方最多可借 ${most} 本，已经借满了。`,
      en: `The other reader may have up to ${most} items and has them all.`,
    }),
  blocked: (code: string, say: Words, text?: string): Problem =>
    refused(`patron-${code}`, say, text ? { their: { text } } : {}),
  dearer: (due: Fen): Problem =>
    refused('price-rose', {
      zh: `补贴刚刚用完了，这一单现在要付 ${toYuan(due)} 元。看过再提交。`,
      en: `The subsidy has just run out: this order now costs CNY ${toYuan(due)}. Please look again before ordering.`,
    }),
  noCard: (): Problem =>
    refused('no-card', { zh: '请先绑定读者证。', en: 'Please link your reader’s card first.' }),
}

export const quoteWords = {
  noCopyNow: {
    zh: '现在没有可借的，下单后我们会继续为你找。',
    en: 'There is no copy to lend now; if you order, we keep looking for one.',
  },
} satisfies Record<string, Words>
