import type { Words } from '../../kernel/problem.ts'
import type { LineStatus } from './order.ts'

const w = (zh: string, en: string): Words => ({ zh, en })

/** What staff hear after a scan, and what to do with what is in the hand. */
export const scanWords = {
  unknown: w('没有订单要这个条码。', 'No order wants this.'),
  reshelve: w('请放回架上。', 'Please put it back on its shelf.'),
  foundAgain: w(
    '这本书之前没找到或停借，现在可以借了。',
    'This one was missing or withdrawn; it is on offer again.',
  ),
  wrongBook: w('不是这一单要的书。', 'This is not the book that is wanted.'),
  found: w('找到了。', 'Found.'),
  packed: w('已打包。', 'Packed.'),
  sent: w('已发出。', 'Sent.'),
  ready: w('已放好，读者会收到通知。', 'Laid out; the reader is told.'),
  received: w('已收到。', 'Received.'),
  recovered: w('已收回。', 'Taken back.'),
  routed: w('已转走。', 'Sent on.'),
  home: w('回到本馆了。', 'It is back home.'),
  noted: w('已记下，系统恢复后自动办完。', 'Noted; it is finished as soon as the library system is back.'),
  refusedCheckout: w(
    '系统不同意借出，请看异常。',
    'The library system refused the check-out; see exceptions.',
  ),
  askPack: w('请打包。', 'Please pack it.'),
  askLabel: w('贴上包裹标签。', 'Put the label of the parcel on.'),
  askDesk: w('请放到待取架。', 'Please put it on the pick-up shelf.'),
  askCourier: w('等快递来取。', 'It waits for the courier.'),
  askHandOver: w('读者来取时，请按“交给读者”。', 'When the reader is here, press "hand over".'),
  shelve: w('可以上架了。', 'It can go back on its shelf.'),
  holdShelf: w('有人预约：请放到预约架。', 'On hold: put it on the hold shelf.'),
  otherReader: w('这一本为另一位读者留着。', 'This copy is kept for another reader.'),
} as const satisfies Record<string, Words>

export const putInto = (locker: Words): Words =>
  w(`请投入${locker.zh}。`, `Please put it into the locker ${locker.en}.`)

export const sendOn = (destination: Words | null): Words =>
  destination
    ? w(`请送到${destination.zh}。`, `Please send it on to ${destination.en}.`)
    : w('请转送。', 'Please send it on.')

/** Why a scan does nothing in a state, and what would help. */
export const stuck: { readonly [S in LineStatus]?: Words } = {
  requested: w('还在等图书馆系统确认，请稍候。', 'It still waits for the library system.'),
  seeking: w('这一单正在换另一本。', 'Another copy is being looked for.'),
  found: w('正在办借出，请稍候再扫。', 'The check-out is under way; scan it again in a moment.'),
  checkout_refused: w('系统不同意借出，请先处理异常。', 'The check-out was refused; settle that first.'),
  packed: w('已打包，等着发出。', 'It is packed and waits to be sent.'),
  shipped: w(
    '这本书应该在路上。退回来了请按“退回”，送到了请按“已送达”。',
    'It should be on its way. Press "sent back" if it came back, or "delivered".',
  ),
  in_locker: w('这本书应该在自助柜里。', 'It should be in the locker.'),
  at_branch: w(
    '在待取架等读者。读者来了，请按“交给读者”。',
    'It waits for its reader on the pick-up shelf. When the reader is here, press "hand over".',
  ),
  recovered: w('正在办还回。', 'It is being checked in.'),
  received: w('正在办还回。', 'It is being checked in.'),
  cancelling: w('订单已取消，正在撤销。', 'The order was cancelled and is being undone.'),
  delivered: w('已送达读者。', 'It was delivered to the reader.'),
  collected: w('读者已取走。', 'The reader has it.'),
  transferring: w('正在转借。', 'It is being passed on.'),
}
