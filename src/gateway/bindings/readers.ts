import type { Contact } from '../../adapters/couriers/courier.ts'
import type { Clock } from '../../kernel/clock.ts'
import { maskName } from '../../kernel/redaction.ts'
import type { Credit } from '../credit/credit.ts'
import type { Readers } from '../orders/ports.ts'
import type { Db, Store } from '../store/db.ts'
import { patronById } from '../store/patrons.ts'
import type { Personal } from '../store/personal.ts'

/** Readers as the orders see them; names, cards and addresses are opened here and nowhere further. */
export const bindReaders = (parts: {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly personal: Personal
  readonly credit: Pick<Credit, 'allowanceOf'>
}): Readers => {
  const { store, personal } = parts
  return {
    // A reader has the card of the own library; other libraries lend on the institution's card.
    card: async (libraryId, patronId, atLibraryId) =>
      atLibraryId === libraryId
        ? (await patronById(store.db, libraryId, patronId, personal))?.card()
        : undefined,
    standing: async (db, libraryId, patronId) => {
      const patron = await patronById(db, libraryId, patronId, personal)
      const allowance = await parts.credit.allowanceOf(db, { libraryId, patronId })
      return { frozenUntil: patron?.frozenUntil ?? null, maxItems: allowance?.maxItems ?? 0 }
    },
    maskedNames: async (libraryId, patronIds) => {
      if (patronIds.length === 0) return new Map()
      const rows = await store.db
        .selectFrom('patron')
        .select(['id', 'name_sealed'])
        .where('library_id', '=', libraryId)
        .where('id', 'in', [...new Set(patronIds)])
        .execute()
      return new Map(rows.map(row => [row.id, maskName(personal.open(row.name_sealed))]))
    },
    address: (libraryId, patronId, addressId) =>
      addressOf(store.db, personal, libraryId, addressId, patronId),
  }
}

/** A reader's address in clear, for the courier and the price; undefined for one that is gone, or is not this reader's. */
export const addressOf = async (
  db: Db,
  personal: Personal,
  libraryId: string,
  addressId: string,
  patronId?: string,
): Promise<Contact | undefined> => {
  let query = db
    .selectFrom('patron_address')
    .select('sealed')
    .where('library_id', '=', libraryId)
    .where('id', '=', addressId)
  if (patronId !== undefined) query = query.where('patron_id', '=', patronId)
  const row = await query.executeTakeFirst()
  return row && (JSON.parse(personal.open(row.sealed)) as Contact)
}
