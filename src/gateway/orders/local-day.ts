import type { Millis } from '../../kernel/clock.ts'

/** The library's local day of an instant, as order numbers carry it: `20261121`. */
export const localDay = (at: Millis, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDate()
    .toString()
    .replaceAll('-', '')
