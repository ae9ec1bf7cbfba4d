import type { Selectable } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Db, Tx } from './db.ts'

/** Rows of the credit part of `0005-credit-and-fees`. */
export interface CreditTables {
  credit_account: CreditAccountTable
  credit_fact: CreditFactTable
  credit_entry: CreditEntryTable
  credit_consent: CreditConsentTable
  credit_admission: CreditAdmissionTable
  credit_decision: CreditDecisionTable
  credit_objection: CreditObjectionTable
  credit_deposit: CreditDepositTable
  credit_told: CreditToldTable
}
interface OfPatron {
  library_id: string
  patron_id: string
}
/** One row a reader; taken first, it keeps two facts from being worked on at once. */
export interface CreditAccountTable extends OfPatron {
  balance: number
  redemptions: number
  version: number
  frozen_until: Millis | null
  /** How many freezes there were: part of the key of each. */
  freezes: number
}
/** Append-only. */
export interface CreditFactTable extends OfPatron {
  id: string
  at: Millis
  recorded_at: Millis
  evidence: string
  detail: string
}
/** Append-only; what is wrong is corrected by a further row of the same key. */
export interface CreditEntryTable extends OfPatron {
  id: string
  key: string
  rule: string
  at: Millis
  recorded_at: Millis
  evidence: string
  points: number
  correction: number
  pack_version: string
  balance: number
}
export interface CreditConsentTable extends OfPatron {
  id: string
  provider: string
  purposes: string
  text_version: string
  text_hash: string
  at: Millis
  until: Millis
  revoked_at: Millis | null
}
/** A provider's answer, never a score. */
export interface CreditAdmissionTable extends OfPatron {
  way: string
  outcome: 'yes' | 'no' | 'unknown'
  reference: string
  at: Millis
  expires_at: Millis | null
}
export interface CreditDecisionTable extends OfPatron {
  id: string
  at: Millis
  way: string
  actor: string
  inputs: string
  pack_name: string
  pack_version: string
  result: 'admitted' | 'other-way' | 'refused'
  tier: string | null
  rules: string
  reason: string
  overrides: string | null
}
export interface CreditObjectionTable extends OfPatron {
  decision_id: string
  at: Millis
  sealed: string
  state: 'open' | 'upheld' | 'rejected'
  answered_at: Millis | null
  answered_by: string | null
}
export interface CreditDepositTable extends OfPatron {
  id: string
  amount: number
  received_at: Millis
  returned_at: Millis | null
}
export interface CreditToldTable extends OfPatron {
  line_id: string
  provider: string
  loan_at: Millis
  return_at: Millis | null
}

/** A reader of a library. */
export interface PatronRef {
  readonly libraryId: string
  readonly patronId: string
}
const ref = ({ libraryId, patronId }: PatronRef) => ({ library_id: libraryId, patron_id: patronId })

type OfReader<Q> = { where(column: 'library_id' | 'patron_id', op: '=', value: string): Q }
const ofReader = <Q extends OfReader<Q>>(query: Q, { libraryId, patronId }: PatronRef): Q =>
  query.where('library_id', '=', libraryId).where('patron_id', '=', patronId)

/** Makes the account when there is none and holds it until the transaction ends. */
export const holdAccount = async (tx: Tx, who: PatronRef): Promise<Selectable<CreditAccountTable>> => {
  await tx
    .insertInto('credit_account')
    .values({ ...ref(who), balance: 0, redemptions: 0, version: 0, frozen_until: null, freezes: 0 })
    .onConflict(c => c.columns(['library_id', 'patron_id']).doNothing())
    .execute()
  return ofReader(tx.updateTable('credit_account'), who)
    .set(e => ({ version: e('version', '+', 1) }))
    .returningAll()
    .executeTakeFirstOrThrow()
}

export const accountOf = async (db: Db, who: PatronRef) =>
  ofReader(db.selectFrom('credit_account'), who).selectAll().executeTakeFirst()

