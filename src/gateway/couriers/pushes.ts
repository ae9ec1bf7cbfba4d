import type { Sighting } from '../../adapters/couriers/courier.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Ids } from '../../kernel/ids.ts'
import type { Log } from '../../kernel/log.ts'
import type { Db, Store, Tx } from '../store/db.ts'
import { appendEvents } from '../store/events.ts'
import { enqueue } from '../store/outbox.ts'
import { ordersOfParcel, parcelByWaybill } from '../store/parcels.ts'

/** The effect in which a pushed sighting is looked into (`sighted.ts`). */
export const sightedEffect = 'courier.sighted'

export interface SightedPayload {
  readonly courier: string
  /** Our number of the parcel. */
  readonly number: string
  /** Without the carrier's own text, which may name people. */
  readonly sighting: Sighting
}

export interface PushParts {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly ids: Pick<Ids, 'next'>
  readonly log: Log
  readonly metrics: { unknownWord(peer: string): void }
  /** There is something new for the worker to do. */
  readonly wake: () => void
}

/** What carriers push to us, written down before it is acknowledged. */
export interface Pushes {
  /** Twice is harmless. How many were new, and how many are about parcels that are not ours. */
  take(
    courier: string,
    sightings: readonly Sighting[],
  ): Promise<{ readonly fresh: number; readonly notOurs: number }>
}

export const createPushes = ({ store, clock, ids, log, metrics, wake }: PushParts): Pushes => {
  /** False when it is known. */
  const write = async (tx: Tx, courier: string, sighting: Sighting, parcel: OwnParcel): Promise<boolean> => {
    const now = clock.now()
    const { libraryId, orderId, number } = parcel
    const at = { libraryId, orderId, lineId: null }
    const payload: SightedPayload = { courier, number, sighting: withoutText(sighting, number) }
    const fresh = await enqueue(
      tx,
      {
        ...at,
        id: ids.next(),
        kind: sightedEffect,
        payload,
        key: `${sightedEffect}:${courier}:${sighting.id}`,
        sequence: null,
        queue: `track:${courier}`,
      },
      now,
    )
    const data = { number, waybill: sighting.waybill, seen: sighting.kind, code: sighting.their.code }
    const event = { kind: 'courier.pushed', at: Math.min(sighting.at, now), recordedAt: now, data }
    if (fresh)
      await appendEvents(tx, [
        { ...at, ...event, id: ids.next(), actor: `courier:${courier}`, source: 'courier' },
      ])
    return fresh
  }
  return {
    take: async (courier, sightings) => {
      const { fresh, notOurs } = await store.tx(async tx => {
        const written: Sighting[] = []
        let others = 0
        for (const sighting of sightings) {
          const parcel = await parcelOf(tx, courier, sighting)
          if (!parcel) others += 1
          else if (await write(tx, courier, sighting, parcel)) written.push(sighting)
        }
        return { fresh: written, notOurs: others }
      })
      for (const { kind, their } of fresh)
        if (kind === 'unknown') {
          metrics.unknownWord(`courier:${courier}`)
          log.warn({ courier, code: their.code }, 'a carrier used a status that no table knows')
        }
      if (fresh.length > 0) wake()
      return { fresh: fresh.length, notOurs }
    },
  }
}

interface OwnParcel {
  readonly libraryId: string
  readonly orderId: string
  readonly number: string
}

/** By the waybill we were given; before that is written down, by our own number if the carrier tells it. */
const parcelOf = async (
  db: Db,
  courier: string,
  { waybill, parcelNumber }: Sighting,
): Promise<OwnParcel | undefined> => {
  const booked = await parcelByWaybill(db, courier, waybill)
  if (booked) return { libraryId: booked.library_id, orderId: booked.order_id, number: booked.number }
  if (parcelNumber === undefined) return undefined
  const [order] = await ordersOfParcel(db, parcelNumber)
  return order && { ...order, number: parcelNumber }
}

const withoutText = (sighting: Sighting, number: string): Sighting => ({
  ...sighting,
  parcelNumber: number,
  their: { code: sighting.their.code, text: '' },
})
