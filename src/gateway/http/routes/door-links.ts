import { createRoute, z } from '@hono/zod-openapi'
import { ProblemError } from '../../../kernel/problem.ts'
import { doorLabels } from '../api/locker-setup.ts'
import { signedInStaff } from '../auth.ts'
import { type Deps, type Routes, staff } from '../deps.ts'
import { forbidden } from '../problem.ts'
import { json, refusals } from './shape.ts'

const labels = createRoute({
  method: 'get',
  path: '/api/staff/lockers/{id}/labels',
  tags: ['staff'],
  summary: 'What the codes on the doors of a cabinet hold',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 200: json(doorLabels, 'a link for each door'), ...refusals },
})

const pathOf = (lockerId: string, doorId: string): string =>
  `/l/${encodeURIComponent(lockerId)}/${encodeURIComponent(doorId)}`

/**
 * `/l/<locker>/<door>`: what the code on a door leads to. Staff of its library, logged in, come to the page of that
 * door; everybody else to the reader's page of the cabinet. The link opens nothing and tells nothing.
 */
export const doorLinkRoutes =
  (deps: Deps): Routes =>
  app => {
    app.openapi(labels, async c => {
      const { libraryId } = staff(c)
      const locker = deps.libraries.locker(c.req.valid('param').id)
      if (locker.libraryId !== libraryId) throw new ProblemError(forbidden)
      const from = (deps.publicUrl ?? new URL(c.req.url).origin).replace(/\/$/, '')
      const items = locker.compartments.map(({ id, label }) => ({
        ...{ id, label, url: `${from}${pathOf(locker.id, id)}` },
      }))
      return c.json({ items }, 200)
    })
    app.get('/l/:lockerId/:door', async c => {
      const [lockerId, door] = [c.req.param('lockerId'), c.req.param('door')]
      const locker = deps.libraries.locker(lockerId)
      const known = locker.compartments.some(one => one.id === door)
      const who = await signedInStaff(c, deps)
      c.header('Cache-Control', 'no-store')
      if (who?.libraryId === locker.libraryId && who.role !== 'auditor') {
        const page = `/staff#/lockers/${encodeURIComponent(lockerId)}`
        return c.redirect(known ? `${page}/${encodeURIComponent(door)}` : page, 302)
      }
      return c.redirect(`/#/at/${encodeURIComponent(lockerId)}`, 302)
    })
  }
