import type { Courier, Sighting, SightingKind, TracksParcels } from '../../adapters/couriers/courier.ts'
import type { Log } from '../../kernel/log.ts'
import { can } from '../../kernel/power.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { Libraries } from '../libraries.ts'
import type { Orders } from '../orders/service.ts'
import type { Store } from '../store/db.ts'
import { parcelByNumber, parcelByWaybill } from '../store/parcels.ts'

/** What ends a parcel's way: believed only when the carrier says it again on being asked. */
const weighty: readonly SightingKind[] = ['signed', 'rejected', 'returned']

export interface SightingParts {
  readonly store: Store
  readonly libraries: Libraries
  readonly orders: Pick<Orders, 'sighted'>
  readonly log: Log
  /** A word of the carrier that no table knows: counted and shown, never acted on. */
  readonly unknown: (courier: string, code: string) => void
}

/**
 * Takes in what a carrier pushed. Pushes carry no signature, so whoever knows the address could say anything:
 * weighty sightings are asked for again. Rejects when asking fails, so that the carrier pushes again.
 */
export const sightingIntake =
  ({ store, libraries, orders, log, unknown }: SightingParts) =>
  async (courier: Courier, sighting: Sighting): Promise<void> => {
    if (sighting.kind === 'unknown') {
      unknown(courier.name, sighting.their.code)
      return
    }
    const parcel =
      (sighting.parcelNumber === undefined
        ? undefined
        : await parcelByNumber(store.db, sighting.parcelNumber)) ??
      (await parcelByWaybill(store.db, courier.name, sighting.waybill))
    if (!parcel) {
      log.warn({ courier: courier.name }, 'a push names a parcel that is not ours')
      return
    }
    const phoneTail = libraries.get(parcel.library_id).phone.slice(-4)
    if (
      weighty.includes(sighting.kind) &&
      !(await confirmed(courier, sighting, { number: parcel.number, phoneTail }))
    ) {
      log.warn({ courier: courier.name, parcel: parcel.number }, 'a push that the carrier does not confirm')
      return
    }
    const told = await orders.sighted(courier.name, { ...sighting, parcelNumber: parcel.number })
    if (!told.ok) throw new ProblemError(told.problem)
  }

const confirmed = async (
  courier: Courier,
  sighting: Sighting,
  parcel: { readonly number: string; readonly phoneTail: string },
): Promise<boolean> => {
  if (!can(courier, 'track')) return true
  const answer = await (courier as Courier & TracksParcels).track({ ...parcel, waybill: sighting.waybill })
  if (!answer.ok) throw new ProblemError(answer.problem)
  return answer.value.some(one => one.kind === sighting.kind)
}
