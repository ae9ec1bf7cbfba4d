import type { Millis } from '../../kernel/clock.ts'
import type { Line, Order } from './order.ts'

/** In whose name an ILS acts; the card's number itself is looked up when the effect is performed. */
export type CardRef =
  | { readonly of: 'patron'; readonly patronId: string }
  /** The borrowing library's own card at the supplier. */
  | { readonly of: 'institution'; readonly libraryId: string }
  /** The reader's card at the supplier where there is one, else the institution's. */
  | { readonly of: 'shared'; readonly patronId: string; readonly libraryId: string }

/** What a reader's behaviour leaves in the ledger. */
export const creditFacts = ['borrowed', 'returned', 'damaged', 'lost', 'uncollected'] as const
export type CreditFact = (typeof creditFacts)[number]

interface OnItem {
  /** The library whose ILS is meant. */
  readonly at: string
  readonly barcode: string
}

/** What is done outside after a move was saved, and with what. No personal data: only ids. */
export interface EffectPayloads {
  'ils.check-patron': { readonly at: string; readonly card: CardRef }
  'ils.place-hold': OnItem & { readonly card: CardRef; readonly when: Millis }
  'ils.cancel-hold': OnItem & { readonly card: CardRef; readonly when: Millis; readonly loose: boolean }
  'ils.checkout': OnItem & {
    readonly card: CardRef
    readonly when: Millis
    /** It has happened already: the ILS is told, not asked. */
    readonly noBlock: boolean
  }
  'ils.checkin': OnItem & {
    readonly returnedAt: Millis
    readonly when: Millis
    readonly branchId: string | null
    /** Undoes a check-out whose item never reached the reader. */
    readonly cancel: boolean
    /** The line has gone on without this copy: nobody waits for the answer. */
    readonly loose: boolean
    /** Whose loan ends, and when it fell due, so that a newer loan is told from it. */
    readonly card?: CardRef
    readonly dueBefore?: Millis | null
  }
  'ils.renew': OnItem & { readonly card: CardRef; readonly when: Millis; readonly dueBefore: Millis | null }
  'ils.transfer': OnItem & { readonly when: Millis }
  'ils.recheck': OnItem & { readonly card: CardRef }
  'copy.seek': Record<never, never>
  'locker.reserve': { readonly lockerId: string; readonly parcelNumber: string }
  'locker.release': { readonly lockerId: string; readonly parcelNumber: string }
  'locker.expire': { readonly lockerId: string; readonly parcelNumber: string }
  'courier.book': { readonly courier: string; readonly addressId: string; readonly parcelNumber: string }
  'courier.cancel': { readonly courier: string; readonly parcelNumber: string }
  'courier.book-return': {
    readonly courier: string
    readonly addressId: string
    readonly parcelNumber: string
  }
  'courier.cancel-return': { readonly courier: string; readonly parcelNumber: string }
  'fee.settle': { readonly items: number; readonly itemsAsked: number }
  'fee.refund': { readonly reason: 'not-dispatched' | 'never-arrived' }
  'quota.release': Record<never, never>
  'credit.record': {
    readonly fact: CreditFact
    readonly patronId: string
    readonly when: Millis
    /** For `returned`: when it was due. */
    readonly dueAt: Millis | null
  }
  'notify.send': { readonly messageId: string }
}

export type EffectKind = keyof EffectPayloads

export interface EffectOf<K extends EffectKind> {
  readonly libraryId: string
  /** Rises from effect to effect of a line, and with time. */
  readonly id: string
  readonly orderId: string
  readonly lineId: string
  readonly kind: K
  /** `round`: the round of the line that asked for it; its answer is about that round. */
  readonly payload: EffectPayloads[K] & { readonly round: number }
  /** Stable: the same effect of the same move has the same key at every try. */
  readonly key: string
  /** Whose time it takes; a dead party holds up no other queue. */
  readonly queue: string
  /** Effects of one sequence never overtake each other: those on one item, those on one parcel. */
  readonly sequence: string | null
  readonly dueAt: Millis
}
/** One act outside, written down in the same transaction as the move that calls for it. */
export type Effect = { readonly [K in EffectKind]: EffectOf<K> }[EffectKind]

/** What takes an effect back; null where nothing needs to be. */
export const undoOf: Readonly<Record<EffectKind, EffectKind | null>> = {
  'ils.check-patron': null,
  'ils.place-hold': 'ils.cancel-hold',
  'ils.cancel-hold': null,
  'ils.checkout': 'ils.checkin',
  'ils.checkin': null,
  'ils.renew': null,
  'ils.transfer': 'ils.checkout',
  'ils.recheck': null,
  'copy.seek': null,
  'locker.reserve': 'locker.release',
  'locker.release': null,
  'locker.expire': null,
  'courier.book': 'courier.cancel',
  'courier.cancel': null,
  'courier.book-return': 'courier.cancel-return',
  'courier.cancel-return': null,
  'fee.settle': 'fee.refund',
  'fee.refund': null,
  'quota.release': null,
  'credit.record': null,
  'notify.send': null,
}

/** Acts on an ILS whose answer the line waits for. A loose one is nobody's business any more. */
export const isPendingKind = (kind: EffectKind): boolean => kind.startsWith('ils.') && kind !== 'ils.recheck'

/** An effect without its place: `number` adds id, key, queue and sequence. */
export type Draft = {
  readonly [K in EffectKind]: {
    readonly kind: K
    readonly payload: EffectPayloads[K]
    /** For effects that a parcel or an order has once, whatever the number of its lines. */
    readonly once?: string
    readonly dueAt?: Millis
  }
}[EffectKind]

const queueOf = (draft: Draft, line: Line): string => {
  const { kind, payload } = draft
  if ('at' in payload) return `ils:${payload.at}`
  if ('lockerId' in payload) return `locker:${payload.lockerId}`
  if ('courier' in payload) return `courier:${payload.courier}`
  return `${kind.slice(0, kind.indexOf('.'))}:${line.libraryId}`
}

const sequenceOf = ({ payload }: Draft): string | null => {
  if ('barcode' in payload) return `item:${payload.at}:${payload.barcode}`
  return 'parcelNumber' in payload ? `parcel:${payload.parcelNumber}` : null
}

/** Gives drafts their ids and keys, and the line the count of them and what it now waits for. */
export const number = (
  drafts: readonly Draft[],
  line: Line,
  order: Order,
  at: Millis,
): { line: Line; effects: readonly Effect[] } => {
  let { acts, lastAct } = line
  const pending = [...line.pending]
  const effects = drafts.map(draft => {
    acts += 1
    lastAct = Math.max(at, lastAct + 1)
    const loose = 'loose' in draft.payload && draft.payload.loose
    if (isPendingKind(draft.kind) && !loose && !pending.includes(draft.kind)) pending.push(draft.kind)
    return {
      libraryId: order.libraryId,
      orderId: order.id,
      lineId: line.id,
      kind: draft.kind,
      payload: { ...draft.payload, round: line.round },
      id: `${String(lastAct).padStart(14, '0')}-${line.id}-${acts}`,
      key: draft.once ?? `${order.id}/${line.id}/${draft.kind}/${acts}`,
      queue: queueOf(draft, line),
      sequence: sequenceOf(draft),
      dueAt: draft.dueAt ?? at,
    } as Effect
  })
  return { line: { ...line, acts, lastAct, pending }, effects }
}
