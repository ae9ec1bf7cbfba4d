import type { Sighting, SightingKind } from '../../adapters/couriers/courier.ts'
import type { Millis } from '../../kernel/clock.ts'
import { type RawEvidence, sightingEvidenceId } from './evidence.ts'
import type { Fact } from './implied.ts'
import type { Line, Order } from './order.ts'

/** What a carrier saw of a parcel to the reader. Whoever signs for it, or refuses it, has it from the carrier. */
const outward = (kind: SightingKind, parcelNumber: string): readonly Fact[] => {
  const shipped: Fact = { what: 'shipped', data: { via: 'courier', parcelNumber } }
  switch (kind) {
    case 'picked-up':
    case 'in-transit':
    case 'out-for-delivery':
      return [shipped]
    case 'signed':
      return [shipped, { what: 'delivered', data: { parcelNumber } }]
    case 'returned':
      return [shipped, { what: 'sent-back', data: { parcelNumber, fault: 'reader' } }]
    default:
      return []
  }
}

/** What a carrier saw of a parcel coming back: that the reader handed it over. */
const homeward = (kind: SightingKind, parcelNumber: string): readonly Fact[] =>
  ['picked-up', 'in-transit', 'out-for-delivery', 'signed'].includes(kind)
    ? [{ what: 'return-picked-up', data: { parcelNumber } }]
    : []

/**
 * A carrier's sighting as evidence for each line of the parcel. A refusal at the door, a problem and what is not
 * known move nothing: staff find out why and say so.
 */
export const sightingEvidence = (
  courier: string,
  sighting: Sighting,
  parcelNumber: string,
  order: Order,
  receivedAt: Millis,
): readonly RawEvidence[] =>
  order.lines.flatMap(line =>
    factsFor(line, sighting, parcelNumber).map(({ what, data }) => ({
      id: sightingEvidenceId(courier, sighting.id, line.id, what),
      libraryId: order.libraryId,
      orderId: order.id,
      lineId: line.id,
      source: 'courier' as const,
      what,
      at: Math.min(sighting.at, receivedAt),
      receivedAt,
      data: { ...data, actor: `courier:${courier}` },
    })),
  )

const factsFor = (line: Line, { kind }: Sighting, parcelNumber: string): readonly Fact[] => {
  if (line.returnParcelNumber === parcelNumber) return homeward(kind, parcelNumber)
  return line.parcelNumber === parcelNumber ? outward(kind, parcelNumber) : []
}
