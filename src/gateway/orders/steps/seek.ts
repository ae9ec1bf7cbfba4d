import { illRequest, suppliersAsked } from '../../store/ill.ts'
import { done, type Step } from './step.ts'

/** Looks for another copy: this branch, another branch, another library; the ranking stays on record. */
export const seek: Step<'copy.seek'> = async ({ line, order, ports, db, act, clock, payload }) => {
  if (line.status !== 'seeking' || payload.round !== line.round) return done()
  const { suppliersAsked: limit } = ports.libraries.get(order.libraryId).policy
  const asked = await suppliersAsked(db, order.libraryId, line.id)
  const supply = await ports.supply.next({
    libraryId: order.libraryId,
    recordId: line.recordId,
    delivery: order.delivery,
    tried: line.tried,
    branchId: line.branchId,
  })
  const { copy } = supply
  const further = copy !== null && (asked.has(copy.supplierId) || asked.size < limit)
  const record = illRequest(
    { libraryId: order.libraryId, orderId: order.id, lineId: line.id, key: act.key },
    further ? copy : null,
    supply.ranking,
    clock.now(),
  )
  if (!copy || !further)
    return { ...done({ what: 'no-copy-left', data: {}, source: 'gateway' }), within: record } as const
  const { supplierId, branchId, barcode, callNumber, location } = copy
  const evidence = {
    what: 'copy-assigned',
    data: {
      supplierId,
      branchId,
      barcode,
      ...(callNumber === null ? {} : { callNumber: callNumber.slice(0, 200) }),
      ...(location === null ? {} : { location: location.slice(0, 200) }),
    },
    source: 'gateway',
  } as const
  return { is: 'done', evidence: [evidence], within: record }
}
