import type { Words } from '../../kernel/problem.ts'

/** Why the library system says no, in its own words. */
export const reasons = {
  'unknown-card': { zh: '读者证号不存在', en: 'Patron not found' },
  'wrong-pin': { zh: '密码错误', en: 'Wrong password' },
  'card-blocked': { zh: '读者证已停用', en: 'Card is blocked' },
  'card-lost': { zh: '读者证已挂失', en: 'Card reported lost' },
  'card-expired': { zh: '读者证已过期', en: 'Card has expired' },
  'fines-owed': { zh: '欠款超过限额，请先缴清', en: 'Fines exceed the limit' },
  'overdue-held': { zh: '有超期图书未还', en: 'Overdue items must be returned first' },
  'limit-reached': { zh: '已达到可借册数上限', en: 'Loan limit reached' },
  'unknown-item': { zh: '条码不存在', en: 'Item not found' },
  'not-for-loan': { zh: '该文献仅供馆内阅览', en: 'Item is not for loan' },
  'not-available': { zh: '该文献目前不可借', en: 'Item is not available' },
  'held-for-other': { zh: '该文献已被其他读者预约', en: 'Item is on hold for another patron' },
  'charged-to-other': { zh: '该文献已被其他读者借走', en: 'Item is charged to another patron' },
  'on-loan-to-patron': { zh: '该文献已在本人名下', en: 'Item is already on loan to this patron' },
  'fee-first': { zh: '外借需付费，请先确认', en: 'A fee applies and must be acknowledged' },
  'renewals-exhausted': { zh: '已达到续借次数上限', en: 'No renewals left' },
  'renewal-gains-nothing': { zh: '续借日期未到', en: 'Too soon to renew' },
  'not-on-loan': { zh: '该文献未借出', en: 'Item is not on loan' },
  'loan-of-other': { zh: '不是本人的借阅', en: 'Loan belongs to another patron' },
  'unknown-title': { zh: '找不到该书目', en: 'Title not found' },
  'hold-twice': { zh: '该读者已预约过此书', en: 'Patron already has a hold on this title' },
  'hold-own-loan': { zh: '该读者已借有此书', en: 'Patron has this title on loan' },
  'hold-limit': { zh: '已达到可预约数上限', en: 'Hold limit reached' },
  'unknown-branch': { zh: '取书地点不存在', en: 'Unknown pickup location' },
  'no-such-hold': { zh: '没有这条预约', en: 'No such hold' },
  'nothing-owed': { zh: '没有待缴款项', en: 'Nothing is owed' },
  'amount-too-large': { zh: '缴款超过欠款', en: 'Amount exceeds what is owed' },
  'amount-invalid': { zh: '金额无效', en: 'Invalid amount' },
  closed: { zh: '系统维护中，暂停服务', en: 'System is closed for maintenance' },
  'not-served': { zh: '本系统不提供此功能', en: 'Not supported by this system' },
} as const satisfies Record<string, Words>
export type Reason = keyof typeof reasons

/** Things the library system adds to an act that succeeded. */
export const remarks = {
  'already-yours': { zh: '已在本人名下，按续借处理', en: 'Already on loan to you; renewed' },
  'fine-charged': { zh: '产生超期费', en: 'An overdue fine was charged' },
  'was-not-on-loan': { zh: '该文献未借出', en: 'Item was not on loan' },
  'hold-here': { zh: '有预约，请放预约架', en: 'On hold: place on the hold shelf' },
  'hold-elsewhere': { zh: '有预约，请调往取书馆', en: 'On hold: send to the pickup branch' },
  'send-home': { zh: '请送回所属分馆', en: 'Send to its home branch' },
  undone: { zh: '借出已撤销', en: 'Checkout undone' },
} as const satisfies Record<string, Words>
export type Remark = keyof typeof remarks

/** Screen lines: Chinese first, then English. */
export const lines = (words: Words): readonly string[] => [words.zh, words.en]
