import type { DataOf, What } from './evidence.ts'
import type { Line, LineStatus, Order } from './order.ts'
import { parcelNumberOf } from './parcels.ts'
import type { OrderPolicy } from './policy.ts'
import { states } from './states.ts'

/** A fact about a line, before it has an id and a time. */
export type Fact = { readonly [W in What]: { readonly what: W; readonly data: DataOf<W> } }[What]

const before = (line: Line, status: LineStatus): boolean => states[line.status].rank < states[status].rank

/** The steps that must have been taken when this one is seen, so that nobody has to press a button for them. */
export const withImplied = (line: Line, order: Order, fact: Fact, policy: OrderPolicy): readonly Fact[] => [
  ...impliedBy(line, order, fact, policy),
  fact,
]

const impliedBy = (line: Line, order: Order, fact: Fact, policy: OrderPolicy): readonly Fact[] => {
  switch (fact.what) {
    case 'item-found':
    case 'item-not-found':
      return line.status === 'confirmed' ? [{ what: 'listed', data: {} }] : []
    case 'packed':
      return found(line, order, policy)
    case 'shipped':
    case 'put-in-locker':
    case 'at-branch':
      return before(line, 'packed') ? [...found(line, order, policy), pack(line, order)] : []
    case 'collected':
      return atDesk(line, order, fact.data.branchId, policy)
    case 'received':
      return line.status === 'on_loan' || line.status === 'return_requested' || line.status === 'missing'
        ? [{ what: 'returned-at-branch', data: { branchId: fact.data.branchId } }]
        : []
    default:
      return []
  }
}

/** Whoever packs a book has found it. */
const found = (line: Line, order: Order, policy: OrderPolicy): readonly Fact[] => {
  if (line.barcode === null || !before(line, 'found')) return []
  const fact: Fact = { what: 'item-found', data: { barcode: line.barcode } }
  return [...impliedBy(line, order, fact, policy), fact]
}

const pack = (line: Line, order: Order): Fact => ({
  what: 'packed',
  data: { parcelNumber: parcelNumberOf(order, line) },
})

/** Whoever hands it over at a desk has it at that desk. */
const atDesk = (
  line: Line,
  order: Order,
  branchId: string | undefined,
  policy: OrderPolicy,
): readonly Fact[] => {
  if (branchId === undefined || !before(line, 'in_locker')) return []
  const fact: Fact = { what: 'at-branch', data: { branchId } }
  return [...impliedBy(line, order, fact, policy), fact]
}
