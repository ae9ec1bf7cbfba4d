import type { Selectable, Updateable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import { freshKeypad, type Keypad } from '../../lockers/pickup-code.ts'
import type { Db, Tx } from './db.ts'
import type { LockerKey, PickupCodeTable } from './locker-tables.ts'

export interface PickupCode {
  readonly id: string
  readonly compartmentId: string
  readonly orderLibraryId: string
  readonly orderId: string
  readonly parcel: string
  readonly hash: string
  readonly sealed: string
  readonly expiresAt: Millis
  readonly visitId: string | null
  readonly usedAt: Millis | null
  readonly voidAt: Millis | null
  /** For somebody whom the reader sends. */
  readonly forOther: boolean
}

const toCode = (r: Selectable<PickupCodeTable>): PickupCode => ({
  id: r.id,
  compartmentId: r.compartment_id,
  orderLibraryId: r.order_library_id,
  orderId: r.order_id,
  parcel: r.parcel,
  hash: r.hash,
  sealed: r.sealed,
  expiresAt: r.expires_at,
  visitId: r.visit_id,
  usedAt: r.used_at,
  voidAt: r.void_at,
  forOther: r.for_other === 1,
})

/** Codes that open, and those that did until `deadSince`, so that their reader is told what became of them. */
export const codesOf = async (db: Db, key: LockerKey, deadSince: Millis): Promise<readonly PickupCode[]> =>
  (
    await db
      .selectFrom('pickup_code')
      .selectAll()
      .where('library_id', '=', key.libraryId)
      .where('locker_id', '=', key.lockerId)
      .where(e => e.or([e('used_at', 'is', null), e('used_at', '>', deadSince)]))
      .where(e => e.or([e('void_at', 'is', null), e('void_at', '>', deadSince)]))
      .orderBy('id')
      .execute()
  ).map(toCode)

/** A code that opens now: the parcel lies behind its door, and nobody is using it. */
export interface OpeningCode {
  readonly lockerId: string
  readonly id: string
  readonly board: number
  readonly channel: number
  readonly hash: string
  readonly expiresAt: Millis
}

/** Of some lockers of one library, with one question. */
export const openingCodes = async (
  db: Db,
  libraryId: string,
  lockerIds: readonly string[],
  now: Millis,
): Promise<readonly OpeningCode[]> =>
  db
    .selectFrom('pickup_code as code')
    .innerJoin('locker_compartment as door', join =>
      join
        .onRef('door.library_id', '=', 'code.library_id')
        .onRef('door.locker_id', '=', 'code.locker_id')
        .onRef('door.id', '=', 'code.compartment_id'),
    )
    .select([
      'code.locker_id as lockerId',
      'code.id as id',
      'door.board as board',
      'door.channel as channel',
      'code.hash as hash',
      'code.expires_at as expiresAt',
    ])
    .where('code.library_id', '=', libraryId)
    .where('code.locker_id', 'in', lockerIds)
    .where('code.used_at', 'is', null)
    .where('code.void_at', 'is', null)
    .where('code.visit_id', 'is', null)
    .where('code.expires_at', '>', now)
    .where('door.gone', '=', 0)
    .where('door.state', '=', 'loaded')
    .whereRef('door.parcel', '=', 'code.parcel')
    .orderBy('code.id')
    .execute()

export const codeById = async (db: Db, key: LockerKey, id: string): Promise<PickupCode | undefined> => {
  const row = await db
    .selectFrom('pickup_code')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && toCode(row)
}

/** Codes of an order that still open, in whichever locker. */
export const codesOfOrder = async (
  db: Db,
  orderLibraryId: string,
  orderId: string,
): Promise<readonly (PickupCode & { readonly key: LockerKey })[]> =>
  (
    await db
      .selectFrom('pickup_code')
      .selectAll()
      .where('order_library_id', '=', orderLibraryId)
      .where('order_id', '=', orderId)
      .where('used_at', 'is', null)
      .where('void_at', 'is', null)
      .orderBy('id')
      .execute()
  ).map(row => ({ ...toCode(row), key: { libraryId: row.library_id, lockerId: row.locker_id } }))

export const insertCode = async (
  tx: Tx,
  key: LockerKey,
  code: Omit<PickupCode, 'visitId' | 'usedAt' | 'voidAt'>,
  now: Millis,
): Promise<void> => {
  await tx
    .insertInto('pickup_code')
    .values({
      library_id: key.libraryId,
      locker_id: key.lockerId,
      id: code.id,
      compartment_id: code.compartmentId,
      order_library_id: code.orderLibraryId,
      order_id: code.orderId,
      parcel: code.parcel,
      hash: code.hash,
      sealed: code.sealed,
      created_at: now,
      expires_at: code.expiresAt,
      for_other: code.forOther ? 1 : 0,
    })
    .execute()
}

export const changeCode = async (
  tx: Tx,
  key: LockerKey,
  id: string,
  change: Partial<Pick<PickupCode, 'visitId' | 'usedAt' | 'voidAt'>>,
): Promise<void> => {
  const set: Updateable<PickupCodeTable> = {
    ...(change.visitId === undefined ? {} : { visit_id: change.visitId }),
    ...(change.usedAt === undefined ? {} : { used_at: change.usedAt }),
    ...(change.voidAt === undefined ? {} : { void_at: change.voidAt }),
  }
  await tx
    .updateTable('pickup_code')
    .set(set)
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .where('id', '=', id)
    .execute()
}

/** Makes every living code of a parcel useless, or only the one for somebody whom the reader sent. */
export const voidCodes = async (
  tx: Tx,
  orderLibraryId: string,
  parcel: string,
  now: Millis,
  { onlyForOther = false }: { onlyForOther?: boolean } = {},
): Promise<void> => {
  const codes = tx
    .updateTable('pickup_code')
    .set({ void_at: now })
    .where('order_library_id', '=', orderLibraryId)
    .where('parcel', '=', parcel)
    .where('used_at', 'is', null)
    .where('void_at', 'is', null)
  await (onlyForOther ? codes.where('for_other', '=', 1) : codes).execute()
}

export const keypadOf = async (db: Db, key: LockerKey): Promise<Keypad> => {
  const row = await db
    .selectFrom('code_attempt')
    .selectAll()
    .where('library_id', '=', key.libraryId)
    .where('locker_id', '=', key.lockerId)
    .executeTakeFirst()
  return row
    ? { failures: row.failures, countedAt: row.counted_at, lockedUntil: row.locked_until }
    : freshKeypad
}

export const saveKeypad = async (tx: Tx, key: LockerKey, keypad: Keypad): Promise<void> => {
  const values = {
    failures: keypad.failures,
    counted_at: keypad.countedAt,
    locked_until: keypad.lockedUntil,
  }
  await tx
    .insertInto('code_attempt')
    .values({ library_id: key.libraryId, locker_id: key.lockerId, ...values })
    .onConflict(c => c.columns(['library_id', 'locker_id']).doUpdateSet(values))
    .execute()
}
