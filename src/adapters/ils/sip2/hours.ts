import type { Millis } from '../../../kernel/clock.ts'

/** Hours of every day, `HH:MM`; `to` before `from` runs past midnight. */
export interface Hours {
  readonly from: string
  readonly to: string
}

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** When a library system is planned to be away, by the clock on its wall. */
export interface ClosingRules {
  /** Every day. */
  readonly daily: readonly Hours[]
  /** On the days on which they begin; `to` may be `24:00`. */
  readonly weekly: readonly (Hours & { readonly days: readonly Weekday[] })[]
  /** Once: whole days (`2026-12-31`, the last one included) or to the minute (`2026-12-31T20:00`). */
  readonly dates: readonly Hours[]
  /** Dates on which no daily or weekly closing begins. */
  readonly except: readonly string[]
}

/** A time for which it is closed; what follows without a gap is one closing. */
export interface Closing {
  readonly from: Millis
  readonly to: Millis
}

export interface ClosingCalendar {
  /** The closing in which an instant lies. */
  closedAt(at: Millis): Closing | undefined
  /** The next one that begins after an instant, within two weeks or among the single dates. */
  next(at: Millis): Closing | undefined
}

const horizonDays = 15

/** Reads the rules as a calendar. An answer holds until the next change, so that asking often costs nothing. */
export const closingCalendar = (rules: ClosingRules, zone: string): ClosingCalendar => {
  const fixed = rules.dates.map(range => dated(range, zone)).filter(({ from, to }) => from < to)
  const none = rules.daily.length + rules.weekly.length + fixed.length === 0
  let known: { from: Millis; to: Millis; closing: Closing | undefined; next: Closing | undefined } | undefined

  const look = (at: Millis) => {
    if (known && known.from <= at && at < known.to) return known
    const all = merged([...fixed, ...recurring(rules, at, zone)])
    const closing = all.find(({ from, to }) => from <= at && at < to)
    const next = all.find(({ from }) => from > at)
    const dayOn = at + 86_400_000
    known = { from: at, to: Math.min(closing?.to ?? dayOn, next?.from ?? dayOn, dayOn), closing, next }
    return known
  }
  return none
    ? { closedAt: () => undefined, next: () => undefined }
    : { closedAt: at => look(at).closing, next: at => look(at).next }
}

const instantOf = (date: Temporal.PlainDate, time: string, zone: string): Millis =>
  time === '24:00'
    ? instantOf(date.add({ days: 1 }), '00:00', zone)
    : date.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) }).epochMilliseconds

const dated = ({ from, to }: Hours, zone: string): Closing => {
  const [first = '', begins = '00:00'] = from.split('T')
  const [last = '', ends = '24:00'] = to.split('T')
  return {
    from: instantOf(Temporal.PlainDate.from(first), begins, zone),
    to: instantOf(Temporal.PlainDate.from(last), ends, zone),
  }
}

/** Daily and weekly closings that begin from the day before an instant until the horizon. */
const recurring = ({ daily, weekly, except }: ClosingRules, at: Millis, zone: string): readonly Closing[] => {
  const today = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone).toPlainDate()
  const days = Array.from({ length: horizonDays + 1 }, (_, i) => today.add({ days: i - 1 }))
  return days
    .filter(day => !except.includes(day.toString()))
    .flatMap(day => {
      const name = weekdays[day.dayOfWeek - 1]!
      return [...daily, ...weekly.filter(rule => rule.days.includes(name))].map(hours =>
        onDay(day, hours, zone),
      )
    })
    .filter(({ from, to }) => from < to)
}

const onDay = (day: Temporal.PlainDate, { from, to }: Hours, zone: string): Closing => ({
  from: instantOf(day, from, zone),
  to: instantOf(to < from ? day.add({ days: 1 }) : day, to, zone),
})

const merged = (closings: readonly Closing[]): readonly Closing[] => {
  const whole: Closing[] = []
  for (const closing of closings.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1)
    if (last && closing.from <= last.to)
      whole[whole.length - 1] = { from: last.from, to: Math.max(last.to, closing.to) }
    else whole.push(closing)
  }
  return whole
}
