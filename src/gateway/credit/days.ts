import type { Millis } from '../../kernel/clock.ts'

/** A day of a library's calendar, counted from 1970-01-01. */
export type Day = number

const dayMillis = 86_400_000

/** The local day an instant falls on. `zone` is an IANA name. */
export const dayOf = (at: Millis, zone: string): Day => {
  const date = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  return Date.UTC(date.year, date.month - 1, date.day) / dayMillis
}

/** `2026-11-23`. */
export const dayText = (day: Day): string => new Date(day * dayMillis).toISOString().slice(0, 10)

/** The reverse of `dayText`. */
export const parseDay = (text: string): Day => Date.parse(`${text}T00:00:00Z`) / dayMillis

export const yearOf = (day: Day): number => new Date(day * dayMillis).getUTCFullYear()

/** The first instant of a local day. */
export const startOf = (day: Day, zone: string): Millis =>
  Temporal.PlainDate.from(dayText(day)).toZonedDateTime(zone).epochMilliseconds
