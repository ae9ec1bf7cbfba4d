import type { Clock } from '../../kernel/clock.ts'
import { type Answer, no, refused, yes } from '../../kernel/problem.ts'
import type { Contents } from '../../lockers/compartments.ts'
import type { Delivery } from '../orders/order.ts'
import type { Store } from '../store/db.ts'
import { findKey } from '../store/keys.ts'
import { parcelOf, wantsWithinReach } from './lockers.ts'

/** Scope of the key that a deposit badge carries. */
export const depositScope = 'locker:deposit'

/** Steps from which a loan can be handed in. */
export const lent = ['on_loan', 'return_requested'] as const

/** What the locker screen asks about what is held before its scanner. */
export interface KioskLookups {
  /** The loan behind an item's barcode or a line's QR code. */
  loanOf(code: string): Promise<Answer<{ libraryId: string; orderId: string; lineId: string }>>
  /** The parcel behind its label or the barcode of an item in it, meant for this locker. */
  parcelFor(lockerId: string, code: string): Promise<Answer<Contents & { readonly accessible: boolean }>>
  /** Whose badge it is. */
  badge(libraryId: string, badge: string): Promise<Answer<{ actor: string }>>
}

export const kioskLookups = ({
  store,
  clock,
}: {
  store: Store
  clock: Pick<Clock, 'now'>
}): KioskLookups => ({
  loanOf: async code => {
    const rows = await store.db
      .selectFrom('order_line')
      .select(['library_id', 'order_id', 'id'])
      .where('status', 'in', lent)
      .where(e => e.or([e('barcode', '=', code), e('id', '=', code)]))
      .limit(2)
      .execute()
    const [row] = rows
    if (!row) return no(noSuchLoan)
    if (rows.length > 1) return no(twoLoans)
    return yes({ libraryId: row.library_id, orderId: row.order_id, lineId: row.id })
  },
  parcelFor: async (lockerId, code) => {
    const row = await store.db
      .selectFrom('order_line')
      .innerJoin('lending_order', join =>
        join
          .onRef('lending_order.library_id', '=', 'order_line.library_id')
          .onRef('lending_order.id', '=', 'order_line.order_id'),
      )
      .select(['order_line.parcel_number', 'lending_order.delivery'])
      .where('order_line.status', 'in', ['packed', 'shipped'])
      .where(e => e.or([e('order_line.parcel_number', '=', code), e('order_line.barcode', '=', code)]))
      .executeTakeFirst()
    if (!row?.parcel_number) return no(noSuchParcel)
    const delivery = JSON.parse(row.delivery) as Delivery
    if (delivery.way !== 'locker' || delivery.lockerId !== lockerId) return no(otherPlace)
    const contents = await parcelOf(store.db, row.parcel_number)
    if (!contents) return no(noSuchParcel)
    const accessible = await wantsWithinReach(store.db, contents.libraryId, contents.orderId)
    return yes({ ...contents, accessible })
  },
  badge: async (libraryId, badge) => {
    const key = await findKey(store.db, 'partner', badge, clock.now())
    if (!key?.scopes.includes(depositScope) || key.libraryId !== libraryId) return no(unknownBadge)
    return yes({ actor: `badge:${key.id}` })
  },
})

const noSuchLoan = refused('no-such-loan', {
  zh: '没有查到这本书的借出记录，请交给馆员。',
  en: 'This book is not out on loan here; please hand it to a librarian.',
})
const twoLoans = refused('two-loans', {
  zh: '有两馆的书用了同一个条码，请交给馆员。',
  en: 'Two libraries use this barcode; please hand the book to a librarian.',
})
const noSuchParcel = refused('no-such-parcel', {
  zh: '没有查到要放进来的包裹。',
  en: 'There is no parcel waiting under this label.',
})
const otherPlace = refused('parcel-for-elsewhere', {
  zh: '这个包裹不是送到这个柜的。',
  en: 'This parcel is not meant for this locker.',
})
const unknownBadge = refused('unknown-badge', {
  zh: '没有这个工牌，或它不能用来放书。',
  en: 'This badge is unknown or may not be used here.',
})
