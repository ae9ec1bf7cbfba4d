import type { Millis } from '../../../kernel/clock.ts'

/** Hours of every day, `HH:MM`; `to` before `from` runs past midnight. */
export interface Hours {
  readonly from: string
  readonly to: string
}

/** Whether an instant lies in one of these hours, by the clock on the wall of `zone`. */
export const within = (hours: readonly Hours[], at: Millis, zone: string): boolean => {
  if (hours.length === 0) return false
  const local = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const now = `${String(local.hour).padStart(2, '0')}:${String(local.minute).padStart(2, '0')}`
  return hours.some(({ from, to }) => (from <= to ? from <= now && now < to : now >= from || now < to))
}
