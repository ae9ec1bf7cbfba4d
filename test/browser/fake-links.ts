/** The staff page of library systems in the pages' own tests: one that is closed, two conflicts, a queue, two kiosks. */
import { z } from '@hono/zod-openapi'
import type { Hono } from 'hono'
import { type LinksJson, links, queuePage, settleInput } from '../../src/gateway/http/api/links.ts'
import { answer, refuse } from './fake-api.ts'

const both = (zh: string, en: string) => ({ zh, en })

const picture: LinksJson = {
  systems: [
    {
      libraryId: 'sucheng',
      own: true,
      state: 'closed-hours',
      since: '2026-11-22T23:00:00+08:00',
      say: null,
      opensAt: '2026-11-23T01:30:00+08:00',
      closesNext: { from: '2026-11-23T23:00:00+08:00', to: '2026-11-24T01:30:00+08:00' },
      perMinute: 12.4,
      latency: { median: 180, p95: 2400 },
      errors: [
        { kind: 'refused', count: 3 },
        { kind: 'unreachable', count: 2 },
      ],
      answered: 418,
      waiting: 3,
      oldest: '2026-11-22T23:04:00+08:00',
      inLine: 0,
      link: { connections: 2, mostConnections: 8, inFlight: 1, breaker: 'closed' },
      lastWords: [
        {
          at: '2026-11-22T22:59:40+08:00',
          direction: '>',
          text: '1720261122    225940AOSZ|ABST25005193|AC***|AY4AZF0E1',
        },
        {
          at: '2026-11-22T22:59:41+08:00',
          direction: '<',
          text: '1804000120261122    225941ABST25005193|AJ三体|AH2026-12-22|AY4AZE5CF',
        },
      ],
    },
    {
      libraryId: 'wujiang',
      own: false,
      state: 'up',
      since: '2026-11-20T08:00:00+08:00',
      say: null,
      opensAt: null,
      closesNext: null,
      perMinute: 3,
      latency: null,
      errors: [],
      answered: 12,
      waiting: 0,
      oldest: null,
      inLine: 0,
      link: null,
      lastWords: [],
    },
  ],
  kiosks: [
    {
      account: 'hall-1',
      use: 'kiosk',
      connections: [
        {
          address: '10.3.0.21',
          tls: true,
          since: '2026-11-20T08:00:00+08:00',
          lastAt: '2026-11-22T22:58:00+08:00',
        },
      ],
      requests: 1834,
      refusals: 21,
      latency: { median: 50, p95: 500 },
      errors: [
        { kind: 'ils-away', count: 4 },
        { kind: 'wrong-checksum', count: 1 },
      ],
      lastWords: [
        {
          at: '2026-11-22T22:58:00+08:00',
          request: '09N20261122    225800…|ABST25005200|',
          answer: '101NNN…',
        },
      ],
    },
    {
      account: 'sorter',
      use: 'sorter',
      connections: [],
      requests: 0,
      refusals: 0,
      latency: null,
      errors: [],
      lastWords: [],
    },
  ],
  conflicts: [
    {
      id: 'conflict-1',
      what: both('借出', 'Loan'),
      barcode: 'ST25005193',
      title: '三体',
      reader: '***0017',
      at: '2026-11-22T23:12:00+08:00',
      where: both('自助机 hall-1', 'Kiosk hall-1'),
      say: both(
        '图书馆系统里这本书借给了另一位读者。请先查清书在谁手里。',
        'The library system has this item on loan to another reader. Find out who has the book.',
      ),
      their: '该书已借出',
      found: {
        item: both('已借出', 'on loan'),
        holder: both('在另一位读者名下', 'with another reader'),
        dueAt: '2026-12-14T23:59:59+08:00',
      },
      orderNumber: null,
      lineId: null,
      can: ['retry', 'settled', 'drop'],
    },
    {
      id: 'line-9',
      what: both('借出', 'Loan'),
      barcode: 'ST25005200',
      title: '活着',
      reader: '李**',
      at: '2026-11-22T16:12:00+08:00',
      where: both('订单 20261122-0012', 'Order 20261122-0012'),
      say: both(
        '书已打包或送出，但系统不接受这笔借出。请查明原因后重试。（读者超期 3 册）',
        'The item is packed or on its way, but the library system does not accept the loan.',
      ),
      their: null,
      found: null,
      orderNumber: '20261122-0012',
      lineId: 'line-9',
      can: ['retry-checkout', 'settled-by-hand'],
    },
  ],
  refusals: [
    {
      at: '2026-11-22T21:40:00+08:00',
      what: both('续借', 'Renewal'),
      whose: both('订单 20261120-0007', 'Order 20261120-0007'),
      barcode: 'ST25005214',
      say: both('图书馆系统不同意续借。', 'The library system refused the renewal.'),
      their: '该书已被其他读者预约',
      todo: both(
        '多半是续借次数已满、有人预约或已超期。告诉读者按期归还。',
        'Most often: no renewals left, somebody waits for it, or it is overdue.',
      ),
    },
  ],
}

const waits = both(
  '图书馆系统正在计划内停机，恢复后自动办理。',
  'Closed as planned; it goes on by itself when it opens.',
)

export const linkRoutes = (app: Hono): void => {
  let { conflicts } = picture
  app.get('/api/staff/links', c => answer(c, links, { ...picture, conflicts }))
  app.get('/api/staff/links/queue', c =>
    answer(c, queuePage, {
      items: [
        {
          id: 'act-1',
          what: both('还书', 'Return'),
          barcode: 'ST25005221',
          title: null,
          from: both('自助机 hall-1', 'Kiosk hall-1'),
          at: '2026-11-22T23:04:00+08:00',
          tries: 0,
          underWay: false,
          say: waits,
          nextTry: '2026-11-23T01:30:00+08:00',
          can: ['settled', 'drop'],
        },
        {
          id: 'act-2',
          what: both('借出', 'Loan'),
          barcode: 'ST25005228',
          title: '万历十五年',
          from: both('订单 20261122-0013', 'Order 20261122-0013'),
          at: '2026-11-22T23:05:00+08:00',
          tries: 2,
          underWay: true,
          say: null,
          nextTry: null,
          can: [],
        },
      ],
      next: null,
    }),
  )
  app.post('/api/staff/links/acts/:id/:act', async c => {
    const { reason } = settleInput.parse(await c.req.json())
    if (c.req.param('act') !== 'retry' && reason.length < 3)
      return refuse(c, 409, ['请写明原因', 'Please say why'])
    conflicts = conflicts.filter(one => one.id !== c.req.param('id'))
    return answer(c, z.object({ id: z.string() }), { id: c.req.param('id') })
  })
  app.post('/api/staff/links/happened', c => answer(c, z.object({}), {}))
}
