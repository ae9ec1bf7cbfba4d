import { greatCircle } from '../ill/ranking.ts'
import type { Branch, LockerPlace } from '../libraries.ts'

/** The branch nearest to a cabinet; the first one where places are not known. Undefined without branches. */
export const nearestDesk = (
  { lat, lng }: Pick<LockerPlace, 'lat' | 'lng'>,
  branches: readonly Pick<Branch, 'id' | 'lat' | 'lng'>[],
): string | undefined => {
  if (lat === undefined || lng === undefined) return branches[0]?.id
  const far = (one: (typeof branches)[number]): number =>
    one.lat === undefined || one.lng === undefined
      ? Number.POSITIVE_INFINITY
      : greatCircle(lat, lng, one.lat, one.lng)
  return [...branches].sort((a, b) => far(a) - far(b) || 0)[0]?.id
}
