import type { Courier, ReadsPushes, Sighting, TracksParcels } from '../../adapters/couriers/courier.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import { can } from '../../kernel/power.ts'
import { type Answer, no, type Problem, unreachable, yes } from '../../kernel/problem.ts'
import type { Line } from '../orders/order.ts'
import type { SenderOf } from '../orders/ports.ts'
import type { Store } from '../store/db.ts'
import { appendEvents } from '../store/events.ts'
import { orderById } from '../store/orders.ts'
import type { Claim } from '../store/outbox.ts'
import { parcelByNumber } from '../store/parcels.ts'
import type { SightedPayload } from './pushes.ts'

export interface SightedParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Pick<Ids, 'next'>
  /** Throws for an unknown name. */
  readonly couriers: { get(name: string): Courier }
  /** The library's own contact of a branch: its phone proves to the carrier that we may ask. */
  readonly sender: SenderOf
  /** Tells the orders (`Orders.sighted`). */
  readonly sighted: (courier: string, sighting: Sighting) => Promise<Answer<unknown>>
}

/** Sightings that say where a parcel has got to; the others are on record and move nothing. */
const moving: readonly Sighting['kind'][] = [
  'picked-up',
  'in-transit',
  'out-for-delivery',
  'signed',
  'returned',
]

/** The carrier's own list may lag behind what it pushes; after so many looks (some minutes) nobody vouches for it. */
const looks = 8

/**
 * Looks into one sighting that was pushed. Where the carrier can be asked and its pushes prove nothing, only what it
 * tells when asked counts: a push is but a hint to ask. For the worker's table of effects, under `sightedEffect`.
 */
export const performSighted =
  (parts: SightedParts) =>
  async (effect: Pick<Claim, 'libraryId' | 'orderId' | 'payload' | 'attempts'>): Promise<Answer<void>> => {
    const { store, couriers } = parts
    const { courier: name, number, sighting } = effect.payload as SightedPayload
    if (!moving.includes(sighting.kind)) return yes(undefined)
    const parcel = await parcelByNumber(store.db, number)
    if (!parcel) return no(notBooked)
    const courier = couriers.get(name) as Courier & Partial<ReadsPushes & TracksParcels>
    if (courier.pushesAreSigned || !can(courier, 'track')) return tell(parts, name, number, [sighting])
    const phoneTail = await ownPhoneTail(parts, effect, number)
    const { waybill } = parcel
    const seen = await (courier as TracksParcels).track({ number, waybill, phoneTail })
    if (!seen.ok) return seen
    const told = await tell(parts, name, number, seen.value)
    if (!told.ok || seen.value.some(one => one.id === sighting.id)) return told
    if (effect.attempts < looks) return no(notConfirmed)
    await noteUnconfirmed(parts, effect, name, sighting)
    return yes(undefined)
  }

const notBooked: Problem = unreachable('parcel-not-booked', {
  zh: '这个包裹的快递单还没有登记好，稍后再看。',
  en: 'The waybill of this parcel is not on record yet; we look again.',
})
const notConfirmed: Problem = unreachable('sighting-not-confirmed', {
  zh: '快递公司的查询结果里还没有这一条，稍后再查。',
  en: 'The carrier’s own list does not show this yet; we ask again.',
})

const tell = async (
  { sighted }: SightedParts,
  courier: string,
  parcelNumber: string,
  sightings: readonly Sighting[],
): Promise<Answer<void>> => {
  for (const sighting of sightings.toSorted((a, b) => a.at - b.at)) {
    const answer = await sighted(courier, { ...sighting, parcelNumber })
    if (!answer.ok) return answer
  }
  return yes(undefined)
}

/** The last digits of the library's phone, which is the sender's of what goes out and the receiver's of what returns. */
const ownPhoneTail = async (
  { store, sender }: SightedParts,
  { libraryId, orderId }: Pick<Claim, 'libraryId' | 'orderId'>,
  number: string,
): Promise<string> => {
  const order = orderId === null ? undefined : await orderById(store.db, libraryId, orderId)
  const inside = (line: Line): boolean =>
    line.parcelNumber === number || line.returnParcelNumber === number || line.parcelsBack.includes(number)
  const line = order?.lines.find(inside) ?? order?.lines[0]
  return line ? sender(line.branchId).phone.slice(-4) : ''
}

const noteUnconfirmed = async (
  { store, clock, ids }: SightedParts,
  { libraryId, orderId }: Pick<Claim, 'libraryId' | 'orderId'>,
  courier: string,
  { waybill, kind, their }: Sighting,
): Promise<void> => {
  const now = clock.now()
  const event = {
    libraryId,
    id: ids.next(),
    orderId,
    lineId: null,
    kind: 'courier.push-unconfirmed',
    at: now,
    recordedAt: now,
    actor: `courier:${courier}`,
    source: 'courier',
    data: { waybill, seen: kind, code: their.code },
  }
  await store.tx(tx => appendEvents(tx, [event]))
}
