import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, ProblemError, yes } from '../../kernel/problem.ts'
import type { Library } from '../libraries.ts'
import type { Db, Tx } from '../store/db.ts'
import { openLinesOf } from '../store/orders.ts'
import type { Found } from './choose.ts'
import { blocksOf } from './eligibility.ts'
import type { Delivery } from './order.ts'
import { placeRefusals as refusals } from './place-words.ts'
import type { OrderPorts } from './ports.ts'

/** How a reader wants it; the courier of a home delivery is the library's choice. */
export type WantedDelivery =
  | { readonly way: 'home'; readonly addressId: string }
  | { readonly way: 'branch'; readonly branchId: string }
  | { readonly way: 'locker'; readonly lockerId: string }

export interface PlaceRequest {
  readonly libraryId: string
  readonly patronId: string
  readonly recordIds: readonly string[]
  readonly delivery: WantedDelivery
  /** The price that the reader was shown, in fen; an order that has become dearer since is refused. */
  readonly dueAtMost?: number | undefined
  /** The client's Idempotency-Key. */
  readonly key: string
  /** `reader:<id>`, or the staff member who places it for the reader. */
  readonly actor: string
}

interface Deps {
  readonly ports: OrderPorts
}

export const checkDelivery = async (
  { ports }: Deps,
  { libraryId, patronId, delivery }: Pick<PlaceRequest, 'libraryId' | 'patronId' | 'delivery'>,
  { policy }: Library,
): Promise<Answer<Delivery>> => {
  if (delivery.way === 'home') {
    const address = await ports.readers.address(libraryId, patronId, delivery.addressId)
    return address ? yes({ ...delivery, courier: policy.courier }) : no(refusals.unknownAddress())
  }
  // Both throw a refusal when there is no such place.
  try {
    if (delivery.way === 'branch') ports.libraries.branch(delivery.branchId)
    else ports.libraries.locker(delivery.lockerId)
    return yes(delivery)
  } catch (thrown) {
    if (thrown instanceof ProblemError) return no(thrown.problem)
    throw thrown
  }
}

export const checkSize = (recordIds: readonly string[], { policy }: Library): Problem | undefined => {
  if (recordIds.length === 0) return refusals.empty()
  if (recordIds.length > policy.itemsPerOrder) return refusals.tooMany(policy.itemsPerOrder)
  return !policy.mayBeSplit && recordIds.length > policy.itemsPerParcel
    ? refusals.noSplit(policy.itemsPerParcel)
    : undefined
}

/** What the ILS says of the reader right now; `checked` false while it is away. */
export const checkReader = async (
  { ports }: Deps,
  { libraryId, patronId }: PlaceRequest,
): Promise<Answer<{ checked: boolean }>> => {
  const card = await ports.readers.card(libraryId, patronId, libraryId)
  if (card === undefined) return no(refusals.noCard())
  const answer = await ports.ils(libraryId).patron({ card, priority: 'person' })
  if (!answer.ok)
    return answer.problem.kind === 'refused' && !answer.problem.maybeDone
      ? no(answer.problem)
      : yes({ checked: false })
  const [block] = blocksOf(answer.value, ports.libraries.get(libraryId).policy.holds === 'ils')
  return block
    ? no(refusals.blocked(block.code, block.say, answer.value.messages[0]))
    : yes({ checked: true })
}

/** Frozen, too many requests, too many loans, the same title twice: thrown as problems, in the placing transaction. */
export const checkLimits = async (
  tx: Tx,
  { ports }: Deps,
  { libraryId, patronId }: PlaceRequest,
  found: readonly Found[],
  { policy, zone }: Library,
  now: Millis,
): Promise<void> => {
  const { frozenUntil, maxItems } = await ports.readers.standing(tx, libraryId, patronId)
  if (frozenUntil !== null && frozenUntil > now) throw new ProblemError(refusals.frozen(frozenUntil, zone))
  if (maxItems === 0) throw new ProblemError(refusals.notJoined())
  const open = await openLinesOf(tx, libraryId, patronId)
  const had = new Set(open.map(l => l.record_id))
  const twice = found.find(f => had.has(f.recordId))
  if (twice) throw new ProblemError(refusals.duplicate(twice.supply.record?.title ?? ''))
  const onTheWay = open.filter(l => !withReader.has(l.status)).length
  if (onTheWay + found.length > policy.openRequests)
    throw new ProblemError(refusals.openRequests(policy.openRequests))
  const counted = open.filter(l => !handedIn.has(l.status)).length
  if (maxItems !== null && counted + found.length > maxItems)
    throw new ProblemError(refusals.loanLimit(maxItems))
}

/**
 * Why a reader may not take a loan over from another one: frozen, or with as many loans as allowed. Of who has never
 * joined we know nothing; such a card borrows by the rules of the library system alone.
 */
export const checkTaker = async (
  db: Db,
  { ports }: Deps,
  { libraryId, patronId }: Pick<PlaceRequest, 'libraryId' | 'patronId'>,
  now: Millis,
): Promise<Problem | undefined> => {
  const { frozenUntil, maxItems } = await ports.readers.standing(db, libraryId, patronId)
  if (frozenUntil !== null && frozenUntil > now) return refusals.takerFrozen()
  if (maxItems === null || maxItems === 0) return undefined
  const open = await openLinesOf(db, libraryId, patronId)
  const counted = open.filter(l => !handedIn.has(l.status)).length
  return counted >= maxItems ? refusals.takerLimit(maxItems) : undefined
}

const handedIn = new Set(['return_shipped', 'return_in_locker', 'return_at_branch', 'received', 'discharged'])
const withReader = new Set([
  ...['delivered', 'collected', 'on_loan', 'transferring', 'return_requested', 'missing', 'recovered'],
  ...['cancelling', ...handedIn],
])
