import type { Contact } from '../../adapters/couriers/courier.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { Db, Tx } from './db.ts'
import type { Personal } from './personal.ts'

export interface Address {
  readonly id: string
  /** Opens the sealed address; keep it out of logs, events and the outbox. */
  contact(): Contact
}

export const addAddress = async (
  tx: Tx,
  { libraryId, patronId, id }: { libraryId: string; patronId: string; id: string },
  contact: Contact,
  personal: Personal,
  now: Millis,
): Promise<void> => {
  await tx
    .insertInto('patron_address')
    .values({
      library_id: libraryId,
      id,
      patron_id: patronId,
      sealed: personal.seal(JSON.stringify(contact)),
      created_at: now,
    })
    .execute()
}

/** A reader's addresses, newest first. */
export const addressesOf = async (
  db: Db,
  libraryId: string,
  patronId: string,
  personal: Personal,
): Promise<readonly Address[]> =>
  (
    await db
      .selectFrom('patron_address')
      .select(['id', 'sealed'])
      .where('library_id', '=', libraryId)
      .where('patron_id', '=', patronId)
      .orderBy('id', 'desc')
      .execute()
  ).map(row => ({ id: row.id, contact: () => JSON.parse(personal.open(row.sealed)) as Contact }))

/** False when the reader has no such address. */
export const removeAddress = async (
  tx: Tx,
  { libraryId, patronId, id }: { libraryId: string; patronId: string; id: string },
): Promise<boolean> => {
  const { numDeletedRows } = await tx
    .deleteFrom('patron_address')
    .where('library_id', '=', libraryId)
    .where('patron_id', '=', patronId)
    .where('id', '=', id)
    .executeTakeFirst()
  return numDeletedRows === 1n
}
