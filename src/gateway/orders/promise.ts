import type { Millis } from '../../kernel/clock.ts'
import { ProblemError } from '../../kernel/problem.ts'
import { minutes, type WorkingTime } from '../../kernel/working-time.ts'
import type { Libraries } from '../libraries.ts'
import type { Delivery } from './order.ts'
import type { OrderPolicy, Wave } from './policy.ts'

/** What a promise is made from. */
export interface PromiseAsk {
  readonly libraryId: string
  readonly supplierId: string
  readonly branchId: string
  readonly delivery: Delivery
  readonly at: Millis
}

/**
 * When the reader will have it, or may collect it: the wave the order falls into by the opening hours of the branch
 * that looks for it, then the courier's working days, then the opening hours of the place of pick-up. Null where the
 * calendar cannot tell.
 */
export const promisedAt = (ask: PromiseAsk, libraries: Libraries): Millis | null => {
  const library = libraries.get(ask.libraryId)
  const { policy } = library
  const branch = libraries.branch(ask.branchId).hours
  try {
    const ready = waveReady(branch, policy, ask.at)
    const here =
      ask.supplierId === ask.libraryId ? ready : library.hours.deadline(ready, policy.interLibraryDays)
    const { delivery } = ask
    if (delivery.way === 'home') return library.hours.deadline(here, policy.courierDays)
    const place =
      delivery.way === 'locker' ? libraries.locker(delivery.lockerId) : libraries.branch(delivery.branchId)
    return place.hours.nextOpen(here)
  } catch (error) {
    if (error instanceof ProblemError) return null
    throw error
  }
}

const waveReady = (hours: WorkingTime, { waves, zone }: OrderPolicy, at: Millis): Millis => {
  const begin = hours.nextOpen(at)
  const wall = Temporal.Instant.fromEpochMilliseconds(begin).toZonedDateTimeISO(zone)
  const minute = wall.hour * 60 + wall.minute
  const wave: Wave = waves.find(w => minute < minutes(w.before)) ??
    waves.at(-1) ?? { before: '24:00', ready: '17:00', days: 1 }
  const day = Temporal.Instant.fromEpochMilliseconds(hours.deadline(begin, wave.days)).toZonedDateTimeISO(
    zone,
  )
  const ready = day.toPlainDate().toZonedDateTime({ timeZone: zone, plainTime: wave.ready }).epochMilliseconds
  return Math.max(ready, begin)
}
