import { expect, it } from 'vitest'
import { linkMetrics } from '../../../src/gateway/http/link-metrics.ts'
import { createMetrics } from '../../../src/gateway/http/metrics.ts'
import { recordHappened } from '../../../src/gateway/ils-queue/happened.ts'
import { latencyClasses, type ServerStats } from '../../../src/gateway/sip2-server/stats.ts'
import { sqliteStore } from '../../harness/store.ts'
import { ModelIls } from '../orders/model-ils.ts'

const kiosks: ServerStats = {
  listeners: [],
  connections: 1,
  turnedAway: {},
  accounts: [
    {
      account: 'hall-1',
      libraryId: 'suzhou',
      use: 'kiosk',
      connections: [{ id: 1, address: '10.0.0.9', tls: true, since: 0, lastAt: null, requests: 3 }],
      requests: { '11': 2, '63': 1 },
      refusals: 1,
      errors: { 'ils-away': 1 },
      latency: { count: 3, sum: 4500, classes: latencyClasses.map((_, at) => (at === 3 ? 3 : 0)).concat(0) },
      lastWords: [{ at: 0, request: '63 AA***', answer: '64' }],
    },
  ],
  strangers: { connections: 0, errors: {} },
}

it('library systems, their queues, kiosks and lockers are told to Prometheus, without a person or a book', async () => {
  const t = await sqliteStore()
  const metrics = createMetrics(t.store)
  const ils = new ModelIls('ils:suzhou', t.clock)
  ils.luck = () => 'away'
  linkMetrics(metrics.registry, {
    store: t.store,
    clock: t.clock,
    libraries: { all: () => [{ id: 'suzhou', lockers: [{ id: 'guanqian' }] } as never] },
    ils: () =>
      Object.assign(ils, {
        health: () => ({
          state: 'down' as const,
          since: 0,
          queue: 4,
          link: { connections: 2, mostConnections: 8, inFlight: 1, breaker: 'open' as const },
        }),
      }),
    kioskStats: () => kiosks,
    lockerOnline: async () => false,
  })
  metrics.ilsRequest({ libraryId: 'suzhou', command: 'checkout', ending: 'unreachable', millis: 700 })
  await t.store.tx(tx =>
    recordHappened(
      tx,
      {
        libraryId: 'suzhou',
        act: 'checkout',
        barcode: 'B777',
        card: 'R777',
        at: 1000,
        source: 'kiosk:hall-1',
      },
      t,
    ),
  )
  await t.clock.advance(90_000)
  const text = await metrics.registry.metrics()
  for (const line of [
    'shuqiao_ils_request_seconds_count{library="suzhou",command="checkout",outcome="unreachable"} 1',
    'shuqiao_ils_state{library="suzhou",state="down"} 1',
    'shuqiao_ils_state{library="suzhou",state="up"} 0',
    'shuqiao_ils_waiting_requests{library="suzhou"} 4',
    'shuqiao_ils_connections{library="suzhou"} 2',
    'shuqiao_ils_in_flight{library="suzhou"} 1',
    'shuqiao_ils_breaker{library="suzhou",state="open"} 1',
    'shuqiao_outbox{library="suzhou",kind="ils.happened-checkout",state="ready"} 1',
    'shuqiao_outbox_oldest_seconds{party="ils:suzhou",kind="ils.happened-checkout"} 90',
    'shuqiao_kiosk_connections{account="hall-1"} 1',
    'shuqiao_kiosk_requests_total{account="hall-1",command="11"} 2',
    'shuqiao_kiosk_refusals_total{account="hall-1"} 1',
    'shuqiao_kiosk_errors_total{account="hall-1",kind="ils-away"} 1',
    'shuqiao_kiosk_answer_seconds_bucket{account="hall-1",le="0.05"} 3',
    'shuqiao_kiosk_answer_seconds_bucket{account="hall-1",le="+Inf"} 3',
    'shuqiao_kiosk_answer_seconds_sum{account="hall-1"} 4.5',
    'shuqiao_locker_online{locker="guanqian"} 0',
  ])
    expect(text).toContain(line)
  expect(await metrics.registry.metrics()).toContain(
    'shuqiao_kiosk_requests_total{account="hall-1",command="11"} 2',
  )
  expect(text).not.toMatch(/B777|R777|10\.0\.0\.9|AA/)
  await t.close()
})
