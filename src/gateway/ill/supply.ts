import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Libraries } from '../libraries.ts'
import type { Copy, RankedCopy, Supply, SupplyAnswer, SupplyAsk } from '../orders/ports.ts'
import { claimedAmong } from '../store/claims.ts'
import type { Store } from '../store/db.ts'
import { askAll, type Holdings } from './candidates.ts'
import { byRank, defaultWeights, type RankingWeights, rank } from './ranking.ts'

export interface SupplyDeps {
  readonly store: Store
  readonly clock: Clock
  readonly libraries: Libraries
  readonly ils: (libraryId: string) => Ils
  readonly holdings: Holdings
  readonly weights?: RankingWeights
}

/** Copies whose state is asked for in one go. */
const asked = 8

/**
 * Finds a copy: another one in the branch, then another branch of the reader's library, then another library. Item
 * states are fresh (17/18), asked in parallel under one deadline.
 */
export const createSupply = (deps: SupplyDeps): Supply => ({
  next: async ask => {
    const record = await deps.holdings.copies(ask.recordId)
    if (!record) return { record: null, copy: null, shelving: 'open', branchId: null, ranking: [] }
    const { title, author, clc } = record
    const own = record.copies.find(c => c.supplierId === ask.libraryId) ?? record.copies[0]
    const base = {
      record: { title, author, clc },
      shelving: own?.shelving ?? 'open',
      branchId: own?.supplierId === ask.libraryId ? own.branchId : null,
    } as const
    const open = await unclaimed(deps, ask, record.copies)
    const home = await ranked(
      deps,
      ask,
      open.filter(c => c.supplierId === ask.libraryId),
    )
    const here = best(home)
    if (here) return { ...base, copy: here, ranking: home }
    const away = await ranked(
      deps,
      ask,
      open.filter(c => c.supplierId !== ask.libraryId),
    )
    return { ...base, copy: best(away), ranking: [...home, ...away] } satisfies SupplyAnswer
  },
})

const best = (ranking: readonly RankedCopy[]): Copy | null => {
  const first = ranking[0]
  if (!first || first.status === 'not-free') return null
  const { cost: _, figures: __, status: ___, ...copy } = first
  return copy
}

/** Copies that may be asked for at all: of a library that lends to this one, and with no other line. */
const unclaimed = async (
  { store, clock, libraries }: SupplyDeps,
  { libraryId, tried }: SupplyAsk,
  copies: readonly Copy[],
): Promise<readonly Copy[]> => {
  const suppliers = new Set([libraryId, ...libraries.suppliersFor(libraryId)])
  const allowed = copies.filter(c => suppliers.has(c.supplierId) && !tried.includes(c.barcode))
  const open: Copy[] = []
  for (const [supplierId, theirs] of Map.groupBy(allowed, c => c.supplierId)) {
    const barcodes = theirs.map(c => c.barcode)
    const taken = await claimedAmong(store.db, supplierId, barcodes, clock.now())
    open.push(...theirs.filter(c => !taken.has(c.barcode)))
  }
  return open
}

const ranked = async (
  { libraries, ils, clock, weights = defaultWeights }: SupplyDeps,
  ask: SupplyAsk,
  copies: readonly Copy[],
): Promise<readonly RankedCopy[]> => {
  const at = clock.now()
  const hopeful = copies
    .map(copy => rank(copy, 'free', { ...ask, at }, libraries, weights))
    .sort(byRank)
    .slice(0, asked)
    .map(r => copies.find(c => c.barcode === r.barcode && c.supplierId === r.supplierId)!)
  const { supplyDeadline } = libraries.get(ask.libraryId).policy
  const states = await askAll(hopeful, ils, clock, supplyDeadline)
  return hopeful
    .map(copy => rank(copy, states.get(copy) ?? 'unknown', { ...ask, at }, libraries, weights))
    .sort(byRank)
}
