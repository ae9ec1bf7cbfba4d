import type { Clock, Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Tx } from '../store/db.ts'
import { enqueue } from '../store/outbox.ts'
import type { Personal } from '../store/personal.ts'

/** A loan, a return or a renewal that has physically happened, and of which the library system must be told. */
export interface Happened {
  /** The library whose system is meant. */
  readonly libraryId: string
  readonly act: 'checkout' | 'checkin' | 'renew'
  readonly barcode: string
  /** Whose loan: must be there for loans and renewals; of a return only where it is known. */
  readonly card?: string | undefined
  /** When it happened. The acts on one item are told in this order. */
  readonly at: Millis
  /** What the reader was promised. */
  readonly dueAt?: Millis | undefined
  /** Location code of the library system at which it was handed in. */
  readonly location?: string | undefined
  /** Who says so: `kiosk:<account>`, `staff:<id>`. At most 80 characters. */
  readonly source: string
  /** It was asked for live and the answer was lost: the library system may know of it already. */
  readonly maybeDone?: boolean | undefined
}

/** A row of the outbox about a `Happened`. The card is sealed. */
export interface HappenedPayload {
  readonly act: Happened['act']
  readonly barcode: string
  readonly card: string | null
  readonly when: Millis
  readonly dueAt: Millis | null
  readonly location: string | null
  readonly source: string
  readonly maybeDone: boolean
}

export const happenedKinds = {
  checkout: 'ils.happened-checkout',
  checkin: 'ils.happened-checkin',
  renew: 'ils.happened-renew',
} as const satisfies Record<Happened['act'], string>
export type HappenedKind = (typeof happenedKinds)[Happened['act']]

export interface RecordDeps {
  readonly personal: Personal
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Ids
}

/** All that is done to one item at one library system is told in order: orders' acts, the desk's, the kiosks'. */
export const itemSequence = (libraryId: string, barcode: string): string => `item:${libraryId}:${barcode}`

/**
 * Writes down what has happened, in the caller's transaction; the worker tells the library system as soon as it is
 * there, with `no block` and the original date. The same occurrence written down twice is told once.
 */
export const recordHappened = async (
  tx: Tx,
  happened: Happened,
  { personal, clock, ids }: RecordDeps,
): Promise<void> => {
  const { libraryId, act, barcode, card, at, source } = happened
  if (act !== 'checkin' && !card) throw new Error(`a ${act} that happened needs a card`)
  const payload: HappenedPayload = {
    act,
    barcode,
    card: card ? personal.seal(card) : null,
    when: at,
    dueAt: happened.dueAt ?? null,
    location: happened.location ?? null,
    source: source.slice(0, 80),
    maybeDone: happened.maybeDone ?? false,
  }
  const whose = card ? personal.lookup('card', card).slice(0, 16) : ''
  await enqueue(
    tx,
    {
      libraryId,
      id: `${String(Math.max(0, at)).padStart(14, '0')}-h-${ids.next()}`,
      orderId: null,
      lineId: null,
      kind: happenedKinds[act],
      payload,
      key: `happened/${act}/${barcode}/${at}/${whose}/${source.slice(0, 80)}`,
      queue: `ils:${libraryId}`,
      sequence: itemSequence(libraryId, barcode),
    },
    clock.now(),
  )
}
