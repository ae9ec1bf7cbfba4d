import type { Millis } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Branch, Libraries } from '../libraries.ts'
import type { Delivery } from '../orders/order.ts'
import type { Copy, RankedCopy } from '../orders/ports.ts'

/** What a candidate costs, in points that a consortium can read and change. Lower is asked first. */
export interface RankingWeights {
  /** Another branch than the one asked before. */
  readonly otherBranch: number
  /** Another library than the reader's. */
  readonly otherLibrary: number
  /** For each place further back in the consortium's own order of suppliers. */
  readonly supplierOrder: number
  readonly perKilometre: number
  /** For each hour until the branch opens. */
  readonly perClosedHour: number
  /** The ILS was silent: it may be free or not. */
  readonly unknown: number
}

export const defaultWeights: RankingWeights = {
  otherBranch: 1,
  otherLibrary: 20,
  supplierOrder: 0.5,
  perKilometre: 0.1,
  perClosedHour: 0.2,
  unknown: 10,
}

/** Where coordinates are missing: an ordinary distance within a city. */
const usualKilometres = 5

export interface RankingAsk {
  readonly libraryId: string
  readonly branchId: string | null
  readonly delivery: Delivery
  readonly at: Millis
}

/** The figures of one candidate whose state is known, and their sum. Pure. */
export const rank = (
  copy: Copy,
  status: RankedCopy['status'],
  ask: RankingAsk,
  libraries: Libraries,
  weights: RankingWeights = defaultWeights,
): RankedCopy => {
  const branch = libraries.branch(copy.branchId)
  const away =
    copy.supplierId === ask.libraryId ? -1 : libraries.suppliersFor(ask.libraryId).indexOf(copy.supplierId)
  const figures = {
    branch: ask.branchId === null || ask.branchId === copy.branchId ? 0 : weights.otherBranch,
    library: copy.supplierId === ask.libraryId ? 0 : weights.otherLibrary,
    order: Math.max(0, away) * weights.supplierOrder,
    distance: kilometres(branch, ask.delivery, libraries) * weights.perKilometre,
    opening: closedHours(branch, ask.at) * weights.perClosedHour,
    unknown: status === 'unknown' ? weights.unknown : 0,
  }
  const cost = Object.values(figures).reduce((sum, figure) => sum + figure, 0)
  return { ...copy, status, figures, cost: Math.round(cost * 1000) / 1000 }
}

/** What is not free comes last; the rest by cost, then by barcode, so that the order never wavers. */
export const byRank = (a: RankedCopy, b: RankedCopy): number =>
  order[a.status] - order[b.status] || a.cost - b.cost || (a.barcode < b.barcode ? -1 : 1)

const order = { free: 0, unknown: 0, 'not-free': 1 } as const

const closedHours = (branch: Branch, at: Millis): number => {
  try {
    return (branch.hours.nextOpen(at) - at) / 3_600_000
  } catch (error) {
    if (error instanceof ProblemError) return 0
    throw error
  }
}

const kilometres = (branch: Branch, delivery: Delivery, libraries: Libraries): number => {
  if (delivery.way === 'home') return usualKilometres
  const target =
    delivery.way === 'locker' ? libraries.locker(delivery.lockerId) : libraries.branch(delivery.branchId)
  if (target.id === branch.id) return 0
  const { lat, lng } = branch
  if (lat === undefined || lng === undefined || target.lat === undefined || target.lng === undefined)
    return usualKilometres
  return greatCircle(lat, lng, target.lat, target.lng)
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180

/** Kilometres between two points of the earth (haversine, mean radius 6371.0088 km). */
export const greatCircle = (lat1: number, lng1: number, lat2: number, lng2: number): number => {
  const half = (a: number, b: number): number => Math.sin(radians(b - a) / 2) ** 2
  const h = half(lat1, lat2) + Math.cos(radians(lat1)) * Math.cos(radians(lat2)) * half(lng1, lng2)
  return 2 * 6371.0088 * Math.asin(Math.min(1, Math.sqrt(h)))
}
