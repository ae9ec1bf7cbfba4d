import type { Millis } from './clock.ts'

/** Nobody is believed who wants us to stay away for longer. */
const longest: Millis = 3_600_000

/**
 * The instant that a `Retry-After` header names, as seconds or as a date of HTTP; at most an hour from now, and
 * undefined when it is missing, past or unreadable.
 */
export const retryAfter = (
  value: string | readonly string[] | undefined,
  now: Millis,
): Millis | undefined => {
  const text = (typeof value === 'string' ? value : value?.[0])?.trim()
  if (!text || text.length > 40) return undefined
  const at = /^\d{1,9}$/.test(text) ? now + Number(text) * 1000 : Date.parse(text)
  return Number.isNaN(at) || at <= now ? undefined : Math.min(at, now + longest)
}
