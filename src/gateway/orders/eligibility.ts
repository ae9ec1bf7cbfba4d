import type { IlsPatron, PatronBlock } from '../../adapters/ils/ils.ts'
import type { Words } from '../../kernel/problem.ts'

/** Reasons of the ILS for which nothing may be borrowed, in words that say what to do. */
const stops: { readonly [B in PatronBlock]?: Words } = {
  'charge-denied': { zh: '这张证暂停借书。', en: 'This card may not borrow at the moment.' },
  'card-lost': {
    zh: '这张证已挂失，请到柜台换证。',
    en: 'This card was reported lost; please get a new one.',
  },
  'too-many-charged': {
    zh: '借书数量已满，还一本再借。',
    en: 'You have as many loans as you may have; return one first.',
  },
  'too-many-overdue': {
    zh: '有书过期没还，还清后可以再借。',
    en: 'Some loans are overdue; return them first.',
  },
  'too-many-claims-returned': {
    zh: '有几本书的归还情况还没核清，请联系馆员。',
    en: 'Some returns are still being looked into; please ask a librarian.',
  },
  'too-many-lost': {
    zh: '有丢失的书还没处理，请联系馆员。',
    en: 'Lost items are not settled yet; please ask a librarian.',
  },
  'excessive-fines': { zh: '有欠款，缴清后可以再借。', en: 'There are unpaid fines; settle them first.' },
  'excessive-fees': { zh: '有欠费，缴清后可以再借。', en: 'There are unpaid fees; settle them first.' },
  'recall-overdue': {
    zh: '有被催还的书过期了，请先还。',
    en: 'A recalled item is overdue; return it first.',
  },
  'too-many-billed': {
    zh: '有账单没缴清，缴清后可以再借。',
    en: 'There are unpaid bills; settle them first.',
  },
}
const holdStop: Words = { zh: '这张证暂停预约。', en: 'This card may not place holds at the moment.' }
const unknownCard: Words = {
  zh: '图书馆系统不认识这张证。',
  en: 'The library system does not know this card.',
}

/** Why the reader may not borrow, by the ILS; empty when all is well. `usesHolds`: whether holds are placed. */
export const blocksOf = (
  patron: IlsPatron,
  usesHolds: boolean,
): readonly { readonly code: string; readonly say: Words }[] => {
  if (!patron.valid) return [{ code: 'card-unknown', say: unknownCard }]
  return patron.blocks.flatMap(code => {
    const say = code === 'hold-denied' && usesHolds ? holdStop : stops[code]
    return say ? [{ code, say }] : []
  })
}
