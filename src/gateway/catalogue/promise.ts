import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import { promisedAt } from '../orders/promise.ts'
import { promiseWords, soonWords } from './promise-words.ts'
import type { WorkRecord } from './record.ts'

type Holding = WorkRecord['holdings'][number]

interface Soonest {
  readonly at: Millis
  readonly place: Words
  readonly zone: string
}

/**
 * What a record's page promises: how many copies can be had, and where the first of them would be soonest. Readers
 * of `libraryId` are promised places of their own library; without it each copy counts at its own library's places.
 */
export const recordPromise = (
  record: Pick<WorkRecord, 'holdings'>,
  libraries: Libraries,
  now: Millis,
  libraryId?: string,
): Words => {
  const within =
    libraryId === undefined ? undefined : new Set([libraryId, ...libraries.suppliersFor(libraryId)])
  const holdings = record.holdings.filter(one => within?.has(one.libraryId) ?? true)
  if (holdings.length === 0) return promiseWords.none
  const free = holdings.filter(one => one.status === 'free')
  if (free.length > 0) {
    const best = soonest(free, libraries, now, libraryId)
    return best
      ? promiseWords.free(free.length, soonWords(best.at, now, best.zone), best.place)
      : promiseWords.freeSomeDay(free.length)
  }
  const silent = holdings.filter(one => one.status === 'unknown').length
  if (silent > 0) return promiseWords.silent(silent)
  const out = holdings.filter(one => one.status !== 'not-lendable')
  if (out.length === 0) return promiseWords.inHouse
  const due = out.flatMap(({ dueAt }) => (dueAt === null ? [] : [Date.parse(dueAt)])).sort((a, b) => a - b)[0]
  const { zone } = libraries.get(libraryId ?? out[0]!.libraryId)
  return due === undefined || due < now
    ? promiseWords.out
    : promiseWords.outUntil(soonWords(due, now, zone, 'day'))
}

/** Lockers before desks, so that of two equal promises the one without a queue is told. */
const soonest = (
  free: readonly Holding[],
  libraries: Libraries,
  now: Millis,
  libraryId: string | undefined,
): Soonest | undefined => {
  const sources = new Map(free.map(one => [`${one.libraryId}\n${one.branchId}`, one]))
  let best: Soonest | undefined
  for (const { libraryId: supplierId, branchId } of sources.values()) {
    const { id, zone, lockers, branches } = libraries.get(libraryId ?? supplierId)
    const places = [
      ...lockers.map(({ id: lockerId, name }) => ({ name, delivery: { way: 'locker', lockerId } as const })),
      ...branches.map(branch => ({
        name: branch.name,
        delivery: { way: 'branch', branchId: branch.id } as const,
      })),
    ]
    for (const { name, delivery } of places) {
      const at = promisedAt({ libraryId: id, supplierId, branchId, delivery, at: now }, libraries)
      if (at !== null && (!best || at < best.at)) best = { at, place: name, zone }
    }
  }
  return best
}
