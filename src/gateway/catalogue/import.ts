import { hash } from 'node:crypto'
import type { BibRecord, CatalogueSource } from '../../adapters/catalogue/catalogue.ts'
import type { Clock } from '../../kernel/clock.ts'
import {
  type KnownBib,
  knownBibs,
  knownDigests,
  type NewItem,
  removeItems,
  saveBibs,
  saveItems,
} from '../store/catalogue.ts'
import type { Store, Tx } from '../store/db.ts'
import { rebuildWorks } from './rebuild.ts'
import { workId } from './work.ts'

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
  /** Of each copy of the record, in order. */
  readonly placements: readonly Placement[]
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
  return {
    record,
    workId: workId(record),
    json,
    digest: hash('sha1', json + placed, 'base64url'),
    placements,
  }
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
  const next = changed.map(c => withKnownItems(c, old.get(c.record.controlNumber), options))
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
  await rebuildWorks(tx, libraryId, next, [...new Set([...next, ...before].map(touchedWork))], now)
}

const touchedWork = (bib: Incoming | KnownBib): string => ('workId' in bib ? bib.workId : bib.work_id)

/** A record that lists no copy comes from an export without holdings: those known before stay. */
const withKnownItems = (
  incoming: Incoming,
  old: BibRecord | undefined,
  { locationToBranch }: ImportOptions,
): Incoming => {
  if (incoming.record.items.length > 0 || !old) return incoming
  const record = { ...incoming.record, items: old.items }
  const placements = old.items.map(item => locationToBranch(item.location))
  return { ...incoming, record, json: JSON.stringify(record), placements }
}

const itemRows = ({ record, workId, placements }: Incoming, { libraryId }: ImportOptions): NewItem[] =>
  record.items.map((item, index) => {
    const placement = placements[index]!
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
