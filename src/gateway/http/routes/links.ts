import { createRoute, z } from '@hono/zod-openapi'
import { orThrow } from '../../../kernel/problem.ts'
import type { IlsDesk } from '../../ils-queue/desk.ts'
import { happenedInput, links, queuePage, settleActs, settleInput } from '../api/links.ts'
import { actorOf, type Deps, type Routes, staff } from '../deps.ts'
import { body, json, refusals } from './shape.ts'

export interface LinkDeps extends Deps {
  readonly desk: IlsDesk
}

const pageSize = 50
const id = z.string().min(1).max(128)

const picture = createRoute({
  method: 'get',
  path: '/api/staff/links',
  tags: ['staff'],
  summary: 'Library systems and kiosks: how they are, what they refused, and what waits to be settled',
  responses: { 200: json(links, 'the picture'), ...refusals },
})
const queue = createRoute({
  method: 'get',
  path: '/api/staff/links/queue',
  tags: ['staff'],
  summary: 'What waits for the library’s own system, in the order in which it is told',
  request: { query: z.object({ cursor: id.optional() }) },
  responses: { 200: json(queuePage, 'a page of it'), ...refusals },
})
const settle = createRoute({
  method: 'post',
  path: '/api/staff/links/acts/{id}/{act}',
  tags: ['staff'],
  summary: 'Try what happened again, or say that it is settled by hand, or that nothing is to be done',
  request: { params: z.object({ id, act: z.enum(settleActs) }), ...body(settleInput) },
  responses: { 200: json(z.object({ id }), 'it is'), ...refusals },
})
const happened = createRoute({
  method: 'post',
  path: '/api/staff/links/happened',
  tags: ['staff'],
  summary: 'Write down a loan or return at the desk while the library system is away',
  request: body(happenedInput),
  responses: { 200: json(z.object({}), 'it is written down'), ...refusals },
})

/** The page of library systems and kiosks. */
export const linkRoutes =
  ({ desk }: LinkDeps): Routes =>
  app => {
    app.openapi(picture, async c => c.json(await desk.links(staff(c).libraryId), 200))
    app.openapi(queue, async c =>
      c.json(await desk.queue(staff(c).libraryId, { ...c.req.valid('query'), limit: pageSize }), 200),
    )
    app.openapi(settle, async c => {
      const who = staff(c)
      const { id: actId, act } = c.req.valid('param')
      const on = { libraryId: who.libraryId, id: actId, actor: actorOf(who) }
      orThrow(await desk.settle(on, act, c.req.valid('json').reason))
      return c.json({ id: actId }, 200)
    })
    app.openapi(happened, async c => {
      const who = staff(c)
      orThrow(await desk.happened(who.libraryId, c.req.valid('json'), actorOf(who)))
      return c.json({}, 200)
    })
  }
