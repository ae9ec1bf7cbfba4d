import { hash } from 'node:crypto'
import type { BibRecord, CatalogueSource } from '../../adapters/catalogue/catalogue.ts'
import type { Clock, Millis } from '../../kernel/clock.ts'
import {
  addClassCounts,
  addWorks,
  type BibKey,
  bibsOf,
  type ClassCountTable,
  type KnownBib,
  knownBibs,
  knownDigests,
  knownWorks,
  type NewItem,
  removeItems,
  removeWorks,
  saveBibs,
  saveItems,
  takeWorkNumbers,
  type WorkTable,
} from '../store/catalogue.ts'
import { addWords, removeWords } from '../store/catalogue-words.ts'
import type { Store, Tx } from '../store/db.ts'
import { titleKey } from './text.ts'
import {
  classesOf,
  type HeldRecord,
  mergeWork,
  placeOf,
  type Work,
  wordsOf,
  workId,
  yearOfPlace,
} from './work.ts'

/** Where a source's location code is in the library. */
export interface Placement {
  readonly branchId: string
  /** Overrules what the source says. */
  readonly shelving?: 'open' | 'closed'
  /** False for what is only read in the house. */
  readonly lendable?: boolean
}

export interface ImportOptions {
  readonly libraryId: string
  readonly source: CatalogueSource
  /** Undefined stands for a copy without a location code. */
  readonly locationToBranch: (location: string | undefined) => Placement
  readonly clock: Pick<Clock, 'now'>
  readonly onProgress?: (progress: ImportProgress) => void
  /** Told once for each warning about a record that was imported. */
  readonly onWarning?: (warning: { record: number; offset: number; text: string }) => void
  /** Records in one transaction; 2,000 unless told otherwise. */
  readonly batch?: number
}

export interface ImportProgress {
  readonly read: number
  readonly imported: number
  readonly refused: number
  /** Bytes of the source so far, and in all where known. */
  readonly bytes: number
  readonly size?: number
}

export interface ImportResult {
  readonly read: number
  readonly imported: number
  readonly refused: readonly { readonly record: number; readonly offset: number; readonly reason: string }[]
}

/**
 * Brings a source's records into a library's catalogue, in transactions of `batch` records. A record is known by its
 * control number: a second import updates what has changed and writes nothing else. Copies that a changed record no
 * longer lists are removed, unless it lists none at all (an export without holdings). `read` is `imported` plus
 * the number of refusals; of two records with one control number the later counts. Throws what source or store throw.
 */
export const importRecords = async (store: Store, options: ImportOptions): Promise<ImportResult> => {
  const { source, onProgress, onWarning, batch = 2000 } = options
  const refused: { record: number; offset: number; reason: string }[] = []
  let read = 0
  let imported = 0
  let waiting: BibRecord[] = []
  const progress = (bytes: number): void =>
    onProgress?.({
      read,
      imported,
      refused: refused.length,
      bytes,
      ...(source.size ? { size: source.size } : {}),
    })
  const save = async (): Promise<void> => {
    if (waiting.length > 0) await saveBatch(store, waiting, options)
    imported += waiting.length
    waiting = []
  }
  for await (const found of source.records()) {
    read++
    if (found.ok) {
      waiting.push(found.record)
      for (const text of found.warnings) onWarning?.({ record: found.number, offset: found.offset, text })
    } else refused.push({ record: found.number, offset: found.offset, reason: found.reason })
    if (waiting.length < batch) continue
    await save()
    progress(found.offset)
  }
  await save()
  progress(source.size ?? 0)
  return { read, imported, refused }
}

interface Incoming {
  readonly record: BibRecord
  readonly workId: string
  readonly json: string
  readonly digest: string
}

const saveBatch = async (
  store: Store,
  records: readonly BibRecord[],
  options: ImportOptions,
): Promise<void> => {
  const incoming = new Map(records.map(record => [record.controlNumber, prepare(record, options)]))
  const digests = await knownDigests(store.db, options.libraryId, [...incoming.keys()])
  const changed = [...incoming.values()].filter(i => digests.get(i.record.controlNumber) !== i.digest)
  if (changed.length > 0) await store.tx(tx => saveChanged(tx, changed, options))
}

const prepare = (record: BibRecord, { locationToBranch }: ImportOptions): Incoming => {
  const placements = record.items.map(item => locationToBranch(item.location))
  const json = JSON.stringify(record)
  const placed = placements.length > 0 ? JSON.stringify(placements) : ''
  return { record, workId: workId(record), json, digest: hash('sha1', json + placed, 'base64url') }
}

const saveChanged = async (tx: Tx, changed: readonly Incoming[], options: ImportOptions): Promise<void> => {
  const { libraryId } = options
  const now = options.clock.now()
  const before = await knownBibs(
    tx,
    libraryId,
    changed.map(c => c.record.controlNumber),
  )
  const old = new Map(before.map(b => [b.control_number, JSON.parse(b.record) as BibRecord]))
  const next = changed.map(c => withKnownItems(c, old.get(c.record.controlNumber)))
  await saveBibs(
    tx,
    next.map(({ record, workId, json, digest }) => ({
      library_id: libraryId,
      control_number: record.controlNumber,
      work_id: workId,
      digest,
      record: json,
      updated_at: now,
    })),
  )
  const items = new Map(next.flatMap(n => itemRows(n, options)).map(item => [item.barcode, item]))
  const had = [...old.values()].flatMap(record => record.items.map(item => item.barcode))
  await removeItems(
    tx,
    libraryId,
    had.filter(barcode => !items.has(barcode)),
  )
  await saveItems(tx, [...items.values()])
  const held = next.map(n => ({ libraryId, record: n.record, workId: n.workId }))
  await rebuildWorks(tx, [...new Set([...next, ...before].map(touchedWork))], held, now)
}

