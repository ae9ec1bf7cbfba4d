import type { BibRecord } from '../../adapters/catalogue/catalogue.ts'
import type { Millis } from '../../kernel/clock.ts'
import {
  addClassCounts,
  addWorks,
  bibKey,
  bibsOf,
  type ClassCountTable,
  type HeldBib,
  knownWorks,
  removeWorks,
  takeWorkNumbers,
  updateBibs,
  type WorkTable,
} from '../store/catalogue.ts'
import { addWords, removeWords } from '../store/catalogue-words.ts'
import type { Tx } from '../store/db.ts'
import { titleKey } from './text.ts'
import { byRichness, classesOf, librariesOf, placeOf, richness, wordsOf, yearOfPlace } from './work.ts'

/** A record that was just saved, and the work it belongs to. */
export interface SavedBib {
  readonly record: BibRecord
  readonly workId: string
}

interface Work {
  readonly id: string
  readonly bibs: readonly HeldBib[]
  readonly record: BibRecord
}

/**
 * Brings works up to date after a library's records were saved: `touched` are the works that these belong to now or
 * belonged to before. A work is written anew only where its fullest record or its libraries have changed.
 */
export const rebuildWorks = async (
  tx: Tx,
  libraryId: string,
  saved: readonly SavedBib[],
  touched: readonly string[],
  now: Millis,
): Promise<void> => {
  const known = new Map((await knownWorks(tx, touched)).map(work => [work.id, work]))
  const bibs = bibsNow(libraryId, saved, known)
  const records = new Map(saved.map(s => [s.record.controlNumber, s.record]))
  const same: Pick<WorkTable, 'place' | 'bibs'>[] = []
  const anew: { id: string; bibs: readonly HeldBib[] }[] = []
  for (const [id, list] of bibs) {
    const work = known.get(id)
    const [library, number] = list[0]!
    if (work && looksSame(bibsIn(work), list) && !(library === libraryId && records.has(number)))
      same.push({ place: work.place, bibs: JSON.stringify(list) })
    else anew.push({ id, bibs: list })
  }
  const works = await withRecords(tx, libraryId, records, anew)
  await updateBibs(tx, same)
  const unchanged = new Set(same.map(work => work.place))
  const gone = [...known.values()].filter(work => !unchanged.has(work.place))
  const places = gone.map(work => work.place)
  await removeWorks(tx, places)
  await removeWords(tx, places)
  await add(tx, works, known, now)
  await addClassCounts(tx, countChanges(gone, works))
}

const bibsIn = (work: WorkTable): readonly HeldBib[] => JSON.parse(work.bibs) as HeldBib[]

/** Each work's records as they are now, the fullest first; a work without any is left out. */
const bibsNow = (
  libraryId: string,
  saved: readonly SavedBib[],
  known: ReadonlyMap<string, WorkTable>,
): ReadonlyMap<string, HeldBib[]> => {
  const numbers = new Set(saved.map(s => s.record.controlNumber))
  const bibs = new Map<string, HeldBib[]>()
  for (const [id, work] of known)
    bibs.set(
      id,
      bibsIn(work).filter(([library, number]) => library !== libraryId || !numbers.has(number)),
    )
  for (const { record, workId } of saved) {
    const bib: HeldBib = [libraryId, record.controlNumber, richness(record)]
    const others = bibs.get(workId)
    if (others) others.push(bib)
    else bibs.set(workId, [bib])
  }
  for (const [id, list] of bibs)
    if (list.length === 0) bibs.delete(id)
    else if (list.length > 1) list.sort(byRichness)
  return bibs
}

/** The same record is shown, and the same libraries hold the work. */
const looksSame = (before: readonly HeldBib[], now: readonly HeldBib[]): boolean =>
  before[0]?.[0] === now[0]?.[0] &&
  before[0]?.[1] === now[0]?.[1] &&
  librariesOf(before).join() === librariesOf(now).join()

/** Works with the records that stand for them, read where they are not at hand. */
const withRecords = async (
  tx: Tx,
  libraryId: string,
  atHand: ReadonlyMap<string, BibRecord>,
  works: readonly { readonly id: string; readonly bibs: readonly HeldBib[] }[],
): Promise<Work[]> => {
  const own = ({ bibs }: { readonly bibs: readonly HeldBib[] }): BibRecord | undefined =>
    bibs[0]![0] === libraryId ? atHand.get(bibs[0]![1]) : undefined
  const missing = works.filter(work => !own(work)).map(work => work.bibs[0]!)
  const read = new Map(
    (await bibsOf(tx, missing)).map(row => [
      bibKey(row.library_id, row.control_number),
      JSON.parse(row.record) as BibRecord,
    ]),
  )
  return works.map(work => ({
    ...work,
    record: own(work) ?? read.get(bibKey(work.bibs[0]![0], work.bibs[0]![1]))!,
  }))
}

const add = async (
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
  const placed = works.map(work => ({
    work,
    place: stays(work) ?? placeOf(work.record.year, number++),
    key: titleKey(work.record.title),
  }))
  await addWorks(
    tx,
    placed.map(({ work, place, key }) => ({
      place,
      id: work.id,
      title_key: key,
      clc: work.record.clc ?? null,
      bibs: JSON.stringify(work.bibs),
      loans: known.get(work.id)?.loans ?? 0,
      added_at: known.get(work.id)?.added_at ?? now,
    })),
  )
  await addWords(
    tx,
    placed.map(({ work, place, key }) => wordsOf(work.record, librariesOf(work.bibs), place, key)),
  )
}

const countChanges = (before: readonly WorkTable[], after: readonly Work[]): ClassCountTable[] => {
  const changes = new Map<string, ClassCountTable>()
  const count = (clc: string | null | undefined, bibs: readonly HeldBib[], by: number): void => {
    for (const name of classesOf(clc))
      for (const library of ['', ...librariesOf(bibs)]) {
        const key = `${library}|${name}`
        const row = changes.get(key) ?? { library_id: library, class: name, works: 0 }
        row.works += by
        changes.set(key, row)
      }
  }
  for (const work of before) count(work.clc, bibsIn(work), -1)
  for (const work of after) count(work.record.clc, work.bibs, 1)
  return [...changes.values()].filter(row => row.works !== 0)
}
