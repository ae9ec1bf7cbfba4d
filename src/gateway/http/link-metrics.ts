import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Ils } from '../../adapters/ils/ils.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Counted } from '../ils-queue/links.ts'
import type { Libraries } from '../libraries.ts'
import { latencyClasses, type ServerStats } from '../sip2-server/stats.ts'
import type { Store } from '../store/db.ts'
import { backlog, conflictCounts } from '../store/ils-queue.ts'

export interface LinkMetricsDeps {
  readonly store: Store
  readonly clock: Pick<Clock, 'now'>
  readonly libraries: Pick<Libraries, 'all'>
  readonly ils: (libraryId: string) => Ils
  /** Undefined where no kiosks connect. */
  readonly kioskStats: () => ServerStats | undefined
  /** Whether a cabinet answers; undefined when that cannot be told. */
  readonly lockerOnline: (lockerId: string) => Promise<boolean | undefined>
}

/** Counts requests to library systems: labels are libraries of the settings, commands of the contract, endings. */
export const ilsRequests = (registry: Registry): ((one: Counted) => void) => {
  const requests = new Histogram({
    name: 'shuqiao_ils_request_seconds',
    help: 'Time from a request to a library system to its answer',
    labelNames: ['library', 'command', 'outcome'],
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 90],
    registers: [registry],
  })
  return ({ libraryId: library, command, ending: outcome, millis }) =>
    requests.observe({ library, command, outcome }, millis / 1000)
}

const states = ['up', 'degraded', 'down', 'closed-hours', 'not-started'] as const
const breakers = ['closed', 'half-open', 'open'] as const

/** Library systems, their queues, kiosks and lockers, read when somebody scrapes. */
export const linkMetrics = (registry: Registry, deps: LinkMetricsDeps): void => {
  systems(registry, deps)
  queues(registry, deps)
  kiosks(registry, deps)
  lockers(registry, deps)
}

const systems = (registry: Registry, { libraries, ils }: LinkMetricsDeps): void => {
  const gauge = (name: string, help: string, label: string | undefined, read: (h: Health) => Values) =>
    new Gauge<string>({
      name,
      help,
      labelNames: label ? ['library', label] : ['library'],
      registers: [registry],
      collect() {
        this.reset()
        for (const { id: library } of libraries.all())
          for (const [value, named] of read(ils(library).health()))
            this.set({ library, ...(label && named !== undefined ? { [label]: named } : {}) }, value)
      },
    })
  type Health = ReturnType<Ils['health']>
  type Values = readonly (readonly [number, string?])[]
  gauge('shuqiao_ils_state', '1 for the state a library system is in', 'state', h =>
    states.map(state => [Number(h.state === state), state]),
  )
  gauge('shuqiao_ils_waiting_requests', 'Requests that wait for a connection', undefined, h => [[h.queue]])
  gauge('shuqiao_ils_connections', 'Connections that stand', undefined, h =>
    h.link ? [[h.link.connections]] : [],
  )
  gauge('shuqiao_ils_in_flight', 'Requests under way', undefined, h => (h.link ? [[h.link.inFlight]] : []))
  gauge('shuqiao_ils_breaker', '1 for the state the breaker is in', 'state', h =>
    h.link ? breakers.map(state => [Number(h.link?.breaker === state), state]) : [],
  )
}

const queues = (registry: Registry, { store, clock }: LinkMetricsDeps): void => {
  new Gauge({
    name: 'shuqiao_outbox_oldest_seconds',
    help: 'Age of the oldest act that waits, by kind and by whose time it takes',
    labelNames: ['party', 'kind'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { queue, kind, oldest } of await backlog(store.db))
        this.set({ party: queue, kind }, Math.max(0, clock.now() - oldest) / 1000)
    },
  })
  new Gauge({
    name: 'shuqiao_ils_conflicts',
    help: 'What happened and a library system said no to; waits for staff',
    labelNames: ['library'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const [library, count] of await conflictCounts(store.db)) this.set({ library }, count)
    },
  })
}

type Account = ServerStats['accounts'][number]

const kiosks = (registry: Registry, { kioskStats }: LinkMetricsDeps): void => {
  const accounts = (): readonly Account[] => kioskStats()?.accounts ?? []
  const counter = (
    name: string,
    help: string,
    label: string | undefined,
    read: (one: Account) => readonly (readonly [number, string?])[],
  ) =>
    new Counter<string>({
      name,
      help,
      labelNames: label ? ['account', label] : ['account'],
      registers: [registry],
      collect() {
        this.reset()
        for (const one of accounts())
          for (const [value, named] of read(one))
            this.inc(
              { account: one.account, ...(label && named !== undefined ? { [label]: named } : {}) },
              value,
            )
      },
    })
  new Gauge({
    name: 'shuqiao_kiosk_connections',
    help: 'Connections of a kiosk account that stand',
    labelNames: ['account'],
    registers: [registry],
    collect() {
      this.reset()
      for (const { account, connections } of accounts()) this.set({ account }, connections.length)
    },
  })
  counter('shuqiao_kiosk_requests_total', 'Requests of a kiosk account', 'command', one =>
    Object.entries(one.requests).map(([command, count]) => [count, command]),
  )
  counter('shuqiao_kiosk_refusals_total', 'Answers to a kiosk account that said no', undefined, one => [
    [one.refusals],
  ])
  counter('shuqiao_kiosk_errors_total', 'What went wrong with a kiosk account', 'kind', one =>
    Object.entries(one.errors).map(([kind, count]) => [count ?? 0, kind]),
  )
  counter(
    'shuqiao_kiosk_answer_seconds_bucket',
    'Answers to a kiosk account within so many seconds',
    'le',
    one => {
      let sum = 0
      return one.latency.classes.map((count, at) => {
        sum += count
        const most = latencyClasses[at]
        return [sum, most === undefined ? '+Inf' : String(most / 1000)]
      })
    },
  )
  counter('shuqiao_kiosk_answer_seconds_sum', 'Seconds of all answers to a kiosk account', undefined, one => [
    [one.latency.sum / 1000],
  ])
  counter('shuqiao_kiosk_answer_seconds_count', 'Answers to a kiosk account', undefined, one => [
    [one.latency.count],
  ])
}

const lockers = (registry: Registry, { libraries, lockerOnline }: LinkMetricsDeps): void => {
  new Gauge({
    name: 'shuqiao_locker_online',
    help: '1 when a cabinet answers, 0 when it does not',
    labelNames: ['locker'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { id: locker } of libraries.all().flatMap(library => library.lockers)) {
        const online = await lockerOnline(locker)
        if (online !== undefined) this.set({ locker }, Number(online))
      }
    },
  })
}
