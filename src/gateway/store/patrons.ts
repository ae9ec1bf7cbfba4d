import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Db, Tx } from './db.ts'
import type { PatronTable } from './ground.ts'
import type { Personal } from './personal.ts'

/** A reader as the gateway knows one; what is personal is opened only when asked for. */
export interface Patron {
  readonly libraryId: string
  readonly id: string
  readonly joinedAt: Millis | null
  readonly tier: string | null
  readonly frozenUntil: Millis | null
  readonly largeType: boolean
  /** Asks for compartments within reach from a wheelchair. */
  readonly withinReach: boolean
  /** Opens the sealed card number; keep it out of logs, events and the outbox. */
  card(): string
  name(): string
  phone(): string | null
}

/** Finds the reader of a card or makes one, and keeps the name and phone the ILS told us. */
export const rememberPatron = async (
  tx: Tx,
  told: { libraryId: string; card: string; name: string; phone?: string | undefined },
  personal: Personal,
  ids: Ids,
  now: Millis,
): Promise<Patron> => {
  const { libraryId, card, name, phone } = told
  const known = await patronByCard(tx, libraryId, card, personal)
  const phoneSealed = phone === undefined ? {} : { phone_sealed: personal.seal(phone) }
  if (known) {
    if (known.name() !== name || (phone !== undefined && known.phone() !== phone))
      await tx
        .updateTable('patron')
        .set({ name_sealed: personal.seal(name), ...phoneSealed })
        .where('library_id', '=', libraryId)
        .where('id', '=', known.id)
        .execute()
  } else
    await tx
      .insertInto('patron')
      .values({
        library_id: libraryId,
        id: ids.next(),
        card_hash: personal.lookup('card', card),
        card_sealed: personal.seal(card),
        name_sealed: personal.seal(name),
        phone_sealed: null,
        ...phoneSealed,
        joined_at: null,
        tier: null,
        frozen_until: null,
        large_type: 0,
        created_at: now,
      })
      .onConflict(c => c.columns(['library_id', 'card_hash']).doNothing())
      .execute()
  return (await patronByCard(tx, libraryId, card, personal))!
}

export const patronByCard = async (
  db: Db,
  libraryId: string,
  card: string,
  personal: Personal,
): Promise<Patron | undefined> => {
  const row = await db
    .selectFrom('patron')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('card_hash', '=', personal.lookup('card', card))
    .executeTakeFirst()
  return row && fromRow(row, personal)
}

export const patronById = async (
  db: Db,
  libraryId: string,
  id: string,
  personal: Personal,
): Promise<Patron | undefined> => {
  const row = await db
    .selectFrom('patron')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row, personal)
}

export const setLargeType = async (tx: Tx, libraryId: string, id: string, large: boolean): Promise<void> => {
  await tx
    .updateTable('patron')
    .set({ large_type: large ? 1 : 0 })
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .execute()
}

export const setWithinReach = async (tx: Tx, libraryId: string, id: string, asks: boolean): Promise<void> => {
  await tx
    .updateTable('patron')
    .set({ within_reach: asks ? 1 : 0 })
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .execute()
}

const fromRow = (r: Selectable<PatronTable>, personal: Personal): Patron => ({
  libraryId: r.library_id,
  id: r.id,
  joinedAt: r.joined_at,
  tier: r.tier,
  frozenUntil: r.frozen_until,
  largeType: r.large_type === 1,
  withinReach: r.within_reach === 1,
  card: () => personal.open(r.card_sealed),
  name: () => personal.open(r.name_sealed),
  phone: () => (r.phone_sealed === null ? null : personal.open(r.phone_sealed)),
})
