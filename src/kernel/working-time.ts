import type { Millis } from './clock.ts'
import type { HolidayTable, LocalDate } from './holidays.ts'
import { misconfigured, ProblemError } from './problem.ts'

/** Wall-clock `HH:MM`..`HH:MM` within one local day; `24:00` is allowed as an end. */
export type Hours = readonly [open: string, close: string]

/** When a service point is open (开放时间). Days are numbered 1 (Monday) .. 7 (Sunday). */
export interface CalendarSpec {
  /** IANA zone, e.g. `Asia/Shanghai`. */
  readonly zone: string
  readonly weekly: Readonly<Partial<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, readonly Hours[]>>>
  readonly holidays: HolidayTable
  /** What a public holiday does to the point; many libraries stay open. Default `closed`. */
  readonly onHoliday?: 'closed' | 'as-usual'
  /** Days with hours of their own; an empty list is a closed day. They overrule week and holidays. */
  readonly exceptions?: Readonly<Record<LocalDate, readonly Hours[]>>
  /** Emergency closures (clause 7.2.1): their time is not working time. */
  readonly closures?: readonly { readonly from: Millis; readonly to: Millis }[]
  /** Open seconds of a standard day; default: those of the first open day of the week. */
  readonly standardDaySeconds?: number
}

interface Day {
  readonly start: Millis
  readonly end: Millis
  /** Ascending, disjoint. */
  readonly open: readonly (readonly [Millis, Millis])[]
}

const dayMillis = 86_400_000
/** How far ahead an opening moment is looked for before the calendar is called never open. */
const horizonDays = 400

/** Working-time arithmetic of one service point, as reports.md defines it. Pure; days are computed once and kept. */
export class WorkingTime {
  readonly #spec: CalendarSpec
  readonly #days = new Map<number, Day>()
  /** Open milliseconds from day 0 of a block of 64 days to its end, for long spans. */
  readonly #blocks = new Map<number, number>()
  readonly standardDaySeconds: number

  constructor(spec: CalendarSpec) {
    this.#spec = spec
    this.standardDaySeconds = spec.standardDaySeconds ?? firstOpenDaySeconds(spec)
    if (!(this.standardDaySeconds > 0)) throw neverOpen()
  }

  isOpen(at: Millis): boolean {
    return this.#day(this.#dayOf(at)).open.some(([from, to]) => at >= from && at < to)
  }

