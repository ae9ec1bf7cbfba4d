import { createRoute, z } from '@hono/zod-openapi'
import { type Answer, orThrow, ProblemError, refused } from '../../../kernel/problem.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import type { ActResult } from '../../orders/acts.ts'
import type { Line } from '../../orders/order.ts'
import type { Orders, ReaderLine } from '../../orders/service.ts'
import { once } from '../../store/idempotency.ts'
import { messagesOf } from '../../store/messages.ts'
import { orderById } from '../../store/orders.ts'
import { rememberPatron } from '../../store/patrons.ts'
import {
  type OrderJson,
  order,
  orderInput,
  orderPage,
  type PickupCodeJson,
  pickupCode,
  quote,
  returnInput,
  transferInput,
} from '../api/reader.ts'
import { awaitChange } from '../awaiting.ts'
import { checkCard } from '../card-check.ts'
import { actorOf, type Ctx, type Deps, type Reader, type Routes, reader } from '../deps.ts'
import { idempotentRequest } from '../idempotency.ts'
import { body, json, refusals } from './shape.ts'

export interface OrderRoutesDeps extends Deps {
  readonly orders: Pick<
    Orders,
    'quote' | 'place' | 'view' | 'page' | 'cancel' | 'renew' | 'requestReturn' | 'cancelReturn' | 'transfer'
  >
  readonly lockers: Pick<Lockers, 'codes' | 'handOver' | 'endHandOver'>
}

const id = z.string().min(1).max(64)
const ofOrder = z.object({ id })
const ofLine = z.object({ id, lineId: id })
const pageSize = 20

const price = createRoute({
  method: 'post',
  path: '/api/orders/quote',
  tags: ['orders'],
  summary: 'What an order would cost and when it would come; takes nothing',
  request: body(orderInput),
  responses: { 200: json(quote, 'price, promise, and what cannot come at once'), ...refusals },
})
const place = createRoute({
  method: 'post',
  path: '/api/orders',
  tags: ['orders'],
  summary: 'Place an order',
  description:
    'The same Idempotency-Key with the same body gives the same order; with another body it is refused.',
  request: {
    headers: z.object({
      'idempotency-key': z.string().meta({ example: '5d41402abc4b2a76b9719d911017c592' }),
    }),
    ...body(orderInput),
  },
  responses: { 201: json(order, 'the order'), ...refusals },
})
const list = createRoute({
  method: 'get',
  path: '/api/orders',
  tags: ['orders'],
  summary: 'The reader’s orders, newest first',
  request: {
    query: z.object({ state: z.enum(['open', 'closed']).default('open'), cursor: id.optional() }),
  },
  responses: { 200: json(orderPage, 'a page of orders'), ...refusals },
})
const one = createRoute({
  method: 'get',
  path: '/api/orders/{id}',
  tags: ['orders'],
  summary: 'One order with the timeline of each book',
  request: { params: ofOrder },
  responses: { 200: json(order, 'the order'), ...refusals },
})
const code = createRoute({
  method: 'get',
  path: '/api/orders/{id}/code',
  tags: ['orders'],
  summary: 'The pick-up code of what lies ready in a locker; of several the one that ends first',
  request: { params: ofOrder },
  responses: { 200: json(pickupCode, 'the code'), ...refusals },
})
const handOver = createRoute({
  method: 'post',
  path: '/api/orders/{id}/hand-over',
  tags: ['orders'],
  summary: 'A second code for somebody whom the reader sends; a new one makes the last useless',
  request: { params: ofOrder },
  responses: { 200: json(pickupCode, 'the code to pass on'), ...refusals },
})
const endHandOver = createRoute({
  method: 'delete',
  path: '/api/orders/{id}/hand-over',
  tags: ['orders'],
  summary: 'The reader goes in person after all: the second code is useless',
  request: { params: ofOrder },
  responses: { 204: { description: 'ended' }, ...refusals },
})
const lineAct = (name: string, summary: string) => ({
  method: 'post' as const,
  path: `/api/orders/{id}/lines/{lineId}/${name}` as const,
  tags: ['orders'],
  summary,
  responses: {
    200: json(order, 'done; the order as it is now'),
    202: json(order, 'noted; the library system has not answered yet'),
    ...refusals,
  },
})
const cancel = createRoute({
  ...lineAct('cancel', 'Cancel a book, until it is packed'),
  request: { params: ofLine },
})
const renew = createRoute({ ...lineAct('renew', 'Renew a loan'), request: { params: ofLine } })
const giveBack = createRoute({
  ...lineAct('return', 'Arrange how a loan is given back'),
  request: { params: ofLine, ...body(returnInput) },
})
const cancelReturn = createRoute({
  ...lineAct('cancel-return', 'Keep the loan after all'),
  request: { params: ofLine },
})
const transfer = createRoute({
  ...lineAct('transfer', 'Pass a loan on to another reader, who shows card and PIN on the spot'),
  request: { params: ofLine, ...body(transferInput) },
})

