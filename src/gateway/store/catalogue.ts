import { sql } from 'kysely'
import type { Millis } from '../../kernel/clock.ts'
import { inList, inPairs, insertMany } from './bulk.ts'
import type { Db, Tx } from './db.ts'
import { prepared } from './prepared.ts'

/** Rows of `0002-catalogue`. JSON columns are text; booleans are 0 or 1. */
export interface CatalogueTables {
  work: WorkTable
  bib: BibTable
  item: ItemTable
  class_count: ClassCountTable
  catalogue_number: CatalogueNumberTable
}

/** One book whoever holds it: what readers search. Belongs to no library. */
export interface WorkTable {
  /** Year of publication x 2^32 + order of arrival: descending is "newest first". */
  place: number
  id: string
  title_key: string
  clc: string | null
  /** `HeldBib[]` as JSON, the fullest first: that one is shown and searched. */
  bibs: string
  loans: number
  added_at: Millis
}

/** A library and the control number of its record. */
export type BibKey = readonly [libraryId: string, controlNumber: string]
/** The same with how much the record tells. */
export type HeldBib = readonly [libraryId: string, controlNumber: string, richness: number]
/** The same as one word. */
export const bibKey = (libraryId: string, controlNumber: string): string => `${libraryId}\n${controlNumber}`

/** A library's own record of a work. */
export interface BibTable {
  library_id: string
  control_number: string
  work_id: string
  /** Of record and placement of its copies as they came in: what has not changed is not written again. */
  digest: string
  /** `BibRecord` as JSON, with the copies that are in `item`. */
  record: string
  updated_at: Millis
}

/** How a copy is by our last knowledge; `unknown` until somebody has asked. */
export type CopyStatus = 'free' | 'lent' | 'reserved' | 'unknown' | 'not-lendable'

export interface ItemTable {
  library_id: string
  barcode: string
  control_number: string
  work_id: string
  branch_id: string
  location: string | null
  call_number: string | null
  shelving: 'open' | 'closed'
  lendable: number
  status: CopyStatus
  status_at: Millis | null
  due_at: Millis | null
}

/** Works in a class of the Chinese Library Classification; library '' is the whole consortium. */
export interface ClassCountTable {
  library_id: string
  class: string
  works: number
}

export interface CatalogueNumberTable {
  name: 'work'
  next: number
}

export type KnownBib = Pick<BibTable, 'control_number' | 'work_id' | 'digest' | 'record'>

export const knownDigests = async (
  db: Db,
  libraryId: string,
  controlNumbers: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await sql<
    Pick<KnownBib, 'control_number' | 'digest'>
  >`select control_number, digest from bib
    where library_id = ${libraryId} and ${inList(db, sql.ref('control_number'), controlNumbers)}`.execute(db)
  return new Map(rows.map(row => [row.control_number, row.digest]))
}

export const knownBibs = async (
  db: Db,
  libraryId: string,
  controlNumbers: readonly string[],
): Promise<readonly KnownBib[]> =>
  (
    await sql<KnownBib>`select control_number, work_id, digest, record from bib
      where library_id = ${libraryId} and ${inList(db, sql.ref('control_number'), controlNumbers)}`.execute(
      db,
    )
  ).rows

type BibRow = Pick<BibTable, 'library_id' | 'control_number' | 'record'>

const bibRow = prepared((db, v: { libraryId: string; controlNumber: string }) =>
  db
    .selectFrom('bib')
    .select(['library_id', 'control_number', 'record'])
    .where('library_id', '=', v.libraryId)
    .where('control_number', '=', v.controlNumber),
)

/** Records by their keys, in no order. */
export const bibsOf = async (db: Db, keys: readonly (BibKey | HeldBib)[]): Promise<readonly BibRow[]> => {
  const [first] = keys
  if (!first) return []
  if (keys.length === 1) return (await bibRow(db, { libraryId: first[0], controlNumber: first[1] })).rows
  const { rows } = await sql<BibRow>`
    select library_id, control_number, record from bib
    where ${inPairs(db, ['library_id', 'control_number'], keys)}`.execute(db)
  return rows
}

