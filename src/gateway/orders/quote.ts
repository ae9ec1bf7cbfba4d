import type { Millis } from '../../kernel/clock.ts'
import { type Answer, no, type Problem, yes } from '../../kernel/problem.ts'
import { look } from './choose.ts'
import type { FeeBreakdown } from './order.ts'
import type { PlaceDeps } from './place.ts'
import { checkDelivery, checkSize, type PlaceRequest } from './place-checks.ts'
import { quoteWords, placeRefusals as refusals } from './place-words.ts'
import { promisedAt } from './promise.ts'

export interface Quote {
  readonly fee: FeeBreakdown
  readonly promisedAt: Millis | null
  readonly parcels: number
  /** Items that cannot come at once, and why; they may be ordered all the same. */
  readonly problems: readonly { readonly recordId: string; readonly problem: Pick<Problem, 'code' | 'say'> }[]
}

/** What an order would cost and when it would come; takes and promises nothing. */
export const quoteOrder = async (
  deps: PlaceDeps,
  request: Omit<PlaceRequest, 'key' | 'actor'>,
): Promise<Answer<Quote>> => {
  const { ports, clock, store } = deps
  const library = ports.libraries.get(request.libraryId)
  const recordIds = [...new Set(request.recordIds)]
  const size = checkSize(recordIds, library)
  if (size) return no(size)
  const delivery = await checkDelivery(deps, request, library)
  if (!delivery.ok) return delivery
  const now = clock.now()
  const found = await look(ports, request.libraryId, recordIds, delivery.value, new Map())
  const parcels = Math.ceil(recordIds.length / library.policy.itemsPerParcel)
  const fee = await ports.fees.quote(store.db, {
    libraryId: request.libraryId,
    orderId: '',
    patronId: request.patronId,
    delivery: delivery.value,
    items: recordIds.length,
    parcels,
    at: now,
  })
  const promises = found.flatMap(({ supply: { copy } }) => {
    if (!copy) return []
    const { supplierId, branchId } = copy
    const ask = { libraryId: request.libraryId, supplierId, branchId, delivery: delivery.value, at: now }
    return promisedAt(ask, ports.libraries) ?? []
  })
  const problems = found.flatMap(({ recordId, supply }) => {
    if (supply.record === null) return { recordId, problem: refusals.unknownRecord() }
    return supply.copy ? [] : { recordId, problem: { code: 'no-copy-now', say: quoteWords.noCopyNow } }
  })
  return yes({ fee, promisedAt: promises.length === 0 ? null : Math.max(...promises), parcels, problems })
}