  /** `at` itself when open, else the next opening moment. */
  nextOpen(at: Millis): Millis {
    const first = this.#dayOf(at)
    for (let n = first; n < first + horizonDays; n++) {
      for (const [from, to] of this.#day(n).open) if (at < to) return Math.max(at, from)
    }
    throw neverOpen()
  }

  /**
   * The deadline of `days` working days from `at`: from the next opening moment go that many open days forward
   * at the same wall-clock time, then clamp to the nearest moment inside that day's hours.
   */
  deadline(at: Millis, days: number): Millis {
    const start = this.nextOpen(at)
    const startDay = this.#dayOf(start)
    let n = startDay
    for (let left = days; left > 0; ) {
      n += 1
      if (n > startDay + horizonDays) throw neverOpen()
      if (this.#day(n).open.length > 0) left -= 1
    }
    return nearest(this.#sameWallClock(start, n), this.#day(n).open)
  }

  /** Open seconds between two instants; 0 when `to` is not after `from`. */
  openSeconds(from: Millis, to: Millis): number {
    if (to <= from) return 0
    const first = this.#dayOf(from)
    const last = this.#dayOf(to)
    let sum = 0
    for (let n = first; n <= last; ) {
      if (n % 64 === 0 && n > first && n + 64 <= last) {
        sum += this.#block(n)
        n += 64
      } else {
        for (const [a, b] of this.#day(n).open) sum += Math.max(0, Math.min(b, to) - Math.max(a, from))
        n += 1
      }
    }
    return sum / 1000
  }

  /** Open seconds between the instants / open seconds of the standard day. */
  elapsedDays(from: Millis, to: Millis): number {
    return this.openSeconds(from, to) / this.standardDaySeconds
  }

  /** The local date of an instant at this point. */
  localDate(at: Millis): LocalDate {
    return dateOf(this.#dayOf(at))
  }

  /** The hour of the local day, 0..23. */
  localHour(at: Millis): number {
    return Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#spec.zone).hour
  }

  /** Opening hours of the local day of `at`, for "collect until". */
  hoursOn(at: Millis): readonly (readonly [Millis, Millis])[] {
    return this.#day(this.#dayOf(at)).open
  }

  #block(n: number): number {
    let sum = this.#blocks.get(n)
    if (sum === undefined) {
      sum = 0
      for (let i = n; i < n + 64; i++) for (const [a, b] of this.#day(i).open) sum += b - a
      this.#blocks.set(n, sum)
    }
    return sum
  }

  #dayOf(at: Millis): number {
    let n = Math.floor(at / dayMillis)
    while (at < this.#bounds(n).start) n -= 1
    while (at >= this.#bounds(n).end) n += 1
    return n
  }

  #bounds(n: number): { start: Millis; end: Millis } {
    return this.#days.get(n) ?? bounds(n, this.#spec.zone)
  }

  #day(n: number): Day {
    let day = this.#days.get(n)
    if (!day) {
      day = computeDay(n, this.#spec)
      this.#days.set(n, day)
    }
    return day
  }

  #sameWallClock(at: Millis, n: number): Millis {
    const time = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(this.#spec.zone).toPlainTime()
    return Temporal.PlainDate.from(dateOf(n)).toZonedDateTime({ timeZone: this.#spec.zone, plainTime: time })
      .epochMilliseconds
  }
}

const neverOpen = (): ProblemError =>
  new ProblemError(
    misconfigured('never-open', {
      zh: '该服务点的日历没有开放时间。',
      en: 'The calendar of this service point is never open.',
    }),
  )

const dateOf = (n: number): LocalDate => new Date(n * dayMillis).toISOString().slice(0, 10)

const bounds = (n: number, zone: string): { start: Millis; end: Millis } => ({
  start: startOfDay(n, zone),
  end: startOfDay(n + 1, zone),
})

const startOfDay = (n: number, zone: string): Millis =>
  Temporal.PlainDate.from(dateOf(n)).toZonedDateTime(zone).epochMilliseconds

const computeDay = (n: number, spec: CalendarSpec): Day => {
  const date = dateOf(n)
  const open = hoursOf(date, n, spec).map(hours => toInstants(date, hours, spec.zone))
  const closures = spec.closures ?? []
  return {
    ...bounds(n, spec.zone),
    open: closures.reduce(
      without,
      open.sort((a, b) => a[0] - b[0]),
    ),
  }
}

const hoursOf = (date: LocalDate, n: number, spec: CalendarSpec): readonly Hours[] => {
  const exception = spec.exceptions?.[date]
  if (exception) return exception
  const weekday = weekdayOf(n)
  const usual = spec.weekly[weekday] ?? []
  // Where holidays change nothing, a year whose holidays are not announced yet is known all the same.
  if (spec.onHoliday === 'as-usual' && usual.length > 0) return usual
  const kind = knownKind(date, spec.holidays)
  if (kind === 'holiday' && (spec.onHoliday ?? 'closed') === 'closed') return []
  // A make-up workday stands for a day of the working week, whose hours it has when its own weekday has none.
  return kind === 'make-up' && usual.length === 0 ? firstOpenDay(spec) : usual
}

const knownKind = (date: LocalDate, holidays: HolidayTable) => {
  const year = Number(date.slice(0, 4))
  if (holidays.covers(year)) return holidays.kind(date)
  throw new ProblemError(
    misconfigured('holidays-unknown', {
      zh: `${year} 年的放假安排还没有录入，无法计算工作日。`,
      en: `The public holidays of ${year} are not known yet, so working days cannot be computed.`,
    }),
  )
}

const weekdayOf = (n: number): 1 | 2 | 3 | 4 | 5 | 6 | 7 =>
  (((((n + 3) % 7) + 7) % 7) + 1) as 1 | 2 | 3 | 4 | 5 | 6 | 7

const firstOpenDay = (spec: CalendarSpec): readonly Hours[] => {
  for (const day of [1, 2, 3, 4, 5, 6, 7] as const) {
    const hours = spec.weekly[day]
    if (hours && hours.length > 0) return hours
  }
  return []
}

const firstOpenDaySeconds = (spec: CalendarSpec): number =>
  firstOpenDay(spec).reduce((sum, [open, close]) => sum + (minutes(close) - minutes(open)) * 60, 0)

/** Minutes since midnight; throws on what is not a time, since calendars are checked when they are read. */
export const minutes = (text: string): number => {
  const match = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text)
  const value = match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN
  if (!(value <= 1440))
    throw new ProblemError(
      misconfigured('bad-hours', { zh: `“${text}”不是时间`, en: `"${text}" is not a time of day` }),
    )
  return value
}

const toInstants = (date: LocalDate, [open, close]: Hours, zone: string): [Millis, Millis] => {
  const at = (text: string): Millis => {
    const value = minutes(text)
    const day = Temporal.PlainDate.from(date).add({ days: value === 1440 ? 1 : 0 })
    const plainTime = new Temporal.PlainTime(Math.floor(value / 60) % 24, value % 60)
    return day.toZonedDateTime({ timeZone: zone, plainTime }).epochMilliseconds
  }
  return [at(open), at(close)]
}

const without = (open: [Millis, Millis][], closure: { from: Millis; to: Millis }): [Millis, Millis][] =>
  open.flatMap(([a, b]): [Millis, Millis][] => {
    if (closure.to <= a || closure.from >= b) return [[a, b]]
    const left: [Millis, Millis][] = closure.from > a ? [[a, closure.from]] : []
    return closure.to < b ? [...left, [closure.to, b]] : left
  })

const nearest = (at: Millis, open: readonly (readonly [Millis, Millis])[]): Millis => {
  let best = open[0]![0]
  for (const [from, to] of open) {
    const inside = Math.min(Math.max(at, from), to)
    if (Math.abs(inside - at) < Math.abs(best - at)) best = inside
  }
  return best
}
