import { createRoute, z } from '@hono/zod-openapi'
import type { Contact } from '../../../adapters/couriers/courier.ts'
import { orThrow, ProblemError, refused } from '../../../kernel/problem.ts'
import type { Credit } from '../../credit/credit.ts'
import { markRead, messagesOf } from '../../store/messages.ts'
import {
  addressInput,
  credit,
  joinInput,
  joinResult,
  type MeJson,
  me,
  messagePage,
  objectionInput,
} from '../api/reader.ts'
import { type Deps, type Reader, type Routes, reader } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

export interface MeDeps extends Deps {
  readonly credit: Credit
  readonly describeReader: (reader: Reader) => Promise<MeJson>
}

const settings = createRoute({
  method: 'patch',
  path: '/api/me',
  tags: ['reader'],
  summary: 'Change how the pages look for this reader',
  request: body(z.object({ largeType: z.boolean() })),
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
  responses: { 204: { description: 'staff will answer' }, ...refusals },
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

const addressesMax = 10
const tooManyAddresses = refused('too-many-addresses', {
  zh: '最多保存 10 个地址，请先删除一个。',
  en: 'At most 10 addresses are kept; remove one first.',
})
const pageSize = 30

/** 姑苏区平江街道 1 号（李**，尾号 1234）: enough to choose by, no more. */
export const addressLabel = ({ district, address, name, phone }: Contact): string =>
  `${district}${address}（${[...name][0] ?? ''}**，尾号 ${phone.slice(-4)}）`

/** The reader's own settings, addresses, credit and messages. */
export const meRoutes =
  (deps: MeDeps): Routes =>
  app => {
    const { store, ids, clock, personal } = deps
    app.openapi(settings, async c => {
      const who = reader(c)
      await store.db
        .updateTable('patron')
        .set({ large_type: c.req.valid('json').largeType ? 1 : 0 })
        .where('library_id', '=', who.libraryId)
        .where('id', '=', who.patronId)
        .execute()
      return c.json(await deps.describeReader(who), 200)
    })
    app.openapi(addAddress, async c => {
      const { libraryId, patronId } = reader(c)
      const contact: Contact = c.req.valid('json')
      const id = ids.next()
      await store.tx(async tx => {
        const { count } = await tx
          .selectFrom('patron_address')
          .select(e => e.fn.countAll<number>().as('count'))
          .where('library_id', '=', libraryId)
          .where('patron_id', '=', patronId)
          .executeTakeFirstOrThrow()
        if (Number(count) >= addressesMax) throw new ProblemError(tooManyAddresses)
        const sealed = personal.seal(JSON.stringify(contact))
        const row = { library_id: libraryId, id, patron_id: patronId, sealed, created_at: clock.now() }
        await tx.insertInto('patron_address').values(row).execute()
      })
      return c.json({ id, label: addressLabel(contact) }, 201)
    })
    app.openapi(removeAddress, async c => {
      const { libraryId, patronId } = reader(c)
      await store.db
        .deleteFrom('patron_address')
        .where('library_id', '=', libraryId)
        .where('patron_id', '=', patronId)
        .where('id', '=', c.req.valid('param').id)
        .execute()
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
      orThrow(
        await deps.credit.objections.object(reader(c), c.req.valid('param').id, c.req.valid('json').reason),
      )
      return c.body(null, 204)
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
