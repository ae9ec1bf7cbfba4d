import type { Door, DoorReading } from '../locker.ts'
import type { Switch } from './facts.ts'

/** One way the boards may be wired: a value for each switch. */
export type Wiring = Readonly<Record<string, string>>

/**
 * Every way there is; the first has every switch as it usually stands, the last has all turned over. Of two
 * with as many turned over, the one with the earlier switch comes first.
 */
export const wirings = (switches: readonly Switch[]): readonly Wiring[] =>
  switches
    .reduce<readonly { readonly wiring: Wiring; readonly turned: number }[]>(
      (all, { key, values }) =>
        all.flatMap(({ wiring, turned }) =>
          values.map((value, at) => ({ wiring: { ...wiring, [key]: value }, turned: turned + at })),
        ),
      [{ wiring: {}, turned: 0 }],
    )
    .toReversed()
    .toSorted((a, b) => a.turned - b.turned)
    .map(({ wiring }) => wiring)

const same = (a: Door, b: Door): boolean => a.board === b.board && a.channel === b.channel

/**
 * Whether readings taken with all doors shut and with one door open (as a person sees) tell just that. Channels
 * without a lock tell `open` all the time and do not disturb.
 */
export const agrees = (
  shut: readonly DoorReading[],
  after: readonly DoorReading[],
  opened: Door,
): boolean => {
  const changed = after.filter(now => shut.some(then => same(then, now) && then.door !== now.door))
  const [only] = changed
  return changed.length === 1 && only !== undefined && same(only, opened) && only.door === 'open'
}

/** Doors told as open. */
export const toldOpen = (readings: readonly DoorReading[]): readonly Door[] =>
  readings.filter(one => one.door === 'open').map(({ board, channel }) => ({ board, channel }))
