import { type Problem, refused, type Words } from '../../kernel/problem.ts'
import type { Look } from './look.ts'

/** Why what has happened cannot simply be told to the library system, and what a librarian can do. */
export const conflicts = {
  refused: {
    zh: '图书馆系统不接受这件已经发生的事。请按它说的原因处理，再试一次；或在系统里手工补办。',
    en: 'The library system does not accept what has happened. See to the reason it gives and try again, or enter it there by hand.',
  },
  'item-unknown': {
    zh: '图书馆系统里没有这个条码。请核对条码，补录后再试一次。',
    en: 'The library system does not know this barcode. Check it, add the item there, and try again.',
  },
  'charged-to-other': {
    zh: '图书馆系统里这本书借给了另一位读者。请先查清书在谁手里：若那一笔该还而未还，在系统里还回后再试一次。',
    en: 'The library system has this item on loan to another reader. Find out who has the book: if that loan should have ended, take it back there and try again.',
  },
  'charged-to-somebody': {
    zh: '图书馆系统里这本书已经借出，看不出借给了谁。请在系统里核对是不是这一笔。',
    en: 'The library system has this item on loan and does not tell to whom. Look there whether it is this loan.',
  },
  'not-on-loan': {
    zh: '图书馆系统里这本书没有借出，无从续借。请在系统里核对。',
    en: 'The library system does not have this item on loan, so nothing can be renewed. Look there.',
  },
  'may-be-lent-again': {
    zh: '图书馆系统里这本书是借出状态，可能是还书之后新的一笔。请核对：确是旧账再试一次，是新借出就不必再办。',
    en: 'The library system has this item on loan; it may be a newer loan made after this return. Look: if it is the old one, try again; if it is new, drop this.',
  },
  overtaken: {
    zh: '这件事补报得太晚：同一本书后来的借还已经记入图书馆系统，再补会弄乱。请核对后作罢。',
    en: 'This was reported too late: what happened to the item afterwards is in the library system already, and entering it now would spoil that. Look, and drop it.',
  },
} as const satisfies Record<string, Words>
export type ConflictName = keyof typeof conflicts

/** A no of the library system, or of the facts, to something that has happened; a person settles it. */
export interface Conflict extends Problem {
  /** What the library system said of the item at that moment. */
  readonly found?: Look
}

/** `their`: the library system's own words, masked. */
export const conflict = (name: ConflictName, found?: Look, their?: Problem['their']): Conflict => ({
  ...refused(name, conflicts[name], their ? { their } : {}),
  ...(found ? { found } : {}),
})

export const underWay: Words = { zh: '正在告知图书馆系统。', en: 'The library system is being told.' }
