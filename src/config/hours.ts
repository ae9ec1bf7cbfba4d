import { z } from 'zod'
import { chinaHolidays, noHolidays, withNotices } from '../kernel/holidays.ts'
import type { Words } from '../kernel/problem.ts'
import type { CalendarSpec, Hours } from '../kernel/working-time.ts'

const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const day = `(?:${days.join('|')})`
const clock = '(?:[01]\\d|2[0-3]):[0-5]\\d|24:00'
const span = `(?:${clock})-(?:${clock})`

/** `09:00-21:00`, `09:00-12:00, 13:00-17:00` or `closed`. */
export const hoursText = z
  .string()
  .regex(
    new RegExp(`^(?:closed|${span}(?:, ?${span})*)$`),
    'must read 09:00-21:00, several with commas, or closed',
  )
  .refine(text => ascending(spans(text)), 'hours must be ascending and must not overlap')
  .meta({ examples: ['09:00-21:00', '09:00-12:00, 13:00-17:00', 'closed'] })

export const date = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a date like 2026-10-01')

/** Opening hours as people write them. */
export const hours = z.strictObject({
  weekly: z
    .record(
      z.string().regex(new RegExp(`^${day}(?:-${day})?$`), 'must be a day like mon or days like mon-fri'),
      hoursText,
    )
    .describe('mon, tue ... or mon-fri; a later entry overrules an earlier one; days left out are closed'),
  onHoliday: z.enum(['closed', 'as-usual']).default('closed').describe('on public holidays'),
  exceptions: z.record(date, hoursText).default({}).describe('days with hours of their own'),
})
export type HoursSettings = z.output<typeof hours>

/** A library's public holidays. */
export const calendar = z.strictObject({
  holidays: z.enum(['china', 'none']).default('china'),
  notices: z
    .record(z.string().regex(/^\d{4}$/), z.strictObject({ off: z.array(date), makeUp: z.array(date) }))
    .default({})
    .describe('years newer than the built-in tables, from the yearly notice'),
})

/** All hours of every day: for a locker in the street. */
export const always: HoursSettings = {
  weekly: { 'mon-sun': '00:00-24:00' },
  onHoliday: 'as-usual',
  exceptions: {},
}

const spans = (text: string): Hours[] =>
  text === 'closed' ? [] : text.split(/, ?/).map(part => part.split('-') as [string, string])

const ascending = (list: readonly Hours[]): boolean =>
  list.flat().every((time, i, all) => i === 0 || all[i - 1]! < time)

/** The calendar that `kernel/working-time` counts with. */
export const calendarSpec = (
  zone: string,
  settings: HoursSettings,
  { holidays, notices }: z.output<typeof calendar>,
): CalendarSpec => {
  const weekly: Partial<Record<1 | 2 | 3 | 4 | 5 | 6 | 7, readonly Hours[]>> = {}
  for (const [range, text] of Object.entries(settings.weekly)) {
    const [from, to = from] = range.split('-').map(name => days.indexOf(name as (typeof days)[number]))
    for (let i = from!; ; i = (i + 1) % 7) {
      weekly[(i + 1) as 1] = spans(text)
      if (i === to) break
    }
  }
  return {
    zone,
    weekly,
    holidays: withNotices(holidays === 'china' ? chinaHolidays : noHolidays, notices),
    onHoliday: settings.onHoliday,
    exceptions: Object.fromEntries(Object.entries(settings.exceptions).map(([d, text]) => [d, spans(text)])),
  }
}

const dayWords = [
  ['周一', 'Mon'],
  ['周二', 'Tue'],
  ['周三', 'Wed'],
  ['周四', 'Thu'],
  ['周五', 'Fri'],
  ['周六', 'Sat'],
  ['周日', 'Sun'],
] as const

/** The week as people read it: `周一至周五 09:00–21:00；周六、周日 09:00–17:00`. */
export const hoursInWords = ({ weekly }: HoursSettings): Words => {
  const parts = Object.entries(weekly).map(([range, text]) => {
    const [from, to] = range.split('-').map(name => dayWords[days.indexOf(name as (typeof days)[number])]!)
    const every = range === 'mon-sun'
    const zh = every ? '每天' : to ? `${from![0]}至${to[0]}` : from![0]
    const en = every ? 'daily' : to ? `${from![1]}–${to[1]}` : from![1]
    const time = text.replaceAll('-', '–')
    return {
      zh: `${zh} ${text === 'closed' ? '闭馆' : text === '00:00-24:00' ? '全天' : time}`,
      en: `${en} ${text === '00:00-24:00' ? 'all day' : time}`,
    }
  })
  return { zh: parts.map(p => p.zh).join('；'), en: parts.map(p => p.en).join('; ') }
}
