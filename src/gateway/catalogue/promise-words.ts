import type { Millis } from '../../kernel/clock.ts'
import type { Words } from '../../kernel/problem.ts'

const copies = (n: number): string => (n === 1 ? '1 copy' : `${n} copies`)

/** What a record's page says of getting it. */
export const promiseWords = {
  free: (n: number, when: Words, place: Words): Words => ({
    zh: `${n} 本可借，最快${when.zh} 在${place.zh}`,
    en: `${copies(n)} to lend; soonest ${when.en} at ${place.en}`,
  }),
  freeSomeDay: (n: number): Words => ({ zh: `${n} 本可借`, en: `${copies(n)} to lend` }),
  silent: (n: number): Words => ({
    zh: `${n} 本可能在馆。图书馆系统这会儿没有应答，下单后我们替你核对。`,
    en: `${copies(n)} perhaps on the shelf. The library system does not answer right now; order, and we check.`,
  }),
  outUntil: (day: Words): Words => ({
    zh: `都借出了，最早${day.zh}应还`,
    en: `All copies are out; the first is due back ${day.en}`,
  }),
  out: { zh: '都借出了', en: 'All copies are out' },
  inHouse: { zh: '只供馆内阅览', en: 'For reading in the library only' },
  none: { zh: '没有可借的馆藏', en: 'No copies to lend' },
} as const

const weekdays = [
  ['周一', 'Monday'],
  ['周二', 'Tuesday'],
  ['周三', 'Wednesday'],
  ['周四', 'Thursday'],
  ['周五', 'Friday'],
  ['周六', 'Saturday'],
  ['周日', 'Sunday'],
] as const
const near = { zh: ['今天', '明天', '后天'], en: ['today', 'tomorrow'] } as const
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A moment to come as people say it: `明天 17:00`, `周四 10:00`, `12月3日 10:00`; or only its day. */
export const soonWords = (
  at: Millis,
  now: Millis,
  zone: string,
  grain: 'minute' | 'day' = 'minute',
): Words => {
  const then = Temporal.Instant.fromEpochMilliseconds(at).toZonedDateTimeISO(zone)
  const today = Temporal.Instant.fromEpochMilliseconds(now).toZonedDateTimeISO(zone).toPlainDate()
  const day = dayWords(then.toPlainDate(), today)
  if (grain === 'day') return day
  const clock = then.toPlainTime().toString({ smallestUnit: 'minute' })
  return { zh: `${day.zh} ${clock}`, en: `${day.en} ${clock}` }
}

const dayWords = (date: Temporal.PlainDate, today: Temporal.PlainDate): Words => {
  const { days } = today.until(date, { largestUnit: 'days' })
  const year = date.year === today.year ? { zh: '', en: '' } : { zh: `${date.year}年`, en: ` ${date.year}` }
  // From the seventh day on a weekday alone could be misread as the one of this week.
  const weekday = days > 0 && days < 7 ? weekdays[date.dayOfWeek - 1] : undefined
  return {
    zh: near.zh[days] ?? weekday?.[0] ?? `${year.zh}${date.month}月${date.day}日`,
    en: near.en[days] ?? weekday?.[1] ?? `${date.day} ${months[date.month - 1]}${year.en}`,
  }
}