const bibColumns = ['library_id', 'control_number', 'work_id', 'digest', 'record', 'updated_at'] as const

export const saveBibs = (tx: Tx, rows: readonly BibTable[]): Promise<void> =>
  insertMany(
    tx,
    'bib',
    bibColumns,
    rows.map(row => bibColumns.map(column => row[column])),
    {
      tail: `on conflict (library_id, control_number) do update set work_id = excluded.work_id,
      digest = excluded.digest, record = excluded.record, updated_at = excluded.updated_at`,
    },
  )

export type NewItem = Omit<ItemTable, 'status' | 'status_at' | 'due_at'>

const itemColumns = [
  'library_id',
  'barcode',
  'control_number',
  'work_id',
  'branch_id',
  'location',
  'call_number',
  'shelving',
  'lendable',
] as const

/** Adds or updates copies; what is known of a copy's status stays. */
export const saveItems = (tx: Tx, rows: readonly NewItem[]): Promise<void> =>
  insertMany(
    tx,
    'item',
    [...itemColumns, 'status'],
    rows.map(row => [...itemColumns.map(column => row[column]), 'unknown']),
    {
      tail: `on conflict (library_id, barcode) do update set control_number = excluded.control_number,
        work_id = excluded.work_id, branch_id = excluded.branch_id, location = excluded.location,
        call_number = excluded.call_number, shelving = excluded.shelving, lendable = excluded.lendable`,
    },
  )

export const removeItems = async (tx: Tx, libraryId: string, barcodes: readonly string[]): Promise<void> => {
  if (barcodes.length === 0) return
  await sql`delete from item where library_id = ${libraryId}
    and ${inList(tx, sql.ref('barcode'), barcodes)}`.execute(tx)
}

export const knownWorks = async (db: Db, ids: readonly string[]): Promise<readonly WorkTable[]> =>
  ids.length === 0
    ? []
    : (
        await sql<WorkTable>`select place, id, title_key, clc, bibs, loans, added_at from work
          where ${inList(db, sql.ref('id'), ids)}`.execute(db)
      ).rows

const workColumns = ['place', 'id', 'title_key', 'clc', 'bibs', 'loans', 'added_at'] as const

export const addWorks = (tx: Tx, rows: readonly WorkTable[]): Promise<void> =>
  insertMany(
    tx,
    'work',
    workColumns,
    rows.map(row => workColumns.map(column => row[column])),
  )

export const removeWorks = async (tx: Tx, places: readonly number[]): Promise<void> => {
  if (places.length === 0) return
  await sql`delete from work where ${inList(tx, sql.ref('place'), places)}`.execute(tx)
}

/** For works of which nothing but the list of their records has changed. */
export const updateBibs = async (
  tx: Tx,
  rows: readonly Pick<WorkTable, 'place' | 'bibs'>[],
): Promise<void> => {
  for (const { place, bibs } of rows)
    await tx.updateTable('work').set({ bibs }).where('place', '=', place).execute()
}

/** The first of `count` numbers that nobody else gets. */
export const takeWorkNumbers = async (tx: Tx, count: number): Promise<number> => {
  const { next } = await tx
    .updateTable('catalogue_number')
    .set(e => ({ next: e('next', '+', count) }))
    .where('name', '=', 'work')
    .returning('next')
    .executeTakeFirstOrThrow()
  return next - count
}

/** Adds to the counts of classes; keys are `library_id` and class. */
export const addClassCounts = (tx: Tx, rows: readonly ClassCountTable[]): Promise<void> =>
  insertMany(
    tx,
    'class_count',
    ['library_id', 'class', 'works'],
    // In one order for everybody: two imports that wait for each other's rows would be a deadlock.
    rows
      .toSorted((a, b) => (a.library_id + a.class < b.library_id + b.class ? -1 : 1))
      .map(row => [row.library_id, row.class, row.works]),
    { tail: 'on conflict (library_id, class) do update set works = class_count.works + excluded.works' },
  )