const unknownOrder = refused('unknown-order', { zh: '没有这个订单。', en: 'There is no such order.' })
const noCode = refused('no-code', {
  zh: '现在没有等你取的书。',
  en: 'Nothing waits for you in a locker now.',
})
/** How the library system's answer to a wish is told to the reader: as done, or as refused. */
const answers = {
  renew: {
    done: 'renewed',
    no: 'renewal-refused',
    otherwise: refused('renewal-refused', {
      zh: '图书馆系统没有同意续借。',
      en: 'The library system refused the renewal.',
    }),
  },
  transfer: {
    done: 'passed-on',
    no: 'transfer-refused',
    otherwise: refused('transfer-refused', {
      zh: '图书馆系统没有同意转借，书还在你名下。',
      en: 'The library system refused; the book is still on your card.',
    }),
  },
} as const

/** What readers do with their orders. A reader sees no order but the own ones. */
export const orderRoutes =
  (deps: OrderRoutesDeps): Routes =>
  app => {
    const { orders, store, clock, libraries } = deps
    const view = async (who: Reader, orderId: string): Promise<OrderJson> => {
      const found = await orders.view({ libraryId: who.libraryId, patronId: who.patronId, orderId })
      if (found) return found
      throw new ProblemError(unknownOrder)
    }

    app.openapi(price, async c => {
      const { libraryId, patronId } = reader(c)
      const known = orThrow(await orders.quote({ libraryId, patronId, ...c.req.valid('json') }))
      return c.json(
        {
          fee: { ...known.fee, why: [...known.fee.why] },
          promisedAt: known.promisedAt === null ? null : libraries.time(libraryId, known.promisedAt),
          parcels: known.parcels,
          problems: known.problems.map(({ recordId, problem }) => ({ recordId, reason: problem.say })),
        },
        200,
      )
    })
    app.openapi(place, async c => {
      const who = reader(c)
      const { key } = await idempotentRequest(c, 'order')
      const { libraryId, patronId } = who
      const wish = { libraryId, patronId, ...c.req.valid('json'), key, actor: actorOf(who) }
      const { order: placed, replayed } = orThrow(await orders.place(wish))
      c.header('Location', `/api/orders/${placed.id}`)
      if (replayed) c.header('Idempotency-Replayed', 'true')
      return c.json(await view(who, placed.id), 201)
    })
    app.openapi(list, async c => {
      const { state, cursor } = c.req.valid('query')
      return c.json(await orders.page(reader(c), { state, cursor, limit: pageSize }), 200)
    })
    app.openapi(one, async c => c.json(await view(reader(c), c.req.valid('param').id), 200))
    app.openapi(handOver, async c => {
      const who = reader(c)
      const parcel = await readyParcel(deps, who, c.req.valid('param').id)
      const other = orThrow(await deps.lockers.handOver(parcel))
      const { code: digits, lockerId, qr, expiresAt } = other
      c.header('Cache-Control', 'no-store')
      return c.json(
        {
          code: digits,
          lockerId,
          qr,
          collectUntil: libraries.time(who.libraryId, Math.min(parcel.collectUntil, expiresAt)),
        },
        200,
      )
    })
    app.openapi(endHandOver, async c => {
      orThrow(await deps.lockers.endHandOver(await readyParcel(deps, reader(c), c.req.valid('param').id)))
      return c.body(null, 204)
    })
    app.openapi(code, async c => {
      const found = await codeOf(deps, reader(c), c.req.valid('param').id)
      if (!found) throw new ProblemError(noCode)
      c.header('Cache-Control', 'no-store')
      return c.json(found, 200)
    })

    const lineOf = (c: Ctx, { id: orderId, lineId }: z.output<typeof ofLine>): ReaderLine => {
      const who = reader(c)
      return { libraryId: who.libraryId, patronId: who.patronId, orderId, lineId, actor: actorOf(who) }
    }
    app.openapi(cancel, async c => {
      const on = lineOf(c, c.req.valid('param'))
      await actOnce(deps, c, 'cancel', on, () => orders.cancel(on))
      return c.json(await view(reader(c), on.orderId), 200)
    })
    app.openapi(giveBack, async c => {
      const on = lineOf(c, c.req.valid('param'))
      const way = c.req.valid('json')
      await actOnce(deps, c, 'return', on, () => orders.requestReturn(on, way), JSON.stringify(way))
      return c.json(await view(reader(c), on.orderId), 200)
    })
    app.openapi(cancelReturn, async c => {
      const on = lineOf(c, c.req.valid('param'))
      await actOnce(deps, c, 'cancel-return', on, () => orders.cancelReturn(on))
      return c.json(await view(reader(c), on.orderId), 200)
    })
    app.openapi(renew, async c => {
      const on = lineOf(c, c.req.valid('param'))
      await actOnce(deps, c, 'renew', on, () => orders.renew(on))
      const answered = await awaitLine(deps, on, line => !line.pending.includes('ils.renew'))
      if (answered) await throwRefusal(deps, on, 'renew')
      return c.json(await view(reader(c), on.orderId), answered ? 200 : 202)
    })
    app.openapi(transfer, async c => {
      const on = lineOf(c, c.req.valid('param'))
      const { card: typed, pin } = c.req.valid('json')
      const card = typed.trim()
      if (!(await lineNow(deps, on))) throw new ProblemError(unknownOrder)
      const { name, phone } = await checkCard(c, deps, { libraryId: on.libraryId, card, pin })
      const other = await store.tx(tx =>
        rememberPatron(
          tx,
          { libraryId: on.libraryId, card, name, phone },
          deps.personal,
          deps.ids,
          clock.now(),
        ),
      )
      await actOnce(deps, c, 'transfer', on, () => orders.transfer(on, other.id), other.id)
      const answered = await awaitLine(deps, on, line => line.status !== 'transferring')
      if (answered) await throwRefusal(deps, on, 'transfer')
      return c.json(await view(reader(c), on.orderId), answered ? 200 : 202)
    })
  }

