import type { Millis } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import type { WorkingTime } from '../../kernel/working-time.ts'
import type { Libraries } from '../libraries.ts'
import type { Context, PromisedTimes } from './guards.ts'
import type { Line, Order } from './order.ts'

const day = 86_400_000

/** A calendar that cannot be computed (next year's holidays are not known yet) holds up no order. */
const or = (compute: () => Millis, fallback: Millis): Millis => {
  try {
    return compute()
  } catch (error) {
    if (error instanceof ProblemError) return fallback
    throw error
  }
}

/** A day that ends at midnight ends, as people read it, a minute earlier: 00:00 belongs to the day after. */
const beforeMidnight = (at: Millis, zone: string): Millis => {
  const { hour, minute } = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  return hour === 0 && minute === 0 ? at - 60_000 : at
}

/** The place where a line lies ready: its locker, its desk, or its branch. */
export const readyPlace = (
  line: Line,
  order: Order,
  libraries: Libraries,
): { readonly hours: WorkingTime } => {
  if (line.lockerId !== null) return libraries.locker(line.lockerId)
  if (line.deskId !== null) return libraries.branch(line.deskId)
  return libraries.branch(order.delivery.way === 'branch' ? order.delivery.branchId : line.branchId)
}

/** The last closing of the day on which the place is open at that moment, or next is. */
const closingFrom = (hours: WorkingTime, at: Millis, zone: string): Millis => {
  for (let from = hours.nextOpen(at - 1); ; from = hours.nextOpen(hours.hoursOn(from).at(-1)![1])) {
    const closing = beforeMidnight(hours.hoursOn(from).at(-1)![1], zone)
    if (closing >= at) return closing
  }
}

export const promisedTimes = (libraries: Libraries): PromisedTimes => {
  const hours = (line: Line): WorkingTime => libraries.branch(line.branchId).hours
  return {
    staffThere: (line, at) => or(() => hours(line).nextOpen(at), at),
    openDays: (line, at, days) => or(() => hours(line).deadline(at, days), at + days * day),
    closingFrom: (line, order, at) =>
      or(
        () => closingFrom(readyPlace(line, order, libraries).hours, at, libraries.get(order.libraryId).zone),
        at,
      ),
    collectUntil: (line, order, at) => {
      const { pickupDays } = libraries.get(order.libraryId).policy
      return or(
        () => {
          const place = readyPlace(line, order, libraries).hours
          const last = place.deadline(at, pickupDays)
          return beforeMidnight(place.hoursOn(last).at(-1)?.[1] ?? last, libraries.get(order.libraryId).zone)
        },
        at + pickupDays * day,
      )
    },
  }
}

export const contextOf = (
  libraries: Libraries,
  libraryId: string,
  claim: Context['claim'] = 'free',
): Context => ({ policy: libraries.get(libraryId).policy, claim, times: promisedTimes(libraries) })
