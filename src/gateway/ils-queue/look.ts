import type { CirculationStatus, Ils, IlsPatron } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type Answer, yes } from '../../kernel/problem.ts'

/** What a library system says of an item, and whether a reader has it. */
export interface Look {
  /** False where it has no such item. */
  readonly known: boolean
  readonly status: CirculationStatus
  readonly title: string
  readonly dueAt?: Millis
  /** Who has it in the library system: the reader in question, another one, nobody; or that is not told. */
  readonly holder: Holder
}
export type Holder = 'same' | 'other' | 'nobody' | 'unknown'

const out: readonly CirculationStatus[] = ['charged', 'charged-not-to-be-recalled', 'recalled']
/** States that say nothing about whether somebody has it. */
const vague: readonly CirculationStatus[] = ['other', 'unknown', 'claimed-returned', 'lost', 'missing']

export const isOut = ({ status }: Pick<Look, 'status'>): boolean => out.includes(status)
export const isIn = ({ status }: Pick<Look, 'status'>): boolean =>
  !out.includes(status) && !vague.includes(status)

/** Asks for the item as it is now and, when somebody may have it and a card is given, for that reader's loans. */
export const lookAt = async (ils: Ils, barcode: string, card?: string): Promise<Answer<Look>> => {
  const item = await ils.item(barcode)
  if (!item.ok)
    return item.problem.kind === 'refused'
      ? yes({ known: false, status: 'unknown', title: '', holder: 'unknown' })
      : item
  const { status, title, dueAt } = item.value
  const look = { known: true, status, title, ...(dueAt === undefined ? {} : { dueAt }) }
  if (isIn(look)) return yes({ ...look, holder: 'nobody' })
  if (card === undefined) return yes({ ...look, holder: 'unknown' })
  const patron = await ils.patron({ card, list: 'charged', priority: 'work' })
  if (!patron.ok && patron.problem.kind !== 'refused') return patron
  return yes({ ...look, holder: patron.ok ? holderOf(patron.value, barcode, title) : 'unknown' })
}

/** Whether a reader's list names the item; a list that may lack something proves nothing by its silence. */
const holderOf = ({ valid, items, itemsAre, counts }: IlsPatron, barcode: string, title: string): Holder => {
  if (!valid) return 'unknown'
  const named = items.some(item => item === barcode || /^[: ]/.test(after(item, barcode)))
  if (named || (itemsAre === 'title' && items.some(item => sameTitle(item, title)))) return 'same'
  return counts.charged !== undefined && items.length >= counts.charged ? 'other' : 'unknown'
}

const after = (item: string, barcode: string): string =>
  item.startsWith(barcode) ? item.slice(barcode.length) : ''

const plain = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s\p{P}]+/gu, '')

const sameTitle = (told: string, title: string): boolean => {
  const [a, b] = [plain(told), plain(title)]
  return a !== '' && b !== '' && (a.startsWith(b) || b.startsWith(a))
}