/**
 * Acts once for the request's Idempotency-Key; without one, each time it is asked. `meant` is what of the body makes
 * it the same request: never a PIN, since its hash is kept.
 */
const actOnce = async (
  { store, clock }: OrderRoutesDeps,
  c: Ctx,
  name: string,
  on: ReaderLine,
  act: () => Promise<Answer<ActResult>>,
  meant = '',
): Promise<void> => {
  if (c.req.header('Idempotency-Key') === undefined) {
    orThrow(await act())
    return
  }
  const { libraryId, scope, key } = await idempotentRequest(c, `line-${name}`)
  const request = { libraryId, scope, key, body: `${on.orderId} ${on.lineId} ${meant}` }
  await once(
    store,
    request,
    () => clock.now(),
    async () => ({ status: 200, answer: orThrow(await act()).is }),
  )
}

const lineNow = async ({ store }: OrderRoutesDeps, on: ReaderLine): Promise<Line | undefined> => {
  const found = await orderById(store.db, on.libraryId, on.orderId)
  return found?.patronId === on.patronId ? found.lines.find(line => line.id === on.lineId) : undefined
}

/** The line once it is as wished; undefined when that takes longer than a person waits. */
const awaitLine = async (
  deps: OrderRoutesDeps,
  on: ReaderLine,
  asWished: (line: Line) => boolean,
): Promise<Line | undefined> => {
  let seen: Line | undefined
  const { libraryId, patronId } = on
  const there = await awaitChange(deps, { libraryId, patronId }, async () => {
    seen = await lineNow(deps, on)
    return seen === undefined || asWished(seen)
  })
  return there ? seen : undefined
}

/**
 * Throws when the last answer was no, in the words in which the reader was told of it: they hold the library system's
 * own reason. The same for a request that is repeated later.
 */
const throwRefusal = async (
  { store }: OrderRoutesDeps,
  on: ReaderLine,
  wish: keyof typeof answers,
): Promise<void> => {
  const { done, no, otherwise } = answers[wish]
  const last = (await messagesOf(store.db, on, { limit: 20 })).find(
    ({ notice, lineId }) => lineId === on.lineId && (notice === done || notice === no),
  )
  if (last?.notice === no) throw new ProblemError({ ...otherwise, say: last.body })
}

/** The parcel whose code the reader is shown, by its number. */
const readyParcel = async (deps: OrderRoutesDeps, who: Reader, orderId: string) => {
  const shown = await codeOf(deps, who, orderId)
  const codes = await deps.lockers.codes(who.libraryId, orderId)
  const parcel = codes.find(one => !one.forOther && one.code === shown?.code)?.parcel
  if (!shown || parcel === undefined) throw new ProblemError(noCode)
  const collectUntil = Temporal.Instant.from(shown.collectUntil).epochMilliseconds
  return { libraryId: who.libraryId, orderId, parcel, actor: actorOf(who), collectUntil }
}

const codeOf = async (
  { store, libraries, lockers }: OrderRoutesDeps,
  { libraryId, patronId }: Reader,
  orderId: string,
): Promise<PickupCodeJson | undefined> => {
  const known = await orderById(store.db, libraryId, orderId)
  if (known?.patronId !== patronId) throw new ProblemError(unknownOrder)
  const until = new Map(
    known.lines.flatMap(({ parcelNumber, collectUntil }) =>
      parcelNumber === null || collectUntil === null ? [] : [[parcelNumber, collectUntil] as const],
    ),
  )
  const [next] = (await lockers.codes(libraryId, orderId))
    .filter(one => !one.forOther)
    .map(one => ({ ...one, collectUntil: until.get(one.parcel) ?? one.expiresAt }))
    .sort((a, b) => a.collectUntil - b.collectUntil)
  return (
    next && {
      code: next.code,
      lockerId: next.lockerId,
      collectUntil: libraries.time(libraryId, next.collectUntil),
      qr: next.qr,
    }
  )
}
