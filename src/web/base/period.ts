/** Periods of a report, as days of the library's own calendar. Pure: needs no browser. */
import { offsetOf } from './say.ts'

/** Both ends included, as `2026-11-01`. */
export interface Period {
  readonly from: string
  readonly to: string
}

const dayMillis = 86_400_000

const two = (n: number): string => String(n).padStart(2, '0')
const dateOf = (millis: number): string => {
  const day = new Date(millis)
  return `${day.getUTCFullYear()}-${two(day.getUTCMonth() + 1)}-${two(day.getUTCDate())}`
}
const millisOf = (date: string): number => Date.parse(`${date}T00:00:00Z`)

export const presets = ['month', 'lastMonth', 'quarter', 'year'] as const
export type Preset = (typeof presets)[number]

/** The period of a preset, as of the day `now` (an RFC 3339 time with the library's offset) falls on. */
export const periodOf = (preset: Preset, now: string): Period => {
  const today = dateOf(Date.parse(now) + offsetOf(now) * 60_000)
  const [year, month] = today.split('-').map(Number) as [number, number]
  const first = (months: number) => dateOf(Date.UTC(year, month - 1 + months, 1))
  if (preset === 'month') return { from: first(0), to: today }
  if (preset === 'lastMonth') return { from: first(-1), to: dateOf(Date.UTC(year, month - 1, 0)) }
  if (preset === 'quarter') return { from: first(-2), to: today }
  return { from: `${year}-01-01`, to: today }
}

/** The `count` periods of the same length before this one, oldest first. */
export const periodsBefore = (period: Period, count: number): Period[] => {
  const length = millisOf(period.to) - millisOf(period.from) + dayMillis
  return Array.from({ length: count }, (_, at) => {
    const back = (count - at) * length
    return { from: dateOf(millisOf(period.from) - back), to: dateOf(millisOf(period.to) - back) }
  })
}

/** As the API asks for it: from the first moment of the first day to the first moment after the last. */
export const askFor = (period: Period, library: string, offset: string): URLSearchParams =>
  new URLSearchParams({
    ...(library ? { library } : {}),
    from: `${period.from}T00:00:00${offset}`,
    to: `${dateOf(millisOf(period.to) + dayMillis)}T00:00:00${offset}`,
  })
