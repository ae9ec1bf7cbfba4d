import { createRoute, z } from '@hono/zod-openapi'
import { orThrow } from '../../../kernel/problem.ts'
import type { Credit } from '../../credit/credit.ts'
import type { Readers } from '../../readers/readers.ts'
import { markRead, messagesOf } from '../../store/messages.ts'
import {
  addressInput,
  credit,
  joinInput,
  joinResult,
  me,
  messagePage,
  objectionInput,
} from '../api/reader.ts'
import { type Deps, type Routes, reader } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

export interface MeDeps extends Deps {
  readonly credit: Credit
  readonly readers: Readers
}

const settings = createRoute({
  method: 'patch',
  path: '/api/me',
  tags: ['reader'],
  summary: 'Large type, and compartments within reach: what is left out stays',
  request: body(z.object({ largeType: z.boolean().optional(), withinReach: z.boolean().optional() })),
  responses: { 200: json(me, 'the reader'), ...refusals },
})
const addAddress = createRoute({
  method: 'post',
  path: '/api/me/addresses',
  tags: ['reader'],
  summary: 'Add an address for deliveries; it is kept encrypted',
  request: body(addressInput),
  responses: { 201: json(z.object({ id: z.string(), label: z.string() }), 'the address'), ...refusals },
})
const removeAddress = createRoute({
  method: 'delete',
  path: '/api/me/addresses/{id}',
  tags: ['reader'],
  summary: 'Forget an address',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 204: { description: 'forgotten' }, ...refusals },
})
const join = createRoute({
  method: 'post',
  path: '/api/me/join',
  tags: ['credit'],
  summary: 'Join online lending by credit, by the card alone or with a deposit',
  request: body(joinInput),
  responses: { 200: json(joinResult, 'the decision, with its reasons and other ways'), ...refusals },
})
const ownCredit = createRoute({
  method: 'get',
  path: '/api/me/credit',
  tags: ['credit'],
  summary: 'Balance, ledger, decisions and consents',
  responses: { 200: json(credit, 'the reader’s own credit'), ...refusals },
})
const revoke = createRoute({
  method: 'delete',
  path: '/api/me/consents/{provider}',
  tags: ['credit'],
  summary: 'Revoke a consent; what came from it is erased',
  request: { params: z.object({ provider: z.string().max(40) }) },
  responses: { 204: { description: 'revoked' }, ...refusals },
})
const object = createRoute({
  method: 'post',
  path: '/api/me/decisions/{id}/objection',
  tags: ['credit'],
  summary: 'Object to a decision',
  request: { params: z.object({ id: z.string().max(64) }), ...body(objectionInput) },
  responses: { 201: json(z.object({ decisionId: z.string() }), 'staff will answer'), ...refusals },
})
const messages = createRoute({
  method: 'get',
  path: '/api/me/messages',
  tags: ['reader'],
  summary: 'What the library told the reader, newest first',
  request: { query: z.object({ cursor: z.string().max(64).optional() }) },
  responses: { 200: json(messagePage, 'a page of messages'), ...refusals },
})
const readAll = createRoute({
  method: 'post',
  path: '/api/me/messages/read',
  tags: ['reader'],
  summary: 'Mark all messages as read',
  responses: { 204: { description: 'marked' }, ...refusals },
})

const pageSize = 30

/** The reader's own settings, addresses, credit and messages. */
export const meRoutes =
  (deps: MeDeps): Routes =>
  app => {
    const { store, clock, readers } = deps
    app.openapi(settings, async c => {
      const who = reader(c)
      const { largeType, withinReach } = c.req.valid('json')
      if (largeType !== undefined) await readers.setLargeType(who, largeType)
      if (withinReach !== undefined) await readers.setWithinReach(who, withinReach)
      return c.json(await readers.describe(who), 200)
    })
    app.openapi(addAddress, async c =>
      c.json({ ...(await readers.addAddress(reader(c), c.req.valid('json'))) }, 201),
    )
    app.openapi(removeAddress, async c => {
      await readers.removeAddress(reader(c), c.req.valid('param').id)
      return c.body(null, 204)
    })
    app.openapi(join, async c => {
      const { libraryId, patronId } = reader(c)
      const { way, consent, person } = c.req.valid('json')
      const answer = await deps.credit.join({
        libraryId,
        patronId,
        way,
        consent: { textVersion: consent.textVersion },
        ...(person ? { person } : {}),
      })
      return c.json(orThrow(answer), 200)
    })
    app.openapi(ownCredit, async c => c.json(await deps.credit.creditOf(reader(c)), 200))
    app.openapi(revoke, async c => {
      await deps.credit.revoke(reader(c), c.req.valid('param').provider)
      return c.body(null, 204)
    })
    app.openapi(object, async c => {
      const { id: decisionId } = c.req.valid('param')
      orThrow(await deps.credit.objections.object(reader(c), decisionId, c.req.valid('json').reason))
      return c.json({ decisionId }, 201)
    })
    app.openapi(messages, async c => {
      const who = reader(c)
      const { cursor } = c.req.valid('query')
      const page = { limit: pageSize, ...(cursor === undefined ? {} : { before: cursor }) }
      const found = await messagesOf(store.db, who, page)
      const items = found.map(({ id, at, title, body, orderId, readAt }) => ({
        id,
        at: deps.libraries.time(who.libraryId, at),
        title,
        body,
        orderId,
        read: readAt !== null,
      }))
      return c.json({ items, next: found.length < pageSize ? null : (found.at(-1)?.id ?? null) }, 200)
    })
    app.openapi(readAll, async c => {
      await markRead(store.db, reader(c), clock.now())
      return c.body(null, 204)
    })
  }