export const saveAccount = async (
  tx: Tx,
  who: PatronRef,
  values: Partial<Pick<CreditAccountTable, 'balance' | 'redemptions' | 'frozen_until' | 'freezes'>>,
): Promise<void> => {
  if (Object.keys(values).length > 0)
    await ofReader(tx.updateTable('credit_account'), who).set(values).execute()
}

/** Accounts whose freeze has run its time. */
export const freezesDue = async (db: Db, now: Millis, limit: number): Promise<readonly PatronRef[]> =>
  (
    await db
      .selectFrom('credit_account')
      .select(['library_id', 'patron_id'])
      .where('frozen_until', '<=', now)
      .orderBy('frozen_until')
      .limit(limit)
      .execute()
  ).map(row => ({ libraryId: row.library_id, patronId: row.patron_id }))

/** False when the fact is known. */
export const insertFact = async (tx: Tx, row: CreditFactTable): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('credit_fact')
    .values(row)
    .onConflict(c => c.columns(['library_id', 'patron_id', 'id']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export const factsOf = (db: Db, who: PatronRef) =>
  ofReader(db.selectFrom('credit_fact'), who).selectAll().execute()

const batch = 100
export const insertEntries = async (tx: Tx, rows: readonly CreditEntryTable[]): Promise<void> => {
  for (let i = 0; i < rows.length; i += batch)
    await tx
      .insertInto('credit_entry')
      .values(rows.slice(i, i + batch))
      .execute()
}

/** In the order they were written; with `limit`, the newest of them, newest first. */
export const entriesOf = (db: Db, who: PatronRef, limit?: number) => {
  const query = ofReader(db.selectFrom('credit_entry'), who).selectAll()
  return (limit === undefined ? query.orderBy('id') : query.orderBy('id', 'desc').limit(limit)).execute()
}

export const insertConsent = async (tx: Tx, row: CreditConsentTable): Promise<void> => {
  await tx.insertInto('credit_consent').values(row).execute()
}

export const consentsOf = (db: Db, who: PatronRef) =>
  ofReader(db.selectFrom('credit_consent'), who).selectAll().orderBy('id', 'desc').execute()

export const revokeConsents = async (
  tx: Tx,
  who: PatronRef,
  provider: string,
  now: Millis,
): Promise<boolean> => {
  const { numUpdatedRows } = await ofReader(tx.updateTable('credit_consent'), who)
    .set({ revoked_at: now })
    .where('provider', '=', provider)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export const saveAdmission = async (tx: Tx, row: CreditAdmissionTable): Promise<void> => {
  const { outcome, reference, at, expires_at } = row
  await tx
    .insertInto('credit_admission')
    .values(row)
    .onConflict(c =>
      c.columns(['library_id', 'patron_id', 'way']).doUpdateSet({ outcome, reference, at, expires_at }),
    )
    .execute()
}

export const admissionsOf = (db: Db, who: PatronRef) =>
  ofReader(db.selectFrom('credit_admission'), who).selectAll().execute()

export const forgetAdmission = async (tx: Tx, who: PatronRef, way: string): Promise<void> => {
  await ofReader(tx.deleteFrom('credit_admission'), who).where('way', '=', way).execute()
}

/** Readers with an answer that has run out. */
export const admissionsDue = async (db: Db, now: Millis, limit: number): Promise<readonly PatronRef[]> =>
  (
    await db
      .selectFrom('credit_admission')
      .select(['library_id', 'patron_id'])
      .distinct()
      .where('expires_at', '<=', now)
      .limit(limit)
      .execute()
  ).map(row => ({ libraryId: row.library_id, patronId: row.patron_id }))

export const forgetExpiredAdmissions = async (tx: Tx, who: PatronRef, now: Millis): Promise<void> => {
  await ofReader(tx.deleteFrom('credit_admission'), who).where('expires_at', '<=', now).execute()
}

export const insertDecision = async (tx: Tx, row: CreditDecisionTable): Promise<void> => {
  await tx.insertInto('credit_decision').values(row).execute()
}

/** Newest first. */
export const decisionsOf = (db: Db, who: PatronRef, limit: number) =>
  ofReader(db.selectFrom('credit_decision'), who).selectAll().orderBy('id', 'desc').limit(limit).execute()

export const decisionById = async (db: Db, libraryId: string, id: string) =>
  db
    .selectFrom('credit_decision')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('id', '=', id)
    .executeTakeFirst()

/** Takes out of a reader's decisions by one way what a provider said, and leaves what was decided. */
export const eraseDecisionInputs = async (
  tx: Tx,
  who: PatronRef,
  way: string,
  instead: { readonly rule: string; readonly text: Words },
): Promise<void> => {
  await ofReader(tx.updateTable('credit_decision'), who)
    .set({ inputs: '{}', tier: null, rules: JSON.stringify([instead]), reason: JSON.stringify(instead.text) })
    .where('way', '=', way)
    .execute()
}

/** False when the reader objected to this decision before. */
export const insertObjection = async (tx: Tx, row: CreditObjectionTable): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('credit_objection')
    .values(row)
    .onConflict(c => c.columns(['library_id', 'decision_id']).doNothing())
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

export const openObjections = (db: Db, libraryId: string, limit: number) =>
  db
    .selectFrom('credit_objection')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('state', '=', 'open')
    .orderBy('at')
    .limit(limit)
    .execute()

/** Settles an open objection; without one there is nothing to settle. */
export const settleObjection = async (
  tx: Tx,
  libraryId: string,
  decisionId: string,
  settled: { state: 'upheld' | 'rejected'; answered_at: Millis; answered_by: string },
): Promise<void> => {
  await tx
    .updateTable('credit_objection')
    .set(settled)
    .where('library_id', '=', libraryId)
    .where('decision_id', '=', decisionId)
    .where('state', '=', 'open')
    .execute()
}

export const depositsHeld = async (db: Db, who: PatronRef) =>
  ofReader(db.selectFrom('credit_deposit'), who)
    .selectAll()
    .where('returned_at', 'is', null)
    .orderBy('id')
    .execute()

export const insertDeposit = async (tx: Tx, row: CreditDepositTable): Promise<void> => {
  await tx
    .insertInto('credit_deposit')
    .values(row)
    .onConflict(c => c.columns(['library_id', 'id']).doNothing())
    .execute()
}

export const returnDeposit = async (tx: Tx, who: PatronRef, id: string, now: Millis): Promise<boolean> => {
  const { numUpdatedRows } = await ofReader(tx.updateTable('credit_deposit'), who)
    .set({ returned_at: now })
    .where('id', '=', id)
    .where('returned_at', 'is', null)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** What a provider was told of a loan. */
export const toldOf = (db: Db, libraryId: string, lineId: string, provider: string) =>
  db
    .selectFrom('credit_told')
    .selectAll()
    .where('library_id', '=', libraryId)
    .where('line_id', '=', lineId)
    .where('provider', '=', provider)
    .executeTakeFirst()

export const saveTold = async (tx: Tx, row: CreditToldTable): Promise<void> => {
  await tx
    .insertInto('credit_told')
    .values(row)
    .onConflict(c =>
      c.columns(['library_id', 'line_id', 'provider']).doUpdateSet({ return_at: row.return_at }),
    )
    .execute()
}

/** Keeps the reader's row in step: what pages and limits read most. */
export const savePatronCredit = async (
  tx: Tx,
  { libraryId, patronId }: PatronRef,
  values: { tier?: string | null; frozen_until?: Millis | null; joined_at?: Millis },
): Promise<void> => {
  await tx
    .updateTable('patron')
    .set(values)
    .where('library_id', '=', libraryId)
    .where('id', '=', patronId)
    .execute()
}

export const patronJoinedAt = async (db: Db, { libraryId, patronId }: PatronRef): Promise<Millis | null> =>
  (
    await db
      .selectFrom('patron')
      .select('joined_at')
      .where('library_id', '=', libraryId)
      .where('id', '=', patronId)
      .executeTakeFirst()
  )?.joined_at ?? null
