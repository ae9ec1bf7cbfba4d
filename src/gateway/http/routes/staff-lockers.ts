import { createRoute, z } from '@hono/zod-openapi'
import { orThrow, ProblemError } from '../../../kernel/problem.ts'
import type { Lockers } from '../../lockers/lockers.ts'
import type { LockerPicture } from '../../lockers/picture.ts'
import { kioskAnswer, type LockerPictureJson, lockerPicture, remoteOpen } from '../api/staff.ts'
import { actorOf, type Deps, type Routes, staff } from '../deps.ts'
import { forbidden } from '../problem.ts'
import { answerJson } from './kiosk.ts'
import { body, json, refusals } from './shape.ts'

export interface StaffLockerDeps extends Deps {
  readonly lockers: Lockers
}

const pictures = createRoute({
  method: 'get',
  path: '/api/staff/lockers',
  tags: ['staff'],
  summary: 'The cabinets of the library, door by door',
  responses: { 200: json(z.array(lockerPicture), 'the cabinets'), ...refusals },
})
const open = createRoute({
  method: 'post',
  path: '/api/staff/lockers/{id}/compartments/{compartmentId}/open',
  tags: ['staff'],
  summary: 'Open a door from afar: a person, a reason, an audit entry',
  request: {
    params: z.object({ id: z.string().max(64), compartmentId: z.string().max(64) }),
    ...body(remoteOpen),
  },
  responses: { 200: json(kioskAnswer, 'what the door did'), ...refusals },
})

/** Live pictures of the cabinets, and opening a door by hand. */
export const staffLockerRoutes =
  (deps: StaffLockerDeps): Routes =>
  app => {
    app.openapi(pictures, async c => {
      const { libraryId } = staff(c)
      const found: LockerPictureJson[] = []
      for (const { id } of deps.libraries.get(libraryId).lockers)
        found.push(
          pictureJson(orThrow(await deps.lockers.picture(id)), at => deps.libraries.time(libraryId, at)),
        )
      return c.json(found, 200)
    })
    app.openapi(open, async c => {
      const who = staff(c)
      const { id: lockerId, compartmentId } = c.req.valid('param')
      if (deps.libraries.locker(lockerId).libraryId !== who.libraryId) throw new ProblemError(forbidden)
      const act = { lockerId, compartmentId, actor: actorOf(who), reason: c.req.valid('json').reason }
      const picture = orThrow(await deps.lockers.picture(lockerId))
      const state = picture.compartments.find(one => one.id === compartmentId)?.state
      const { lockers } = deps
      const answer =
        state === 'expired'
          ? await lockers.recover(act)
          : state === 'returned'
            ? await lockers.empty(act)
            : await lockers.remoteOpen(act)
      return c.json(answerJson(answer), 200)
    })
  }

const pictureJson = (picture: LockerPicture, time: (at: number) => string): LockerPictureJson => ({
  id: picture.id,
  name: picture.name,
  place: picture.place,
  online: picture.online,
  boards: picture.boards.map(({ board, silentSince }) => ({
    board,
    silentSince: silentSince === null ? null : time(silentSince),
  })),
  compartments: picture.compartments.map(({ orderId: _, parcel: __, since, titles, ...one }) => ({
    ...one,
    since: time(since),
    titles: [...titles],
  })),
})
