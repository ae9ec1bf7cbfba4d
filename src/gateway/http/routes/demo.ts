import { createRoute } from '@hono/zod-openapi'
import { ProblemError } from '../../../kernel/problem.ts'
import { type DemoJson, demo, demoHand } from '../api/demo.ts'
import { type Deps, device, type Routes } from '../deps.ts'
import { notFound } from '../problem.ts'
import { body, json, refusals } from './shape.ts'

export interface DemoDeps extends Deps {
  /** Undefined where the town is not the demo, or is not furnished yet. */
  readonly guide: () => DemoJson | undefined
  /** Shuts the door that somebody left open at a simulated cabinet. */
  readonly hand: (bus: string, board: number, channel: number) => void
}

const who = createRoute({
  method: 'get',
  path: '/api/demo',
  tags: ['demo'],
  summary: 'Who to be and what to borrow on the guided tour; only in the demo town',
  responses: { 200: json(demo, 'the tour'), ...refusals },
})
const shut = createRoute({
  method: 'post',
  path: '/api/demo/hand',
  tags: ['demo'],
  summary: 'The simulated person shuts the door of a visit; only in the demo town',
  request: body(demoHand),
  responses: { 204: { description: 'shut' }, ...refusals },
})

/** The guided tour of the demo town. */
export const demoRoutes =
  (deps: DemoDeps): Routes =>
  app => {
    app.openapi(who, c => {
      const guide = deps.guide()
      if (!guide) throw new ProblemError(notFound)
      return c.json(guide, 200)
    })
    app.openapi(shut, async c => {
      if (!deps.demo) throw new ProblemError(notFound)
      const { libraryId, lockerId } = device(c)
      const visit = await deps.store.db
        .selectFrom('door_visit')
        .select('compartment_id')
        .where('library_id', '=', libraryId)
        .where('locker_id', '=', lockerId)
        .where('id', '=', c.req.valid('json').visit)
        .executeTakeFirst()
      const locker = deps.libraries.locker(lockerId)
      const door = locker.compartments.find(one => one.id === visit?.compartment_id)
      if (!door) throw new ProblemError(notFound)
      deps.hand(locker.bus, door.board, door.channel)
      return c.body(null, 204)
    })
  }
