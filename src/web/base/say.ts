/** Dates and money as people say them. Pure: needs no browser. */

export type Language = 'zh' | 'en'

interface Wall {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly clock: string
  /** Whole days since 1970 of the wall's own calendar. */
  readonly dayNumber: number
}

const two = (n: number): string => String(n).padStart(2, '0')

/** Minutes east of UTC that an RFC 3339 time was written with; China's when it says none. */
export const offsetOf = (iso: string): number => {
  if (/[zZ]$/.test(iso)) return 0
  const match = /([+-])(\d\d):(\d\d)$/.exec(iso)
  if (!match) return 480
  const minutes = Number(match[2]) * 60 + Number(match[3])
  return match[1] === '-' ? -minutes : minutes
}

const wallAt = (millis: number, offset: number): Wall => {
  const shifted = new Date(millis + offset * 60_000)
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    weekday: shifted.getUTCDay(),
    clock: `${two(shifted.getUTCHours())}:${two(shifted.getUTCMinutes())}`,
    dayNumber: Math.floor((millis + offset * 60_000) / 86_400_000),
  }
}

const weekdays = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
}
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const near: Record<Language, Record<number, string>> = {
  zh: { [-2]: '前天', [-1]: '昨天', 0: '今天', 1: '明天', 2: '后天' },
  en: { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' },
}

const farDay = (wall: Wall, today: Wall, language: Language): string => {
  const year = wall.year === today.year ? '' : language === 'zh' ? `${wall.year}年` : ` ${wall.year}`
  return language === 'zh'
    ? `${year}${wall.month}月${wall.day}日`
    : `${wall.day} ${months[wall.month - 1]}${year}`
}

/** 17:00, in the time zone the server wrote the time in. */
export const sayClock = (iso: string): string => wallAt(Date.parse(iso), offsetOf(iso)).clock

/** 今天, 明天, 周四, 11月28日: in the time zone the server wrote the time in. */
export const sayDay = (iso: string, nowMillis: number, language: Language): string => {
  const offset = offsetOf(iso)
  const wall = wallAt(Date.parse(iso), offset)
  const today = wallAt(nowMillis, offset)
  const days = wall.dayNumber - today.dayNumber
  const close = near[language][days]
  if (close) return close
  return days > 0 && days < 7 ? weekdays[language][wall.weekday]! : farDay(wall, today, language)
}

/** 明天 17:00 */
export const sayWhen = (iso: string, nowMillis: number, language: Language): string =>
  `${sayDay(iso, nowMillis, language)} ${wallAt(Date.parse(iso), offsetOf(iso)).clock}`

/** 2026-11-22 17:00 (周日): for the touch and for print. */
export const sayExactly = (iso: string, language: Language): string => {
  const wall = wallAt(Date.parse(iso), offsetOf(iso))
  return `${wall.year}-${two(wall.month)}-${two(wall.day)} ${wall.clock} (${weekdays[language][wall.weekday]})`
}

/** 11-23 10:00: paper does not know what "tomorrow" was. */
export const sayOnPaper = (iso: string): string => {
  const wall = wallAt(Date.parse(iso), offsetOf(iso))
  return `${two(wall.month)}-${two(wall.day)} ${wall.clock}`
}

/** Days from today to the day of `iso`; negative when it is past. */
export const daysUntil = (iso: string, nowMillis: number): number => {
  const offset = offsetOf(iso)
  return wallAt(Date.parse(iso), offset).dayNumber - wallAt(nowMillis, offset).dayNumber
}

/** `500` fen -> `¥5.00` */
export const sayMoney = (fen: number): string =>
  `${fen < 0 ? '-' : ''}¥${Math.floor(Math.abs(fen) / 100)}.${two(Math.abs(fen) % 100)}`

/** Working time that is left, as staff read it: `3 h 10`, `45 min`. Takes the absolute value. */
export const sayDuration = (seconds: number, language: Language): string => {
  const minutes = Math.floor(Math.abs(seconds) / 60)
  const hours = Math.floor(minutes / 60)
  if (hours === 0) return language === 'zh' ? `${minutes} 分` : `${minutes} min`
  return language === 'zh' ? `${hours} 时 ${two(minutes % 60)} 分` : `${hours} h ${two(minutes % 60)}`
}

/** 482913 -> 482 913, 93003701 -> 9300 3701: read out in breaths. While one types, the breath is given. */
export const inGroups = (digits: string, breath = digits.length % 4 === 0 ? 4 : 3): string =>
  digits.match(new RegExp(`.{1,${breath}}`, 'g'))?.join(' ') ?? ''
