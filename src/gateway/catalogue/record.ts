import { sql } from 'kysely'
import type { BibRecord } from '../../adapters/catalogue/catalogue.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { RecordJson } from '../http/api/open.ts'
import { inPairs } from '../store/bulk.ts'
import { bibKey, bibsOf, type CopyStatus, type HeldBib, type ItemTable } from '../store/catalogue.ts'
import type { Db, Tx } from '../store/db.ts'
import { isPostgres } from '../store/migrations/columns.ts'
import { prepared } from '../store/prepared.ts'
import { briefOf } from './brief.ts'
import { librariesOf, merged } from './work.ts'

/** A physical copy with what was last known of it. */
export interface Copy {
  readonly libraryId: string
  readonly barcode: string
  readonly workId: string
  readonly controlNumber: string
  readonly branchId: string
  readonly location: string | null
  readonly callNumber: string | null
  readonly shelving: 'open' | 'closed'
  readonly lendable: boolean
  readonly status: CopyStatus
  readonly statusAt: Millis | null
  readonly dueAt: Millis | null
}

/** What a library system said about a copy. */
export interface CopyKnowledge {
  readonly libraryId: string
  readonly barcode: string
  readonly status: CopyStatus
  readonly dueAt: Millis | null
  readonly at: Millis
}

/** Asks the library systems about copies, within a deadline of its own; leaves out those that did not answer. */
export interface ItemStatusPort {
  ask(copies: readonly Pick<Copy, 'libraryId' | 'barcode'>[]): Promise<readonly CopyKnowledge[]>
}

/** A record as the interface shows it, but for the promise of delivery, which needs branches and couriers. */
export type WorkRecord = Omit<RecordJson, 'promise'>

const copyOf = (row: ItemTable): Copy => ({
  libraryId: row.library_id,
  barcode: row.barcode,
  workId: row.work_id,
  controlNumber: row.control_number,
  branchId: row.branch_id,
  location: row.location,
  callNumber: row.call_number,
  shelving: row.shelving,
  lendable: row.lendable === 1,
  status: row.status,
  statusAt: row.status_at,
  dueAt: row.due_at,
})

const itemRows = prepared((db, v: { workId: string }) =>
  db
    .selectFrom('item')
    .selectAll()
    .where('work_id', '=', v.workId)
    .orderBy('library_id')
    .orderBy('branch_id')
    .orderBy('barcode'),
)

/** All copies of a work, library by library. */
export const itemsOfWork = async (db: Db, workId: string): Promise<readonly Copy[]> =>
  (await itemRows(db, { workId })).rows.map(copyOf)

/** The copies with a barcode: at most one where a library is given, else perhaps one in each library. */
export const findByBarcode = async (
  db: Db,
  barcode: string,
  libraryId?: string,
): Promise<readonly Copy[]> => {
  const query = db.selectFrom('item').selectAll().where('barcode', '=', barcode).orderBy('library_id')
  const rows = await (libraryId === undefined ? query : query.where('library_id', '=', libraryId)).execute()
  return rows.map(copyOf)
}

/** A work with its copies by our last knowledge; undefined when there is none (any more). */
export const getRecord = async (db: Db, workId: string): Promise<WorkRecord | undefined> => {
  const record = await describedWork(db, workId)
  return record && withCopies(record, await itemsOfWork(db, workId))
}

type Described = Omit<WorkRecord, 'copies' | 'free' | 'holdings'>

const workRow = prepared((db, v: { workId: string }) =>
  db.selectFrom('work').select('bibs').where('id', '=', v.workId),
)

const describedWork = async (db: Db, workId: string): Promise<Described | undefined> => {
  const [work] = (await workRow(db, { workId })).rows
  if (!work) return undefined
  const bibs = JSON.parse(work.bibs) as HeldBib[]
  const rows = await bibsOf(db, bibs)
  const records = new Map(
    rows.map(row => [bibKey(row.library_id, row.control_number), JSON.parse(row.record) as BibRecord]),
  )
  const [best, ...others] = bibs.flatMap(([library, number]) => records.get(bibKey(library, number)) ?? [])
  if (!best) return undefined
  const record = merged(best, others)
  return { ...briefOf(workId, record), ...details(record), libraries: librariesOf(bibs) }
}

const details = ({ otherAuthors, place, subjects, summary, language }: BibRecord) => ({
  otherAuthors: [...otherAuthors],
  subjects: [...subjects],
  ...(place === undefined ? {} : { place }),
  ...(summary === undefined ? {} : { summary }),
  ...(language === undefined ? {} : { language }),
})

