import { createRoute, z } from '@hono/zod-openapi'
import { ProblemError } from '../../../kernel/problem.ts'
import type { Orders } from '../../orders/service.ts'
import { audit, listAudit } from '../../store/audit.ts'
import { deadLetters, revive } from '../../store/outbox.ts'
import { auditPage, deadLetterPage } from '../api/office.ts'
import { actorOf, type Deps, type Routes, staff } from '../deps.ts'
import { notFound } from '../problem.ts'
import { json, refusals } from './shape.ts'

export interface OfficeDeps extends Deps {
  readonly orders: Pick<Orders, 'staffAct' | 'worker'>
}

const pageSize = 50
const id = z.string().min(1).max(128)

const letters = createRoute({
  method: 'get',
  path: '/api/staff/dead-letters',
  tags: ['staff'],
  summary: 'Acts outside that could not be done and wait for a person, oldest first',
  request: { query: z.object({ cursor: id.optional() }) },
  responses: { 200: json(deadLetterPage, 'a page of them'), ...refusals },
})
const retry = createRoute({
  method: 'post',
  path: '/api/staff/dead-letters/{id}/retry',
  tags: ['staff'],
  summary: 'Try one of them again now',
  request: { params: z.object({ id }) },
  responses: { 200: json(z.object({ id }), 'it is being tried'), ...refusals },
})
const entries = createRoute({
  method: 'get',
  path: '/api/staff/audit',
  tags: ['staff'],
  summary: 'Who did what to what, and why; newest first',
  request: {
    query: z.object({
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
  },
  responses: { 200: json(auditPage, 'a page of entries'), ...refusals },
})

/** What could not be done, and the record of what people did. */
export const officeRoutes =
  (deps: OfficeDeps): Routes =>
  app => {
    const { store, clock, libraries, orders } = deps
    app.openapi(letters, async c => {
      const { libraryId } = staff(c)
      const { cursor } = c.req.valid('query')
      const page = { limit: pageSize + 1, ...(cursor === undefined ? {} : { after: cursor }) }
      const found = await deadLetters(store.db, libraryId, page)
      const items = found.slice(0, pageSize).map(({ createdAt, problem, ...letter }) => ({
        id: letter.id,
        kind: letter.kind,
        orderId: letter.orderId,
        lineId: letter.lineId,
        attempts: letter.attempts,
        since: libraries.time(libraryId, createdAt),
        say: problem?.say ?? null,
        their: problem?.their ? { ...problem.their } : null,
      }))
      return c.json({ items, next: found.length > pageSize ? items.at(-1)!.id : null }, 200)
    })
    app.openapi(retry, async c => {
      const who = staff(c)
      const { libraryId } = who
      const { id: letterId } = c.req.valid('param')
      const actor = actorOf(who)
      const lineId = await store.tx(async tx => {
        const letter = await tx
          .selectFrom('outbox')
          .select('line_id')
          .where('library_id', '=', libraryId)
          .where('id', '=', letterId)
          .executeTakeFirst()
        const now = clock.now()
        if (!letter || !(await revive(tx, libraryId, letterId, now))) throw new ProblemError(notFound)
        const entry = { libraryId, at: now, actor, subject: letterId, reason: '' }
        await audit(tx, { ...entry, action: 'dead-letter-retried' })
        return letter.line_id
      })
      // The line says no more that staff must look; one that said nothing of the kind refuses, which is well.
      if (lineId !== null) await orders.staffAct({ lineId, libraryId, actor }, 'retry', {})
      orders.worker.wake()
      return c.json({ id: letterId }, 200)
    })
    app.openapi(entries, async c => {
      const { libraryId } = staff(c)
      const { cursor } = c.req.valid('query')
      const page = { limit: pageSize + 1, ...(cursor === undefined ? {} : { before: Number(cursor) }) }
      const found = await listAudit(store.db, libraryId, page)
      const items = found.slice(0, pageSize).map(({ libraryId: _, at, data, ...entry }) => ({
        ...entry,
        at: libraries.time(libraryId, at),
        data: { ...data },
      }))
      return c.json({ items, next: found.length > pageSize ? String(items.at(-1)!.seq) : null }, 200)
    })
  }
