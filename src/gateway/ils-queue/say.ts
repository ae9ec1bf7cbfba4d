import type { CirculationStatus } from '../../adapters/ils/ils.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Holder } from './look.ts'

const w = (zh: string, en: string): Words => ({ zh, en })

/** Acts of the outbox and commands of the contract, as staff call them. */
const acts: Readonly<Record<string, Words>> = {
  'ils.happened-checkout': w('借出', 'Loan'),
  'ils.happened-checkin': w('还书', 'Return'),
  'ils.happened-renew': w('续借', 'Renewal'),
  'ils.checkout': w('借出', 'Loan'),
  'ils.checkin': w('还书', 'Return'),
  'ils.renew': w('续借', 'Renewal'),
  'ils.place-hold': w('预约', 'Hold'),
  'ils.cancel-hold': w('取消预约', 'Hold cancelled'),
  'ils.check-patron': w('核对读者', 'Reader checked'),
  'ils.transfer': w('转借', 'Loan passed on'),
  'ils.recheck': w('核对借阅', 'Loan checked'),
  patron: w('查读者', 'Reader looked up'),
  item: w('查书', 'Item looked up'),
  checkout: w('借出', 'Loan'),
  checkin: w('还书', 'Return'),
  renew: w('续借', 'Renewal'),
  placeHold: w('预约', 'Hold'),
  cancelHold: w('取消预约', 'Hold cancelled'),
  payFee: w('缴费', 'Payment'),
  block: w('停用读者证', 'Card blocked'),
  enable: w('恢复读者证', 'Card enabled'),
  'relay-09': w('还书', 'Return'),
  'relay-11': w('借出', 'Loan'),
  'relay-15': w('预约', 'Hold'),
  'relay-29': w('续借', 'Renewal'),
  'relay-65': w('全部续借', 'All loans renewed'),
  'relay-37': w('缴费', 'Payment'),
}
export const actWords = (kind: string): Words => acts[kind] ?? w('其他请求', 'Another request')

/** `kiosk:hall-1`, `staff:<id>`. */
export const sourceWords = (source: string): Words => {
  const [who = '', name = ''] = source.split(':')
  if (who === 'kiosk') return name === '' ? w('自助机', 'A kiosk') : w(`自助机 ${name}`, `Kiosk ${name}`)
  if (who === 'staff') return w('馆员柜台', 'Staff desk')
  return w('其他', 'Elsewhere')
}

export const orderWords = (number: string): Words => w(`订单 ${number}`, `Order ${number}`)
export const question = w('查询', 'A question')

const statuses: Readonly<Record<CirculationStatus, Words>> = {
  other: w('其他状态', 'another state'),
  'on-order': w('订购中', 'on order'),
  available: w('在馆可借', 'available'),
  charged: w('已借出', 'on loan'),
  'charged-not-to-be-recalled': w('已借出', 'on loan'),
  'in-process': w('加工中', 'in process'),
  recalled: w('已借出，已催还', 'on loan and recalled'),
  'on-hold-shelf': w('在预约架上', 'on the hold shelf'),
  'waiting-to-be-reshelved': w('等待上架', 'waiting to be reshelved'),
  'in-transit': w('运送中', 'in transit'),
  'claimed-returned': w('读者称已还', 'claimed returned'),
  lost: w('丢失', 'lost'),
  missing: w('找不到', 'missing'),
  unknown: w('没有说明', 'not told'),
}
export const statusWords = (status: CirculationStatus, known: boolean): Words =>
  known ? statuses[status] : w('没有这个条码', 'no such barcode')

const holders: Readonly<Record<Holder, Words>> = {
  same: w('在这位读者名下', 'with this reader'),
  other: w('在另一位读者名下', 'with another reader'),
  nobody: w('不在任何人名下', 'with nobody'),
  unknown: w('看不出在谁名下', 'with whom is not told'),
}
export const holderWords = (holder: Holder): Words => holders[holder]

/** What a librarian can do about a refusal, by its code. */
const todos: Readonly<Record<string, Words>> = {
  'checkout-refused': w(
    '看它的原话：读者有欠款、超期、超限或停用的，先在系统里处理；书被别人预约或已借出的，换一本。',
    'Read its own words: settle fines, overdue items, limits or a block of the reader there first; where the item is on hold or on loan, take another copy.',
  ),
  'checkin-refused': w(
    '核对条码是不是本馆的书、系统里有没有这一册，再还一次；或在系统里手工还。',
    'Check that the barcode is one of yours and known there, then return it again, or take it back there by hand.',
  ),
  'renewal-refused': w(
    '多半是续借次数已满、有人预约或已超期。告诉读者按期归还。',
    'Most often: no renewals left, somebody waits for it, or it is overdue. Tell the reader when it must be back.',
  ),
  'hold-refused': w(
    '多半是这本书不接受预约或读者预约已满。本系统会自己预留，或换一本。',
    'Most often the item takes no holds or the reader has too many. The gateway keeps it by itself, or seeks another copy.',
  ),
  'hold-cancel-refused': w('预约已经不在了，不用处理。', 'The hold is gone already; nothing to do.'),
  'fee-refused': w('在系统里核对欠款和收款方式代码。', 'Check there what is owed, and the codes of payment.'),
  'item-unknown': w(
    '系统里没有这个条码：核对条码，或在系统里补录这一册。',
    'The barcode is not known there: check it, or add the item.',
  ),
  'unknown-item': w(
    '馆藏里没有这个条码：核对条码，或导入馆藏数据。',
    'The barcode is not in the holdings: check it, or import them.',
  ),
  'ils-not-served': w(
    '系统说它不提供这项服务。需要的话请系统厂商打开；不需要就不用管。',
    'The library system says that it does not offer this. Ask its maker to switch it on if you need it.',
  ),
  'ils-cannot-tell': w(
    '上次的答复丢了，也问不清办没办成。请在系统里看一眼这一册，再决定重试还是作罢。',
    'An answer was lost and asking did not settle it. Look at the item there, then try again or leave it.',
  ),
  'ils-may-be-lent-again': w(
    '书在系统里是借出状态，可能是新的一笔。核对后再决定。',
    'The item is on loan there, perhaps anew. Look before you decide.',
  ),
  'ils-refused': w(
    '馆员在本馆系统里办理时被拒绝了，见其说明。',
    'Staff were refused in their own system; see what they wrote.',
  ),
}
const usual = w(
  '看它的原话；不明白就把时间、条码和原话告诉系统厂商。',
  'Read its own words; if they are not clear, give its maker the time, the barcode and the words.',
)
export const todoWords = (code: string): Words => todos[code] ?? usual
