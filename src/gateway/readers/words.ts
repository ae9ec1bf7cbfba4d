import type { PatronBlock } from '../../adapters/ils/ils.ts'
import type { Words } from '../../kernel/problem.ts'

/** Why a library system lets a reader not borrow, in the reader's words. */
export const blockWords: Readonly<Record<PatronBlock, Words>> = {
  'charge-denied': {
    zh: '图书馆暂停了这张证的借书功能。',
    en: 'The library has stopped loans on this card.',
  },
  'renewal-denied': { zh: '这张证暂时不能续借。', en: 'This card cannot renew for now.' },
  'recall-denied': { zh: '这张证暂时不能催还图书。', en: 'This card cannot recall items for now.' },
  'hold-denied': { zh: '这张证暂时不能预约。', en: 'This card cannot place holds for now.' },
  'card-lost': { zh: '这张证已挂失。', en: 'This card was reported lost.' },
  'too-many-charged': {
    zh: '借书已达上限，还一本再借。',
    en: 'All your loans are used; return one to borrow another.',
  },
  'too-many-overdue': {
    zh: '有逾期未还的书，还清后再借。',
    en: 'Items are overdue; return them to borrow again.',
  },
  'too-many-renewals': { zh: '续借次数已用完。', en: 'All your renewals are used.' },
  'too-many-claims-returned': {
    zh: '有几本书您说已还而馆里没有找到，请联系图书馆。',
    en: 'Items you say you returned have not been found; please talk to the library.',
  },
  'too-many-lost': {
    zh: '有丢失的书没有处理，请联系图书馆。',
    en: 'Lost items are not settled; please talk to the library.',
  },
  'excessive-fines': {
    zh: '有未付的滞纳金，付清后再借。',
    en: 'Fines are unpaid; pay them to borrow again.',
  },
  'excessive-fees': { zh: '有未付的费用，付清后再借。', en: 'Fees are unpaid; pay them to borrow again.' },
  'recall-overdue': {
    zh: '别的读者在等您手上的书，请先归还。',
    en: 'Somebody waits for an item you have; please return it first.',
  },
  'too-many-billed': {
    zh: '有未付的账单，请联系图书馆。',
    en: 'Bills are unpaid; please talk to the library.',
  },
}

/** Blocks that keep a reader from borrowing; the others only limit what else the card can do. */
export const keepsFromBorrowing: ReadonlySet<PatronBlock> = new Set<PatronBlock>([
  'charge-denied',
  'card-lost',
  'too-many-charged',
  'too-many-overdue',
  'too-many-lost',
  'excessive-fines',
  'excessive-fees',
  'recall-overdue',
  'too-many-billed',
  'too-many-claims-returned',
])

/** The reasons without the bare fact that follows from them: "stopped" says nothing beside "card lost". */
export const blockReasons = (blocks: readonly PatronBlock[]): readonly Words[] => {
  const real = blocks.filter(b => keepsFromBorrowing.has(b))
  const told = real.length > 1 ? real.filter(b => b !== 'charge-denied') : real
  return told.map(b => blockWords[b])
}
