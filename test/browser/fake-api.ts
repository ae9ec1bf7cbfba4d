/**
 * Stands in for the server while only the pages are under test: serves dist/web under the same strict policy,
 * and answers that are checked against the contract before they leave.
 */
import { readFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { z } from '@hono/zod-openapi'
import { type Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { streamSSE } from 'hono/streaming'
import {
  clcClass,
  recordPage,
  record as recordShape,
  rules as rulesShape,
  shelf,
  town as townShape,
} from '../../src/gateway/http/api/open.ts'
import {
  credit,
  joinInput,
  joinResult,
  me as meShape,
  messagePage,
  orderInput,
  orderPage,
  order as orderShape,
  pickupCode,
  quote,
  readerLogin,
} from '../../src/gateway/http/api/reader.ts'
import { books, clcClasses, firstOrders, freshOrder, recordOf, rules, town } from './fake-town.ts'

const dist = new URL('../../dist/web/', import.meta.url)
const types: Record<string, string> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
}
/** No script and no style but our own files; frames only by ourselves (the guide). */
const policy = (styles: string): string =>
  `default-src 'self'; script-src 'self'; style-src ${styles}; img-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'; form-action 'self'`
/** The component family of the desk writes its styles at run time. */
const policyOf = (name: string): string => policy(name === 'staff.html' ? "'self' 'unsafe-inline'" : "'self'")

const both = (zh: string, en: string) => ({ zh, en })

/** Answers only what the contract allows: a fixture that drifted fails the test that meets it. */
export const answer = <T extends z.ZodType>(
  c: Context,
  shape: T,
  value: z.input<T>,
  status: 200 | 201 = 200,
) => c.json(shape.parse(value) as object, status)

export const refuse = (
  c: Context,
  status: 400 | 401 | 403 | 404 | 409,
  title: [string, string],
  next?: [string, string],
) =>
  c.json(
    {
      type: 'urn:shuqiao:problem:fake',
      title: both(...title),
      status,
      ...(next ? { next: both(...next) } : {}),
    },
    status,
    { 'Content-Type': 'application/problem+json' },
  )

export interface FakeWorld {
  orders: ReturnType<typeof firstOrders>
  joined: boolean
  /** Idempotency-Keys of the orders that were taken. */
  readonly orderKeys: string[]
  addresses: { id: string; label: string }[]
  readonly listeners: Set<(event: string, data: object) => void>
  tell(event: string, data: object): void
}

export const newWorld = (): FakeWorld => {
  const listeners: FakeWorld['listeners'] = new Set()
  return {
    orders: firstOrders(),
    joined: true,
    orderKeys: [],
    addresses: [],
    listeners,
    tell: (event, data) => {
      for (const listener of listeners) listener(event, data)
    },
  }
}

const openRoutes = (app: Hono): void => {
  app.get('/api/town', c => answer(c, townShape, town))
  app.get('/api/rules/:library', c => answer(c, rulesShape, rules))
  app.get('/api/clc', c => answer(c, z.array(clcClass), [...clcClasses]))
  app.get('/api/shelves', c =>
    answer(c, z.array(shelf), [
      { id: 'new', name: both('新到', 'New'), items: books.slice(0, 12) },
      { id: 'popular', name: both('大家在借', 'Being borrowed'), items: books.slice(12) },
    ]),
  )
  app.get('/api/records', c => {
    const { q = '', clc = '', available = '', cursor = '0' } = c.req.query()
    const found = books.filter(
      b => (b.title + b.author).includes(q) && (b.clc ?? '').startsWith(clc) && (!available || b.free > 0),
    )
    const from = Number(cursor)
    const items = found.slice(from, from + 10)
    const next = from + 10 < found.length ? String(from + 10) : null
    return answer(c, recordPage, { items, next, total: found.length })
  })
  app.get('/api/records/:id', c => {
    const book = books.find(one => one.id === c.req.param('id'))
    if (!book) return refuse(c, 404, ['没有这本书', 'No such book'], ['换个词再找', 'Try other words'])
    return answer(c, recordShape, recordOf(book))
  })
}

const nameOfFirst = '沈书桥'

const meOf = (world: FakeWorld): z.infer<typeof meShape> => ({
  patronId: 'patron-1',
  libraryId: 'sucheng',
  name: nameOfFirst,
  card: '2512000000017',
  joined: world.joined,
  tier: world.joined ? { id: 'trusted', name: both('守信', 'Trusted') } : null,
  frozenUntil: null,
  loans: { onLoan: 2, max: 10 },
  owed: 0,
  blocks: [],
  addresses: world.addresses,
  largeType: false,
  withinReach: false,
})

const sessionRoutes = (app: Hono, world: FakeWorld): void => {
  app.post('/api/session/reader', async c => {
    const { pin } = readerLogin.parse(await c.req.json())
    if (pin !== '123456')
      return refuse(
        c,
        401,
        ['证号或密码不对', 'Card or PIN is wrong'],
        ['再试一次，或到馆里重设密码。', 'Try again.'],
      )
    setCookie(c, 'shuqiao_session', 'one', { httpOnly: true, sameSite: 'Lax', path: '/' })
    return answer(c, meShape, meOf(world))
  })
  app.delete('/api/session/reader', c => {
    setCookie(c, 'shuqiao_session', '', { path: '/', maxAge: 0 })
    return c.body(null, 204)
  })
  for (const path of ['/api/me', '/api/me/*', '/api/orders', '/api/orders/*'])
    app.use(path, async (c, next) => {
      if (!getCookie(c, 'shuqiao_session')) return refuse(c, 401, ['请先登录', 'Please log in'])
      if (c.req.method !== 'GET' && c.req.header('X-Shuqiao') !== '1')
        return refuse(c, 403, ['来路不明', 'Not ours'])
      return next()
    })
}

const meRoutes = (app: Hono, world: FakeWorld): void => {
  app.get('/api/me', c => answer(c, meShape, meOf(world)))
  app.post('/api/me/addresses', async c => {
    const made = { id: `address-${world.addresses.length + 1}`, label: '沈** 苏州市姑苏区十梓街**' }
    world.addresses.push(made)
    return c.json(made, 201)
  })
  app.post('/api/me/join', async c => {
    const { way } = joinInput.parse(await c.req.json())
    const admitted = way !== 'zhima'
    world.joined ||= admitted
    return answer(c, joinResult, {
      decisionId: 'decision-2',
      result: admitted ? 'admitted' : 'other-way',
      reason: admitted
        ? both('您的读者证没有欠费和过期，可以开通。', 'Your card owes nothing.')
        : both('芝麻信用这次没有给出结果，这不算拒绝。', 'Zhima gave no answer; that is no refusal.'),
      tier: admitted ? { id: 'plain', name: both('普通', 'Plain') } : null,
      otherWays: admitted ? [] : ['card', 'deposit'],
      rules: [{ rule: 'zhima-na', text: both('“没有结果”转到别的方式', 'N/A goes on to another way') }],
    })
  })
  app.get('/api/me/credit', c =>
    answer(c, credit, {
      balance: 118,
      frozenUntil: null,
      tier: { id: 'trusted', name: both('守信', 'Trusted') },
      entries: [
        {
          id: 'entry-3',
          at: '2026-11-04T18:11:00+08:00',
          rule: 'borrowed',
          name: both('借一本书', 'A book borrowed'),
          points: 1,
          evidence: '20261102-0003',
          balance: 118,
        },
        {
          id: 'entry-2',
          at: '2026-10-21T09:00:00+08:00',
          rule: 'overdue',
          name: both('过期，每本每天', 'Overdue'),
          points: -2,
          evidence: '20260920-0011',
          balance: 117,
        },
        {
          id: 'entry-1',
          at: '2026-09-01T10:00:00+08:00',
          rule: 'joined',
          name: both('第一次开通', 'Joined'),
          points: 100,
          evidence: '开通',
          balance: 100,
        },
      ],
      decisions: [
        {
          id: 'decision-1',
          at: '2026-09-01T10:00:00+08:00',
          result: 'admitted',
          reason: both('芝麻信用回答“够门槛”，给“守信”等级。', 'Zhima said yes: tier Trusted.'),
          packVersion: '2026.2',
        },
      ],
      consents: [
        { provider: 'zhima', textVersion: '2026-09', at: '2026-09-01T10:00:00+08:00', revokedAt: null },
      ],
    }),
  )
  app.get('/api/me/messages', c =>
    answer(c, messagePage, {
      items: [
        {
          id: 'message-1',
          at: '2026-11-22T09:40:00+08:00',
          title: both('《三体》到了', 'The Three-Body Problem is here'),
          body: both(
            '在观前街柜 3 号门等您，留到 11 月 25 日 22:00。',
            'Door 3 at Guanqian Street, until 25 November.',
          ),
          orderId: 'order-1',
          read: false,
        },
      ],
      next: null,
    }),
  )
  app.post('/api/me/messages/read', c => c.body(null, 204))
  app.post('/api/me/decisions/:id/objection', c => c.json({ ok: true }, 201))
  app.delete('/api/me/consents/:provider', c => c.body(null, 204))
}

const feeOf = (way: string) => ({
  tariff: way === 'home' ? 500 : 0,
  tierDiscount: way === 'home' ? 100 : 0,
  concession: 0,
  subsidy: 0,
  due: way === 'home' ? 400 : 0,
  why:
    way === 'home'
      ? [both('送上门每单 ¥5.00', '¥5.00 to the door'), both('“守信”等级减 20%', '20% off: Trusted')]
      : [both('自助柜和分馆取书不收费。', 'Lockers and branches are free.')],
})

const orderRoutes = (app: Hono, world: FakeWorld): void => {
  const lineOf = (orderId: string, lineId: string) =>
    world.orders.find(o => o.id === orderId)?.lines.find(l => l.id === lineId)
  app.get('/api/orders', c =>
    answer(c, orderPage, { items: c.req.query('state') === 'closed' ? [] : world.orders, next: null }),
  )
  app.post('/api/orders/quote', async c => {
    const { delivery, recordIds } = orderInput.parse(await c.req.json())
    return answer(c, quote, {
      fee: feeOf(delivery.way),
      promisedAt: delivery.way === 'home' ? '2026-11-24T18:00:00+08:00' : '2026-11-23T17:00:00+08:00',
      parcels: recordIds.length > 5 ? 2 : 1,
      problems: recordIds.includes('bib-12')
        ? [{ recordId: 'bib-12', reason: both('这本书都借出了，请先拿掉。', 'All copies are lent.') }]
        : [],
    })
  })
  app.post('/api/orders', async c => {
    const key = c.req.header('Idempotency-Key') ?? ''
    const { recordIds } = orderInput.parse(await c.req.json())
    if (!/^[\w-]{16,64}$/.test(key))
      return refuse(c, 400, ['缺少 Idempotency-Key', 'Idempotency-Key is missing'])
    const made = freshOrder(recordIds, world.orderKeys.push(key) + 6)
    world.orders.unshift(made)
    return answer(c, orderShape, made, 201)
  })
  app.get('/api/orders/:id', c => {
    const order = world.orders.find(one => one.id === c.req.param('id'))
    return order ? answer(c, orderShape, order) : refuse(c, 404, ['没有这个订单', 'No such order'])
  })
  app.get('/api/orders/:id/code', c =>
    answer(c, pickupCode, {
      code: '482913',
      lockerId: 'guanqian',
      collectUntil: '2026-11-25T22:00:00+08:00',
      qr: 'SHUQIAO:C:guanqian:482913',
    }),
  )
  app.post('/api/orders/:id/lines/:line/:act', c => {
    const line = lineOf(c.req.param('id'), c.req.param('line'))
    if (!line) return refuse(c, 404, ['没有这本书', 'No such line'])
    if (c.req.param('act') === 'renew')
      return refuse(
        c,
        409,
        ['有人在等这本书，不能续借。', 'Somebody waits for it.'],
        ['到期前还上就好。', 'Return it in time.'],
      )
    if (c.req.param('act') === 'cancel')
      Object.assign(line, { outcome: 'cancelled_by_reader', status: 'closed', can: [] })
    return c.json({ ok: true })
  })
}

/** The reader's stream stays open; a test speaks through `world.tell`. */
const streamRoute = (app: Hono, world: FakeWorld): void => {
  app.get('/api/stream', c =>
    streamSSE(c, async stream => {
      const listener = (event: string, data: object) =>
        void stream.writeSSE({ event, data: JSON.stringify(data), id: String(world.orders.length) })
      world.listeners.add(listener)
      await new Promise<void>(resolve => stream.onAbort(resolve))
      world.listeners.delete(listener)
    }),
  )
}

const pageRoutes = (app: Hono): void => {
  const page = (name: string) => async (c: Context) =>
    c.body(await readFile(new URL(name, dist)), 200, {
      'Content-Type': types[name.split('.').pop()!] ?? 'application/octet-stream',
      'Content-Security-Policy': policyOf(name),
    })
  app.get('/', page('index.html'))
  for (const name of ['staff', 'kiosk', 'guide']) app.get(`/${name}`, page(`${name}.html`))
  app.get('/assets/:file{[\\w.-]+}', c => page(`assets/${c.req.param('file')}`)(c))
}

export interface FakeServer {
  readonly url: string
  readonly world: FakeWorld
  close(): void
}

/** Listens on a port of the system's choosing. `more` comes first, so that a test may answer in another way. */
export const startFake = async (...more: ((app: Hono, world: FakeWorld) => void)[]): Promise<FakeServer> => {
  const app = new Hono()
  const world = newWorld()
  for (const routes of more) routes(app, world)
  openRoutes(app)
  sessionRoutes(app, world)
  meRoutes(app, world)
  orderRoutes(app, world)
  streamRoute(app, world)
  pageRoutes(app)
  const server = await new Promise<ReturnType<typeof serve>>(resolve => {
    const made = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(made))
  })
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.close()
    if ('closeAllConnections' in server) server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}`, world, close }
}