const withCopies = (record: Described, copies: readonly Copy[]): WorkRecord => ({
  ...record,
  copies: copies.length,
  free: copies.filter(isPerhapsFree).length,
  holdings: copies.map(copy => ({
    libraryId: copy.libraryId,
    branchId: copy.branchId,
    barcode: copy.barcode,
    shelving: copy.shelving,
    status: copy.lendable ? copy.status : 'not-lendable',
    dueAt: copy.dueAt === null ? null : new Date(copy.dueAt).toISOString(),
    ...(copy.callNumber === null ? {} : { callNumber: copy.callNumber }),
  })),
})

/** Lendable and not known to be out. */
export const isPerhapsFree = (copy: Pick<Copy, 'lendable' | 'status'>): boolean =>
  copy.lendable && (copy.status === 'free' || copy.status === 'unknown')

/**
 * The same after the library systems have been asked; the copies of a silent one are `unknown`. `learned`: what is
 * worth keeping of their answers.
 */
export const getFreshRecord = async (
  db: Db,
  workId: string,
  port: ItemStatusPort,
): Promise<{ record: WorkRecord; learned: readonly CopyKnowledge[] } | undefined> => {
  const record = await describedWork(db, workId)
  if (!record) return undefined
  const copies = await itemsOfWork(db, workId)
  const learned = await port.ask(copies)
  const said = new Map(learned.map(k => [`${k.libraryId}\n${k.barcode}`, k]))
  const fresh = copies.map((copy): Copy => {
    const known = said.get(`${copy.libraryId}\n${copy.barcode}`)
    return { ...copy, status: known?.status ?? 'unknown', dueAt: known?.dueAt ?? null }
  })
  const news = copies.flatMap(copy => {
    const known = said.get(`${copy.libraryId}\n${copy.barcode}`)
    return known && isNews(copy, known) ? [known] : []
  })
  return { record: withCopies(record, fresh), learned: news }
}

/** The same word about a copy is not written again so soon. */
const sameFor: Millis = 10 * 60_000

const isNews = ({ status, statusAt, dueAt }: Copy, known: CopyKnowledge): boolean =>
  statusAt === null || status !== known.status || dueAt !== known.dueAt || known.at - statusAt >= sameFor

/** Keeps what was learned, one word about each copy; older knowledge never overwrites newer. */
export const keepKnowledge = async (tx: Tx, learned: readonly CopyKnowledge[]): Promise<void> => {
  if (learned.length === 0) return
  const of = <K extends keyof CopyKnowledge>(column: K): CopyKnowledge[K][] => learned.map(one => one[column])
  const known = isPostgres(tx)
    ? sql`select * from unnest(${of('libraryId')}::text[], ${of('barcode')}::text[], ${of('status')}::text[],
        ${of('dueAt')}::bigint[], ${of('at')}::bigint[]) as told (library_id, barcode, status, due_at, at)`
    : sql`select value ->> 0 as library_id, value ->> 1 as barcode, value ->> 2 as status, value ->> 3 as due_at,
        value ->> 4 as at from json_each(${JSON.stringify(
          learned.map(one => [one.libraryId, one.barcode, one.status, one.dueAt, one.at]),
        )})`
  await sql`update item set status = known.status, due_at = known.due_at, status_at = known.at
    from (${known}) as known
    where item.library_id = known.library_id and item.barcode = known.barcode
      and (item.status_at is null or item.status_at <= known.at)`.execute(tx)
}

/** Counts a loan of a copy towards its work's rank; a copy that is not in the catalogue counts for nothing. */
export const countLoan = async (tx: Tx, libraryId: string, barcode: string): Promise<void> => {
  const [copy] = await findByBarcode(tx, barcode, libraryId)
  if (!copy) return
  await tx
    .updateTable('work')
    .set(e => ({ loans: e('loans', '+', 1) }))
    .where('id', '=', copy.workId)
    .execute()
}

/** Titles and authors for copies, for lists of loans and parcels. */
export const titlesOf = async (
  db: Db,
  copies: readonly (readonly [libraryId: string, barcode: string])[],
): Promise<
  ReadonlyMap<string, { readonly title: string; readonly author?: string; readonly workId: string }>
> => {
  if (copies.length === 0) return new Map()
  const { rows } = await sql<{ library_id: string; barcode: string; work_id: string; record: string }>`
    select item.library_id, barcode, item.work_id, record from item
    join bib on bib.library_id = item.library_id and bib.control_number = item.control_number
    where ${inPairs(db, ['item.library_id', 'barcode'], copies)}`.execute(db)
  return new Map(
    rows.map(row => {
      const { title, author } = JSON.parse(row.record) as BibRecord
      const told = { title, workId: row.work_id, ...(author === undefined ? {} : { author }) }
      return [`${row.library_id}/${row.barcode}`, told]
    }),
  )
}
