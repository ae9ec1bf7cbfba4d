import type { Words } from '../../../kernel/problem.ts'
import type { Libraries } from '../../libraries.ts'
import type { Line, Order } from '../../orders/order.ts'
import { afterPacking, whereTo } from '../../orders/routing-words.ts'
import { scanWords } from '../../orders/scan-words.ts'
import type { StaffAction } from '../../orders/staff-actions.ts'
import type { ScanResultJson } from '../api/staff.ts'

const w = (zh: string, en: string): Words => ({ zh, en })

/** What staff hear when their act was taken. */
export const actWords: Readonly<Record<StaffAction | 'confirm', Words>> = {
  found: scanWords.found,
  'not-found': w('已记下没找到，正在换一本找。', 'Noted as not found; another copy is being looked for.'),
  pack: scanWords.packed,
  send: scanWords.sent,
  'put-in-locker': w('已放进柜。', 'In the locker.'),
  'at-branch': scanWords.ready,
  'hand-over': w('已交给读者。', 'Handed to the reader.'),
  delivered: w('已记为送达。', 'Noted as delivered.'),
  receive: scanWords.received,
  recover: scanWords.recovered,
  'retry-checkout': w('再办了一次借出。', 'The check-out was tried again.'),
  'retry-checkin': w('再办了一次还回。', 'The check-in was tried again.'),
  cancel: w('已取消，读者会收到通知。', 'Cancelled; the reader is told.'),
  lost: w('已记为读者报失。', 'Noted as reported lost.'),
  damaged: w('已记为破损。', 'Noted as damaged.'),
  'claimed-returned': w(
    '已记下，请先在架上和还书箱里找。',
    'Noted; please look on the shelves and in the bins first.',
  ),
  'lost-paid': w('已按丢失结清。', 'Settled as lost.'),
  'found-with-reader': w('已记下书还在读者那里。', 'Noted: the reader still has it.'),
  'found-in-library': w('已记下书在馆里。', 'Noted: it is in the library.'),
  'carrier-lost': w('已记为快递丢失，不算读者的。', 'Noted as lost by the carrier, not by the reader.'),
  'sent-back': w('已记为退回。', 'Noted as sent back.'),
  'refused-damaged': w(
    '已记为破损拒收，马上补寄。',
    'Noted as refused because damaged; another one is sent.',
  ),
  'picked-up': w('已记为快递取走。', 'Noted as picked up by the courier.'),
  'wrong-item': w('已记为放错了书，正在换。', 'Noted as the wrong book; it is being exchanged.'),
  routed: scanWords.routed,
  'settled-by-hand': w('已记为手工办好。', 'Noted as settled by hand.'),
  retry: w('正在再试一次。', 'It is being tried again.'),
  confirm: w('已记为手工办好。', 'Noted as done by hand.'),
}

/** What is heard, and what to do with the book next, by where its line has come to. */
export const resultWords = (
  action: StaffAction | 'confirm',
  line: Line,
  order: Order,
  libraries: Libraries,
): Pick<ScanResultJson, 'signal' | 'say' | 'next'> => {
  const say = actWords[action]
  if (line.pending.length > 0) return { signal: 'look', say: scanWords.noted, next: null }
  switch (line.status) {
    case 'checkout_refused':
      return { signal: 'look', say: scanWords.refusedCheckout, next: null }
    case 'charged':
      return { signal: 'yes', say, next: scanWords.askPack }
    case 'packed':
      return { signal: 'yes', say, next: afterPacking(line, order, libraries) }
    case 'at_branch':
      return { signal: 'yes', say, next: scanWords.askHandOver }
    case 'discharged':
      return { signal: 'look', say, next: whereTo(line, libraries) }
    case 'closed':
      return { signal: 'yes', say, next: back.includes(action) ? scanWords.shelve : null }
    default:
      return { signal: 'yes', say, next: null }
  }
}

/** Acts after which the book is in the hand and wanted by nobody. */
const back: readonly string[] = ['receive', 'recover', 'found-in-library', 'cancel']
