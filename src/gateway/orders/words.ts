import type { Words } from '../../kernel/problem.ts'

/** What staff must look at, in words that say what to do. */
export const troubles = {
  'checkout-refused': {
    zh: '系统不同意借出。请处理后重试，或取消。',
    en: 'The library system refused the check-out. Settle it and try again, or cancel.',
  },
  'charge-refused': {
    zh: '书已在读者手中，但系统没有记上这笔借出。请在系统里处理后重试。',
    en: 'The reader has the book, but the library system did not record the loan. Settle it there and try again.',
  },
  'loan-not-recorded': {
    zh: '书已打包或送出，但系统不接受这笔借出。请查明原因后重试，或在系统里手工补办；办不成就把书收回来。',
    en: 'The item is packed or on its way, but the library system does not accept the loan. Find out why and try again, or enter it there by hand; failing that, get the item back.',
  },
  'checkin-refused': {
    zh: '系统没有接受还书。请核对后重试，或手工办理。',
    en: 'The library system did not accept the return. Check it and try again, or settle it by hand.',
  },
  'no-compartment': {
    zh: '自助柜没有合适的空格。请改放分馆柜台，或稍后再投。',
    en: 'The locker has no free compartment that fits. Lay it out at the desk, or try again later.',
  },
  'locker-offline': {
    zh: '自助柜联系不上或正在维护。请改放柜台；读者已收到通知。',
    en: 'The locker cannot be reached or is being serviced. Lay it out at the desk; the reader has been told.',
  },
  'place-refused': {
    zh: '柜机厂商没有给这个包裹留格口。请改放柜台；读者已收到通知。',
    en: "The locker's vendor keeps no compartment for this parcel. Lay it out at the desk; the reader has been told.",
  },
  'door-jammed': {
    zh: '柜门没有打开。请到现场处理，读者可到柜台取书。',
    en: 'The door did not open. Please go and see; the reader can be served at the desk.',
  },
  'reported-lost': {
    zh: '读者说书丢了。请与读者商定赔偿。',
    en: 'The reader reports the book lost. Please agree on the replacement.',
  },
  'claimed-returned': {
    zh: '读者说已经还了。请先在架上和还书箱里找。',
    en: 'The reader says it was returned. Please look on the shelves and in the return bins first.',
  },
  'carrier-lost': {
    zh: '快递在还书途中丢了这本书，责任不在读者。请向快递索赔。',
    en: 'The carrier lost the book on its way back; the reader is not to blame. Please claim it from the carrier.',
  },
  'effect-failed': {
    zh: '有一步没有办成，需要馆员处理。',
    en: 'One step could not be carried out and needs a librarian.',
  },
} as const satisfies Record<string, Words>
export type TroubleName = keyof typeof troubles

/** Troubles that say: the item is out, and the library system has no loan of it. */
export const unrecorded: readonly string[] = [
  'loan-not-recorded',
  'charge-refused',
] satisfies readonly TroubleName[]

/** Why something that was asked for is not done; answered to the one who asked. */
export const refusals = {
  closed: { zh: '这一册已经办完了。', en: 'This item is already settled.' },
  late: { zh: '这一步已经过去了。', en: 'That step is already past.' },
  early: {
    zh: '已记下，前一步完成后自动继续。',
    en: 'Noted; it goes on as soon as the step before is done.',
  },
  round: { zh: '这是之前那一本的消息。', en: 'That was about an earlier copy.' },
  parcel: { zh: '这是另一个包裹的消息。', en: 'That was about another parcel.' },
  known: { zh: '已经收到过了。', en: 'That was received before.' },
  'copy-taken': {
    zh: '这一本已为另一位读者留下，请换一本。',
    en: 'This copy is kept for another reader; please take another one.',
  },
  'too-late-to-cancel': {
    zh: '书已打包，不能取消了。收到后可以直接还回。',
    en: 'It is packed already and can no longer be cancelled. You can simply return it.',
  },
  'no-more-renewals': { zh: '这本书不能再续借了。', en: 'This book cannot be renewed again.' },
  'no-transfer': { zh: '这本书现在不能转借。', en: 'This book cannot be passed on now.' },
  'not-now': { zh: '现在还不能这样做。', en: 'That is not possible now.' },
} as const satisfies Record<string, Words>
export type RefusalName = keyof typeof refusals
