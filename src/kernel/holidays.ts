import chineseDays from 'chinese-days'

/** A local calendar day, `YYYY-MM-DD`. */
export type LocalDate = string

/** What the State Council's yearly notice makes of a day; `plain` days follow the week. */
export type DayKind = 'holiday' | 'make-up' | 'plain'

/** Public holidays (法定节假日) and make-up workdays (调休). */
export interface HolidayTable {
  /** False for a year whose notice is not known: its days must not be guessed from the week. */
  covers(year: number): boolean
  kind(date: LocalDate): DayKind
}

// The library answers unlisted days by weekday and listed ones with "English name,中文名,days".
const listed = (date: LocalDate): boolean => chineseDays.getDayDetail(date).name.includes(',')

/** The notices 2004..2026 that the package holds, and every later one that an update of it brings. */
export const chinaHolidays: HolidayTable = {
  covers: year => listed(`${year}-10-01`),
  kind: date => {
    if (!listed(date)) return 'plain'
    return chineseDays.getDayDetail(date).work ? 'make-up' : 'holiday'
  },
}

/** Days by hand: a notice newer than the package, or a country of one's own; falls back to `base`. */
export const withNotices = (
  base: HolidayTable,
  notices: Readonly<
    Record<string, { readonly off: readonly LocalDate[]; readonly makeUp: readonly LocalDate[] }>
  >,
): HolidayTable => ({
  covers: year => String(year) in notices || base.covers(year),
  kind: date => {
    const notice = notices[date.slice(0, 4)]
    if (!notice) return base.kind(date)
    if (notice.off.includes(date)) return 'holiday'
    return notice.makeUp.includes(date) ? 'make-up' : 'plain'
  },
})

/** For points that follow the week alone, whatever the notices say. */
export const noHolidays: HolidayTable = { covers: () => true, kind: () => 'plain' }
