import type { Millis } from './clock.ts'

const zone = 'Asia/Shanghai'

/** `2026-01-02 03:04:05`: how Chinese platforms write an instant, in Beijing time. */
export const toBeijing = (at: Millis): string =>
  Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'second' })
    .replace('T', ' ')

/** The reverse of `toBeijing`; undefined for any other form and for dates that do not exist. */
export const parseBeijing = (text: string): Millis | undefined => {
  if (!/^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(text)) return undefined
  try {
    const wall = Temporal.PlainDateTime.from(text.replace(' ', 'T'), { overflow: 'reject' })
    return wall.toZonedDateTime(zone).epochMilliseconds
  } catch {
    return undefined
  }
}
