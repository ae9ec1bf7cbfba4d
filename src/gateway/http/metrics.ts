import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Counted } from '../ils-queue/links.ts'
import type { Store } from '../store/db.ts'
import { outboxCounts } from '../store/outbox.ts'
import type { Routes } from './deps.ts'
import { ilsRequests } from './link-metrics.ts'

export interface Metrics {
  readonly registry: Registry
  request(method: string, route: string, status: number, seconds: number): void
  /** Status words of other parties that our tables do not know. */
  unknownWord(peer: string): void
  /** A request to a library system. */
  ilsRequest(one: Counted): void
}

/** Numbers for Prometheus. Labels are routes and kinds, never people or titles. */
export const createMetrics = (store: Store): Metrics => {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const requests = new Histogram({
    name: 'shuqiao_http_request_seconds',
    help: 'Time from the request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  })
  const unknown = new Counter({
    name: 'shuqiao_unknown_words_total',
    help: 'Status words of other parties that no table knows',
    labelNames: ['peer'],
    registers: [registry],
  })
  new Gauge({
    name: 'shuqiao_outbox',
    help: 'Effects that wait (ready) or could not be done (dead)',
    labelNames: ['library', 'kind', 'state'],
    registers: [registry],
    async collect() {
      this.reset()
      for (const { library_id: library, kind, state, count } of await outboxCounts(store.db))
        this.set({ library, kind, state }, Number(count))
    },
  })
  return {
    registry,
    request: (method, route, status, seconds) =>
      requests.observe({ method, route, status: String(status) }, seconds),
    unknownWord: peer => unknown.inc({ peer }),
    ilsRequest: ilsRequests(registry),
  }
}

export const metricsRoutes =
  ({ metrics }: { readonly metrics: Metrics }): Routes =>
  app => {
    app.get('/metrics', async c =>
      c.body(await metrics.registry.metrics(), 200, { 'Content-Type': metrics.registry.contentType }),
    )
  }
