import type { Ils, IlsHealth } from '../../adapters/ils/ils.ts'
import type { Millis } from '../../kernel/clock.ts'
import type { KioskLinkJson, SystemLinkJson } from '../http/api/links.ts'
import { type Latency, latencyClasses, type ServerStats } from '../sip2-server/stats.ts'
import type { backlog } from '../store/ils-queue.ts'
import type { LinkNumbers, Links } from './links.ts'

/** An instant as the API writes it. */
export type Time = (at: Millis) => string

/** One library system, as staff of `asking` see it. */
export const systemOf = (
  { ils, links }: { readonly ils: (libraryId: string) => Ils; readonly links: Pick<Links, 'numbers'> },
  libraryId: string,
  asking: string,
  waits: Awaited<ReturnType<typeof backlog>>,
  time: Time,
): SystemLinkJson => {
  const own = libraryId === asking
  const health: IlsHealth = ils(libraryId).health()
  const { perMinute, latency, endings, lastWords }: LinkNumbers = links.numbers(libraryId)
  const mine = waits.filter(({ queue }) => queue === `ils:${libraryId}`)
  const oldest = mine.length === 0 ? null : Math.min(...mine.map(one => one.oldest))
  const { ok = 0, ...bad } = endings
  return {
    libraryId,
    own,
    state: health.state,
    since: time(health.since),
    say: health.say ?? null,
    opensAt: health.opensAt === undefined ? null : time(health.opensAt),
    closesNext: health.closesNext
      ? { from: time(health.closesNext.from), to: time(health.closesNext.to) }
      : null,
    perMinute,
    latency: latency && { median: Math.round(latency.median), p95: Math.round(latency.p95) },
    errors: Object.entries(bad).map(([kind, count]) => ({ kind, count })),
    answered: ok,
    waiting: mine.reduce((sum, one) => sum + one.count, 0),
    oldest: oldest === null ? null : time(oldest),
    inLine: health.queue,
    link: health.link ? { ...health.link } : null,
    lastWords: own ? lastWords.map(({ at, direction, text }) => ({ at: time(at), direction, text })) : [],
  }
}

export const kioskOf = (account: ServerStats['accounts'][number], time: Time): KioskLinkJson => ({
  account: account.account,
  use: account.use,
  connections: account.connections.map(({ address, tls, since, lastAt }) => ({
    address,
    tls,
    since: time(since),
    lastAt: lastAt === null ? null : time(lastAt),
  })),
  requests: Object.values(account.requests).reduce((sum, count) => sum + count, 0),
  refusals: account.refusals,
  latency: timesOf(account.latency),
  errors: Object.entries(account.errors).map(([kind, count]) => ({ kind, count: count ?? 0 })),
  lastWords: account.lastWords.map(({ at, request, answer }) => ({ at: time(at), request, answer })),
})

/** The upper ends of the classes in which the median and the 95th part lie. */
const timesOf = ({ count, classes }: Latency): KioskLinkJson['latency'] => {
  if (count === 0) return null
  const at = (part: number): number => {
    let sum = 0
    const found = classes.findIndex(more => {
      sum += more
      return sum >= count * part
    })
    return latencyClasses[found] ?? latencyClasses.at(-1)!
  }
  return { median: at(0.5), p95: at(0.95) }
}
