import type { Compartment } from './compartments.ts'
import { type CompartmentSize, sizes } from './locker.ts'

export interface Wish {
  readonly size: CompartmentSize
  /** The reader asked for a door within reach from a wheelchair. */
  readonly accessible?: boolean
  /** Tried already, and would not open or did not fit. */
  readonly not?: ReadonlySet<string>
  /** So many of all available compartments are left, that books can be brought back; none when left out. */
  readonly leave?: number
}

const rank = (size: CompartmentSize): number => sizes.indexOf(size)

/** Free, usable, shut as far as known, and nobody is at it. */
export const isAvailable = (one: Compartment, now: number): boolean =>
  one.state === 'free' &&
  one.outOfService === null &&
  one.door !== 'open' &&
  one.visitId === null &&
  one.heldUntil <= now

/**
 * The compartment to take: for those who ask, one within reach before all else, for others one that need not be;
 * then the smallest that fits; then the one used least. Undefined when none is available.
 */
export const choose = <C extends Compartment>(all: readonly C[], wish: Wish, now: number): C | undefined => {
  const available = all.filter(one => isAvailable(one, now))
  if (available.length <= (wish.leave ?? 0)) return undefined
  return available
    .filter(one => rank(one.size) >= rank(wish.size) && !wish.not?.has(one.id))
    .sort(
      (a, b) =>
        (wish.accessible ? Number(b.accessible) - Number(a.accessible) : 0) ||
        rank(a.size) - rank(b.size) ||
        Number(a.accessible) - Number(b.accessible) ||
        a.wear - b.wear ||
        a.lastUsedAt - b.lastUsedAt ||
        (a.id < b.id ? -1 : 1),
    )[0]
}

/** The next size up; undefined above the largest. */
export const larger = (size: CompartmentSize): CompartmentSize | undefined => sizes[rank(size) + 1]

/** What a parcel of so many books needs: two side by side are small, five stacked are medium. */
export const sizeForItems = (items: number): CompartmentSize =>
  items <= 2 ? 'small' : items <= 5 ? 'medium' : 'large'