const touchedWork = (bib: Incoming | KnownBib): string => ('workId' in bib ? bib.workId : bib.work_id)

/** A record that lists no copy comes from an export without holdings: those known before stay. */
const withKnownItems = (incoming: Incoming, old: BibRecord | undefined): Incoming => {
  if (incoming.record.items.length > 0 || !old) return incoming
  const record = { ...incoming.record, items: old.items }
  return { ...incoming, record, json: JSON.stringify(record) }
}

const itemRows = ({ record, workId }: Incoming, { libraryId, locationToBranch }: ImportOptions): NewItem[] =>
  record.items.map(item => {
    const placement = locationToBranch(item.location)
    return {
      library_id: libraryId,
      barcode: item.barcode,
      control_number: record.controlNumber,
      work_id: workId,
      branch_id: placement.branchId,
      location: item.location ?? null,
      call_number: item.callNumber ?? null,
      shelving: placement.shelving ?? item.shelving,
      lendable: placement.lendable === false ? 0 : 1,
    }
  })

/** Makes works, their search words and the counts of their classes anew from all records that belong to them. */
const rebuildWorks = async (
  tx: Tx,
  ids: readonly string[],
  changed: readonly (HeldRecord & { readonly workId: string })[],
  now: Millis,
): Promise<void> => {
  const known = new Map((await knownWorks(tx, ids)).map(work => [work.id, work]))
  const held = new Map<string, HeldRecord[]>()
  const hold = (id: string, record: HeldRecord): void => {
    const others = held.get(id)
    if (others) others.push(record)
    else held.set(id, [record])
  }
  for (const c of changed) hold(c.workId, c)
  for (const [id, record] of await otherRecords(tx, [...known.values()], changed)) hold(id, record)
  const works = [...held].map(([id, records]) => mergeWork(id, records))
  const gone = [...known.values()].map(work => work.place)
  await removeWorks(tx, gone)
  await removeWords(tx, gone)
  await addMerged(tx, works, known, now)
  await addClassCounts(tx, countChanges([...known.values()], works))
}

/** The records of known works that are not among those being saved. */
const otherRecords = async (
  tx: Tx,
  known: readonly WorkTable[],
  changed: readonly HeldRecord[],
): Promise<[workId: string, HeldRecord][]> => {
  const keyOf = (libraryId: string, controlNumber: string): string => `${libraryId}\n${controlNumber}`
  const saved = new Set(changed.map(c => keyOf(c.libraryId, c.record.controlNumber)))
  const works = new Map<string, string>()
  for (const work of known)
    for (const [library, number] of bibKeys(work))
      if (!saved.has(keyOf(library, number))) works.set(keyOf(library, number), work.id)
  const rows = await bibsOf(
    tx,
    known.flatMap(bibKeys).filter(([library, number]) => works.has(keyOf(library, number))),
  )
  return rows.map(row => [
    works.get(keyOf(row.library_id, row.control_number))!,
    { libraryId: row.library_id, record: JSON.parse(row.record) as BibRecord },
  ])
}

const bibKeys = (work: WorkTable): readonly BibKey[] => JSON.parse(work.bibs) as BibKey[]

const addMerged = async (
  tx: Tx,
  works: readonly Work[],
  known: ReadonlyMap<string, WorkTable>,
  now: Millis,
): Promise<void> => {
  const stays = ({ id, record }: Work): number | undefined => {
    const place = known.get(id)?.place
    return place !== undefined && yearOfPlace(place) === (record.year ?? 0) ? place : undefined
  }
  const moving = works.filter(work => stays(work) === undefined).length
  let number = moving > 0 ? await takeWorkNumbers(tx, moving) : 0
  const placed = works.map(work => ({ work, place: stays(work) ?? placeOf(work.record.year, number++) }))
  await addWorks(
    tx,
    placed.map(({ work, place }) => ({
      place,
      id: work.id,
      title_key: titleKey(work.record.title),
      clc: work.record.clc ?? null,
      bibs: JSON.stringify(work.bibs),
      loans: known.get(work.id)?.loans ?? 0,
      added_at: known.get(work.id)?.added_at ?? now,
    })),
  )
  await addWords(
    tx,
    placed.map(({ work, place }) => wordsOf(work, place)),
  )
}

const countChanges = (before: readonly WorkTable[], after: readonly Work[]): ClassCountTable[] => {
  const changes = new Map<string, ClassCountTable>()
  const count = (clc: string | null | undefined, libraries: readonly string[], by: number): void => {
    for (const name of classesOf(clc))
      for (const library of ['', ...libraries]) {
        const key = `${library}|${name}`
        const row = changes.get(key) ?? { library_id: library, class: name, works: 0 }
        row.works += by
        changes.set(key, row)
      }
  }
  for (const work of before) count(work.clc, [...new Set(bibKeys(work).map(key => key[0]))], -1)
  for (const work of after) count(work.record.clc, work.libraries, 1)
  return [...changes.values()].filter(row => row.works !== 0)
}
